# %% [markdown]
# # What Spark does with it
#
# You are used to a plan: which index, which join, how many rows. Spark has no
# index and no statistics worth the name. What it has is files, and tasks that
# share them. So other things cost: rows that change the task, files that are
# read for nothing, and functions that Spark cannot look into.

# %% [markdown]
# After this lesson you can
#
# - say when a query runs, and how often;
# - read off a plan what is read, moved and joined;
# - write filters that leave out folders, columns and rows;
# - choose what is broadcast, and make little of what is shuffled.
#
# Time: 45 minutes to read and run, and the exercises take as long again; in a
# workshop do the first two of them. You need: lesson 4, Windows.

# %%
from decimal import Decimal

from pyspark.errors import AnalysisException, ArithmeticException
from pyspark.sql import Window
from pyspark.sql import functions as F


# %%
from helpers.desk import buttons, check, contract, cost, data, exercises, full
from helpers.desk import hint, plan, progress, rosetta, solution, spark, why

# %% [markdown]
# Cost shows on large tables only. `full()` gives you all readings of power that
# PEAK has, in Parquet files, with a folder for each site: `site_id` is the
# **partition column**, and stands in the folders' names alone. `cost()` runs a
# query and shows what it did. It shows no seconds: those are another thing on
# each machine, while reads and moves are the same everywhere.

# %%
peak = full("readings", "sites", "assets")
readings, sites = peak["readings"], peak["sites"]
for name, table in peak.items():
    table.createOrReplaceTempView(f"all_{name}")
    print(f"{name:10} {table.count():7,} rows")

# %% [markdown]
# Its lines, in short: a **shuffle** sends rows from task to task, **moved** is
# how many, **joins** says how tables met, **pushed** what was asked while
# reading. Sections 1, 3 and 4 explain them; until then, compare the numbers.

# %% [markdown]
# ## 1. A DataFrame is a view
#
# In a database a statement runs when you send it. A line of DataFrame code
# builds a description and runs nothing. Only an **action** runs it: `show()`,
# `count()`, `collect()`, `toPandas()`, a write.

# %% [markdown]
# ### Predict
#
# Here are two lines with an error each: a division by zero, and a column that
# does not exist. Which of them raise it?

# %%
broken = readings.withColumn("ratio", F.expr("kw / (kw - kw)"))
unknown = readings.select("kilowatts")
print("Nothing was raised so far.")

# %%
try:
    broken.select("ratio").first()
except ArithmeticException as error:
    print("first:  ", error.getCondition())
try:
    print(unknown.columns)
except AnalysisException as error:
    print("columns:", error.getCondition())

# %% [markdown]
# Neither. A missing column comes to light when Spark resolves the names: over
# Spark Connect, which you use here, only when you ask for columns or rows; in
# a classic session at once. A bad value comes to light when rows are computed.
# So Python's traceback points at the action, not at the culprit.
#
# `broken.count()` would raise nothing at all, for nobody asks for the ratio.

# %% [markdown]
# ### Predict
#
# `top` has a name, and is used twice below. In a database you would think of a
# temporary table. How often are the files read?

# %%
top = readings.groupBy("site_id").agg(F.max("kw").alias("top_kw"))
low = readings.groupBy("site_id").agg(F.min("kw").alias("low_kw"))
cost(low.join(top, "site_id").join(top.limit(1), "site_id"))

# %% [markdown]
# Once for each mention: `low` once, `top` twice. A name is a view: Spark puts
# its definition in its place, as with a `WITH` that nobody materialises. Ask
# for both at once, and one read does it.

# %%
both = readings.groupBy("site_id").agg(F.max("kw"), F.min("kw"))
cost(both)

# %% [markdown]
# `plan()` draws what Spark is going to do, as `EXPLAIN` does; in full that is
# `both.explain("formatted")`.

# %%
plan(both)

# %% [markdown]
# Begin at the scans: on top of the picture, at the end of a text. Each task
# scans some files and makes subtotals of them (the first HashAggregate). An
# **Exchange**, or shuffle, sends those to the task that is in charge of their
# key, and there the totals are made.
#
# Would SQL make another plan of it? `rosetta()` holds the two side by side.


