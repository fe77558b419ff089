"""Lesson 6, files and S3: the tasks, what is looked at in the bucket, and wrong answers that people really write."""

import io
import json
import posixpath
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import boto3
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from botocore.exceptions import ClientError
from pyarrow import csv
from pyspark.sql import functions as F

from helpers.exercises import Lesson, ServiceExercise, Wrong, usual

KW = pa.decimal128(12, 3)
MIDNIGHT = datetime(2022, 1, 4, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


# What the trials share


def watched(sandbox):
    """A client whose requests are counted, the counter, and each request: its operation and its parameters."""
    client, asked = sandbox.objects.client()
    seen = []
    client.meta.events.register(
        "before-parameter-build.s3", lambda params, model, **rest: seen.append((model.name, dict(params)))
    )
    return client, asked, seen


def before(client, operations, act):
    """Have `act(key)` done before each request of these operations is sent; what it raises, the answer gets."""
    for operation in operations:
        client.meta.events.register(
            f"provide-client-params.s3.{operation}", lambda params, **rest: act(params.get("Key"))
        )


def fails(call, planned):
    """True if the call raised this error, or one that was made of it. Other errors go on."""
    try:
        call()
    except Exception as raised:
        link = raised
        while link is not None and link is not planned:
            link = link.__cause__ or link.__context__
        if link is None:
            raise
        return True
    return False


def parquet(table):
    """A table as the bytes of a Parquet file."""
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def read_parquet(sandbox, bucket, key):
    """The table in an object, None where it is no Parquet."""
    try:
        return pq.ParquetFile(io.BytesIO(sandbox.objects.get(bucket, key))).read()
    except pa.ArrowInvalid:
        return None


def rows(table):
    """The rows as sorted tuples; times as naive UTC in microseconds, as Spark and pyarrow write them differently."""
    names = sorted(table.column_names)
    columns = [
        pc.cast(table[name], pa.timestamp("us")).to_pylist()
        if pa.types.is_timestamp(table.schema.field(name).type)
        else table[name].to_pylist()
        for name in names
    ]
    return sorted(zip(*columns, strict=True), key=repr)


def lake_rows(sandbox, bucket, keys):
    """The sorted rows of these Parquet files, each with the site of its key; of what is no Parquet there are none."""
    found = []
    for key in keys:
        table, site = read_parquet(sandbox, bucket, key), key.partition("site_id=")[2].partition("/")[0]
        found += [(site, *one) for one in rows(table)] if table is not None else []
    return sorted(found, key=repr)


def data_files(sizes):
    """The keys that readers take for data: as Spark does, none whose name begins with _ or a dot, or is empty."""
    return [key for key in sizes if posixpath.basename(key)[:1] not in ("", "_", ".")]


def genuine(*sites):
    """The classroom's readings of some sites."""
    readings = usual()["readings"]
    return readings.filter(pc.is_in(readings["site_id"], pa.array(sites)))


def words_for(found, known, otherwise):
    """The words of the first known wrong finding that this one equals."""
    return next((words for finding, words in known if found == finding), otherwise)


# Exercise 1: keys, prefixes, pages

PAGE = 5
LISTINGS = 8

FIRST_PAGE = (
    "Only the first page of a listing was read. A listing ends when IsTruncated is false, not when a request has "
    "answered: use get_paginator, or follow NextContinuationToken."
)
TEXT_ORDER = (
    "You took the run that comes last as text: 'run=9/' sorts after 'run=12/', for keys are ordered byte by byte. "
    "Make a number of it first."
)
LATEST_CHANGE = (
    "You took the run that was written last, but an old run had been corrected later. LastModified tells when an "
    "object was stored, not what it is about."
)
NEIGHBOUR = (
    "A key of another site is among yours. A prefix is only the beginning of a text, so 'exports/rsf' also begins "
    "'exports/rsf-east/': end the prefix with a slash."
)
MARKER = (
    "A key that ends in / is among your files: some console stored an empty object there to draw a folder. It is no "
    "file."
)
OPENED = (
    "You asked for objects one by one. A listing already tells each key with its size: a request per file is what "
    "makes it slow and dear."
)
LISTED_TOO_MUCH = (
    "The right files, but you listed far more than them, and S3 answers page by page. Ask with Delimiter='/' for the "
    "runs alone, then list the newest run by its prefix."
)
NO_DICT = "Return a dict: each file's key, and its size in bytes."
OTHER_FILES = (
    "These are not the files of the newest run. List the runs first, then the files under that run's prefix."
)


def newest_export_delimiter(s3, bucket, site):
    """Two listings: the runs as common prefixes, then the newest one's files."""

    def pages(prefix):
        paginator = s3.get_paginator("list_objects_v2")
        return paginator.paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")

    def number(prefix):
        return int(prefix.rstrip("/").rpartition("=")[2])

    runs = [one["Prefix"] for page in pages(f"exports/{site}/") for one in page.get("CommonPrefixes", [])]
    found = [one for page in pages(max(runs, key=number)) for one in page.get("Contents", [])]
    return {one["Key"]: one["Size"] for one in found if not one["Key"].endswith("/")}


def newest_export_tokens(s3, bucket, site):
    """The same by hand, with the token of each page that goes on."""

    def listing(**asked):
        answer = s3.list_objects_v2(Bucket=bucket, **asked)
        yield answer
        while answer["IsTruncated"]:
            answer = s3.list_objects_v2(Bucket=bucket, ContinuationToken=answer["NextContinuationToken"], **asked)
            yield answer

    start, newest = f"exports/{site}/run=", 0
    for answer in listing(Prefix=start, Delimiter="/"):
        for one in answer.get("CommonPrefixes", []):
            newest = max(newest, int(one["Prefix"][len(start) : -1]))
    files = {}
    for answer in listing(Prefix=f"{start}{newest}/"):
        files |= {one["Key"]: one["Size"] for one in answer.get("Contents", [])}
    files.pop(f"{start}{newest}/", None)
    return files


def _all_keys(s3, bucket, prefix=""):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [one for page in pages for one in page.get("Contents", [])]


def _run(key):
    return int(key.split("/")[2].removeprefix("run="))


def _files(objects):
    return {one["Key"]: one["Size"] for one in objects if not one["Key"].endswith("/")}


def _of_newest(objects):
    newest = max(_run(one["Key"]) for one in objects)
    return _files(one for one in objects if _run(one["Key"]) == newest)


def _whole_bucket(s3, bucket, site):
    return _of_newest([one for one in _all_keys(s3, bucket) if one["Key"].startswith(f"exports/{site}/")])


def _whole_site(s3, bucket, site):
    return _of_newest(_all_keys(s3, bucket, f"exports/{site}/"))


def _one_page(s3, bucket, site):
    found = newest_export_delimiter(s3, bucket, site)
    prefix = posixpath.dirname(next(iter(found))) + "/"
    return _files(s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"])


def _last_as_text(s3, bucket, site):
    objects = _all_keys(s3, bucket, f"exports/{site}/")
    last = posixpath.dirname(objects[-1]["Key"]) + "/"
    return _files(one for one in objects if one["Key"].startswith(last))


def _last_modified(s3, bucket, site):
    objects = _all_keys(s3, bucket, f"exports/{site}/")
    latest = max(objects, key=lambda one: one["LastModified"])["Key"]
    return _files(one for one in objects if posixpath.dirname(one["Key"]) == posixpath.dirname(latest))


def _no_slash(s3, bucket, site):
    return _of_newest(_all_keys(s3, bucket, f"exports/{site}"))


def _marker_kept(s3, bucket, site):
    found = newest_export_delimiter(s3, bucket, site)
    prefix = posixpath.dirname(next(iter(found))) + "/"
    return {one["Key"]: one["Size"] for one in _all_keys(s3, bucket, prefix)}


def _size_by_head(s3, bucket, site):
    found = newest_export_delimiter(s3, bucket, site)
    return {key: s3.head_object(Bucket=bucket, Key=key)["ContentLength"] for key in found}


def newest_export_trial(sandbox):
    """Runs with more files than a page holds, an old one corrected last, a neighbour whose name goes on."""
    newest, site = sandbox.random.randint(11, 13), sandbox.random.choice(["rsf", "thames", "mesa"])
    bucket = sandbox.objects.bucket()
    sandbox.step(f"Exports of {site} and of {site}-east are put into a bucket; its pages hold {PAGE} keys.")
    wanted = {}
    # Run 1 last, as if it had been corrected.
    for run in range(newest, 0, -1):
        for part in range(PAGE * 2 + 2 if run == newest else 4):
            key, body = f"exports/{site}/run={run}/part-{part:03d}.csv", b"x" * sandbox.random.randint(10, 99)
            sandbox.objects.put(bucket, key, body)
            if run == newest:
                wanted[key] = len(body)
    sandbox.objects.put(bucket, f"exports/{site}/run={newest}/", b"")
    for run in (newest, newest + 2):
        sandbox.objects.put(bucket, f"exports/{site}-east/run={run}/part-000.csv", b"east")
    client, asked, _ = watched(sandbox)

    def short_pages(params, **rest):
        params["MaxKeys"] = min(params.get("MaxKeys", PAGE), PAGE)

    for operation in ("ListObjectsV2", "ListObjects"):
        client.meta.events.register(f"before-parameter-build.s3.{operation}", short_pages)
    sandbox.step("Your function looks for the newest run.")
    found = sandbox.call(s3=client, bucket=bucket, site=site)
    sandbox.require("a dict", isinstance(found, dict), NO_DICT, type(found).__name__)
    sandbox.expect("the files of the newest run", found, wanted, _about_files(found, wanted, site, newest))
    listed = asked["ListObjectsV2"] + asked["ListObjects"]
    sandbox.require("requests that are no listings", sum(asked.values()) == listed, OPENED, dict(asked))
    sandbox.require("listing requests", 0 < listed <= LISTINGS, LISTED_TOO_MUCH, listed)


def _about_files(found, wanted, site, newest):
    keys = [str(key) for key in found]
    if any(key.startswith(f"exports/{site}-east/") for key in keys):
        return NEIGHBOUR
    if any(key.endswith("/") for key in keys):
        return MARKER
    if keys and set(keys) < set(wanted):
        return FIRST_PAGE
    runs = {posixpath.basename(posixpath.dirname(key)) for key in keys}
    return words_for(runs, [({"run=9"}, TEXT_ORDER), ({"run=1"}, LATEST_CHANGE)], OTHER_FILES)


NEWEST_EXPORT = ServiceExercise(
    id="s3.newest_export",
    title="The newest export",
    task=(
        "Each night PEAK exports the readings of a site. Run number n stores its files under "
        "exports/<site>/run=<n>/, and n counts 1, 2, 3 and so on, without leading zeros. Return the files of the "
        "site's newest run, the one with the greatest number, as a dict from key to size in bytes. A key that ends "
        "in / is no file. Sites may have names that begin alike. So that few objects will do, a page of a listing "
        f"holds {PAGE} keys here instead of 1,000."
    ),
    gives={
        "s3": "a boto3 client; its requests are counted",
        "bucket": "the name of the bucket",
        "site": "the site's id, as in exports/<site>/",
    },
    promises=(
        "The returned dict has exactly the files of the newest run, with their sizes.",
        "No object was opened or asked for by itself: all requests are listings.",
        f"They are at most {LISTINGS}. (Six is what it takes: the pages of the runs, then those of the newest run.)",
    ),
    services=("s3",),
    trial=newest_export_trial,
    hints=(
        "Which requests do you need if you may ask for all that follows a prefix up to the next slash? What is in "
        "Contents then, and what in CommonPrefixes?",
        "Delimiter='/' folds every key with the same beginning up to the next slash into one entry of "
        "CommonPrefixes. With Prefix='exports/<site>/' these are the runs. Find the greatest by its number, not as "
        "text.",
        "Then list the newest run by its prefix, slash included. For both use s3.get_paginator('list_objects_v2')"
        ".paginate(Bucket=..., Prefix=..., Delimiter='/'): it yields every page, and Contents has Key and Size.",
    ),
    solutions=(newest_export_delimiter, newest_export_tokens),
    wrong=(
        Wrong("the whole bucket, filtered here", _whole_bucket, LISTED_TOO_MUCH),
        Wrong("the whole site", _whole_site, LISTED_TOO_MUCH, right_table="the files of the newest run"),
        Wrong("one page is all", _one_page, FIRST_PAGE),
        Wrong("the last key is the newest", _last_as_text, TEXT_ORDER),
        Wrong("written last is newest", _last_modified, LATEST_CHANGE),
        Wrong("a prefix is a directory", _no_slash, NEIGHBOUR),
        Wrong("folders are there", _marker_kept, MARKER),
        Wrong("ask every object for its size", _size_by_head, OPENED),
    ),
    remember="A prefix is the beginning of a text: end it with a slash, fold it with Delimiter, and read every page.",
)


# Exercise 2: formats and small files

LANDED = pa.schema([("meter", pa.string()), ("event_time", pa.timestamp("us", "UTC")), ("kw", KW)])

LOST_FILES = (
    "The Parquet file could not be stored, and the small files were gone already: their readings are lost. Delete "
    "only when the new object is safely there."
)
LATE_FILE = (
    "A file that arrived while you worked was deleted, though nobody had read it. Delete the keys that you read, not "
    "whatever a second listing finds."
)
ONE_BY_ONE = (
    "A delete request for each file. delete_objects takes up to 1,000 keys in one request; with small files it is "
    "the requests that cost, not the bytes."
)
LEADING_ZEROS = (
    "The meter '0042' became the number 42: CSV has no types, so the reader guessed. Tell it the types: "
    "column_types in pyarrow, dtype in pandas, a schema in Spark."
)
GUESSED_TYPES = (
    "The columns have not the promised types: CSV has none, and what a reader guesses for 12.340 is a double. Give "
    "it the types yourself."
)
STILL_THERE = (
    "The small files are still there, so whoever reads both prefixes counts every reading twice. Delete what is in "
    "the new object now."
)
NO_PARQUET = "What lies under the target is no Parquet file: its name does not make it one."
NO_TARGET = "There is no object under the target key. All rows belong into one file, under exactly that key."
READ_AGAIN = "Each small file is to be read once, and some were read more often: every request costs."
OTHER_ROWS = "The rows of the Parquet file are not those of the small files."
ELSEWHERE = "There are objects in the bucket that do not belong there: one file was wanted, under the target key."


def compact_day_pyarrow(s3, bucket, source, target):
    """Read with declared types, store one file, then delete exactly what was read."""
    types = {"meter": pa.string(), "event_time": pa.timestamp("us", "UTC"), "kw": pa.decimal128(12, 3)}
    convert = csv.ConvertOptions(column_types=types)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=source)
    keys = [one["Key"] for page in pages for one in page.get("Contents", [])]
    tables = []
    for key in keys:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        tables.append(csv.read_csv(io.BytesIO(body), convert_options=convert))
    out = io.BytesIO()
    pq.write_table(pa.concat_tables(tables), out)
    s3.put_object(Bucket=bucket, Key=target, Body=out.getvalue())
    for at in range(0, len(keys), 1000):
        some = [{"Key": key} for key in keys[at : at + 1000]]
        s3.delete_objects(Bucket=bucket, Delete={"Objects": some})


def compact_day_rows(s3, bucket, source, target):
    """The same with Python's csv module: every value is text until you make something of it."""
    from csv import DictReader
    from datetime import datetime

    types = [("meter", pa.string()), ("event_time", pa.timestamp("us", "UTC")), ("kw", pa.decimal128(12, 3))]
    read, found = [], []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=source):
        for one in page.get("Contents", []):
            text = s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read().decode()
            read.append({"Key": one["Key"]})
            for line in DictReader(io.StringIO(text)):
                at = datetime.fromisoformat(line["event_time"])
                found.append({**line, "event_time": at, "kw": Decimal(line["kw"]) if line["kw"] else None})
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(found, pa.schema(types)), out)
    out.seek(0)
    s3.upload_fileobj(out, bucket, target)
    while read:
        some, read = read[:1000], read[1000:]
        s3.delete_objects(Bucket=bucket, Delete={"Objects": some, "Quiet": True})


