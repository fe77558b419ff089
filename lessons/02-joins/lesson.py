# %% [markdown]
# # Joins
#
# You have written thousands of joins. Spark's are the same ones, with other
# spellings and a few traps of their own, most of them old friends: NULL as a
# key, NOT IN, and rows that multiply while nobody looks. All examples are from
# PEAK: sites, tariffs, work orders, people, and real readings.

# %% [markdown]
# After this lesson you can
#
# - ask with a semi or anti join instead of joining and cleaning up;
# - say what a condition does in ON, and what the same does in WHERE;
# - join on keys that may be NULL, and a table with itself;
# - see a join multiply, and find the row that was valid at a given time.
#
# Time: 45 minutes to read and run, and the exercises take as long again. You
# need: lesson 1, Rows and NULL.

# %%
from pyspark.sql import functions as F

from helpers.desk import buttons, check, contract, data, exercises, hint
from helpers.desk import progress, solution, spark, why

tables = "sites tariffs technicians work_orders readings"
peak = {name: spark.table(name) for name in tables.split()}
for name, table in peak.items():
    print(f"{name:18} {table.count():4} rows")

# %% [markdown]
# ## 1. Three ways to say ON
#
# `a.join(b, on, how)` joins two DataFrames. `on` is the name of a column that
# both have (SQL: USING), a list of names, or a condition. `how` is 'inner' if
# you say nothing; the others are 'left', 'right', 'full', 'cross', and two that
# SQL writes as EXISTS: 'left_semi' and 'left_anti'.

# %%
spark.sql("""
    SELECT s.site_id, s.kind, t.price_per_kwh, t.currency
    FROM sites AS s JOIN tariffs AS t ON t.site_id = s.site_id
    WHERE t.currency <> 'USD' ORDER BY s.site_id
""").show()

# %%
sites, tariffs = peak["sites"], peak["tariffs"]
elsewhere = tariffs.where(F.col("currency") != "USD")
joined = sites.join(elsewhere, "site_id")
shown = joined.select("site_id", "kind", "price_per_kwh", "currency")
shown.orderBy("site_id").show()

# %% [markdown]
# ### Predict
#
# `sites` has 6 columns and `tariffs` has 6; both have a `site_id`. How many
# columns has the result of each join below?

# %%
by_name = sites.join(tariffs, "site_id")
by_condition = sites.join(tariffs, sites.site_id == tariffs.site_id)
print("by name:     ", len(by_name.columns))
print("by condition:", len(by_condition.columns))

# %% [markdown]
# A join by name keeps the key once. A join by condition keeps both columns, and
# `select("site_id")` is ambiguous afterwards. Give both sides an alias and say
# which one you mean, as in SQL: `F.col("s.site_id")`.

# %%
s, t = sites.alias("s"), tariffs.alias("t")
on = F.col("s.site_id") == F.col("t.site_id")
pairs = s.join(t, on).select("s.site_id", "t.tariff_id")
pairs.orderBy("tariff_id").show(3)

# %% [markdown]
# **Remember:** join by name when the names are the same; else give each side an
# alias. Both are planned alike, so choose the one that reads better.

# %% [markdown]
# ## 2. Asking is not joining
#
# Which sites have had a work order? You need no column of `work_orders`, only
# the answer to a question. In SQL that is EXISTS, here it is a join kind.

# %% [markdown]
# ### Predict
#
# PEAK has 14 sites, and some have no work order. How many rows has the inner
# join, and how many the semi join?

# %%
orders = peak["work_orders"]
print("sites:     ", sites.count())
print("inner join:", sites.join(orders, "site_id").count())
print("semi join: ", sites.join(orders, "site_id", "left_semi").count())

# %%
spark.sql("""
    SELECT count(*) AS sites_with_orders FROM sites AS s
    WHERE EXISTS (SELECT 1 FROM work_orders AS w
                  WHERE w.site_id = s.site_id)
""").show()

