# %% [markdown]
# # Files and S3
#
# A lake is a database whose storage you can see: no server stands between you
# and the files. So there is no transaction either, no rename, no lock, and one
# index only. There are keys, bytes, and a few promises that hold. This lesson
# is about these promises, and how far one can get with them. Everything runs on
# LocalStack, which speaks S3's API on this machine.

# %% [markdown]
# After this lesson you can
#
# - find objects by prefix, page by page, without listing the whole bucket;
# - say what CSV, JSON and Parquet know of a type, and what a file costs;
# - let the key decide which files are opened at all;
# - replace some partitions with Spark, and leave the others alone;
# - upload in parts, and write only if nobody was quicker;
# - publish many files so that nobody ever sees half of them.
#
# Time: 45 minutes to read and run, and the exercises take as long again. You
# need: lesson 4, Windows.

# %%
import io
import json
from collections import Counter

from botocore.exceptions import ClientError
from pyspark.sql import functions as F

# %%
from helpers import services
from helpers.desk import buttons, check, contract, data, exercises, hint
from helpers.desk import progress, solution, spark, why

# %% [markdown]
# `boto3` is Amazon's client for Python: one method for each request of the API.
# Here the client comes with the address of your LocalStack; elsewhere you would
# write `boto3.client("s3")`. Two small functions will save us some typing: one
# lists keys, page by page (section 1 says why), one deletes them, at most 1,000
# in a request. A counter notes every request, for that is what S3 is paid by.

# %%
services.ensure("s3")
s3, bucket, asked = services.aws("s3"), "files-and-s3", Counter()
s3.meta.events.register(
    "before-call.s3",
    lambda model, **rest: asked.update([model.name]),
)


# %%
def keys(prefix=""):
    paginator = s3.get_paginator("list_objects_v2")
    pages = paginator.paginate(Bucket=bucket, Prefix=prefix)
    return [one["Key"] for page in pages for one in page.get("Contents", [])]


def clear(prefix=""):
    while some := [{"Key": key} for key in keys(prefix)[:1000]]:
        s3.delete_objects(Bucket=bucket, Delete={"Objects": some})


# %% [markdown]
# ## 1. One long list of keys
#
# A bucket is a table of two columns, key and value, with the key as its primary
# key. There is one index, on that key, and it is ordered byte by byte. There
# are no folders. Let us store exports of PEAK, twelve runs of two files each.

# %%
s3.create_bucket(Bucket=bucket)
clear()
for run in range(1, 13):
    for part in "ab":
        key = f"exports/rsf/run={run}/{part}.csv"
        s3.put_object(Bucket=bucket, Key=key, Body=b"kw\n1.500\n")
east = "exports/rsf-east/run=40/a.csv"
s3.put_object(Bucket=bucket, Key=east, Body=b"")
print(asked["PutObject"], "objects stored")

# %% [markdown]
# A listing is the only query there is. In SQL it would read
#
#     SELECT key, size, etag, last_modified FROM bucket
#     WHERE key LIKE 'exports/rsf%' ORDER BY key COLLATE "C" LIMIT 1000
#
# and nothing in it can be changed but the prefix, the place to go on after, and
# a smaller limit. No suffix, no date, no descending order.

# %% [markdown]
# ### Predict
#
# Which key comes first, which comes last, and how many are there that begin
# with `exports/rsf`?

# %%
found = keys("exports/rsf")
print(len(found), "keys")
print("first:", found[0])
print("last: ", found[-1])

# %% [markdown]
# 25, for `exports/rsf-east` begins like that as well, and it comes first, for
# `-` is before `/`. A prefix is the beginning of a text, not a directory: end
# it with a slash and you have your site alone. The last run is 9, which sorts
# after 12. If you choose the keys, pad numbers with zeros and write dates as
# 2022-01-04: then text sorts as they do.

# %% [markdown]
# `Delimiter="/"` folds all keys with the same beginning up to the next slash
# into one line, a common prefix. That is how a console draws folders: by
# GROUP BY, not by looking into a directory.

# %%
rsf = {"Bucket": bucket, "Prefix": "exports/rsf/"}
answer = s3.list_objects_v2(**rsf, Delimiter="/")
runs = [one["Prefix"] for one in answer["CommonPrefixes"]]
print(len(runs), "runs, and", len(answer.get("Contents", [])), "keys")
print(runs[:4])
print("limit:", answer["MaxKeys"], "· is there more?", answer["IsTruncated"])