def _keys(s3, bucket, source):
    return [one["Key"] for one in _all_keys(s3, bucket, source)]


def _read_csv(s3, bucket, keys, **types):
    convert = csv.ConvertOptions(column_types=types or {field.name: field.type for field in LANDED})
    bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
    return pa.concat_tables([csv.read_csv(io.BytesIO(body), convert_options=convert) for body in bodies])


def _delete(s3, bucket, keys):
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})


def _compact(s3, bucket, source, target, **types):
    keys = _keys(s3, bucket, source)
    s3.put_object(Bucket=bucket, Key=target, Body=parquet(_read_csv(s3, bucket, keys, **types)))
    return keys


def _delete_first(s3, bucket, source, target):
    keys = _keys(s3, bucket, source)
    table = _read_csv(s3, bucket, keys)
    _delete(s3, bucket, keys)
    s3.put_object(Bucket=bucket, Key=target, Body=parquet(table))


def _empty_the_prefix(s3, bucket, source, target):
    _compact(s3, bucket, source, target)
    _delete(s3, bucket, _keys(s3, bucket, source))


def _a_delete_each(s3, bucket, source, target):
    for key in _compact(s3, bucket, source, target):
        s3.delete_object(Bucket=bucket, Key=key)


def _types_guessed(s3, bucket, source, target):
    import pandas as pd

    keys = _keys(s3, bucket, source)
    bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"] for key in keys]
    frame = pd.concat([pd.read_csv(body, parse_dates=["event_time"]) for body in bodies])
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    s3.put_object(Bucket=bucket, Key=target, Body=out.getvalue())
    _delete(s3, bucket, keys)


def _power_is_a_double(s3, bucket, source, target):
    _delete(s3, bucket, _compact(s3, bucket, source, target, meter=pa.string()))


def _sources_kept(s3, bucket, source, target):
    _compact(s3, bucket, source, target)


def _text_glued(s3, bucket, source, target):
    keys = _keys(s3, bucket, source)
    texts = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
    lines = [texts[0], *(text.partition(b"\n")[2] for text in texts[1:])]
    s3.put_object(Bucket=bucket, Key=target, Body=b"".join(lines))
    _delete(s3, bucket, keys)


def _a_parquet_each(s3, bucket, source, target):
    keys = _keys(s3, bucket, source)
    for at, key in enumerate(keys):
        name = target.replace(".parquet", f"-{at}.parquet")
        s3.put_object(Bucket=bucket, Key=name, Body=parquet(_read_csv(s3, bucket, [key])))
    _delete(s3, bucket, keys)