# %% [markdown]
# The inner join has a row per work order. DISTINCT afterwards would hide that,
# and with it every duplicate that was right. A semi join keeps the left rows as
# they are: none twice, no column added. Spark SQL also lets you write it out:
# `sites LEFT SEMI JOIN work_orders USING (site_id)`.

# %% [markdown]
# ### Try it: sites that cannot wait
#
# Read the grain in the contract with care: what happens if two sites have the
# same name? `hint("sites_with_urgent_orders")` is there when you want it.

# %%
contract("sites_with_urgent_orders")


# %%
def sites_with_urgent_orders(sites, work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(sites_with_urgent_orders)

# %% [markdown]
# **Remember:** a semi join asks whether there is a partner. It multiplies
# nothing and needs no DISTINCT. If you write DISTINCT after a join, ask what
# you are hiding.

# %% [markdown]
# ## 3. NOT IN and its NULL
#
# The contrary question is an anti join, `left_anti`: the left rows without a
# partner. In SQL you may write NOT EXISTS or NOT IN, and these two are not the
# same.

# %% [markdown]
# ### Predict
#
# A work order may have no technician yet: NULL. How many technicians have no
# order at the site `system-50`, and how many of them does NOT IN find?

# %%
some = orders.where(F.col("site_id") == "system-50")
some.createOrReplaceTempView("some_orders")
shown = some.select("work_order_id", "technician_id", "title")
shown.orderBy("work_order_id").show()

# %%
people = peak["technicians"]
free = people.join(some, "technician_id", "left_anti")
print("anti join:", free.count(), "of", people.count())
spark.sql("""
    SELECT count(*) AS not_in FROM technicians WHERE technician_id NOT IN
      (SELECT technician_id FROM some_orders)
""").show()

# %% [markdown]
# `x NOT IN (a, NULL)` means `x <> a AND x <> NULL`, and the second half is
# never true. One NULL in the list and nothing is found, without an error. It
# may be slow as well: Spark has to broadcast the whole list (send all of it to
# every machine), and with two columns that may be NULL it compares every pair.

# %% [markdown]
# ### Try it: nobody reports to them
#
# One table, twice: who stands in nobody's `manager_id`?

# %%
contract("technicians_without_reports")


# %%
def technicians_without_reports(technicians):
    # Return a DataFrame that keeps the contract.
    ...


check(technicians_without_reports)

# %% [markdown]
# **Remember:** an anti join is NOT EXISTS, and NULL on the right is harmless
# there. NOT IN with one NULL finds nothing at all; leave it for lists that you
# type yourself.

# %% [markdown]
# ## 4. A condition in ON, and the same in WHERE
#
# A left join keeps every row of the left side. For those without a partner it
# fills the right side with NULL, and only then comes WHERE, or `where()`.

# %% [markdown]
# ### Predict
#
# Each of these counts starts from 14 sites and looks for tariffs in USD. Which
# of them still has every site?

# %%
in_usd = F.col("currency") == "USD"
left = sites.join(tariffs, "site_id", "left")
before = sites.join(tariffs.where(in_usd), "site_id", "left")
after = left.where(in_usd)
for name, rows in {"before": before, "after": after}.items():
    found = rows.select("site_id").distinct().count()
    print(f"filter {name:6} {rows.count():3} rows, {found:3} sites")

# %% [markdown]
# After the join, the filter also judges the rows of NULL, and `NULL = 'USD'` is
# not true: your left join became an inner one. Before the join (or in ON, which
# is the same for the right side) the filter only decides who may be a partner.
# Adding OR IS NULL to WHERE does not mend it: think of a site paid in GBP.

# %% [markdown]
# ### Try it: every site, and its price in dollars
#
# Two conditions on the right side this time. Count the sites in your answer
# before you hand it in.

# %%
contract("sites_and_current_tariffs")


# %%
def sites_and_current_tariffs(sites, tariffs):
    # Return a DataFrame that keeps the contract.
    ...


check(sites_and_current_tariffs)

# %% [markdown]
# **Remember:** what narrows the right side of a left join stands before the
# join or in ON, never after it. What narrows the left side belongs before the
# join as well.

# %% [markdown]
# ## 5. A table with itself, and NULL as a key
#
# For a self join both sides need an alias; without it Spark cannot know which
# of the two you mean. Here is everybody with their manager.

# %%
t, m = people.alias("t"), people.alias("m")
on = F.col("t.manager_id") == F.col("m.technician_id")
both = t.join(m, on, "left")
team = both.selectExpr("t.name AS technician", "m.name AS manager")
team.orderBy("technician").show()

# %% [markdown]
# Somebody has no manager, and it is the left join that keeps them: NULL has no
# partner. It has none even where the other side is NULL too.

# %% [markdown]
# ### Predict
#
# Two small tables, each with the keys 1 and NULL. How many rows has a join on
# `=`, and how many on `<=>`?

# %%
spark.sql("""
    WITH a AS (SELECT * FROM VALUES (1), (NULL) AS a(k)),
         b AS (SELECT * FROM VALUES (1), (NULL) AS b(k))
    SELECT (SELECT count(*) FROM a JOIN b ON a.k = b.k) AS equal,
           (SELECT count(*) FROM a JOIN b ON a.k <=> b.k) AS null_safe
""").show()

# %% [markdown]
# The null-safe `<=>` is `eqNullSafe` on a column. It can still look rows up by
# their key, so it is quicker than an OR, and it is safer than a stand-in like
# `coalesce(a.k, -1)`: a stand-in is a value, and one day it is in the data.

# %% [markdown]
# ### Try it: entered twice?
#
# Pairs of rows of one table, each pair once, and an end that may be NULL.

# %%
contract("twin_orders")


# %%
def twin_orders(work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(twin_orders)

# %% [markdown]
# **Remember:** a join on `=` never pairs NULL with NULL; `eqNullSafe` does, and
# nothing else with NULL. In Python, put brackets around both sides of `&` and
# `|`.

# %% [markdown]
# ## 6. Partners that multiply
#
# A site has many work orders and several tariffs. Each of the two joins is
# right on its own. Together they are a small cross join per site.

# %% [markdown]
# ### Predict
#
# Here is what the site `rsf` has. What will the two counts be after both joins?

# %%
rsf = F.col("site_id") == "rsf"
print("orders: ", orders.where(rsf).count())
print("tariffs:", tariffs.where(rsf).count())

# %%
both = sites.where(rsf).join(orders, "site_id").join(tariffs, "site_id")
both.agg(
    F.count("work_order_id").alias("orders"),
    F.count("tariff_id").alias("tariffs"),
    F.countDistinct("work_order_id").alias("distinct_orders"),
).show()

# %% [markdown]
# Every order met every tariff. Counting distinct keys mends a count, but not a
# sum: there is no honest SUM(DISTINCT price). What always works is to bring
# each side to the grain of the result first: one row per site meets one row per
# site.

# %%
spark.sql("""
    SELECT s.site_id, w.orders FROM sites AS s
    LEFT JOIN (SELECT site_id, count(*) AS orders
               FROM work_orders GROUP BY site_id) AS w
      ON w.site_id = s.site_id
    WHERE s.kind = 'laboratory' ORDER BY s.site_id
""").show()

# %%
per_site = orders.groupBy("site_id").agg(F.count("*").alias("orders"))
laboratories = sites.where(F.col("kind") == "laboratory")
counted = laboratories.join(per_site, "site_id", "left")
counted.select("site_id", "orders").orderBy("site_id").show()

# %% [markdown]
# ### Try it: two counts side by side
#
# Two counts for every site, also for those with nothing to count. Three tables
# come in; no row may meet more than one partner.

# %%
contract("orders_and_tariffs_per_site")


# %%
def orders_and_tariffs_per_site(sites, tariffs, work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(orders_and_tariffs_per_site)

# %% [markdown]
# **Remember:** two one-to-many joins multiply each other: bring each side to
# the grain of the result first. And a group that is not there has no count: it
# is NULL until you say 0.

# %% [markdown]
# ## 7. The row that was valid then
#
# A tariff is valid from `valid_from` on and until before `valid_to`; NULL means
# it is still valid. Finding the tariff of a given instant is an **as-of join**.
# Spark has no keyword for it; a join condition may be any expression.

# %% [markdown]
# ### Predict
#
# At `rsf` a tariff changes at 17:15 (all times here are in UTC), and there is a
# reading at that instant. How many tariffs does BETWEEN find for it, and how
# many the half-open condition?

# %%
spark.sql("""
    SELECT tariff_id, price_per_kwh, valid_from, valid_to
    FROM tariffs WHERE site_id = 'rsf' ORDER BY valid_from
""").show(truncate=False)

# %%
at_change = "site_id = 'rsf' AND event_time = '2022-01-04 17:15:00'"
reading = peak["readings"].where(at_change)
t = tariffs.withColumn("until", F.expr("coalesce(valid_to, '9999-12-31')"))
both = reading.join(t, "site_id")
paid_twice = "event_time BETWEEN valid_from AND until"
half_open = "event_time >= valid_from AND event_time < until"
for valid in (paid_twice, half_open):
    found = both.where(valid).select("tariff_id", "event_time", "kw")
    found.orderBy("tariff_id").show()

# %% [markdown]
# BETWEEN includes both ends, so at the very instant of a change the reading is
# paid twice. Only rows that meet a boundary exactly show it, and tests seldom
# hold one: it is the kind of error that an auditor finds. Take `>=` on one side
# and `<` on the other.

# %% [markdown]
# ### Try it: the tariff of that moment
#
# The same for work orders: which tariff was valid when each one was opened? Not
# every site has a tariff.

# %%
contract("tariff_when_opened")


# %%
def tariff_when_opened(tariffs, work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(tariff_when_opened)

# %% [markdown]
# **Remember:** valid from, until before: `>=` on the one side, `<` on the
# other, and a case for what has no end.

# %% [markdown]
# ## Boss fight: earned under repair
#
# What did the plants earn while urgent work went on? Real readings, tariffs
# that change in the middle of a day, and orders that overlap. One table you
# only ask, in the other you look something up. Try it without hints first.

# %%
contract("earned_under_repair")


# %%
def earned_under_repair(readings, tariffs, work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(earned_under_repair)

# %% [markdown]
# **Remember:** ask with a semi join, look up with a left join: then a row stays
# one row, whatever is on the other side.

# %% [markdown]
# ## Phrase book
#
# | SQL | DataFrame | trap |
# |---|---|---|
# | `JOIN b USING (k)` | `a.join(b, "k")` | the key comes once |
# | `JOIN b ON a.k = b.k` | `a.join(b, a.k == b.k)` | both keys stay |
# | `a.k`, `b.k` | `a.alias("a")`, `F.col("a.k")` | self joins need aliases |
# | `LEFT JOIN b ON .. AND p` | `a.join(b.where(p), "k", "left")` | not after |
# | `WHERE EXISTS (..)` | `a.join(b, "k", "left_semi")` | no DISTINCT needed |
# | `WHERE NOT EXISTS (..)` | `a.join(b, "k", "left_anti")` | NULL is harmless |
# | `k NOT IN (SELECT ..)` | `left_anti` | one NULL: no rows |
# | `a.k <=> b.k` | `F.col("a.k").eqNullSafe(F.col("b.k"))` | `=`: no NULL |
# | `(+)`, `*=` | `"left"`, `"right"` | Spark does not know these |
# | `CROSS JOIN b` | `a.crossJoin(b)` | a join without `on` is one, too |
# | `t BETWEEN f AND u` | `(t >= f) & (t < u)` | BETWEEN pays twice |
# | two joins, two counts | `groupBy` each, then join | they multiply |

# %% [markdown]
# Next: [Lesson 3, Aggregation](../03-aggregation/lesson.ipynb), on what a group
# is, what becomes of an empty one, and totals that you can defend. Until then,
# keep the phrase book open at work.