# %% [markdown]
# ### Predict
#
# At most 1,000 lines come in one answer, a page. With pages of 10, how many
# requests does it take to list the files of `rsf`, one by one?

# %%
asked.clear()
paginator = s3.get_paginator("list_objects_v2")
pages = paginator.paginate(**rsf, PaginationConfig={"PageSize": 10})
print([len(page["Contents"]) for page in pages])
print(dict(asked))

# %% [markdown]
# A paginator asks until `IsTruncated` is false. Without it, everything works in
# the test, where there are 300 objects, and one fine day the 1,001st is not
# seen. No error tells you.

# %% [markdown]
# ### Try it: the newest export
#
# Here the pages are short. `hint("newest_export")` is there when you want it.

# %%
contract("newest_export")


# %%
def newest_export(s3, bucket, site):
    # Do what the contract promises.
    ...


check(newest_export)

# %% [markdown]
# **Remember:** a prefix is the beginning of a text: end it with a slash, fold
# it with Delimiter, and read every page.

# %% [markdown]
# ## 2. What a file knows, and what it costs
#
# Your database knows that a column is a DECIMAL. A file knows what its format
# lets it know. Here is a genuine day of one plant in three formats, with a
# meter whose id is '0042'. `pyarrow` writes and reads them all.

# %%
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

# %%
readings = spark.table("readings")
one = readings.where("site_id = 'rsf'").orderBy("event_time")
day = one.selectExpr("'0042' AS meter", "event_time", "kw").toArrow()
lines = [json.dumps(row, default=str) for row in day.to_pylist()]
files = {name: io.BytesIO() for name in ("day.csv", "day.parquet")}
csv.write_csv(day, files["day.csv"])
pq.write_table(day, files["day.parquet"])
files["day.json"] = io.BytesIO("\n".join(lines).encode())
for name, file in files.items():
    print(f"{name:12} {len(file.getvalue()):6,} bytes")

# %% [markdown]
# ### Predict
#
# Read back without a word about types: which type will `meter` and `kw` have?

# %%
from pyarrow import json as json_lines

read = {
    "day.csv": csv.read_csv,
    "day.json": json_lines.read_json,
    "day.parquet": pq.read_table,
}
for name, reader in read.items():
    schema = reader(io.BytesIO(files[name].getvalue())).schema
    print(f"{name:12} {schema.field('meter').type}, {schema.field('kw').type}")

# %% [markdown]
# CSV has no types at all, so the reader guesses, and the zeros in front of 42
# are gone for good. JSON knows texts and numbers, and no decimal: ours was
# written as text. Only Parquet has the schema in the file, in its footer. Give
# the types yourself wherever text comes in: `column_types` in pyarrow, `dtype`
# in pandas, `.schema(..)` in Spark.

# %%
types = {"meter": pa.string(), "kw": pa.decimal128(12, 3)}
given = csv.ConvertOptions(column_types=types)
text = io.BytesIO(files["day.csv"].getvalue())
again = csv.read_csv(text, convert_options=given)
print(again.schema.field("meter").type, again.schema.field("kw").type)
print(again["meter"][0], again["kw"][50])

# %% [markdown]
# ### Predict
#
# A device sends a file every hour. The same rows, once in one Parquet file and
# once in 24: which takes more bytes, and about how many times?


# %%
def size(table):
    file = io.BytesIO()
    pq.write_table(table, file)
    return len(file.getvalue())


hours = [day.slice(at, 4) for at in range(0, day.num_rows, 4)]
many, single = sum(size(hour) for hour in hours), size(day)
print(f"1 file: {single:,} bytes, {len(hours)} files: {many:,} bytes")
print(f"{many / single:.1f} times the bytes, {len(hours)} times the requests")

# %% [markdown]
# Each file has its own footer, and a column of four values has nothing to
# compress. Above all there is a request for each. So small files are gathered
# now and then: **compaction**. In a database that would be one transaction;
# here it is an order of steps that loses nothing wherever it stops.

# %% [markdown]
# ### Try it: one file out of many
#
# Before each of your requests, ask: what if this one fails? And what if a file
# has come in since I looked?

# %%
contract("compact_day")


# %%
def compact_day(s3, bucket, source, target):
    # Do what the contract promises.
    ...