def compact_day_trial(sandbox):
    """A day in small files, one of which arrives late; and a day whose result cannot be stored."""
    meter = f"00{sandbox.random.randint(10, 99)}"
    files, wanted = _small_files(meter, sandbox.random)
    bucket = sandbox.objects.bucket()
    sandbox.step(f"{len(files)} small CSV files are put into a bucket, twice: for two days.")
    for key, body in files.items():
        sandbox.objects.put(bucket, f"landing/rsf/monday/{key}", body)
        sandbox.objects.put(bucket, f"landing/rsf/tuesday/{key}", body)
    late = "landing/rsf/monday/2359.csv"
    client, asked, seen = watched(sandbox)
    before(
        client,
        ("PutObject", "CreateMultipartUpload"),
        lambda key: sandbox.objects.put(
            bucket, late, f"meter,event_time,kw\n{meter},2022-01-04T23:59:00Z,1.000\n".encode()
        ),
    )
    target = "compacted/rsf/monday.parquet"
    sandbox.step("Your function makes one file of the first day; while it stores that, a late file arrives.")
    sandbox.call(s3=client, bucket=bucket, source="landing/rsf/monday/", target=target)

    there = sandbox.objects.sizes(bucket)
    sandbox.require("an object under the target", target in there, NO_TARGET, list(there))
    table = read_parquet(sandbox, bucket, target)
    sandbox.require("a Parquet file under the target", table is not None, NO_PARQUET)
    assert table is not None
    types = _types(table.schema)
    sandbox.expect("the types", types, _types(LANDED), _about_types(types))
    sandbox.expect("the rows of the Parquet file", rows(table), rows(wanted), OTHER_ROWS)
    left = [key for key in there if key.startswith("landing/rsf/monday/")]
    sandbox.require("the late file", late in left, LATE_FILE, left)
    sandbox.expect("small files that are left", left, [late], STILL_THERE)
    others = [key for key in there if not key.startswith("landing/") and key != target]
    sandbox.expect("other objects", others, [], ELSEWHERE)
    read = [params["Key"] for operation, params in seen if operation == "GetObject"]
    sandbox.expect("files read", len(read), len(set(read)), READ_AGAIN)
    deletes = asked["DeleteObject"] + asked["DeleteObjects"]
    sandbox.require("delete requests", deletes == 1, ONE_BY_ONE, deletes)

    sandbox.step("The second day's file cannot be stored: the network fails.")
    client, _, _ = watched(sandbox)
    gone = ConnectionError("the network is gone")

    def fail(key):
        raise gone

    before(client, ("PutObject", "CreateMultipartUpload"), fail)
    source = "landing/rsf/tuesday/"
    fails(lambda: sandbox.call(s3=client, bucket=bucket, source=source, target="compacted/rsf/tuesday.parquet"), gone)
    left = [key.removeprefix(source) for key in sandbox.objects.sizes(bucket, source)]
    sandbox.expect("small files after the failure", left, sorted(files), LOST_FILES)


def _small_files(meter, random):
    """A genuine day as CSV files of four rows, name -> bytes, and all their rows as a table."""
    day = genuine("rsf").select(["event_time", "kw"])
    shifted = [None if kw is None else kw + Decimal(random.randint(0, 999)) / 1000 for kw in day["kw"].to_pylist()]
    table = pa.table([[meter] * day.num_rows, day["event_time"], pa.array(shifted, KW)], schema=LANDED)
    files = {}
    for at in range(0, table.num_rows, 4):
        some = table.slice(at, 4).to_pylist()
        lines = [f"{one['meter']},{one['event_time']:%Y-%m-%dT%H:%M:%SZ},{_number(one['kw'])}" for one in some]
        files[f"{at // 4:02d}00.csv"] = "\n".join(["meter,event_time,kw", *lines, ""]).encode()
    return files, table


def _number(kw):
    return "" if kw is None else str(kw)


def _types(schema):
    """Each column's type by name; text is text, and UTC is UTC, however a library writes it."""
    alike = {"large_string": "string", "string_view": "string", "timestamp[us, tz=+00:00]": "timestamp[us, tz=UTC]"}
    return {field.name: alike.get(str(field.type), str(field.type)) for field in schema}


def _about_types(types):
    return LEADING_ZEROS if "int" in types.get("meter", "") else GUESSED_TYPES


COMPACT_DAY = ServiceExercise(
    id="s3.compact_day",
    title="One file out of many",
    task=(
        "A meter's day has landed as many small CSV files under the prefix `source`, each with the header "
        "meter,event_time,kw. Make one Parquet object of them, under the key `target`, with these columns: meter as "
        "string, for '0042' is an id; event_time as timestamp in microseconds with the zone UTC; kw as "
        "decimal128(12, 3), NULL where the CSV has nothing. Then delete the small files that are in it. A file may "
        "arrive while you work: either it is in the Parquet file, or it stays where it is. The order of the rows is "
        "free, and nothing needs to be returned."
    ),
    gives={
        "s3": "a boto3 client; its requests are counted",
        "bucket": "the name of the bucket",
        "source": "prefix of the small files, as in landing/rsf/2022-01-04/",
        "target": "key of the Parquet object to be stored",
    },
    promises=(
        "Under the target lies one Parquet file with every row of the small files once, in the types that were asked "
        "for. No other object was added.",
        "The small files that are in it are gone, by one delete request; a file that arrived meanwhile is there.",
        "No small file was read twice.",
        "If the Parquet file cannot be stored, every small file is still there.",
    ),
    services=("s3",),
    trial=compact_day_trial,
    hints=(
        "S3 has no transaction over two objects. If your function dies between any two of its requests, which order "
        "of them loses nothing?",
        "List once and keep the keys: these you read, and these you delete at the end, after put_object has "
        "answered. delete_objects(Bucket=..., Delete={'Objects': [{'Key': ...}, ...]}) takes 1,000 at once.",
        "csv.read_csv(io.BytesIO(body), convert_options=csv.ConvertOptions(column_types={'meter': "
        "pa.string(), ...})) reads with your types. Then pa.concat_tables, pq.write_table into an io.BytesIO, and "
        "put_object with its getvalue().",
    ),
    solutions=(compact_day_pyarrow, compact_day_rows),
    wrong=(
        Wrong("delete, then write", _delete_first, LOST_FILES),
        Wrong("empty the prefix", _empty_the_prefix, LATE_FILE),
        Wrong("a delete for each", _a_delete_each, ONE_BY_ONE, right_table="the rows of the Parquet file"),
        Wrong("types guessed from text", _types_guessed, LEADING_ZEROS),
        Wrong("power is a double", _power_is_a_double, GUESSED_TYPES),
        Wrong("the small files stay", _sources_kept, STILL_THERE),
        Wrong("the name makes the format", _text_glued, NO_PARQUET),
        Wrong("a small Parquet for each", _a_parquet_each, NO_TARGET),
    ),
    remember="Write the new, then delete the old, and delete what you read, not what is there. CSV has no types.",
)


# Exercise 3: partitions and pruning

OPENED_TOO_MUCH = (
    "The right sum, but you opened files of days that nobody asked for. Site and day stand in the key: choose by the "
    "key, before you open anything."
)
LISTED_OTHERS = (
    "The right sum and the right files, but to find them you listed the keys of other sites. Give the listing a "
    "Prefix that ends where your site does."
)
NEIGHBOUR_SUM = (
    "Readings of another site are in your sum: 'site_id=rsf' also begins 'site_id=rsf-east/'. End the prefix with a "
    "slash."
)
LAST_DAY = "The last day is missing in your sum: both ends belong to it."
SECOND_FILE = (
    "A day had two files, and you read only one. How many files a partition has is up to who wrote it: list it, do "
    "not make up the name."
)
DOUBLES = "The sum is no Decimal: in doubles it would depend on the order of the files."
OTHER_SUM = "The energy is not that of the readings of these days."
NOTHING = "For days without any file the energy is Decimal 0, and no file is opened."


def energy_of_days_listing(s3, bucket, site, first, last):
    """List the site, choose by the day in the key, open only those."""
    prefix = f"readings/site_id={site}/day="
    energy = Decimal(0)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for one in page.get("Contents", []):
            day, _, name = one["Key"].removeprefix(prefix).partition("/")
            # ISO dates as text are in the order of time.
            if first <= day <= last and not name.startswith("_"):
                body = s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
                kw = pq.read_table(io.BytesIO(body), columns=["kw"])["kw"]
                energy += sum((one for one in kw.to_pylist() if one is not None), Decimal(0))
    return energy * Decimal("0.25")