# %%
def extremes(readings):
    found = [F.max("kw").alias("top"), F.min("kw").alias("low")]
    return readings.groupBy("site_id").agg(*found)


rosetta(
    """SELECT site_id, max(kw) AS top, min(kw) AS low
FROM readings GROUP BY site_id""",
    extremes,
)

# %% [markdown]
# It is the same plan, so write whichever reads better. When you have solved an
# exercise, `rosetta` with its name shows its SQL beside the solution. Before
# that it gives the solution away.

# %% [markdown]
# `cache()` is the temporary table: what is computed first is kept in memory
# and read from there. It is lazy as well, so the first action still pays, and
# it pays for all of the columns.

# %%
kept = readings.groupBy("site_id", "channel").agg(F.max("kw").alias("top"))
kept = kept.cache()
kept.count()
answer = cost(kept.where("top > 100"))
kept.unpersist()
answer

# %% [markdown]
# No file is read any more. It pays where a result is small, dear and wanted
# several times, as on a day of trying things out. Cached by habit, a table that
# is read once costs memory and brings nothing. Say `unpersist()` when you are
# done.

# %% [markdown]
# **Remember:** nothing runs before an action, and then all of it runs, once for
# each mention. A name is a view; `cache()` makes a temporary table.

# %% [markdown]
# ## 2. Python is another country
#
# Spark lives in the Java machine. A function written in Python runs in
# processes beside it: rows are packed, sent over, unpacked, and all that once
# more for the way back. You know this from scalar functions in PL/SQL or T-SQL.


# %%
@F.udf("boolean")
def is_night(kw):
    return kw is not None and kw <= 0


rule = F.col("kw") <= 0
for name, night in (("Python", is_night("kw")), ("Spark", rule)):
    print(name, "|", readings.where(night).count(), "readings")

# %% [markdown]
# ### Predict
#
# The answers are the same. What differs in the cost, other than Python itself?

# %%
cost(readings.where(is_night("kw")).groupBy("site_id").count())

# %%
cost(readings.where(rule).groupBy("site_id").count())

# %% [markdown]
# Spark cannot look into Python: it does not know that kw has to be small. So
# `pushed into the scan` is missing. Here that costs no rows, since both queries
# read all of them; section 3 has filters by which rows are never read.

# %% [markdown]
# ### Predict
#
# Spark has functions in SQL as well. Do they cost as much?

# %%
spark.sql("""
    CREATE OR REPLACE TEMPORARY FUNCTION is_dark(kw DECIMAL(12, 3))
    RETURNS BOOLEAN RETURN kw <= 0
""")
cost(
    spark.sql("""
    SELECT site_id, count(*) FROM all_readings WHERE is_dark(kw) GROUP BY ALL
""")
)

# %% [markdown]
# They cost nothing: such a function is a macro, and its text takes the place of
# the call before Spark plans. Look for a built-in function first, then write
# one in SQL, and go to Python for what only Python can do. There `pandas_udf`
# and `mapInPandas` work on whole batches; the border is the same.

# %% [markdown]
# ### Try it: bands of load
#
# From here on a right answer may be too dear: look for the budget in the
# contract. `cost(load_bands(readings))` shows what your answer costs, and
# `hint("load_bands")` is there when you want it.

# %%
contract("load_bands")


# %%
def load_bands(readings):
    # Return a DataFrame that keeps the contract.
    ...


check(load_bands)

# %% [markdown]
# **Remember:** what Spark's own functions can say stays in Spark. A Python
# function is a border that each row crosses, and a wall that no filter passes.

# %% [markdown]
# ## 3. What a file knows
#
# A Parquet file is stored by columns, and each block of rows carries the least
# and the greatest value of each column. So a scan can leave out columns that
# nobody asks for, blocks that cannot hold what is sought (the filter is
# **pushed down**), and folders that cannot (the table is **pruned**).

# %%
day = readings.where("site_id = 'rsf' AND event_time < '2022-01-04'")
cost(day.agg(F.max("kw")))