check(compact_day)

# %% [markdown]
# **Remember:** write the new, then delete the old; and delete what you read,
# not what is there. CSV has no types.

# %% [markdown]
# ## 3. The key as an index
#
# A Parquet file cannot be found by its content, but it can be found by its key.
# So put into the key what people ask for. Spark does it with `partitionBy`: the
# columns named there leave the file and become a part of the key.

# %%
lake = f"s3a://{bucket}/lake"
daily = readings.withColumn("day", F.to_date("event_time"))
gathered = daily.repartition("site_id", "day")
gathered.write.partitionBy("site_id", "day").parquet(lake)
for key in keys("lake/"):
    print(key.rpartition("/")[0] or key)

# %% [markdown]
# One line is no partition: beside it lies `lake/_SUCCESS`, an empty object by
# which Spark says that it finished. Readers pass over names that begin with an
# underscore. When the lake is read, site and day come back as columns, with
# types that are guessed from the key; better say them.

# %%
columns = "channel string, event_time timestamp, kw decimal(12,3)"
known = spark.read.schema(f"{columns}, site_id string, day date")
per_day = known.parquet(lake).groupBy("site_id", "day").count()
per_day.orderBy("site_id").show()

# %% [markdown]
# **Partition pruning** means: what the key says is judged without opening the
# file. Let us prove it the hard way, and put rubbish under the key of
# `snowfield`. Whoever opens that file fails.

# %%
broken = keys("lake/site_id=snowfield/")[0]
s3.put_object(Bucket=bucket, Key=broken, Body=b"this is no Parquet file")


def rows_where(condition):
    try:
        return known.parquet(lake).where(condition).count()
    except Exception as error:
        return error.getCondition()


# %% [markdown]
# ### Predict
#
# The first and last ask for `rsf`. The other two ask for a time before 2011,
# when only `mesa` had readings. Which of these queries fail?

# %%
for condition in (
    "site_id = 'rsf'",
    "day < '2011-01-01'",
    "event_time < '2011-01-01'",
    "upper(site_id) = 'RSF'",
):
    print(f"{condition:26} {rows_where(condition)}")

# %% [markdown]
# `event_time` lies in the file, so Spark must open every file to judge it, and
# it does not know that the day was made of it. A function on a partition column
# is no harm, for Spark computes it from the key. In your database it would have
# cost you the index. Filter by `day` as well as by `event_time`.

# %% [markdown]
# Parquet has a second kind of index: its footer holds the least and greatest
# value of each column, and a reader that asks for two columns leaves out the
# bytes of the others. Both help only after the file was opened.
#
# Without Spark, opening one is a request and a buffer:

# %%
key = keys("lake/site_id=rsf/")[0]
body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
table = pq.read_table(io.BytesIO(body), columns=["kw"])
print(pc.sum(table["kw"]).as_py() * Decimal("0.25"), "kWh")

# %% [markdown]
# ### Try it: open only what you need
#
# Without Spark this time: you are the planner.

# %%
contract("energy_of_days")


# %%
def energy_of_days(s3, bucket, site, first, last):
    # Do what the contract promises.
    ...


check(energy_of_days)

# %% [markdown]
# **Remember:** what stands in the key is judged without opening a file: list by
# prefix, choose by key, open the rest.

# %% [markdown]
# ## 4. Spark writes
#
# A write in Spark is done by tasks side by side, and each of them writes files
# of its own. A task that has rows of three partitions writes three files.

# %% [markdown]
# ### Predict
#
# Here 4 tasks have rows of all 4 sites. How many files will that be, and how
# many if the rows of a site are brought together first?

# %%
spread = daily.repartition(4)
for name, frame in {
    "spread": spread,
    "gathered": spread.repartition("site_id"),
}.items():
    frame.write.partitionBy("site_id").parquet(f"s3a://{bucket}/{name}")
    files = [key for key in keys(f"{name}/") if key.endswith(".parquet")]
    print(f"{name:9} {len(files):2} files")

# %% [markdown]
# With 200 tasks and 365 days it would have been up to 73,000. `repartition` by
# the columns of `partitionBy` costs a **shuffle** (rows travel between tasks)
# and saves a small-files problem.

# %% [markdown]
# ### Predict
#
# Now the readings of `rsf` come again, corrected, and are written with
# `mode("overwrite")`. How many sites does the path have afterwards?