def energy_of_days_by_day(s3, bucket, site, first, last):
    """A listing for each day of the range: better where the range is short and the site is old."""
    from datetime import date, timedelta

    day, found = date.fromisoformat(first), []
    while day <= date.fromisoformat(last):
        answer = s3.list_objects_v2(Bucket=bucket, Prefix=f"readings/site_id={site}/day={day}/")
        found += [one["Key"] for one in answer.get("Contents", []) if one["Key"].endswith(".parquet")]
        day += timedelta(days=1)
    sums = []
    for key in found:
        table = pq.read_table(io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
        sums.append(pc.sum(table["kw"]).as_py() or Decimal(0))
    return sum(sums, Decimal(0)) * Decimal("0.25")


def _kw(s3, bucket, key):
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return pq.read_table(io.BytesIO(body))


def _energy(tables):
    return sum((pc.sum(one["kw"]).as_py() or Decimal(0) for one in tables), Decimal(0)) * Decimal("0.25")


def _lake_keys(s3, bucket, prefix):
    return [one["Key"] for one in _all_keys(s3, bucket, prefix) if one["Key"].endswith(".parquet")]


def _day(key):
    return key.rpartition("day=")[2][:10]


def _filter_the_rows(s3, bucket, site, first, last):
    tables = [_kw(s3, bucket, key) for key in _lake_keys(s3, bucket, f"readings/site_id={site}/")]
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    chosen = []
    for one in tables:
        days = [at.date() for at in one["event_time"].to_pylist()]
        chosen.append(one.filter(pa.array([start <= day <= end for day in days], pa.bool_())))
    return _energy(chosen)


def _list_everything(s3, bucket, site, first, last):
    keys = [key for key in _lake_keys(s3, bucket, "readings/") if f"/site_id={site}/" in key]
    return _energy([_kw(s3, bucket, key) for key in keys if first <= _day(key) <= last])


def _site_without_slash(s3, bucket, site, first, last):
    keys = _lake_keys(s3, bucket, f"readings/site_id={site}")
    return _energy([_kw(s3, bucket, key) for key in keys if first <= _day(key) <= last])


def _half_open(s3, bucket, site, first, last):
    keys = _lake_keys(s3, bucket, f"readings/site_id={site}/")
    return _energy([_kw(s3, bucket, key) for key in keys if first <= _day(key) < last])


def _name_made_up(s3, bucket, site, first, last):
    keys = {_day(key): key for key in reversed(_lake_keys(s3, bucket, f"readings/site_id={site}/"))}
    return _energy([_kw(s3, bucket, key) for day, key in keys.items() if first <= day <= last])


def _in_doubles(s3, bucket, site, first, last):
    return float(energy_of_days_listing(s3, bucket, site, first, last))


def energy_of_days_trial(sandbox):
    """Two sites whose names begin alike, ten days each, one of them in two files."""
    site, days = "rsf", [MIDNIGHT.date() + timedelta(days=at) for at in range(10)]
    begin = sandbox.random.randint(2, 4)
    chosen = days[begin : begin + 3]
    bucket, wanted, sums = sandbox.objects.bucket(), [], {}
    sandbox.step("Ten days of two sites are put into a lake, a partition for each site and day.")
    sandbox.objects.put(bucket, "readings/_SUCCESS", b"")
    for one in (site, f"{site}-east"):
        for day in days:
            for part in range(1 + (day == chosen[1])):
                key = f"readings/site_id={one}/day={day}/part-{part}.parquet"
                table = _quarters(day, sandbox.random)
                sandbox.objects.put(bucket, key, parquet(table))
                if day in chosen:
                    sums[key] = _energy([table])
                    wanted += [key] * (one == site)
        sandbox.objects.put(bucket, f"readings/site_id={one}/day={chosen[0]}/_committed_1", b"")
    client, _, seen = watched(sandbox)
    listed = []
    client.meta.events.register(
        "after-call.s3",
        lambda parsed, **rest: listed.extend(one["Key"] for one in parsed.get("Contents", [])),
    )
    sandbox.step("Your function adds up three days of one site.")
    first, last = str(chosen[0]), str(chosen[-1])
    found = sandbox.call(s3=client, bucket=bucket, site=site, first=first, last=last)
    energy = sum((sums[key] for key in wanted), Decimal(0))
    sandbox.expect("the energy", found, energy, _about_energy(found, sums, wanted, last))
    sandbox.require("a Decimal", isinstance(found, Decimal), DOUBLES, type(found).__name__)
    opened = sorted({params["Key"] for operation, params in seen if operation == "GetObject"})
    sandbox.expect("objects that were opened", opened, sorted(wanted), OPENED_TOO_MUCH)
    others = [key for key in listed if "site_id=" in key and not key.startswith(f"readings/site_id={site}/")]
    sandbox.expect("keys of other sites that were listed", others, [], LISTED_OTHERS)

    sandbox.step("And now days of which there is nothing.")
    seen.clear()
    found = sandbox.call(s3=client, bucket=bucket, site=site, first="2021-05-01", last="2021-05-02")
    opened = [params["Key"] for operation, params in seen if operation == "GetObject"]
    sandbox.expect("the energy of nothing", (found, opened), (Decimal(0), []), NOTHING)


def _quarters(day, random):
    """Four readings of a day, one of them NULL: without site and day, for these stand in the key."""
    start = datetime(day.year, day.month, day.day, random.randint(0, 20), tzinfo=UTC)
    times = pa.array([start + at * QUARTER for at in range(4)], pa.timestamp("us", "UTC"))
    power = [None, *(Decimal(random.randint(-40, 90_000)) / 1000 for _ in range(3))]
    return pa.table({"channel": ["ac_power"] * 4, "event_time": times, "kw": pa.array(power, KW)})


def _about_energy(found, sums, wanted, last):
    if isinstance(found, float):
        return DOUBLES
    known = [
        (sum(sums.values(), Decimal(0)), NEIGHBOUR_SUM),
        (sum((sums[key] for key in wanted if _day(key) != last), Decimal(0)), LAST_DAY),
        (sum((sums[key] for key in wanted if not key.endswith("part-1.parquet")), Decimal(0)), SECOND_FILE),
    ]
    return words_for(found, known, OTHER_SUM)


ENERGY_OF_DAYS = ServiceExercise(
    id="s3.energy_of_days",
    title="Open only what you need",
    task=(
        "PEAK's lake has its readings in Parquet, under readings/site_id=<site>/day=<yyyy-mm-dd>/: one or more files "
        "for each site and day, and nothing for a day without readings. Files whose name begins with _ hold no data. "
        "In the files are channel, event_time and kw; site and day stand only in the key, and the day is that of "
        "event_time in UTC. Return the energy of one site from the day `first` to the day `last`, both included: the "
        "sum of all kw that are not NULL, times 0.25, as a Decimal. If there is none it is Decimal(0). Sites may "
        "have names that begin alike."
    ),
    gives={
        "s3": "a boto3 client; its requests are looked at",
        "bucket": "the name of the bucket",
        "site": "the site's id",
        "first": "the first day, as text: 2022-01-04",
        "last": "the last day, as text; it belongs to the range",
    },
    promises=(
        "The energy is exact, a Decimal, and Decimal(0) for days without files.",
        "No object was opened but the data files of this site and these days.",
        "No listing told the key of another site's object.",
    ),
    services=("s3",),
    trial=energy_of_days_trial,
    hints=(
        "Partition pruning is no more than this: what stands in the key can be judged without opening the file. "
        "Which part of it can the service judge for you, and which part is left to you?",
        "The service compares beginnings: Prefix='readings/site_id=<site>/day=' lists this site alone. Take the day "
        "out of each key and compare it as text: ISO dates sort as time does.",
        "For each key with first <= day <= last whose name does not begin with _: "
        "pq.read_table(io.BytesIO(s3.get_object(...)['Body'].read()), columns=['kw']). pc.sum(...).as_py() is a "
        "Decimal, or None if all are NULL.",
    ),
    solutions=(energy_of_days_listing, energy_of_days_by_day),
    wrong=(
        Wrong("read all, filter rows", _filter_the_rows, OPENED_TOO_MUCH, right_table="the energy"),
        Wrong("list the whole lake", _list_everything, LISTED_OTHERS),
        Wrong("a prefix is a directory", _site_without_slash, NEIGHBOUR_SUM),
        Wrong("the end is not included", _half_open, LAST_DAY),
        Wrong("a day is one file", _name_made_up, SECOND_FILE),
        Wrong("in doubles", _in_doubles, DOUBLES),
    ),
    remember="What stands in the key is judged without opening a file: list by prefix, choose by key, open the rest.",
)


# Exercise 4: Spark writes partitions

LOST_DAYS = (
    "Days and sites that are not in your readings are gone: mode('overwrite') empties the whole path first. Let it "
    "overwrite only partitions that it writes: option partitionOverwriteMode, dynamic."
)
REWRITTEN_DAYS = (
    "Days that did not change were written anew. The rows are right, but the cost grows with the age of the lake, "
    "and whoever reads them now loses the files under the hand: write only the days that you have."
)
STALE = (
    "The rows that lay there before are still there, beside yours: append only adds. After a second run everything "
    "would be there twice. A day that comes again replaces the old one."
)
UNWRITTEN = "Your readings are not there: mode('ignore') writes nothing where the path exists already."
MANY_FILES = (
    "The rows are right, in far too many files: each task writes a file into each partition of which it has a row. "
    "Bring the rows of a partition together before you write: repartition by site and day."
)
LAYOUT = (
    "There are files outside of site_id=<site>/day=<yyyy-mm-dd>/: partitionBy makes a level of each name, in order."
)
OTHER_SAVED = "The rows in the written partitions are not those of the readings."
NOT_THE_SAME = "After a second call with the same readings the lake has other rows or files: a rerun changes nothing."


def save_days_option(readings, path):
    """One file for each partition, and only partitions of these rows are replaced."""
    days = readings.withColumn("day", F.to_date("event_time"))
    gathered = days.repartition("site_id", "day")
    writer = gathered.write.mode("overwrite").option("partitionOverwriteMode", "dynamic")
    writer.partitionBy("site_id", "day").parquet(path)


def save_days_setting(readings, path):
    """The same by a setting of the session, which must not stay; coalesce(1) is enough for a few thousand rows."""
    spark, name = readings.sparkSession, "spark.sql.sources.partitionOverwriteMode"
    days = readings.selectExpr("*", "date(event_time) AS day").coalesce(1)
    spark.conf.set(name, "dynamic")
    try:
        days.write.parquet(path, mode="overwrite", partitionBy=["site_id", "day"])
    finally:
        spark.conf.unset(name)


def _with_day(readings):
    return readings.withColumn("day", F.to_date("event_time")).repartition("site_id", "day")


def _dynamic(readings):
    return readings.write.mode("overwrite").option("partitionOverwriteMode", "dynamic")


def _plain_overwrite(readings, path):
    _with_day(readings).write.mode("overwrite").partitionBy("site_id", "day").parquet(path)


def _append(readings, path):
    _with_day(readings).write.mode("append").partitionBy("site_id", "day").parquet(path)


def _ignore(readings, path):
    _with_day(readings).write.mode("ignore").partitionBy("site_id", "day").parquet(path)


def _not_gathered(readings, path):
    _dynamic(readings.withColumn("day", F.to_date("event_time"))).partitionBy("site_id", "day").parquet(path)


def _day_first(readings, path):
    _dynamic(_with_day(readings)).partitionBy("day", "site_id").parquet(path)


def _all_anew(readings, path):
    spark, new = readings.sparkSession, _with_day(readings)
    old = spark.read.parquet(path).join(new.select("site_id", "day").distinct(), ["site_id", "day"], "left_anti")
    # Brought here first, for Spark refuses to overwrite what it reads.
    both = spark.createDataFrame(old.unionByName(new).toArrow())
    both.repartition("site_id", "day").write.mode("overwrite").partitionBy("site_id", "day").parquet(path)


def save_days_trial(sandbox):
    """A lake with a day before, a site apart and a day that comes again; the readings in four partitions."""
    spark, bucket = sandbox.spark, sandbox.objects.bucket()
    # Whatever an answer before this one left in the session.
    spark.conf.unset("spark.sql.sources.partitionOverwriteMode")
    sites = ("rsf", "serf-west")
    before_that, first, second = (str(MIDNIGHT.date() + timedelta(days=at)) for at in (-1, 0, 1))
    sandbox.step("A lake is made with older days, and with a first version of a day that comes again.")
    kept = {}
    for site, day in [*((site, before_that) for site in sites), ("thames", first)]:
        kept[f"readings/site_id={site}/day={day}/part-0.parquet"] = _quarters(date.fromisoformat(day), sandbox.random)
    stale = {
        f"readings/site_id=rsf/day={first}/part-{at}.parquet": _quarters(MIDNIGHT.date(), sandbox.random)
        for at in (0, 1)
    }
    for key, table in {**kept, **stale}.items():
        sandbox.objects.put(bucket, key, parquet(table))
    version = _versions(sandbox, bucket, kept)
    readings = _half_a_day_later(genuine(*sites), sandbox.random)
    frame = spark.createDataFrame(readings).repartition(4)
    sandbox.step("Your function saves new readings of two sites and two days, by Spark.")
    sandbox.call(readings=frame, path=f"s3a://{bucket}/readings")

    sizes = sandbox.objects.sizes(bucket, "readings/")
    folders = {posixpath.dirname(key) for key in data_files(sizes)}
    wanted = {f"readings/site_id={site}/day={day}" for site in sites for day in (first, second)}
    others = {posixpath.dirname(key) for key in kept}
    sandbox.require("older days", others <= folders, LOST_DAYS, sorted(folders))
    sandbox.require("untouched objects", _versions(sandbox, bucket, kept) == version, REWRITTEN_DAYS, list(sizes))
    sandbox.require("where the files lie", folders <= wanted | others, LAYOUT, sorted(folders))
    found, files = _saved(sandbox, bucket, wanted)
    expected = sorted(((site, *one) for site in sites for one in rows(_of_site(readings, site))), key=repr)
    sandbox.require("rows in the written days", found == expected, _about_saved(sandbox, bucket, stale, found), files)
    sandbox.expect("files in each written day", files, dict.fromkeys(sorted(wanted), 1), MANY_FILES)

    sandbox.step("The same readings are saved a second time.")
    sandbox.call(readings=frame, path=f"s3a://{bucket}/readings")
    again = (*_saved(sandbox, bucket, wanted), _versions(sandbox, bucket, kept))
    sandbox.require("the lake after a rerun", again == (found, files, version), NOT_THE_SAME, again[1])
    spark.conf.unset("spark.sql.sources.partitionOverwriteMode")


def _versions(sandbox, bucket, keys):
    """What would change if an object were written again: key -> its ETag and time."""
    objects = _all_keys(sandbox.objects.client()[0], bucket, "readings/")
    return {one["Key"]: (one["ETag"], one["LastModified"]) for one in objects if one["Key"] in keys}


def _half_a_day_later(readings, random):
    """Genuine readings that reach over midnight, each kw changed a little so that no two trials are alike."""
    later = pc.add(readings["event_time"], pa.scalar(timedelta(hours=12)))
    power = [None if kw is None else kw + Decimal(random.randint(0, 9)) / 1000 for kw in readings["kw"].to_pylist()]
    changed = readings.set_column(2, readings.schema.field("event_time"), later.cast(pa.timestamp("us", "UTC")))
    return changed.set_column(3, readings.schema.field("kw"), pa.array(power, KW))


def _of_site(readings, site):
    return readings.filter(pc.equal(readings["site_id"], site)).drop_columns(["site_id"])


def _saved(sandbox, bucket, folders):
    """The rows in these folders, each with its site, and how many files each folder has."""
    found, files = [], {}
    for folder in sorted(folders):
        keys = data_files(sandbox.objects.sizes(bucket, f"{folder}/"))
        files[folder] = len(keys)
        found += lake_rows(sandbox, bucket, keys)
    return sorted(found, key=repr), files


def _about_saved(sandbox, bucket, stale, found):
    old = sorted((("rsf", *one) for key in stale for one in rows(stale[key])), key=repr)
    if found == old:
        return UNWRITTEN
    return STALE if set(old) <= set(found) else OTHER_SAVED


SAVE_DAYS = ServiceExercise(
    id="s3.save_days",
    title="Replace some days",
    task=(
        "Save the readings into the lake at `path` as Parquet, by Spark: under site_id=<site>/day=<yyyy-mm-dd>/, "
        "where the day is the date of event_time in UTC, with the columns channel, event_time and kw in the files. "
        "The lake has data already. A site's day that is in the readings replaces what was there for that site and "
        "day; everything else stays as it is. The readings are few: one file for each site and day. Nothing needs to "
        "be returned."
    ),
    gives={
        "readings": "a Spark DataFrame with site_id, channel, event_time and kw, spread over four partitions",
        "path": "where the lake is, as in s3a://bucket/readings",
    },
    promises=(
        "Each site and day of the readings has exactly their rows, in one file.",
        "The objects of all other sites and days were neither deleted nor written again.",
        "Called again with the same readings, the lake has the same rows in as many files.",
    ),
    services=("s3", "connect"),
    trial=save_days_trial,
    hints=(
        "Write the readings down as four little piles and ask each pile: into which folders do you write, and how "
        "many files will lie in each? Then ask mode('overwrite') what it clears away first.",
        "df.repartition('site_id', 'day') brings all rows of a folder into one task. partitionBy('site_id', 'day') "
        "on the writer makes the folders, and the columns in its list are not in the files.",
        "df.write.mode('overwrite').option('partitionOverwriteMode', 'dynamic') replaces only the partitions for "
        "which it has rows. The day is F.to_date('event_time'); the session's zone is UTC.",
    ),
    solutions=(save_days_option, save_days_setting),
    wrong=(
        Wrong("overwrite is TRUNCATE", _plain_overwrite, LOST_DAYS),
        Wrong("append is INSERT", _append, STALE),
        Wrong("ignore is INSERT IGNORE", _ignore, UNWRITTEN),
        Wrong("a file from each task", _not_gathered, MANY_FILES, right_table="rows in the written days"),
        Wrong("everything anew", _all_anew, REWRITTEN_DAYS),
        Wrong("day before site", _day_first, LAYOUT),
    ),
    remember="Gather the rows of a partition, and overwrite dynamically: plain overwrite empties the path.",
)


# Exercise 5: multipart uploads, and a condition

PART = 5 * 2**20

IN_ONE = (
    "The right object, but not sent in parts: each part of the source is one UploadPart, and no PutObject. What is "
    "read in parts and sent as one must fit into memory, and into the 5 GB that PutObject takes."
)
OTHER_BYTES = "The object under the key is not what the source gave."
NOT_TRUE = (
    "Your function did not return True although it stored the object, or not False although another one was first."
)
OVERWRITTEN = (
    "There was an object under the key, and you replaced it. S3 asks nobody: put the condition into the request, "
    "IfNoneMatch='*', where the upload is completed."
)
RACED = (
    "You looked whether the key was free, and between your look and your write another publisher was quicker: its "
    "object is gone. Only a condition in the request itself, IfNoneMatch='*', is safe."
)
COMPLETED_HALF = (
    "The source broke off, and half of it is there under the key, looking complete. Complete an upload only after "
    "the last part; otherwise abort it."
)
ABANDONED = (
    "The source broke off, and your upload is still open. Its parts are in no listing of objects (only "
    "list_multipart_uploads shows the upload) and cost money every day: abort it, then let the error go on."
)
ABANDONED_412 = (
    "Another one was first, and your upload was left open. A refused completion does not end an upload: abort it."
)
SWALLOWED = "The source broke off, and your function told nobody: after aborting, raise the error again."


def upload_once_try(s3, bucket, key, parts):
    """Complete under a condition; abort whatever does not come to that."""
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    this = {"Bucket": bucket, "Key": key, "UploadId": upload}
    try:
        sent = []
        for number, body in enumerate(parts, start=1):
            answer = s3.upload_part(**this, PartNumber=number, Body=body)
            sent.append({"PartNumber": number, "ETag": answer["ETag"]})
        s3.complete_multipart_upload(**this, MultipartUpload={"Parts": sent}, IfNoneMatch="*")
    except BaseException as error:
        s3.abort_multipart_upload(**this)
        if isinstance(error, ClientError) and error.response["Error"]["Code"] == "PreconditionFailed":
            return False
        raise
    return True


def upload_once_stack(s3, bucket, key, parts):
    """The same with an abort that is planned at once, and called off at the end."""
    from contextlib import ExitStack

    with ExitStack() as undo:
        upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        this = {"Bucket": bucket, "Key": key, "UploadId": upload}
        undo.callback(s3.abort_multipart_upload, **this)
        tags = [s3.upload_part(**this, PartNumber=at + 1, Body=body)["ETag"] for at, body in enumerate(parts)]
        sent = [{"PartNumber": at + 1, "ETag": tag} for at, tag in enumerate(tags)]
        try:
            s3.complete_multipart_upload(**this, MultipartUpload={"Parts": sent}, IfNoneMatch="*")
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 412:
                raise
            return False
        undo.pop_all()
        return True


def _send(s3, bucket, key, parts, sent):
    """Begin an upload and send the parts, noting each in `sent`; what names the upload comes first in it."""
    this = {"Bucket": bucket, "Key": key, "UploadId": s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]}
    sent.append(this)
    for number, body in enumerate(parts, start=1):
        sent.append({"PartNumber": number, "ETag": s3.upload_part(**this, PartNumber=number, Body=body)["ETag"]})


