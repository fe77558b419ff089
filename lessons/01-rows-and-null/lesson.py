# %% [markdown]
# # Rows and NULL
#
# Most of your SQL works in Spark as it stands. This lesson is about the rest:
# the places where the same words give another answer, and those where a
# DataFrame says it in another way. You work on PEAK, a small company that runs
# solar plants: sites, assets, work orders, and real readings.

# %% [markdown]
# After this lesson you can
#
# - select, filter and compute with DataFrames as you do in SQL;
# - say where a row with NULL goes, in a filter, a CASE and an ORDER BY;
# - compare strings without a collation that helps you;
# - choose between a cast that stops the query and one that answers NULL.
#
# Time: 40 minutes to read and run, and the exercises take as long again. You
# need: your SQL, a little Python (functions, lists, dictionaries), and no Spark
# at all.

# %%
from pyspark.sql import functions as F

from helpers.desk import buttons, check, contract, data, dialect, exercises
from helpers.desk import hint, progress, solution, spark, why

tables = "sites assets meter_assignments technicians work_orders"
peak = {name: spark.table(name) for name in tables.split()}
for name, table in peak.items():
    print(f"{name:18} {table.count():4} rows")

# %% [markdown]
# `peak` holds the tables as DataFrames, by their names. What you imported from
# `helpers.desk` is your **desk**; every lesson has it. `data` shows a table
# with its columns.

# %%
data("work_orders")

# %% [markdown]
# - `contract(...)` says what an answer is held to, `check(...)` judges yours;
# - `hint(...)` helps, `solution(...)` tells, `progress()` shows what is solved;
# - `exercises.` and the TAB key list every exercise by its name.
#
# An answer is a function. Where the contract says so it may be SQL text, too:
# `check("channels_not_energy", "SELECT ...")`. When a cell fails, `why()` in
# the next one explains it in the words of your database. Say once which that
# is: `dialect("oracle")`.

# %% [markdown]
# ## 1. The same question, twice
#
# A **DataFrame** is a query that you can hold in a variable. It has no rows of
# its own until you ask to see some: `show()` runs it, `where()` and `select()`
# only add to it. Here is one question in SQL, and the same as a DataFrame.

# %%
spark.sql("""
    SELECT asset_id, rated_kw FROM assets
    WHERE kind = 'inverter' AND rated_kw > 5
    ORDER BY asset_id, rated_kw
""").show()

# %%
assets = peak["assets"]
is_big_inverter = (F.col("kind") == "inverter") & (F.col("rated_kw") > 5)
big = assets.where(is_big_inverter).select("asset_id", "rated_kw")
big.orderBy("asset_id", "rated_kw").show()

# %% [markdown]
# Three things differ from SQL, and Python is the reason for all of them:
# equality is `==`; AND, OR and NOT are `&`, `|` and `~`; and since `&` binds
# tighter than `==`, each comparison needs its own brackets. Spark plans both
# spellings alike, so use the one that reads better.

# %% [markdown]
# ### Predict
#
# `feeds_gold` says what an assignment of a meter counts for: 'energy',
# 'irradiance', or nothing (NULL). Below, the rows are counted that equal
# 'energy', those that do not, and all. Do the first two add up to the third?

# %%
feeds = F.col("feeds_gold")
assignments = peak["meter_assignments"]
print("equal to energy: ", assignments.where(feeds == "energy").count())
print("not equal:       ", assignments.where(feeds != "energy").count())
print("all assignments: ", assignments.count())

# %% [markdown]
# They do not, and you know why: `NULL <> 'energy'` is neither true nor false
# but NULL, and a filter keeps what is true. That is SQL everywhere. What may be
# new is the **null-safe** comparison, which always answers true or false: `<=>`
# in SQL (elsewhere: IS NOT DISTINCT FROM), `eqNullSafe` on a column.

# %%
spark.sql("""
    SELECT NULL = 'energy'         AS equal,
           NOT (NULL = 'energy')   AS turned_round,
           NULL <=> 'energy'       AS null_safe,
           NOT (NULL <=> 'energy') AS null_safe_turned
""").show()

# %% [markdown]
# ### Try it: everything but energy
#
# The contract comes first: what one row is, which columns, and what NULL means.
# The check holds you to exactly this. Then write the body of the function; it
# gets its tables as DataFrames. `hint("channels_not_energy")` helps, as often
# as you like. If you would rather click, `buttons("channels_not_energy")` has
# the same as buttons.

# %%
contract("channels_not_energy")


# %%
def channels_not_energy(meter_assignments):
    # Return a DataFrame that keeps the contract.
    ...


check(channels_not_energy)

# %% [markdown]
# **Remember:** a filter keeps what is true. Comparing with NULL is never true,
# and neither is its contrary. Wherever you write `!=`, ask what happens to the
# rows without a value.

# %% [markdown]
# ## 2. CASE is a ladder
#
# `CASE WHEN` becomes `F.when(...).when(...).otherwise(...)`. The first step
# that is true wins, and `otherwise` is ELSE; without it, the answer is NULL.
# Again it is NULL that makes a ladder interesting: it stands on no step.