# %%
def sites_in(path):
    return sorted({key.split("/")[1] for key in keys(path) if "=" in key})


corrected = daily.where("site_id = 'rsf'").coalesce(1).write
print(sites_in("gathered/"))
path = f"s3a://{bucket}/gathered"
corrected.mode("overwrite").partitionBy("site_id").parquet(path)
print(sites_in("gathered/"))

# %% [markdown]
# Overwrite is TRUNCATE and then INSERT, of the whole path, with nothing to roll
# back. With the option `partitionOverwriteMode` = `dynamic` only partitions are
# replaced for which there are rows. The other modes: `append` only adds, also
# when the job runs twice; `ignore` does nothing where the path exists; and the
# default, `errorifexists`, raises.

# %% [markdown]
# ### Try it: replace some days
#
# Two traps at once: too many files, and too much overwritten.

# %%
contract("save_days")


# %%
def save_days(readings, path):
    # Do what the contract promises.
    ...


check(save_days)

# %% [markdown]
# **Remember:** gather the rows of a partition before you write them, and
# overwrite dynamically. Plain overwrite empties the path.

# %% [markdown]
# ## 5. All or nothing, for one object
#
# Here are the promises that hold. A PUT is atomic: readers get the old object
# or the new one, never a mixture. Whoever reads or lists after it sees the new
# one. And since 2024 a PUT may carry a condition. `If-None-Match: *` is INSERT:
# it fails where the key exists.


# %%
def put(key, body, **condition):
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=body, **condition)
        return "stored"
    except ClientError as error:
        return error.response["Error"]["Code"]


# %% [markdown]
# ### Predict
#
# Three PUTs to the same key. Which of them are refused?

# %%
print(put("once.txt", b"Ada", IfNoneMatch="*"))
print(put("once.txt", b"Edgar", IfNoneMatch="*"))
print(put("once.txt", b"Grace"))
answer = s3.get_object(Bucket=bucket, Key="once.txt")
print("now there is", answer["Body"].read())

# %% [markdown]
# A condition binds only the one who sends it: Grace asked nobody. Looking first
# (`head_object`) and writing then is no substitute: between the two requests
# there is time for another writer. It is the old SELECT-then-INSERT race, and
# there is no lock to help you.

# %% [markdown]
# Large objects are sent in parts of 5 MiB or more; only the last may be
# smaller. Until the upload is completed there is no object.

# %%
place = {"Bucket": bucket, "Key": "large.bin"}
upload = s3.create_multipart_upload(**place)["UploadId"]
part = s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"x" * 99)
print("objects:     ", keys("large"))
uploads = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
print("open uploads:", [one["Key"] for one in uploads])

# %% [markdown]
# ### Predict
#
# Suppose your program dies here. What becomes of the 99 bytes?

# %% [markdown]
# They stay, and are paid for until somebody aborts the upload. They are in no
# listing of objects; only `list_multipart_uploads` shows the upload. A bucket
# may have a lifecycle rule that aborts it after some days; set one. And in your
# own code, abort.

# %%
s3.abort_multipart_upload(**place, UploadId=upload)
found = s3.list_multipart_uploads(Bucket=bucket)
print("open uploads:", found.get("Uploads", []))

# %% [markdown]
# ### Try it: in parts, and only once
#
# The request that completes an upload takes the same condition as a PUT. But
# what if the source breaks off in the middle?

# %%
contract("upload_once")


# %%
def upload_once(s3, bucket, key, parts):
    # Do what the contract promises.
    ...


check(upload_once)

# %% [markdown]
# **Remember:** the object appears when the upload is completed: put the
# condition there, and abort all that fails.

# %% [markdown]
# ## 6. All or nothing, for many objects
#
# On a disk you would write into a temporary folder and rename it. S3 has no
# rename. What looks like one is a copy and a delete for each object.


# %%
def rename(source, target):
    for key in keys(source):
        new, old = target + key[len(source) :], {"Bucket": bucket, "Key": key}
        s3.copy_object(Bucket=bucket, Key=new, CopySource=old)
        s3.delete_object(**old)
        print("a reader finds", len(keys(target)), "files")


for site in ("mesa", "rsf", "serf-west"):
    s3.put_object(Bucket=bucket, Key=f"tmp/{site}.parquet", Body=b"data")