def _complete(s3, sent, **condition):
    """True, or False where the condition did not hold."""
    try:
        s3.complete_multipart_upload(**sent[0], MultipartUpload={"Parts": sent[1:]}, **condition)
    except ClientError as error:
        if error.response["Error"]["Code"] != "PreconditionFailed":
            raise
        return False
    return True


def _joined(s3, bucket, key, parts):
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=b"".join(parts), IfNoneMatch="*")
    except ClientError:
        return False
    return True


def _never_aborted(s3, bucket, key, parts):
    sent = []
    _send(s3, bucket, key, parts, sent)
    done = _complete(s3, sent, IfNoneMatch="*")
    if not done:
        s3.abort_multipart_upload(**sent[0])
    return done


def _refused_and_left(s3, bucket, key, parts):
    sent = []
    try:
        _send(s3, bucket, key, parts, sent)
    except Exception:
        s3.abort_multipart_upload(**sent[0])
        raise
    return _complete(s3, sent, IfNoneMatch="*")


def _no_condition(s3, bucket, key, parts):
    sent = []
    try:
        _send(s3, bucket, key, parts, sent)
        return _complete(s3, sent)
    except Exception:
        s3.abort_multipart_upload(**sent[0])
        raise


def _by_upload_fileobj(s3, bucket, key, parts):
    config = boto3.s3.transfer.TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
    s3.upload_fileobj(io.BytesIO(b"".join(parts)), bucket, key, Config=config)
    return True


