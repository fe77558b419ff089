# %% [markdown]
# # Windows
#
# You know OVER, PARTITION BY and frames. Spark has nearly all of it, in SQL and
# as DataFrames. What trips people up is small: where NULL sorts, what the
# default frame holds, what a filter can see, and that rows are not minutes. All
# examples are from PEAK: work orders, and real readings with their real holes.

# %% [markdown]
# After this lesson you can
#
# - number rows so that no tie is left to chance, and filter by the number;
# - say which rows a frame holds, also when you have not written one;
# - carry the last known value forward, and measure frames in time;
# - find islands: runs of rows, or spans of time, that belong together.
#
# Time: 45 minutes to read and run, and the exercises take as long again. You
# need: lesson 3, Aggregation.

# %%
from pyspark.errors import AnalysisException
from pyspark.sql import Window
from pyspark.sql import functions as F

from helpers.desk import buttons, check, contract, data, exercises, hint
from helpers.desk import progress, solution, spark, why

peak = {name: spark.table(name) for name in ("work_orders", "readings")}
for name, table in peak.items():
    print(f"{name:18} {table.count():4} rows")

# %% [markdown]
# ## 1. A place for each row
#
# A window is an object of its own: you make it once, give it a name, and hand
# it to any function by `.over(window)`. Here are the orders of one site,
# numbered by their age.

# %%
spark.sql("""
    SELECT work_order_id, opened_at, row_number() OVER (
        PARTITION BY site_id ORDER BY opened_at, work_order_id) AS place
    FROM work_orders WHERE site_id = 'rmis' ORDER BY place
""").show()

# %%
orders = peak["work_orders"]
by_age = Window.partitionBy("site_id").orderBy("opened_at", "work_order_id")
placed = orders.withColumn("place", F.row_number().over(by_age))
rmis = placed.where("site_id = 'rmis'").orderBy("place")
rmis.select("work_order_id", "opened_at", "place").show()

# %% [markdown]
# To sort downwards write `F.desc("priority")`. NULL is the smallest value in
# Spark, as in SQL Server and MySQL: it stands first going up and last going
# down. Oracle and PostgreSQL have it the other way round;
# `F.asc_nulls_last("closed_at")` says what you mean.

# %% [markdown]
# ### Predict
#
# Thames has five orders: one of priority 1, two of priority 2, two of priority
# 3. Which numbers do the three functions give when you order by the priority?

# %%
thames = orders.where("site_id = 'thames'")
by_priority = Window.partitionBy("site_id").orderBy("priority")
thames.select(
    "priority",
    F.row_number().over(by_priority).alias("row_number"),
    F.rank().over(by_priority).alias("rank"),
    F.dense_rank().over(by_priority).alias("dense_rank"),
).orderBy("row_number").show()

# %% [markdown]
# As everywhere. But which of two equal rows is `row_number` 2, and which is 3?
# Whichever comes along first, and with rows spread over many machines that is
# not the same on every run. End the order with a key, as `by_age` does, and the
# answer is the same each time.
#
# The same holds for a sort that is followed by `dropDuplicates()`: it keeps
# some row of each key, not the first of your sort.

# %% [markdown]
# ### Predict
#
# Which of these asks for the oldest order of each site, and what does the other
# one do?

# %%
first = F.row_number().over(by_age) == 1
try:
    orders.where(first).show()
except AnalysisException as error:
    print(error.getCondition())

# %%
spark.sql("""
    SELECT site_id, work_order_id FROM work_orders
    QUALIFY row_number() OVER (PARTITION BY site_id
                               ORDER BY opened_at, work_order_id) = 1
    ORDER BY site_id LIMIT 3
""").show()

# %% [markdown]
# WHERE runs before the windows, in a DataFrame too. Spark's SQL has QUALIFY for
# the filter after them, as Teradata and Snowflake do; PostgreSQL, MySQL and SQL
# Server have not. A DataFrame needs no word for it: add the column, and filter
# in the next step. So each `where()` has a place: before the window it decides
# **who gets a number**, after it **which numbers stay**.

# %% [markdown]
# ### Try it: the next two jobs
#
# Two filters, one on each side of the window. `hint("next_two_orders")` is
# there when you want it.

