# %% [markdown]
# # Aggregation
#
# GROUP BY looks the same in every database, and so it is where nobody looks
# twice. Spark's groups agree with yours, except at the edges: NULL in a count,
# a group that is not there, a total among the rows, a day that has 23 hours.
# This lesson walks along these edges, on PEAK's work orders and real readings.

# %% [markdown]
# After this lesson you can
#
# - take several counts and sums in one pass, each with its own condition;
# - say how many rows come out when nothing goes in;
# - filter groups, and find the group of NULL;
# - divide without averaging averages or stopping at 0 / 0;
# - read a roll-up in which NULL is data, and sum by the day of a place.
#
# Time: 45 minutes to read and run, and the exercises take as long again. You
# need: lesson 2, Joins.

# %%
from pyspark.sql import functions as F

from helpers.desk import buttons, check, contract, data, exercises, hint
from helpers.desk import progress, solution, spark, why

tables = "sites technicians work_orders readings"
peak = {name: spark.table(name) for name in tables.split()}
for name, table in peak.items():
    print(f"{name:18} {table.count():4} rows")

# %% [markdown]
# ## 1. One pass, several counts
#
# The **grain** of a result is what one of its rows stands for. GROUP BY sets
# it: here one row per site. `readings` holds a day of four sites, a row per
# quarter hour, also where the meter gave no value.

# %%
spark.sql("""
    SELECT site_id, count(*) AS readings, count(kw) AS known,
           max(kw) AS highest
    FROM readings GROUP BY site_id ORDER BY site_id
""").show()

# %%
readings = peak["readings"]
per_site = readings.groupBy("site_id").agg(
    F.count("*").alias("readings"),
    F.count("kw").alias("known"),
    F.max("kw").alias("highest"),
)
per_site.orderBy("site_id").show()

# %% [markdown]
# `groupBy` alone is no DataFrame yet, only groups; `agg` makes the table. The
# columns you group by come along without being named. Give every aggregate an
# alias: without one the column is called `count(kw)`, and you would have to
# write that name in backticks from then on.

# %% [markdown]
# ### Predict
#
# At night `serf-west` draws a little power: below zero. What do these three
# expressions count there?

# %%
west = readings.where(F.col("site_id") == "serf-west")
west.agg(
    F.count("kw").alias("known"),
    F.count(F.col("kw") < 0).alias("count"),
    F.count_if(F.col("kw") < 0).alias("count_if"),
).show()

# %% [markdown]
# COUNT counts what is not NULL, and false is not NULL. In MySQL you may have
# written `SUM(kw < 0)`; Spark refuses to add up booleans. `count_if` says what
# you mean, and for any other aggregate there is FILTER, or a CASE without ELSE.

# %%
spark.sql("""
    SELECT sum(kw) FILTER (WHERE kw < 0) AS drawn,
           sum(CASE WHEN kw < 0 THEN kw END) AS the_same
    FROM readings WHERE site_id = 'serf-west'
""").show()

# %%
below = F.col("kw") < 0
west.agg(F.sum(F.when(below, F.col("kw"))).alias("drawn")).show()

# %% [markdown]
# DataFrames have no FILTER: `F.when(..)` without `otherwise(..)` is NULL
# elsewhere, and every aggregate passes over NULL. A number you multiply with
# has a type, too. In SQL text `0.25` is a decimal; in Python it is a double.

# %%
energy = {"Python": F.col("kw") * 0.25, "SQL": F.expr("kw * 0.25")}
for name, column in energy.items():
    print(f"{name:7}", readings.select(column.alias("kwh")).dtypes)

# %% [markdown]
# ### Try it: what happens at night
#
# Four aggregates with three conditions, in one pass over the readings.
# `hint("night_report")` is there when you want it.

# %%
contract("night_report")


# %%
def night_report(readings):
    # Return a DataFrame that keeps the contract.
    ...


check(night_report)

# %% [markdown]
# **Remember:** COUNT counts what is not NULL, and false is not NULL. A
# condition for one aggregate goes into it; WHERE takes the row away from all.

# %% [markdown]
# ## 2. The count of nothing
#
# PEAK has no work order of priority 9. Asked for how many there are, a report
# should say 0.

# %% [markdown]
# ### Predict
#
# Two queries on no rows at all: one aggregate over everything, and one by
# group. How many rows has each result?