def _looked_first(s3, bucket, key, parts):
    try:
        s3.head_object(Bucket=bucket, Key=key)
        return False
    except ClientError:
        return _no_condition(s3, bucket, key, parts)


def _told_nobody(s3, bucket, key, parts):
    sent = []
    try:
        _send(s3, bucket, key, parts, sent)
        done = _complete(s3, sent, IfNoneMatch="*")
    except Exception:
        done = False
    if not done:
        s3.abort_multipart_upload(**sent[0])
    return done


def _completed_in_finally(s3, bucket, key, parts):
    sent, done = [], False
    try:
        _send(s3, bucket, key, parts, sent)
    finally:
        done = _complete(s3, sent, IfNoneMatch="*")
        if not done:
            s3.abort_multipart_upload(**sent[0])
    return done


def upload_once_trial(sandbox):
    """A key that is free, one that is taken, a source that breaks off, and a rival who is quicker."""
    bucket, key = sandbox.objects.bucket(), "exports/2022.bin"
    parts = [sandbox.random.randbytes(PART), sandbox.random.randbytes(sandbox.random.randint(10, 99))]
    client, asked, _ = watched(sandbox)
    sandbox.step("Your function uploads a source of two parts; the key is free.")
    told = sandbox.call(s3=client, bucket=bucket, key=key, parts=iter(parts))
    stored = _body(sandbox, bucket, key)
    sandbox.require("the object", stored == b"".join(parts), OTHER_BYTES)
    sandbox.expect("UploadPart requests", asked["UploadPart"], len(parts), IN_ONE)
    sandbox.expect("PutObject requests", asked["PutObject"], 0, IN_ONE)
    sandbox.require("True for a stored object", told is True, NOT_TRUE, told)

    sandbox.step("Once more, with other bytes: now the key is taken.")
    told = sandbox.call(s3=client, bucket=bucket, key=key, parts=iter([parts[0], b"another"]))
    sandbox.require("the first object", _body(sandbox, bucket, key) == stored, OVERWRITTEN)
    sandbox.expect("open uploads", sandbox.objects.uploads(bucket), [], ABANDONED_412)
    sandbox.require("False where another one was first", told is False, NOT_TRUE, told)

    sandbox.step("A source breaks off after its first part.")
    broken, key = OSError("the source broke off"), "exports/broken.bin"

    def breaks_off():
        yield parts[0]
        raise broken

    raised = fails(lambda: sandbox.call(s3=client, bucket=bucket, key=key, parts=breaks_off()), broken)
    sandbox.expect("objects of a broken source", sandbox.objects.sizes(bucket, key), {}, COMPLETED_HALF)
    sandbox.expect("open uploads after a failure", sandbox.objects.uploads(bucket), [], ABANDONED)
    sandbox.require("the error", raised, SWALLOWED)

    sandbox.step("While the last part is read, another publisher stores its object.")
    key = "exports/2023.bin"

    def overtaken():
        yield parts[0]
        sandbox.objects.put(bucket, key, b"the rival's")
        yield parts[1]

    told = sandbox.call(s3=client, bucket=bucket, key=key, parts=overtaken())
    sandbox.require("the rival's object", _body(sandbox, bucket, key) == b"the rival's", RACED)
    sandbox.expect("open uploads after a refusal", sandbox.objects.uploads(bucket), [], ABANDONED_412)
    sandbox.require("False where a rival was quicker", told is False, NOT_TRUE, told)


def _body(sandbox, bucket, key):
    return sandbox.objects.get(bucket, key) if key in sandbox.objects.sizes(bucket, key) else None


UPLOAD_ONCE = ServiceExercise(
    id="s3.upload_once",
    title="In parts, and only once",
    task=(
        "A year's export is too large for one request. `parts` yields it in pieces: each has 5 MiB, the last may be "
        "smaller. Send each piece as a part of a multipart upload. Return True if the object is stored. If there is "
        "an object under the key already, even one that came while you were sending, it stays: return False. If the "
        "source breaks off, let its error go on to the caller. In no case may an upload be left open."
    ),
    gives={
        "s3": "a boto3 client; its requests are counted",
        "bucket": "the name of the bucket",
        "key": "the key of the object to store",
        "parts": "an iterator of bytes: pieces of 5 MiB, and a last one; reading it may raise",
    },
    promises=(
        "A free key holds all pieces in their order, sent by one UploadPart each and without PutObject; True is "
        "returned.",
        "An object that was there first is unchanged, and False is returned.",
        "If the source raises, nothing is under the key, and its error reaches the caller.",
        "No upload is open afterwards.",
    ),
    services=("s3",),
    trial=upload_once_trial,
    hints=(
        "Three requests make a multipart upload: create_multipart_upload, upload_part for each piece, and "
        "complete_multipart_upload. At which of them does the object appear, and so, which one needs the condition?",
        "complete_multipart_upload(..., MultipartUpload={'Parts': [{'PartNumber': 1, 'ETag': ...}, ...]}, "
        "IfNoneMatch='*') fails with PreconditionFailed (412) where the key is taken. upload_part returns the ETag, "
        "and parts count from 1.",
        "Put sending and completing into one try. In except: abort_multipart_upload, always; then return False if it "
        "is a ClientError with error.response['Error']['Code'] == 'PreconditionFailed', else raise.",
    ),
    solutions=(upload_once_try, upload_once_stack),
    wrong=(
        Wrong("all in one", _joined, IN_ONE, right_table="the object"),
        Wrong("an upload that is never aborted", _never_aborted, ABANDONED),
        Wrong("a refused upload ends itself", _refused_and_left, ABANDONED_412),
        Wrong("no condition", _no_condition, OVERWRITTEN),
        Wrong("upload_fileobj does it all", _by_upload_fileobj, OVERWRITTEN),
        Wrong("look, then write", _looked_first, RACED),
        Wrong("the error is kept", _told_nobody, SWALLOWED),
        Wrong("complete in finally", _completed_in_finally, COMPLETED_HALF),
    ),
    remember="The object appears when the upload is completed: put the condition there, and abort all that fails.",
)