# %% [markdown]
# ### Predict
#
# Three files are "renamed" from `tmp/` to `final/`. How many requests, apart
# from the listings, and what does somebody see who reads `final/` meanwhile?

# %%
asked.clear()
rename("tmp/", "final/")
print({name: n for name, n in asked.items() if name[:4] != "List"})

# %% [markdown]
# A reader who comes at the wrong moment finds one file of three, and no error.
# So do not move the data: move a **pointer**. Each run writes under a prefix of
# its own, where nobody looks. At the end one small object, the manifest, is
# written: it names the files. That is one PUT, and one PUT is atomic. Delta and
# Iceberg are this idea, worked out.


# %%
def publish(run, **condition):
    files = [f"runs/{run}/{site}.parquet" for site in ("mesa", "rsf")]
    for key in files:
        s3.put_object(Bucket=bucket, Key=key, Body=b"data")
    body = json.dumps({"run": run, "files": files})
    return put("published/day.json", body, **condition)


print("run 1:", publish(1, IfNoneMatch="*"))

# %% [markdown]
# The next run must replace the manifest, but only the one it knows: two
# publishers may work at the same time. An object's version is its **ETag**, and
# `If-Match` is UPDATE with a version column, as in
#
#     UPDATE manifest SET body = :new WHERE etag = :the_one_i_read
#
# where no row updated is 412, PreconditionFailed. On AWS, 409 (somebody is
# writing at this moment) and 404 (deleted meanwhile) are refusals, too: read
# again, decide again.

# %% [markdown]
# ### Predict
#
# Runs 2 and 3 have read the same manifest. Run 3 is quicker. What becomes of
# run 2, and what should it do now?

# %%
manifest = {"Bucket": bucket, "Key": "published/day.json"}
etag = s3.get_object(**manifest)["ETag"]
print("run 3:", publish(3, IfMatch=etag))
print("run 2:", publish(2, IfMatch=etag))
print("published:", json.load(s3.get_object(**manifest)["Body"])["run"])

# %% [markdown]
# Run 2 wrote its files, and nobody sees them. Refused, it must not give up at
# once, nor write again with the new ETag: what it decided on is no longer so.
# It reads again, and decides again.

# %% [markdown]
# ## Boss fight: publish a day
#
# The traders at PEAK read a day while you publish it, other publishers are at
# work, and machines fail. You need a prefix of your own for the files, and a
# condition for the manifest. Try it without hints first.

# %%
contract("publish_day")


# %%
def publish_day(s3, bucket, day, run, readings):
    # Do what the contract promises.
    ...


check(publish_day)

# %% [markdown]
# **Remember:** files first, under names of their own; one small object last, if
# it is still the one that you read.

# %%
clear()
gone = s3.delete_bucket(Bucket=bucket)

# %% [markdown]
# ## Phrase book
#
# | SQL, or a disk | S3 | trap |
# |---|---|---|
# | `key LIKE 'a/%'` | `list_objects_v2(Prefix="a/")` | the slash |
# | `.. FETCH NEXT 1000 ROWS` | `get_paginator(..)` | page one is no error |
# | `GROUP BY` up to a slash | `Delimiter="/"` | `CommonPrefixes` |
# | `ORDER BY n` | zero-padded keys | 9 sorts after 12 |
# | `SELECT` one row | `get_object` | a request each |
# | `INSERT` | `put_object(IfNoneMatch="*")` | 412 if it exists |
# | `MERGE` | `put_object` | asks nobody |
# | `UPDATE .. WHERE version = v` | `put_object(IfMatch=etag)` | 412: reread |
# | `DELETE .. WHERE key IN (..)` | `delete_objects` | 1,000 keys at most |
# | rename | copy, then delete | readers see half |
# | `COMMIT` | write the manifest last | files first |
# | `ROLLBACK` | `abort_multipart_upload` | in no listing of objects |
# | partitioned table | `partitionBy("site_id", "day")` | filter by them |
# | `TRUNCATE` and `INSERT` | `mode("overwrite")` | the whole path |
# | replace a partition | `partitionOverwriteMode` = `dynamic` | an option |
# | `DECIMAL(12, 3)` | in Parquet | CSV and JSON guess |

# %% [markdown]
# Next: [Lesson 7, Kafka](../07-kafka/lesson.ipynb), a log that many read, each
# at their own place. Until then, keep the phrase book open at work.