# %%
orders = peak["work_orders"]
none = orders.where(F.col("priority") == 9)
count = F.count("*").alias("orders")
none.agg(count, F.min("opened_at").alias("oldest")).show()
none.groupBy("priority").agg(count).show()

# %% [markdown]
# Without `groupBy` there is always one row: COUNT of nothing is 0, while SUM,
# AVG, MIN and MAX of nothing are NULL. With `groupBy` there is a row per group,
# and nothing has no group. So it is in your database, too. But who adds a group
# "that is always the same" loses the line on a quiet day.

# %% [markdown]
# Next, DISTINCT. `count(DISTINCT a, b)` takes two columns, as in MySQL; in
# Oracle and SQL Server you would have glued them together. Here are the sites
# and people of the open orders.

# %%
still = orders.where(F.col("closed_at").isNull())
pairs = still.select("site_id", "technician_id").distinct()
print("open orders:   ", still.count())
print("distinct pairs:", pairs.count())
without = pairs.where(F.col("technician_id").isNull())
print("without NULL:  ", pairs.count() - without.count())

# %% [markdown]
# ### Predict
#
# Which of these numbers will each of the two counts be?

# %%
spark.sql("""
    SELECT count(DISTINCT site_id, technician_id) AS columns,
           count(DISTINCT (site_id, technician_id)) AS brackets
    FROM work_orders WHERE closed_at IS NULL
""").show()

# %% [markdown]
# Two columns: a pair counts if no part of it is NULL. Brackets, as PostgreSQL
# asks for them, make one value of it, a struct, and a struct with a NULL inside
# is not NULL. `F.countDistinct("a", "b")` is the first of the two. Counting the
# rows of `distinct()` is the second: there NULL is a value like any other.

# %% [markdown]
# ### Try it: the line at the duty desk
#
# One line, always, also on the day when all is done.

# %%
contract("duty_desk")