# %% [markdown]
# ### Predict
#
# You have learned not to put a function around a column. Here are six ways to
# ask. With which of them are rows left out?

# %%
asked = {
    "bounds": "event_time >= '2022-01-04' AND event_time < '2022-01-05'",
    "to_date": "to_date(event_time) = '2022-01-04'",
    "text": "date_format(event_time, 'yyyy-MM-dd') = '2022-01-04'",
    "local": "date(from_utc_timestamp(event_time, 'Japan')) = '2022-01-04'",
    "year": "year(event_time) = 2022",
    "folder": "upper(site_id) = 'RSF'",
}

# %%
count = F.count("kw")
cost(**{name: readings.where(it).agg(count) for name, it in asked.items()})

# %% [markdown]
# To compare with a date is well understood: Spark turns `to_date(..) = ..` into
# bounds by itself. It does so for a few functions, and not for those of text,
# of zones, or of the year. A function of the partition column does no harm:
# there are as many values as folders, and Spark tries them all.
#
# When in doubt, leave the column alone and compute the constant.
#
# All 24 files are opened, for the bounds of a block stand inside its file. Only
# the folder's name saves the opening.

# %% [markdown]
# ### Predict
#
# `kw` is a DECIMAL. What is `50.5` in Python, and what in SQL?

# %%
number = {
    "50 in Python": F.col("kw") >= 50,
    "50.5 in Python": F.col("kw") >= 50.5,
    "a Decimal": F.col("kw") >= Decimal("50.5"),
    "50.5 in SQL": F.expr("kw >= 50.5"),
}
cost(**{name: readings.where(it).agg(count) for name, it in number.items()})

# %% [markdown]
# A float is a DOUBLE, and a DECIMAL that meets a DOUBLE becomes one: Spark
# casts the column, in each row, and no file knows its values as DOUBLE. This is
# the implicit conversion that made your database pass over its index.

# %% [markdown]
# ### Try it: the bright hours of a day
#
# A local day, and a bound on a DECIMAL. What can the files answer?

# %%
contract("bright_hours")


# %%
def bright_hours(readings):
    # Return a DataFrame that keeps the contract.
    ...


check(bright_hours)

# %% [markdown]
# **Remember:** compare the column itself with a constant of its own type. The
# function belongs on the constant.

# %% [markdown]
# ## 4. Who goes to whom
#
# Two rows can be joined only where both are. For two large tables Spark
# shuffles both by the key, sorts, and merges: a **SortMergeJoin**. If one side
# is small, it goes to every task, and the large one stays where it is: a
# **broadcast**. Here up to 256 kB count as small; Spark's default is 10 MB.

# %%
cost(readings.join(sites, "site_id").groupBy("kind").count(), tree=True)

# %% [markdown]
# ### Predict
#
# A left join, and the small table is on the left, the side to be kept. What
# becomes of the broadcast?

# %%
kept = sites.join(readings, "site_id", "left")
cost(kept.groupBy("site_id").agg(F.count("channel")))

# %%
plan(inner=sites.join(readings, "site_id"), left=kept)

# %% [markdown]
# It is gone, and all readings move. A task that holds all sites and some of the
# readings cannot know whether a site stays without a partner: other tasks have
# the rest. Only the side that is not kept can be broadcast: the right one in a
# left join, neither in a full join. An inner join may have either.

# %% [markdown]
# `F.broadcast(frame)`, or `/*+ BROADCAST(alias) */` in SQL, says that a table
# is small where Spark cannot see it: after a grouping or a selective filter,
# for it plans by the size of the files. Spark believes you even if the table
# is large, and gathers it in one process first (the **driver**, which plans).
# For the side that must be kept it ignores the hint.

# %%
seen = readings.groupBy("site_id").count()
cost(
    plain=sites.join(seen, "site_id", "left"),
    hinted=sites.join(F.broadcast(seen), "site_id", "left"),
)

# %% [markdown]
# ### Predict
#
# And if the condition has an OR in it, or no equality at all?