# The boss fight: publish a day

WRITES = ("PutObject", "CopyObject", "DeleteObject", "DeleteObjects", "CompleteMultipartUpload")

NO_MANIFEST = "There is no manifest under published/<day>.json with the run and its files: nobody can find the day."
OUTSIDE = (
    "The files lie outside of runs/<run>/site_id=<site>/day=<day>/. A place that two runs share is one where the "
    "second overwrites what is being read; give each run its own."
)
HALF_SEEN = (
    "For a moment a reader found a manifest whose files were not all there, or not all of one run. Store the files "
    "first, and the manifest last."
)
OTHER_DAY = "The published files do not have the rows of the readings, one file for each site."
WRITTEN_AGAIN = (
    "The run was published already, and you wrote it again. The same bytes, but new objects: read the manifest "
    "first, and do nothing if it names this run."
)
HIDDEN_FAILURE = "The network failed while you stored a file, and your function told nobody. Let the error go on."
NEVER_REPLACED = (
    "A newer run came, and the old one is still published. IfNoneMatch='*' is for the first publication only; to "
    "replace one, use IfMatch with the ETag that you read."
)
TIDIED_UP = (
    "Files of another run were changed or deleted. Someone who read the old manifest a second ago is reading them "
    "now: leave them; clearing up is for later."
)
OLDER_RUN_WON = (
    "An older run replaced a newer one. A late rerun is no correction: read the manifest and compare the runs first."
)
GAVE_UP = (
    "A smaller run was published while you worked, and you left it there. 412 only says that you decided on what is "
    "no longer so: read again, decide again."
)
RACED_MANIFEST = (
    "A greater run was published between your look and your write, and you replaced it. Make the manifest's request "
    "depend on what you read: IfMatch with its ETag, IfNoneMatch='*' where there was none."
)
BLIND_AGAIN = (
    "You were refused, took the new ETag and wrote all the same: a greater run is lost. With the ETag comes a new "
    "manifest: compare the runs again before you write again."
)
TOLD_WRONG = "Return True if your run is the published one, and False if a greater one is."


def publish_day_loop(s3, bucket, day, run, readings):
    """Files under the run's own prefix; then the manifest, on the condition that it is the one that was read."""
    manifest = f"published/{day}.json"

    def published():
        try:
            answer = s3.get_object(Bucket=bucket, Key=manifest)
        except s3.exceptions.NoSuchKey:
            return -1, {"IfNoneMatch": "*"}
        return json.load(answer["Body"])["run"], {"IfMatch": answer["ETag"]}

    there, condition = published()
    files = []
    if there < run:
        for site in readings["site_id"].unique().to_pylist():
            rows = readings.filter(pc.equal(readings["site_id"], site))
            out = io.BytesIO()
            pq.write_table(rows.drop_columns(["site_id"]), out)
            files.append(f"runs/{run}/site_id={site}/day={day}/part-0.parquet")
            s3.put_object(Bucket=bucket, Key=files[-1], Body=out.getvalue())
    body = json.dumps({"run": run, "files": files})
    while there < run:
        try:
            s3.put_object(Bucket=bucket, Key=manifest, Body=body, **condition)
            return True
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise
        there, condition = published()
    return there == run


def publish_day_again(s3, bucket, day, run, readings):
    """The same, all anew after a refusal: to store the run's files once more is harmless, for nobody reads them."""
    manifest = {"Bucket": bucket, "Key": f"published/{day}.json"}
    old = s3.list_objects_v2(Bucket=bucket, Prefix=manifest["Key"]).get("Contents", [])
    condition = {"IfNoneMatch": "*"}
    if old:
        answer = s3.get_object(**manifest)
        condition = {"IfMatch": answer["ETag"]}
        there = json.loads(answer["Body"].read())["run"]
        if there >= run:
            return there == run
    files = {}
    for site in set(readings["site_id"].to_pylist()):
        out = pa.BufferOutputStream()
        columns = readings.filter(pc.field("site_id") == site).select(["channel", "event_time", "kw"])
        pq.write_table(columns, out)
        files[f"runs/{run}/site_id={site}/day={day}/data.parquet"] = out.getvalue().to_pybytes()
    for key, body in files.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    try:
        s3.put_object(**manifest, Body=json.dumps({"run": run, "files": sorted(files)}), **condition)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] not in (404, 409, 412):
            raise
        return publish_day_again(s3, bucket, day, run, readings)
    return True


def _manifest(s3, bucket, day):
    """The run that is published, -1 for none, and the condition under which it still is."""
    try:
        answer = s3.get_object(Bucket=bucket, Key=f"published/{day}.json")
    except s3.exceptions.NoSuchKey:
        return -1, {"IfNoneMatch": "*"}
    return json.load(answer["Body"])["run"], {"IfMatch": answer["ETag"]}


def _site_files(day, run, readings, place="runs/{run}"):
    """Key -> bytes of the file of each site."""
    folder = place.format(run=run)
    return {
        f"{folder}/site_id={site}/day={day}/part-0.parquet": parquet(_of_site(readings, site))
        for site in readings["site_id"].unique().to_pylist()
    }


def _store(s3, bucket, files):
    for key, body in files.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)


def _point(s3, bucket, day, run, files, **condition):
    """Store the manifest; False where the condition did not hold."""
    body = json.dumps({"run": run, "files": list(files)})
    try:
        s3.put_object(Bucket=bucket, Key=f"published/{day}.json", Body=body, **condition)
    except ClientError as error:
        if error.response["Error"]["Code"] != "PreconditionFailed":
            raise
        return False
    return True


def _manifest_first(s3, bucket, day, run, readings):
    there, condition = _manifest(s3, bucket, day)
    if there >= run:
        return there == run
    files = _site_files(day, run, readings)
    _point(s3, bucket, day, run, files, **condition)
    _store(s3, bucket, files)
    return True


def _one_place(s3, bucket, day, run, readings):
    there, condition = _manifest(s3, bucket, day)
    if there >= run:
        return there == run
    files = _site_files(day, run, readings, place="readings")
    _store(s3, bucket, files)
    return _point(s3, bucket, day, run, files, **condition)


def _always_write(s3, bucket, day, run, readings):
    there, condition = _manifest(s3, bucket, day)
    if there > run:
        return False
    files = _site_files(day, run, readings)
    _store(s3, bucket, files)
    return _point(s3, bucket, day, run, files, **condition)


def _last_one_wins(s3, bucket, day, run, readings):
    if _manifest(s3, bucket, day)[0] == run:
        return True
    files = _site_files(day, run, readings)
    _store(s3, bucket, files)
    return _point(s3, bucket, day, run, files)


def _checked_then_written(s3, bucket, day, run, readings):
    there, _ = _manifest(s3, bucket, day)
    if there >= run:
        return there == run
    files = _site_files(day, run, readings)
    _store(s3, bucket, files)
    return _point(s3, bucket, day, run, files)


def _first_one_wins(s3, bucket, day, run, readings):
    there, _ = _manifest(s3, bucket, day)
    if there >= run:
        return there == run
    files = _site_files(day, run, readings)
    _store(s3, bucket, files)
    return _point(s3, bucket, day, run, files, IfNoneMatch="*")


def _refused_is_done(s3, bucket, day, run, readings):
    there, condition = _manifest(s3, bucket, day)
    if there >= run:
        return there == run
    files = _site_files(day, run, readings)
    _store(s3, bucket, files)
    return _point(s3, bucket, day, run, files, **condition)


def _blind_retry(s3, bucket, day, run, readings):
    there, condition = _manifest(s3, bucket, day)
    if there >= run:
        return there == run
    files = _site_files(day, run, readings)
    _store(s3, bucket, files)
    while not _point(s3, bucket, day, run, files, **condition):
        condition = _manifest(s3, bucket, day)[1]
    return True


def _tidy_up(s3, bucket, day, run, readings):
    done = publish_day_loop(s3, bucket, day, run, readings)
    if done:
        for key in _keys(s3, bucket, "runs/"):
            if not key.startswith(f"runs/{run}/"):
                s3.delete_object(Bucket=bucket, Key=key)
    return done