# %%
def duty_desk(work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(duty_desk)

# %% [markdown]
# **Remember:** without `groupBy` one row, whatever comes in; with it a row per
# group, and none for nothing. COUNT of nothing is 0, SUM of nothing is NULL.

# %% [markdown]
# ## 3. A condition on the group
#
# DataFrames have no HAVING, because they do not need one: after `agg` the
# aggregates are columns, and `where` filters them like any other.

# %%
spark.sql("""
    SELECT technician_id, count(*) AS orders FROM work_orders
    GROUP BY technician_id HAVING orders >= 6 ORDER BY technician_id
""").show()

# %%
per_person = orders.groupBy("technician_id").agg(count)
many = per_person.where(F.col("orders") >= 6)
many.orderBy("technician_id").show()

# %% [markdown]
# HAVING may use the name `orders` here; SQL Server and PostgreSQL make you
# repeat `count(*)`. And there is a row for NULL: the orders that nobody has
# been given are a group of their own.

# %% [markdown]
# ### Predict
#
# How many groups does GROUP BY make of `technician_id`, and how many values
# does COUNT(DISTINCT) find? How many groups are left when you join them back to
# the people?

# %%
people = peak["technicians"]
unique = F.countDistinct("technician_id").alias("n")
print("groups:  ", per_person.count())
print("distinct:", orders.agg(unique).first().n)
print("joined:  ", per_person.join(people, "technician_id").count())

# %% [markdown]
# GROUP BY and DISTINCT take all NULLs as one. COUNT(DISTINCT) passes over them,
# and a join does not find NULL by NULL. A group that you look up by a join, or
# by IN, may therefore lose its NULL; filter it where it is.

# %% [markdown]
# ### Try it: whom to help first
#
# Two conditions on the group, and a sum over only a part of it.

# %%
contract("needs_help")


# %%
def needs_help(work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(needs_help)

# %% [markdown]
# **Remember:** HAVING is `where` after `agg`; `where` before it decides who is
# counted at all. NULL is one group, though NULL = NULL is not true.

# %% [markdown]
# ## 4. Averages of averages, and 0 / 0
#
# What is the mean power at the four sites? Three queries answer, and each of
# them answers another question.

# %% [markdown]
# ### Predict
#
# All sites have 96 readings; at `snowfield` more than half of them have no
# value. Will these three be the same?

# %%
site_means = readings.groupBy("site_id").agg(F.avg("kw").alias("mean"))
filled = readings.fillna(0, subset=["kw"])
means = {
    "of all values": readings.agg(F.avg("kw")),
    "of site means": site_means.agg(F.avg("mean")),
    "NULL as zero": filled.agg(F.avg("kw")),
}
for name, mean in means.items():
    print(f"{name:14} {mean.first()[0]:8.3f} kW")

# %% [markdown]
# AVG divides by the number of values, not of rows. The first mean weighs each
# value alike, the second each site, and the third says that a silent meter
# measured 0. Choose on purpose. If each value shall weigh the same, averages
# cannot be averaged again; sums and counts can be added up, so keep those.

# %% [markdown]
# Shares are averages, too. `/` of two whole numbers is a double in Spark, not
# cut off as in SQL Server and PostgreSQL; `div` cuts. And 0 / 0 is an error,
# which an empty group will find.

# %%
sites = peak["sites"]
per_kind = (
    sites.join(orders, "site_id", "left")
    .groupBy("kind")
    .agg(F.count("closed_at").alias("closed"), count.alias("rows"))
)
shown = per_kind.withColumn("share", F.col("closed") / F.col("rows"))
shown.orderBy("kind").show()

# %% [markdown]
# No error, but is that right? PEAK's planned sites have no work order, and yet
# they show rows: a left join keeps each site, with a row of NULLs, and COUNT(*)
# counts it. Count a column of the right side and there is the 0, and the error.
# These are the ways around it:

# %%
spark.sql("""
    SELECT 3 / 4 AS share, 3 DIV 4 AS cut, try_divide(0, 0) AS try,
           3 / nullif(0, 0) AS guarded
""").show()

# %% [markdown]
# ### Try it: how much is done
#
# A share for every kind of site, and one kind has nothing to share.

# %%
contract("closed_share")


# %%
def closed_share(sites, work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(closed_share)

# %% [markdown]
# **Remember:** count first and divide once, at the grain of the question. And
# ask what an empty group does to the divisor.

# %% [markdown]
# ## 5. Totals among the rows
#
# ROLLUP adds subtotals from right to left, CUBE every combination. Both are
# methods beside `groupBy`. Here are the orders of two sites, by asset.

# %%
two = orders.where(F.col("site_id").isin("rsf", "thames"))
total = F.grouping("asset_id").alias("total")
rolled = two.rollup("site_id", "asset_id").agg(count, total)
rolled.orderBy("site_id", "asset_id", "total").show()

# %%
two.createOrReplaceTempView("two_sites")
spark.sql("""
    SELECT site_id, asset_id, count(*) AS orders FROM two_sites
    GROUP BY ROLLUP (site_id, asset_id)
    HAVING grouping(asset_id) = 1 ORDER BY site_id
""").show()

# %% [markdown]
# `rsf` has two rows without an asset. One is its subtotal; the other counts
# orders that name no asset, and there NULL is data. Nothing in the row tells
# them apart but `grouping`: 1 where the column was rolled up, else 0.

# %% [markdown]
# ### Predict
#
# `grouping_id()` puts these bits into one number, the first column in front.
# Which numbers will ROLLUP (site_id, asset_id) show, and which CUBE?

# %%
bits = F.grouping_id().alias("bits")
columns = "site_id", "asset_id"
for name, groups in {
    "rollup": two.rollup(*columns),
    "cube": two.cube(*columns),
}.items():
    found = groups.agg(bits).select("bits").distinct()
    print(f"{name:6}", sorted(row.bits for row in found.collect()))

# %% [markdown]
# And of nothing? In PostgreSQL a ROLLUP of no rows still has its total, 0. In
# Spark it is empty: the total is a group like the others, and nothing has no
# group.

# %%
print("rows:", none.rollup("site_id").agg(count).count())

# %% [markdown]
# ### Try it: orders with their totals
#
# Three levels in one table, and a name for each level.

# %%
contract("rolled_up")


# %%
def rolled_up(work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(rolled_up)

# %% [markdown]
# **Remember:** in a roll-up NULL is a total or data, and `grouping` knows
# which. ROLLUP of no rows is no row.

# %% [markdown]
# ## 6. A day has a place
#
# Energy is sold by the day, and a day is a grain like any other, if you say
# whose. A Spark timestamp is an instant; which date it falls on depends on a
# zone. `to_date` takes the zone of the session, and here that is UTC.

# %%
print("session:", spark.conf.get("spark.sql.session.timeZone"))
denver = F.from_utc_timestamp("event_time", "America/Denver")
shown = readings.where(F.col("site_id") == "rsf").select(
    "event_time",
    F.to_date("event_time").alias("utc_day"),
    denver.alias("denver_clock"),
    F.to_date(denver).alias("denver_day"),
)
shown.orderBy("event_time").offset(27).limit(2).show()

# %% [markdown]
# `from_utc_timestamp` moves the hands to the clock in Denver, and the date of
# that is the local day. What comes out is a picture of a clock and no instant
# any more: take the date, and then let it go.

# %% [markdown]
# ### Predict
#
# `rsf` has 96 readings, all on one day in UTC. Over how many days of Denver do
# they spread, and how many are on each?

# %%
per_day = shown.groupBy("denver_day").agg(F.count("*").alias("readings"))
per_day.orderBy("denver_day").show()

# %% [markdown]
# Neither day is complete. But what is complete? `to_utc_timestamp` goes the
# other way, from a clock to the instant. Between the instants of two local
# midnights lies the day, and it need not have 24 hours.

# %%
spark.sql("""
    SELECT day, to_utc_timestamp(day, 'America/Denver') AS begins,
           timestampdiff(HOUR, to_utc_timestamp(day, 'America/Denver'),
             to_utc_timestamp(day + 1, 'America/Denver')) AS hours
    FROM VALUES (DATE'2024-03-09'), (DATE'2024-03-10'),
                (DATE'2024-11-03') AS d(day) ORDER BY day
""").show()

# %% [markdown]
# Name a zone, such as America/Denver, and it knows when its clocks change. An
# offset like -7 hours, or an abbreviation like MST, does not, and is wrong all
# summer. `F.window(.., "1 day")` cuts days in UTC, whatever the session says.

# %% [markdown]
# ## Boss fight: a day at the plant
#
# The plants in Denver want their energy by their own days, and with it how far
# they can trust it. You need the grain of a local day, and what SUM and COUNT
# make of a value that is not there. Try it without hints first.

# %%
contract("energy_per_local_day")


# %%
def energy_per_local_day(readings):
    # Return a DataFrame that keeps the contract.
    ...


check(energy_per_local_day)

# %% [markdown]
# **Remember:** SUM does not say how much it passed over. Put a count beside it,
# and hold that against what the day should have had.

# %% [markdown]
# ## Phrase book
#
# | SQL | DataFrame | trap |
# |---|---|---|
# | `GROUP BY a` | `df.groupBy("a").agg(..)` | no table before `agg` |
# | `COUNT(*)`, `COUNT(c)` | `F.count("*")`, `F.count("c")` | NULL |
# | `SUM(a < 0)` | `F.count_if(F.col("a") < 0)` | `count` takes false |
# | `.. FILTER (WHERE p)` | `F.sum(F.when(p, c))` | of nothing: NULL |
# | `COUNT(DISTINCT a, b)` | `F.countDistinct("a", "b")` | no brackets |
# | `SELECT COUNT(*)` | `df.agg(F.count("*"))` | with `groupBy`: no row |
# | `HAVING p` | `.agg(..).where(p)` | `where` before is WHERE |
# | `SELECT DISTINCT a` | `df.select("a").distinct()` | NULL is one value |
# | `a / b` of integers | `F.col("a") / F.col("b")` | not cut, 0: error |
# | `a / NULLIF(b, 0)` | `F.try_divide("a", "b")` | NULL for 0 |
# | `GROUP BY ROLLUP (a, b)` | `df.rollup("a", "b")` | of nothing: nothing |
# | `GROUP BY CUBE (a, b)` | `df.cube("a", "b")` | every combination |
# | `GROUPING(a)` | `F.grouping("a")` | IS NULL is not the same |
# | `TRUNC(t)`, `t::date` | `F.to_date("t")` | the session's zone |
# | `t AT TIME ZONE z` | `F.from_utc_timestamp("t", z)` | a zone, no offset |

# %% [markdown]
# Next: [Lesson 4, Windows](../04-windows/lesson.ipynb), where an aggregate
# leaves every row where it is. Until then, keep the phrase book open at work.