# %%
a = peak["assets"].selectExpr("site_id AS at", "parent_id")
either = readings.join(a, F.expr("site_id = at OR channel = parent_id"))
cost(either.agg(F.count("*")))

# %% [markdown]
# A BroadcastNestedLoopJoin: each reading is held against each asset. Hashing
# and sorting need an equality that always holds. Two joins and a `unionAll`
# have one each, for a second read; the second has to leave out what the first
# has found, or it comes twice. An equality **and** a range are fine: the range
# is asked within the key.

# %% [markdown]
# An equality with a constant crosses a join: `site_id = 'rsf'` on one side
# prunes the other. A range does not: from `opened_at >= x` and
# `event_time >= opened_at` Spark does not conclude `event_time >= x`. Say it.

# %% [markdown]
# ### Try it: who reports at all?
#
# Which rows must be kept, and which need not even travel?

# %%
contract("site_coverage")


# %%
def site_coverage(readings, sites):
    # Return a DataFrame that keeps the contract.
    ...


check(site_coverage)

# %% [markdown]
# **Remember:** group before you join, so that little moves. The side that is
# kept cannot be broadcast; the other one can, and you may have to say so.

# %% [markdown]
# ## 5. Not every shuffle is dear
#
# The number of shuffles tells half of the story: the other half is how many
# rows go through them. An aggregate sends subtotals. A window needs the rows
# themselves, side by side, in one task for each partition.

# %%
by_site = Window.partitionBy("site_id")
whole = readings.select("site_id", F.max("kw").over(by_site).alias("top"))
cost(whole.distinct())

# %%
cost(readings.groupBy("site_id").agg(F.max("kw").alias("top")))

# %% [markdown]
# ### Predict
#
# The first row of each channel, by `row_number`. Does that move all rows?

# %%
spark.sql("""
    CREATE OR REPLACE TEMPORARY VIEW firsts AS
    SELECT * FROM all_readings QUALIFY row_number() OVER (
      PARTITION BY site_id, channel ORDER BY event_time) = 1
""")
cost(spark.table("firsts"), tree=True)

# %% [markdown]
# It does not: if all you want are the first few rows, each task can drop the
# others before the shuffle (WindowGroupLimit). Spark knows this for
# `row_number`, `rank` and `dense_rank` with `<= n`. It sorts all rows for that.
# `max_by` and the maximum of a struct give the row of a maximum without a sort.

# %%
ends = readings.groupBy("site_id", "channel").agg(
    F.max_by("kw", "event_time").alias("last_kw"),
    F.max(F.struct("kw", "event_time")).alias("top"),
)
ends = ends.select("site_id", "channel", "last_kw", "top.*")
ends.orderBy("site_id", "channel").show()

# %% [markdown]
# In a struct the fields are compared from left to right, so the greatest
# `(kw, event_time)` is the row with the highest power, and of several the
# latest. Equal powers are no rarity here: think of an inverter at its limit.

# %% [markdown]
# ### Predict
#
# `count(DISTINCT kw)`: can each task make a subtotal of that?

# %%
cost(readings.groupBy("site_id").agg(F.countDistinct("kw")))

# %% [markdown]
# Two subtotals of distinct values cannot be added, so the values travel: one
# shuffle by site and value, to see each once, another to count them.
# `approx_count_distinct` sends a small sketch instead, and is a little wrong.

# %% [markdown]
# ### Try it: when was the peak?
#
# The value, and the row that it came from, in one read.

# %%
contract("channel_peaks")


# %%
def channel_peaks(readings):
    # Return a DataFrame that keeps the contract.
    ...


check(channel_peaks)

# %% [markdown]
# **Remember:** an aggregate sends subtotals, a window sends rows. `max_by`, and
# the maximum of a struct, carry the row along.

# %% [markdown]
# ## 6. One key has it all
#
# A shuffle by a key sends all rows of a key to the same task. If one key has
# most of the rows, one task has most of the work, and the others wait for it:
# **skew**. Here are our readings in eight partitions by site. A **partition**
# is what one task gets here, not a folder; `repartition` deals the rows anew.