# %%
spark.sql("""
    SELECT work_order_id, priority,
           CASE WHEN priority = 1 THEN 'now' ELSE 'later' END AS due
    FROM work_orders WHERE site_id = 'mesa' ORDER BY work_order_id
""").show()

# %%
due = F.when(F.col("priority") == 1, "now").otherwise("later")
orders = peak["work_orders"].where(F.col("site_id") == "mesa")
labelled = orders.select("work_order_id", "priority", due.alias("due"))
labelled.orderBy("work_order_id").show()

# %% [markdown]
# ### Predict
#
# The plant meter at `mesa` has no rated power. In the ladder below, is it
# 'below 100', 'from 100', or NULL?

# %%
power = F.col("rated_kw")
step = F.when(power < 100, "below 100").otherwise("from 100")
meters = assets.where(F.col("kind") == "plant_meter")
steps = meters.select("asset_id", "rated_kw", step.alias("step"))
steps.orderBy("asset_id").show()

# %% [markdown]
# `NULL < 100` is not true, so the meter fell through to `otherwise` and is now
# "from 100". Nobody decided that. Give NULL a step of its own, or build the
# ladder so that only NULL reaches its end.
#
# ### Try it: a ladder of sizes
#
# Four sizes, three bounds, and a place for what is not known.

# %%
contract("size_class")


# %%
def size_class(assets):
    # Return a DataFrame that keeps the contract.
    ...


check(size_class)

# %% [markdown]
# **Remember:** NULL falls through every WHEN to ELSE; decide where it shall
# land. And let each step begin where the one before it ends: between 99 and 100
# there is room for a plant.

# %% [markdown]
# ## 3. Strings, byte by byte
#
# Your database compares strings by a collation. SQL Server's usual one ignores
# case, and it also ignores blanks at the end; Oracle takes '' for NULL. Spark
# does none of this by default.

# %% [markdown]
# ### Predict
#
# Which of these five are true in Spark, which in your database?

# %%
spark.sql("""
    SELECT 'Fuse' = 'fuse'             AS case_ignored,
           'fuse ' = 'fuse'            AS blank_ignored,
           'Jose' = 'José'             AS accent_ignored,
           '' IS NULL                  AS empty_is_null,
           concat('fuse', NULL) = 'fuse' AS null_is_empty
""").show()

# %% [markdown]
# Four are false, and the last is NULL: `concat` with NULL is NULL, as `||` is
# in PostgreSQL and `+` in SQL Server. Their CONCAT leaves NULL out, as
# `concat_ws` does here; Oracle would say 'fuse'. So where a collation used to
# make two spellings alike, you say it: `lower`, `trim`, or `ilike` for a
# pattern that ignores case.

# %%
typed = [(" Replace fuse",), ("REPLACE FUSE",)]
titles = spark.createDataFrame(typed, "t string")
titles.orderBy("t").select(
    F.length("t").alias("length"),
    (F.col("t") == "Replace fuse").alias("equal"),
    (F.lower(F.trim("t")) == "replace fuse").alias("tidy_equal"),
    F.col("t").ilike("replace fuse").alias("ilike"),
).show()

# %% [markdown]
# ### Try it: one title, typed in many ways
#
# People typed titles by hand. You compare a tidy copy, and show what the
# contract asks for; the two need not be the same text.

# %%
contract("clean_modules_orders")