# %%
contract("next_two_orders")


# %%
def next_two_orders(work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(next_two_orders)

# %% [markdown]
# **Remember:** WHERE decides who gets a place, a filter after the window which
# places stay. End the order with a key, and no tie is left to chance.

# %% [markdown]
# ## 2. The frame that you did not write
#
# With an ORDER BY and no frame, standard SQL and Spark take
# `RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW`. RANGE goes by values: the
# current row stands there for all rows that tie with it, its **peers**.

# %% [markdown]
# ### Predict
#
# At `rmis` two orders were opened at the same instant. What do the two running
# counts show there?

# %%
in_time = Window.partitionBy("site_id").orderBy("opened_at")
each_row = in_time.rowsBetween(Window.unboundedPreceding, Window.currentRow)
orders.where("site_id = 'rmis'").select(
    "opened_at",
    F.count("*").over(in_time).alias("by_default"),
    F.count("*").over(each_row).alias("by_rows"),
).orderBy("opened_at", "by_rows").show()

# %% [markdown]
# By default both of them see each other; by ROWS one of the two comes first,
# and nobody knows which. RANGE is right when what ties happens together. ROWS
# is right when the order is total; then both are the same.

# %% [markdown]
# ### Predict
#
# `last_value` over the default frame (`last`), and over one that goes on to the
# end (`z`): which order does each give in each row?

# %%
spark.sql("""
    SELECT work_order_id, first_value(work_order_id) OVER w AS first,
           last_value(work_order_id) OVER w AS last,
           last_value(work_order_id) OVER (ORDER BY opened_at, work_order_id
             ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS z
    FROM work_orders WHERE site_id = 'system-50'
    WINDOW w AS (ORDER BY opened_at, work_order_id) ORDER BY work_order_id
""").show()

# %% [markdown]
# The frame ends at the current row, so its last value is the row's own. Give it
# an end at UNBOUNDED FOLLOWING, or turn the order round and take the first.
# Spark has WINDOW clauses, but `OVER (w ROWS ...)` does not parse: a named
# window cannot be given a frame afterwards. Without any ORDER BY the frame is
# the whole partition, and the total does not run: every row shows the same
# number.

# %% [markdown]
# Without PARTITION BY all rows are one partition. Spark means that literally:
# they go to one task on one machine, however many there are. The plan says so.

# %%
for over in ("ORDER BY opened_at", "PARTITION BY site_id ORDER BY opened_at"):
    query = f"SELECT count(*) OVER ({over}) AS so_far FROM work_orders"
    plan = spark.sql(f"EXPLAIN {query}").first()[0]
    print(f"{over:40} one task: {'SinglePartition' in plan}")

# %% [markdown]
# For a few thousand rows that does no harm. For a year of readings it is the
# one step that no cluster makes faster: number within sites, or aggregate
# first and run the total over the result.

# %% [markdown]
# ### Try it: how much is open?
#
# A running total of two kinds of events. Mind what happens at one instant, and
# where rows without an instant stand.

# %%
contract("open_orders")


# %%
def open_orders(work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(open_orders)

# %% [markdown]
# **Remember:** with an order and no frame, rows that tie count together
# (RANGE). ROWS stops at each row, and then the order must be total.

# %% [markdown]
# ## 3. The last known value
#
# A sensor that falls silent leaves NULL. Here are six quarter hours of one that
# was silent twice; `kw` is what it sent.

# %%
power = spark.sql("""
    SELECT 'roof' AS site, TIMESTAMP '2022-01-04 12:00:00'
             + make_interval(0, 0, 0, 0, 0, minute) AS at, kw
    FROM VALUES (0, 5.0), (15, NULL), (30, NULL), (45, 4.0), (60, NULL),
                (150, 3.0) AS v(minute, kw)
""")
power.createOrReplaceTempView("power")

# %% [markdown]
# ### Predict
#
# Three ways to fill the holes. Which of them fills 12:30, and with what?

# %%
w = Window.partitionBy("site").orderBy("at")
power.select(
    F.date_format("at", "HH:mm").alias("at"),
    "kw",
    F.last("kw").over(w).alias("last"),
    F.coalesce("kw", F.lag("kw").over(w)).alias("with_lag"),
    F.last("kw", ignorenulls=True).over(w).alias("last_known"),
).orderBy("at").show()

# %%
spark.sql("""
    SELECT date_format(at, 'HH:mm') AS at, kw, last_value(kw) IGNORE NULLS
             OVER (PARTITION BY site ORDER BY at) AS last_known
    FROM power ORDER BY at
""").show()

# %% [markdown]
# Most aggregates pass over NULL. `first`, `last`, `lag` and `lead` do not,
# unless you say so. Here the default frame is what you want: all that was known
# up to now, and nothing that came later.

# %% [markdown]
# ### Try it: whom to ask
#
# Not only the last known value, but also where it came from. Which column is
# NULL in the rows that you want to pass over?

# %%
contract("whom_to_ask")


# %%
def whom_to_ask(work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(whom_to_ask)

# %% [markdown]
# **Remember:** the last known value is `last(..., ignorenulls=True)` over a
# total order. LAG looks one row back, known or not.

# %% [markdown]
# ## 4. Rows are not minutes
#
# Look at the times above once more: 13:00 is followed by 14:30. LAG does not
# mind. It gives the row before, whenever that was.

# %% [markdown]
# ### Predict
#
# How many readings does each frame hold at 14:30: the last four rows and the
# current one, and the last hour?

# %%
spark.sql("""
    SELECT date_format(at, 'HH:mm') AS at,
      date_format(lag(at) OVER (ORDER BY at), 'HH:mm') AS row_before,
      count(*) OVER (ORDER BY at ROWS BETWEEN 4 PRECEDING
                     AND CURRENT ROW) AS five_rows,
      count(*) OVER (ORDER BY at RANGE BETWEEN INTERVAL '1' HOUR PRECEDING
                     AND CURRENT ROW) AS an_hour
    FROM power ORDER BY at
""").show()

# %% [markdown]
# ROWS counts rows, RANGE measures a distance in what you order by. At 13:00
# both are the same, which is why tests on complete data never show it. (SQL
# Server's RANGE knows no distance at all: only CURRENT ROW and UNBOUNDED.)

# %% [markdown]
# ### Predict
#
# In a DataFrame the frame is `rangeBetween(start, end)`, with numbers. What are
# 3600 of a timestamp?

# %%
wrong = w.rangeBetween(-3600, 0)
try:
    power.select(F.count("*").over(wrong)).show()
except AnalysisException as error:
    print(error.getCondition())

by_second = Window.partitionBy("site").orderBy(F.unix_seconds("at"))
hour = by_second.rangeBetween(-3600, 0)
counted = power.select("at", F.count("*").over(hour).alias("an_hour"))
counted.orderBy("at").show(2)

# %% [markdown]
# Order by a number, then the frame is in its unit: seconds with
# `unix_seconds()`, which cuts off fractions, or `unix_micros()`, which does
# not. Or keep the SQL: `F.expr("count(*) OVER (... INTERVAL '1' HOUR ...)")` is
# a column like any other. Spark has no GROUPS frames and no EXCLUDE.

# %% [markdown]
# ### Try it: a cloud, or a fault?
#
# Real readings. On them every quarter hour has its row; the check has others.

# %%
contract("fall_within_the_hour")


# %%
def fall_within_the_hour(readings):
    # Return a DataFrame that keeps the contract.
    ...


check(fall_within_the_hour)

# %% [markdown]
# **Remember:** ROWS counts rows, RANGE measures a distance: in SQL with an
# INTERVAL, in `rangeBetween()` as a number in the unit of the order column.

# %% [markdown]
# ## 5. Islands
#
# An island is a run of rows that belong together. The recipe has three steps:
# mark each row that begins one, number the islands by a running sum of the
# marks, and group by that number. Here is when Snowfield was silent that day.

# %%
silent = peak["readings"].where("site_id = 'snowfield'")
silent = silent.withColumn("silent", F.col("kw").isNull())
w = Window.partitionBy("site_id").orderBy("event_time")
begins = ~F.col("silent").eqNullSafe(F.lag("silent").over(w))
marked = silent.withColumn("mark", begins.cast("int"))
numbered = marked.withColumn("island", F.sum("mark").over(w))
span = [F.min("event_time"), F.max("event_time"), F.count("*")]
islands = numbered.groupBy("island", "silent").agg(*span)
islands.orderBy("island").toDF("island", "silent", "from", "to", "n").show()

# %% [markdown]
# The first row has no row before it: LAG is NULL there, so compare with
# `eqNullSafe`, or let a CASE say 1 in its ELSE. And the sum is a second step:
# in a DataFrame a window over a window reads best as two columns.

# %% [markdown]
# ### Predict
#
# Now spans of time. Three jobs: from 0 to 5, from 1 to 2, from 3 to 4. The last
# two lie within the first. By what LAG shows, does the third job begin a new
# island? And by the greatest end so far?

# %%
spark.sql("""
    SELECT began, ended, lag(ended) OVER (ORDER BY began) >= began AS by_lag,
      max(ended) OVER (ORDER BY began ROWS BETWEEN UNBOUNDED PRECEDING
                       AND 1 PRECEDING) >= began AS by_greatest
    FROM VALUES (0, 5), (1, 2), (3, 4) AS jobs(began, ended) ORDER BY began
""").show()

# %% [markdown]
# `true` means that work goes on. LAG sees the short job that is over, and not
# the long one that still runs. The frame up to `1 PRECEDING` holds all rows
# before this one; over the first row it is empty, and MAX of nothing is NULL.

# %% [markdown]
# ### Try it: when was somebody at work?
#
# Spans that hold one another, touch, or never end. What does MAX do with an end
# that is NULL?

# %%
contract("busy_periods")


# %%
def busy_periods(work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(busy_periods)

# %% [markdown]
# **Remember:** mark what begins an island, sum the marks, group by the sum. For
# spans that hold one another, compare with the greatest end so far.

# %% [markdown]
# ## Boss fight: the longest flat line
#
# The metering team suspects meters that stick. Real readings, islands that end
# by the clock as well as by the value, and one to choose among several of the
# same length. Try it without hints first.

# %%
contract("longest_flat_line")


# %%
def longest_flat_line(readings):
    # Return a DataFrame that keeps the contract.
    ...


check(longest_flat_line)

# %% [markdown]
# **Remember:** islands begin where the row before is another or too long ago.
# Number them by a running sum, and choose among them by a total order.

# %% [markdown]
# ## Phrase book
#
# | SQL | DataFrame | trap |
# |---|---|---|
# | `PARTITION BY a ORDER BY b` | `Window.partitionBy(..)` | say how ties end |
# | `ORDER BY b DESC` | `.orderBy(F.desc("b"))` | NULL is the smallest |
# | `row_number() OVER w` | `F.row_number().over(w)` | end with a key |
# | `QUALIFY n = 1` | `.withColumn("n", ..).where("n = 1")` | WHERE is earlier |
# | `OVER (ORDER BY b)` | `Window.orderBy("b")` | one task for all rows |
# | no frame | no frame | RANGE: peers count together |
# | `ROWS BETWEEN 3 PRECEDING ..` | `w.rowsBetween(-3, 0)` | not minutes |
# | `.. AND 1 PRECEDING` | `w.rowsBetween(.., -1)` | empty at first: NULL |
# | `RANGE .. INTERVAL ..` | `w.rangeBetween(..)` | numbers only, no INTERVAL |
# | `last_value(x) OVER w` | `F.last("x").over(w)` | the row's own value |
# | `.. IGNORE NULLS` | `F.last("x", ignorenulls=True)` | order by a key last |
# | `lag(x) OVER w` | `F.lag("x").over(w)` | whenever that was |
# | `count(DISTINCT x) OVER w` | none | `size(collect_set(x) OVER w)` |
# | `GROUPS`, `EXCLUDE` | none | Spark does not know these |

# %% [markdown]
# Next: [Lesson 5, What Spark does with
# it](../05-what-spark-does-with-it/lesson.ipynb), on plans, shuffles, and what
# a query costs. Until then, keep the phrase book open at work.