# %%
part = F.spark_partition_id().alias("partition")
by_key = readings.repartition(8, "site_id").groupBy(part).count()
by_key.orderBy(F.desc("count")).show()

# %%
share = readings.groupBy("site_id").count().orderBy(F.desc("count"))
total = readings.count()
largest = share.first()
print(f"{largest['site_id']}: {largest['count'] / total:.0%} of the readings")

# %% [markdown]
# Some of the partitions hold nothing and are not even listed, one holds nearly
# all. A machine more would not help. What does: group before the shuffle, so
# that the heavy key sends subtotals, or take a second column into the key.
#
# NULL is a key like any other here: rows without a key all go to one task. Of
# an inner join Spark drops them first; an outer join must keep them.

# %%
finer = readings.repartition(8, "site_id", "event_time").groupBy(part).count()
finer.agg(F.min("count"), F.max("count")).show()

# %% [markdown]
# ### Predict
#
# To group by site and day, and then by site: which of these is cheaper? The
# second one shuffles once, for rows that are together by site are together by
# site and day as well.

# %%
days = ["site_id", F.to_date("event_time").alias("day")]
twice = readings.groupBy(*days).agg(F.max("kw").alias("top"))
cost(twice.groupBy("site_id").agg(F.avg("top")))

# %%
once = readings.repartition("site_id").groupBy(*days)
once = once.agg(F.max("kw").alias("top"))
cost(once.groupBy("site_id").agg(F.avg("top")))

# %% [markdown]
# One shuffle of all readings, against two of days. While it runs, Spark mends
# some of this by itself (adaptive execution): it puts small partitions
# together, splits very large ones in a join, and turns a SortMergeJoin into a
# broadcast once it has seen the sizes. But what was shuffled by then has been
# shuffled.

# %% [markdown]
# ### Try it: records, day by day
#
# A running maximum over data that is nearly all of one site.

# %%
contract("daily_records")


# %%
def daily_records(readings):
    # Return a DataFrame that keeps the contract.
    ...


check(daily_records)

# %% [markdown]
# **Remember:** make the rows few before a window or a join. Then a key that has
# nearly all of them does no harm.

# %% [markdown]
# ## Boss fight: what the plants did meanwhile
#
# The maintenance team asks what the plants fed in while their jobs were open. A
# range, an outer join, and a large table. `full("work_orders")["work_orders"]`
# gives you the orders. Try it without hints first.

# %%
contract("january_jobs")


# %%
def january_jobs(work_orders, readings):
    # Return a DataFrame that keeps the contract.
    ...


check(january_jobs)

# %% [markdown]
# **Remember:** small to large first, group, complete the outer rows last. And
# say what follows from your conditions: the scan uses only what is said of its
# own columns.

# %% [markdown]
# ## Phrase book
#
# | in a database | in Spark | trap |
# |---|---|---|
# | `EXPLAIN PLAN` | `.explain("formatted")` | begin at the scans |
# | a statement runs | an action runs | errors come late |
# | view | `name = frame` | computed at each mention |
# | temporary table | `.cache()`, `.unpersist()` | the first action pays |
# | scalar function | `CREATE FUNCTION .. RETURN ..` | a macro: free |
# | function in Java, C# | `F.udf`, `F.pandas_udf` | rows leave Spark |
# | index range scan | a filter that is pushed | functions, casts |
# | partition elimination | a filter on the folders' column | by its name |
# | hash join, small side | `F.broadcast(small)` | not the side to keep |
# | merge join | SortMergeJoin | both sides shuffle |
# | nested loop | BroadcastNestedLoopJoin | an OR, no equality |
# | `KEEP (DENSE_RANK LAST ..)` | `max_by(x, y)` | ties |
# | `count(DISTINCT x)` | `F.countDistinct("x")` | a shuffle more |
# | hot block, hot partition | skew | group first |
# | optimizer hint | `/*+ BROADCAST(a) */` | believed, or ignored |

# %% [markdown]
# Next: [Lesson 6, Files and S3](../06-files-and-s3/lesson.ipynb), on what lies
# under the tables, and what it promises. Until then, keep the phrase book open
# at work.