class _Day:
    """What readers of one day see in a bucket. known: run -> the rows of it that are right."""

    def __init__(self, sandbox, bucket, day):
        self.sandbox, self.bucket, self.day = sandbox, bucket, day
        self.manifest = f"published/{day}.json"
        self.known = {}
        self.odd = []

    def seen(self):
        """(run, files, rows) by the manifest; None where there is none; (-1, [], []) where it leads nowhere."""
        there = self.sandbox.objects.sizes(self.bucket)
        if self.manifest not in there:
            return None
        try:
            manifest = json.loads(self.sandbox.objects.get(self.bucket, self.manifest))
            run, files = int(manifest["run"]), [str(key) for key in manifest["files"]]
        except (ValueError, TypeError, KeyError):
            return -1, [], []
        if set(files) - set(there):
            return run, files, []
        return run, files, lake_rows(self.sandbox, self.bucket, files)

    def expect_rows(self, run, readings):
        """Have these readings be what a run publishes."""
        self.known[run] = sorted(
            (
                (site, *one)
                for site in readings["site_id"].unique().to_pylist()
                for one in rows(_of_site(readings, site))
            ),
            key=repr,
        )

    def publish(self, run, readings):
        """As a rival does it who is quicker."""
        self.expect_rows(run, readings)
        files = _site_files(self.day, run, readings)
        for key, body in files.items():
            self.sandbox.objects.put(self.bucket, key, body)
        body = json.dumps({"run": run, "files": list(files)}).encode()
        self.sandbox.objects.put(self.bucket, self.manifest, body)

    def watch(self, client, rival=None):
        """Look after each write whether a reader sees one run, all of it; `rival` comes before the manifest's."""
        waiting = [rival] if rival else []

        def look(model, **rest):
            if model.name in WRITES:
                found = self.seen()
                if found is not None and found[2] != self.known.get(found[0]):
                    self.odd.append(f"after {model.name}: run {found[0]}, {len(found[2])} rows")

        def overtake(key):
            if key == self.manifest and waiting:
                waiting.pop()()

        client.meta.events.register("after-call.s3", look)
        before(client, ("PutObject", "CopyObject", "CompleteMultipartUpload"), overtake)


def publish_day_trial(sandbox):
    """First, again, a newer run whose network fails, an older run, and rivals with a smaller and a greater run."""
    bucket, day, base = sandbox.objects.bucket(), str(MIDNIGHT.date()), sandbox.random.randint(10, 20)
    lake, versions = _Day(sandbox, bucket, day), [_corrected(sandbox.random) for _ in range(6)]

    def publish(run, version, rival=None, client=None):
        lake.expect_rows(run, versions[version])
        client = client or sandbox.objects.client()[0]
        lake.watch(client, rival)
        return sandbox.call(s3=client, bucket=bucket, day=day, run=run, readings=versions[version])

    sandbox.step(f"Run {base} is the first to publish the day.")
    told = publish(base, 0)
    found = lake.seen()
    sandbox.require("a manifest", found is not None and found[0] == base, NO_MANIFEST, list(_sizes(lake)))
    assert found is not None
    places = sorted(posixpath.dirname(key) for key in found[1])
    sites = sorted(set(versions[0]["site_id"].to_pylist()))
    wanted = [f"runs/{base}/site_id={site}/day={day}" for site in sites]
    outside = [place for place in places if place not in wanted]
    sandbox.expect("files outside of the run's place", outside, [], OUTSIDE)
    sandbox.expect("places of the files", places, wanted, OTHER_DAY)
    sandbox.require("the published rows", found[2] == lake.known[base], OTHER_DAY, len(found[2]))
    sandbox.expect("moments with half a day", lake.odd, [], HALF_SEEN)
    sandbox.require("True for a published run", told is True, TOLD_WRONG, told)

    sandbox.step(f"Run {base} is started again.")
    client, asked = sandbox.objects.client()
    told = publish(base, 0, client=client)
    written = {name: asked[name] for name in WRITES if asked[name]}
    sandbox.expect("writes of a rerun", written, {}, WRITTEN_AGAIN)
    sandbox.require("True for a run that is published already", told is True, TOLD_WRONG, told)

    sandbox.step("A newer run comes; the network fails when it stores its second object, and it is started again.")
    first_files = {key: sandbox.objects.get(bucket, key) for key in _sizes(lake) if key.startswith(f"runs/{base}/")}
    gone, puts = ConnectionError("the network is gone"), []

    def fail_second(key):
        puts.append(key)
        if len(puts) == 2:
            raise gone

    client = sandbox.objects.client()[0]
    before(client, ("PutObject", "CreateMultipartUpload"), fail_second)
    raised = fails(lambda: publish(base + 2, 1, client=client), gone)
    sandbox.expect("moments with half a day after a failure", lake.odd, [], HALF_SEEN)
    sandbox.require("the error", raised, HIDDEN_FAILURE)
    publish(base + 2, 1)
    sandbox.expect("the run that is published", _published(lake), base + 2, NEVER_REPLACED)
    kept = {key: sandbox.objects.get(bucket, key) for key in _sizes(lake) if key in first_files}
    sandbox.require("the files of the run before", kept == first_files, TIDIED_UP, list(kept))

    sandbox.step("An older run comes late.")
    told = publish(base + 1, 2)
    sandbox.expect("the run that is published after an older one", _published(lake), base + 2, OLDER_RUN_WON)
    sandbox.require("False for an older run", told is False, TOLD_WRONG, told)

    sandbox.step("While a newer run works, a smaller one is published.")
    told = publish(base + 5, 3, rival=lambda: lake.publish(base + 4, versions[4]))
    sandbox.expect("the run that is published after a smaller rival", _published(lake), base + 5, GAVE_UP)
    sandbox.require("True after a smaller rival", told is True, TOLD_WRONG, told)

    sandbox.step("While a newer run works, a greater one is published.")
    client, refused = sandbox.objects.client()[0], []
    client.meta.events.register(
        "after-call.s3", lambda http_response, **rest: refused.extend([1] * (http_response.status_code == 412))
    )
    told = publish(base + 6, 5, rival=lambda: lake.publish(base + 7, versions[4]), client=client)
    words = BLIND_AGAIN if refused else RACED_MANIFEST
    sandbox.expect("the run that is published after a greater rival", _published(lake), base + 7, words)
    sandbox.require("False after a greater rival", told is False, TOLD_WRONG, told)
    sandbox.expect("moments with half a day at any step", lake.odd, [], HALF_SEEN)


def _sizes(lake):
    return lake.sandbox.objects.sizes(lake.bucket)


def _published(lake):
    found = lake.seen()
    return found[0] if found else None


def _corrected(random):
    """The genuine day of two sites, some values corrected."""
    readings = genuine("rsf", "serf-west")
    power = [None if kw is None else kw + Decimal(random.randint(0, 99)) / 1000 for kw in readings["kw"].to_pylist()]
    return readings.set_column(3, readings.schema.field("kw"), pa.array(power, KW))


PUBLISH_DAY = ServiceExercise(
    id="s3.publish_day",
    title="Boss fight: publish a day",
    task=(
        'PEAK\'s traders read a day by its manifest, published/<day>.json: {"run": 17, "files": [keys]}. They open '
        "exactly these files. Publish the readings as a run: one Parquet file for each site, under "
        "runs/<run>/site_id=<site>/day=<day>/, with the columns channel, event_time and kw, under any name that ends "
        "in .parquet. A publication may be replaced by a run with a greater number, never by a smaller one. Other "
        "publishers work on the same day at the same time, and any of them may be quicker; machines fail, and runs "
        "are started again. Return True if your run is the published one in the end, False if a greater one is."
    ),
    gives={
        "s3": "a boto3 client; its requests are counted",
        "bucket": "the name of the bucket",
        "day": "the day, as text: 2022-01-04",
        "run": "the number of your run, an int; greater is newer",
        "readings": "a pyarrow Table with site_id, channel, event_time and kw, all of this day",
    },
    promises=(
        "The manifest names the run and its files, and these have exactly the rows of the readings.",
        "At no moment does a reader find a manifest whose files are not all there, and all of one run.",
        "Objects of other runs are neither changed nor deleted: somebody may be reading them.",
        "A run that is published already writes nothing at all.",
        "A greater run stays, even if it came while you worked; a smaller one that did is replaced.",
        "If storing fails, the error reaches the caller, readers see what they saw before, and a rerun succeeds.",
    ),
    services=("s3",),
    trial=publish_day_trial,
    hints=(
        "Which single request makes a day visible? Everything before it must be invisible, and it alone needs a "
        "condition.",
        "Read the manifest first: its run tells whether there is anything to do, and its ETag is the condition of "
        "your write: IfMatch=etag, or IfNoneMatch='*' where there was none. get_object raises "
        "s3.exceptions.NoSuchKey.",
        "On PreconditionFailed (412) your decision is out of date. Read the manifest again, compare the runs again, "
        "and write with the new ETag only if yours is still greater: a loop.",
    ),
    solutions=(publish_day_loop, publish_day_again),
    wrong=(
        Wrong("the manifest first", _manifest_first, HALF_SEEN, right_table="the published rows"),
        Wrong("one place for all runs", _one_place, OUTSIDE),
        Wrong("a rerun writes it all again", _always_write, WRITTEN_AGAIN),
        Wrong("the first one wins", _first_one_wins, NEVER_REPLACED),
        Wrong("tidy up at once", _tidy_up, TIDIED_UP),
        Wrong("the last one wins", _last_one_wins, OLDER_RUN_WON),
        Wrong("refused is done", _refused_is_done, GAVE_UP),
        Wrong("check, then write", _checked_then_written, RACED_MANIFEST),
        Wrong("refused, so again", _blind_retry, BLIND_AGAIN),
    ),
    remember="Files first, under names of their own; one small object last, if it is still the one that you read.",
)


LESSON = Lesson(
    number=6,
    title="Files and S3",
    minutes=45,
    needs=("04-windows",),
    week=2,
    boss="s3.publish_day",
    next="07-kafka",
)
EXERCISES = (NEWEST_EXPORT, COMPACT_DAY, ENERGY_OF_DAYS, SAVE_DAYS, UPLOAD_ONCE, PUBLISH_DAY)