# %%
def clean_modules_orders(work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(clean_modules_orders)

# %% [markdown]
# **Remember:** Spark compares strings byte by byte: case, blanks and accents
# all count, until you say otherwise. An empty string is a value like any other,
# and it is not NULL.

# %% [markdown]
# ## 4. Casts that stop, casts that answer NULL
#
# Spark runs here in **ANSI mode**, its default since version 4: what cannot be
# computed is an error, as in your database. Older Spark, and much that is
# written about it, gave NULL without a word.

# %% [markdown]
# ### Predict
#
# Two of the four expressions stop their query. Which?

# %%
for expression in (
    "CAST(' 42 ' AS INT)",
    "CAST('4 2' AS INT)",
    "TRY_CAST('4 2' AS INT)",
    "CAST(3000000000 AS INT)",
):
    try:
        print(expression, "is", spark.sql(f"SELECT {expression}").first()[0])
    except Exception as error:
        print(expression, "stops:", error.getCondition())

# %% [markdown]
# Blanks around a number are forgiven, a text that is no number is not, and a
# number that does not fit overflows with an error. `try_cast` (a method of a
# column, too) answers NULL instead, which Python prints as `None`. It has
# sisters: `try_divide`, `try_add`, `try_element_at`, `try_to_number`,
# `try_to_date`.

# %% [markdown]
# One habit is dangerous here: a filter does not protect a cast. Spark chooses
# for itself in which order it works through conditions and columns, so a cast
# may meet the rows that your WHERE was meant to keep away. Use CASE, or
# `try_cast`, which needs no shield.

# %% [markdown]
# ### Try it: a number inside a text
#
# `split_part(text, delimiter, n)` gives the n-th part of a text, and '' where
# there is none. In Python, constants beside column names are wrapped in
# `F.lit`.

# %%
contract("model_number")


# %%
def model_number(assets):
    # Return a DataFrame that keeps the contract.
    ...


check(model_number)

# %% [markdown]
# **Remember:** CAST stops the query at the first bad value; TRY_CAST answers
# NULL. Choose which of the two you mean: in a report NULL is honest, in a load
# an error is often better.

# %% [markdown]
# ## 5. Expressions: division and time
#
# In SQL Server `5 / 2` is 2; in Oracle it is 2.5. Spark agrees with Oracle, and
# has `div` for the other.

# %%
spark.sql("SELECT 5 / 2 AS divided, 5 div 2 AS whole").show()

# %% [markdown]
# ### Predict
#
# A job begins at 22:30 and ends at 00:15 on the next day. How long is it in
# hours, in days, and by seconds divided by 3600?

# %%
night = spark.sql("""
    SELECT TIMESTAMP '2022-01-03 22:30:00' AS begun,
           TIMESTAMP '2022-01-04 00:15:00' AS ended
""")
night.selectExpr(
    "timestampdiff(HOUR, begun, ended) AS hours",
    "datediff(ended, begun) AS days",
    "(unix_timestamp(ended) - unix_timestamp(begun)) / 3600 AS by_seconds",
).show()

# %% [markdown]
# Three honest answers to three questions. `timestampdiff` counts full hours
# gone by, `datediff(end, start)` counts midnights, and `/` keeps the fraction,
# whatever it divides. Take care with `datediff(HOUR, start, end)`, as SQL
# Server writes it: Spark runs it, too, but as `timestampdiff`. SQL Server
# counts the hour boundaries crossed, and would say 2.
#
# ### Try it: hours, with their fraction

# %%
contract("hours_open")


# %%
def hours_open(work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(hours_open)

# %% [markdown]
# **Remember:** in Spark `/` never cuts a fraction; functions that count hours
# or days do. A difference with NULL is NULL by itself, and that is often the
# right answer.

# %% [markdown]
# ## 6. Where NULL stands in line
#
# ### Predict
#
# Sort technicians by their manager. Does the one without a manager come first
# or last? (In Oracle and PostgreSQL: last. In SQL Server and MySQL: first.)

# %%
people = peak["technicians"]
people.orderBy("manager_id", "technician_id").show(3)

# %%
last = F.col("manager_id").desc_nulls_first()
people.orderBy(last, "technician_id").show(3)

# %% [markdown]
# Going up, NULL comes first; going down, last. Where it matters, say it:
# `asc_nulls_last()`, `desc_nulls_first()`, or NULLS LAST in SQL. And remember
# that a table has no order of its own, less than ever here: Spark reads its
# parts side by side.

# %% [markdown]
# ## Boss fight: the duty manager's list
#
# Monday morning at PEAK, and the duty manager wants one list. NULL waits for
# you in the filter, in a value, in a label and in the order. Try it without
# hints first.

# %%
contract("duty_list")


# %%
def duty_list(work_orders):
    # Return a DataFrame that keeps the contract.
    ...


check(duty_list)

# %% [markdown]
# **Remember:** ask of every column: can it be NULL, and where does its row go
# in filter, value and order? Four answers in a row, and the duty manager can
# trust the list.

# %% [markdown]
# ## Phrase book
#
# | SQL | DataFrame | trap |
# |---|---|---|
# | `SELECT b + 1 AS c` | `(F.col("b") + 1).alias("c")` | runs at `show()` |
# | `a = 1 AND b > 2` | `(a == 1) & (b > 2)` | brackets around each side |
# | `OR`, `NOT` | `\|`, `~` | Python's `or`, `not` are errors |
# | `a IS NULL` | `F.col("a").isNull()` | `== None` is never true |
# | `a <=> b` | `F.col("a").eqNullSafe(F.col("b"))` | never NULL |
# | `a IN (1, 2)` | `F.col("a").isin(1, 2)` | `~isin(1, None)`: no rows |
# | `CASE .. ELSE .. END` | `F.when(..).otherwise(..)` | NULL lands in ELSE |
# | `NVL`, `ISNULL(a, b)` | `F.coalesce("a", "b")` | `isnull(a)` only asks |
# | `a = 'x'` | `F.lower(F.trim("a")) == "x"` | no collation helps |
# | `a \|\| b` | `F.concat("a", "b")` | NULL makes all NULL |
# | `TRY_CAST(a AS INT)` | `F.col("a").try_cast("int")` | `cast` stops |
# | `DATEDIFF(hour ..)` | `expr("datediff(HOUR ..)")` | same name, other count |
# | `b - a` in days | `F.datediff("b", "a")` | counts midnights |
# | `NULLS LAST` | `F.col("a").asc_nulls_last()` | going up, NULL is first |

# %% [markdown]
# Next: [Lesson 2, Joins](../02-joins/lesson.ipynb), where NULL comes back as a
# key, and a join multiplies what you meant to count.
