"""Real slips: for every entry of the phrase book, code that people write, to be run on real Spark.

SQL is text, Python is a function of (spark, sites, orders, people), and what Python does not even read is a Code.
"""

import re
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass

from pyspark.sql import Window
from pyspark.sql import functions as F

from helpers.exercises.words import DIALECTS, ENTRIES, explained
from helpers.spark.conf import quick
from helpers.spark.logs import quiet

VIEWS = {
    "sites": (
        "SELECT * FROM VALUES ('rsf', 'Research', 'rooftop', 39.7D, -105.1D), ('mesa', 'Mesa', 'ground', 39.7D, "
        "-105.2D) AS t(site_id, name, kind, latitude, longitude)"
    ),
    "work_orders": (
        "SELECT * FROM VALUES ('w1', 'rsf', 1, 'Clean', TIMESTAMP '2026-01-01 08:00:00', TIMESTAMP '2026-01-02 "
        "08:00:00') AS t(work_order_id, site_id, priority, title, opened_at, closed_at)"
    ),
    "technicians": (
        "SELECT * FROM VALUES ('t1', 'Lena', NULL), ('t2', 'Ada', 't1') AS t(technician_id, name, manager_id)"
    ),
}


@dataclass(frozen=True)
class Code:
    """A line that Python cannot read."""

    text: str


@dataclass(frozen=True)
class Slip:
    """What somebody wrote, and the entry that must explain it. only: where it fails so, "" = in both sessions."""

    entry: str
    wrote: str | Code | Callable
    only: str = ""


def if_else(spark, sites, orders, people):
    if sites.kind == "wind":
        return sites.withColumn("n", F.lit(1))
    return sites.withColumn("n", F.lit(0))


def set_item(spark, sites, orders, people):
    sites["x"] = 1


def own_function(spark, sites, orders, people):
    shout = F.udf(lambda text: text.shout(), "string")
    return sites.select(shout("name")).collect()


def frame_in_a_function(spark, sites, orders, people):
    count = F.udf(lambda text: orders.count(), "int")
    return sites.select(count("name")).collect()


def f_missing(spark, sites, orders, people):
    scope = {"sites": sites}
    exec("sites.select(F.col('name'))", scope)


def window_missing(spark, sites, orders, people):
    exec("Window.partitionBy('kind')", {})


def col_missing(spark, sites, orders, people):
    exec("sites.select(col('name'))", {"sites": sites})


def null(spark, sites, orders, people):
    exec("sites.where(sites.name == null)", {"sites": sites})


IN_SQL = (
    Slip("top", "SELECT TOP 5 * FROM sites"),
    Slip("top", "SELECT TOP (5) name FROM sites"),
    Slip("fetch first", "SELECT * FROM sites FETCH FIRST 5 ROWS ONLY"),
    Slip("fetch first", "SELECT * FROM sites ORDER BY name OFFSET 5 ROWS FETCH NEXT 5 ROWS ONLY"),
    Slip("limit with a comma", "SELECT * FROM sites LIMIT 5, 10"),
    Slip("(+)", "SELECT * FROM sites s, work_orders w WHERE s.site_id = w.site_id(+)"),
    Slip("connect by", "SELECT * FROM technicians WHERE 1 = 1 CONNECT BY PRIOR technician_id = manager_id"),
    Slip("connect by", "SELECT name FROM technicians START WITH manager_id IS NULL CONNECT BY PRIOR a = b"),
    Slip("connect by", "SELECT LEVEL FROM technicians"),
    Slip("brackets around a name", "SELECT [name] FROM [sites]"),
    Slip("double quotes around a name", 'SELECT name AS "Name of site" FROM sites'),
    Slip("double quotes around a name", 'SELECT name FROM "sites"'),
    Slip("double quotes around a column", 'SELECT name FROM sites WHERE "latitude" > 5'),
    Slip("^= and !<", "SELECT * FROM sites WHERE kind ^= 'wind'"),
    Slip("&& and ||", "SELECT * FROM sites WHERE kind = 'wind' && latitude > 1"),
    Slip("~ for patterns", "SELECT * FROM sites WHERE name ~ '^S'"),
    Slip("apply", "SELECT * FROM sites s CROSS APPLY (SELECT 1 AS a) x"),
    Slip("keep dense_rank", "SELECT MAX(name) KEEP (DENSE_RANK FIRST ORDER BY latitude) FROM sites"),
    Slip("ignore nulls", "SELECT LAST_VALUE(name IGNORE NULLS) OVER (ORDER BY name) FROM sites"),
    Slip("order within a list", "SELECT STRING_AGG(name, ',' ORDER BY name) FROM sites"),
    Slip("order within a list", "SELECT ARRAY_AGG(name ORDER BY name) FROM sites"),
    Slip("on overflow", "SELECT LISTAGG(name, ',' ON OVERFLOW TRUNCATE) WITHIN GROUP (ORDER BY name) FROM sites"),
    Slip("separator", "SELECT GROUP_CONCAT(name SEPARATOR ',') FROM sites"),
    Slip("distinct on", "SELECT DISTINCT ON (kind) kind, name FROM sites"),
    Slip("@variables", "SELECT @x"),
    Slip("bind variable without a value", "SELECT * FROM sites WHERE site_id = :id"),
    Slip("bind variable without a value", "SELECT * FROM sites WHERE site_id = ?"),
    Slip("temporary table", "SELECT * INTO #t FROM sites"),
    Slip("temporary table", "SELECT * INTO t FROM sites"),
    Slip("temporary table", "CREATE TEMPORARY TABLE t AS SELECT 1"),
    Slip("procedural code", "EXEC refresh_all"),
    Slip("procedural code", "BEGIN TRANSACTION"),
    Slip("table hint", "SELECT * FROM sites WITH (NOLOCK)"),
    Slip("two statements", "SELECT 1; SELECT 2"),
    Slip("text not closed", "SELECT * FROM sites WHERE name = 'Mesa"),
    Slip("parenthesis not closed", "SELECT count(name FROM sites"),
    Slip("comma too many", "SELECT name, FROM sites"),
    Slip("query cut off", "SELECT name FROM sites WHERE kind ="),
    Slip("no SQL query", "SELEC name FROM sites"),
    Slip("syntax", "SELECT name FROM sites JOIN work_orders USING site_id"),
    Slip("date format with %", "SELECT DATE_FORMAT(opened_at, '%Y-%m-%d') FROM work_orders"),
    Slip("date format", "SELECT TO_DATE('2026-01-31', 'YYYY-MM-DD')"),
    Slip("date format", "SELECT TO_TIMESTAMP('31.01.2026 10:20:30', 'DD.MM.YYYY HH24:MI:SS')"),
    Slip("date format", "SELECT TO_DATE('31-JAN-26', 'DD-MON-RR')"),
    Slip("date format", "SELECT TO_CHAR(opened_at, 'YYYY-MM-DD') FROM work_orders"),
    Slip("text that does not fit the format", "SELECT TO_DATE(name, 'yyyy-MM-dd') FROM sites"),
    Slip("text that is no date", "SELECT CAST('31.01.2026' AS DATE)"),
    Slip("literal that is no date", "SELECT DATE '31.01.2026'"),
    Slip("interval as days", "SELECT DATE_ADD(opened_at, INTERVAL 1 DAY) FROM work_orders"),
    Slip("number added to a time", "SELECT opened_at - 7 FROM work_orders"),
    Slip("number added to a time", "SELECT opened_at + 1/24 FROM work_orders"),
    Slip("difference of times compared with a number", "SELECT * FROM work_orders WHERE closed_at - opened_at > 7"),
    Slip("unit in quotes", "SELECT DATEDIFF('day', opened_at, closed_at) FROM work_orders"),
    Slip("part of a date", "SELECT DATEPART(year, opened_at) FROM work_orders"),
    Slip("epoch", "SELECT EXTRACT(EPOCH FROM opened_at) FROM work_orders"),
    Slip("getdate", "SELECT GETDATE()"),
    Slip("getdate", "SELECT SYSDATE"),
    Slip("getdate", "SELECT SYSDATE FROM sites"),
    Slip("newid", "SELECT NEWID()"),
    Slip("charindex", "SELECT CHARINDEX('a', name) FROM sites"),
    Slip("iif", "SELECT IIF(latitude > 1, 1, 0) FROM sites"),
    Slip("convert", "SELECT CONVERT(INT, '5')"),
    Slip("datalength", "SELECT DATALENGTH(name) FROM sites"),
    Slip("eomonth", "SELECT EOMONTH(opened_at) FROM work_orders"),
    Slip("isnumeric", "SELECT ISNUMERIC(name) FROM sites"),
    Slip("group_concat", "SELECT GROUP_CONCAT(name) FROM sites"),
    Slip("group_concat", "SELECT WM_CONCAT(name) FROM sites"),
    Slip("str_to_date", "SELECT STR_TO_DATE('2026-01-31', '%Y-%m-%d')"),
    Slip("format", "SELECT FORMAT(opened_at, 'yyyy') FROM work_orders"),
    Slip("stuff", "SELECT STUFF(name, 1, 1, 'x') FROM sites"),
    Slip("replicate", "SELECT REPLICATE('a', 3)"),
    Slip("age", "SELECT AGE(opened_at) FROM work_orders"),
    Slip("nextval", "SELECT NEXTVAL('s')"),
    Slip("to_clob", "SELECT TO_CLOB(name) FROM sites"),
    Slip("truncate", "SELECT TRUNCATE(latitude, 1) FROM sites"),
    Slip("json_value", "SELECT JSON_VALUE('{}', '$.a')"),
    Slip("stdev", "SELECT STDEV(latitude) FROM sites"),
    Slip("ratio_to_report", "SELECT RATIO_TO_REPORT(latitude) OVER () FROM sites"),
    Slip("string_split", "SELECT * FROM STRING_SPLIT('a,b', ',')"),
    Slip("generate_series", "SELECT * FROM GENERATE_SERIES(1, 5)"),
    Slip("isnull with a substitute", "SELECT ISNULL(name, 'none') FROM sites"),
    Slip("to_number", "SELECT TO_NUMBER('12')"),
    Slip("trunc", "SELECT TRUNC(opened_at) FROM work_orders"),
    Slip("instr", "SELECT INSTR(name, 'a', 1, 2) FROM sites"),
    Slip("wrong number of arguments", "SELECT upper(name, 3) FROM sites"),
    Slip("unknown routine", "SELECT TO_DAYS(opened_at) FROM work_orders"),
    Slip("rownum", "SELECT * FROM sites WHERE ROWNUM <= 5"),
    Slip("rowid", "SELECT ROWID FROM sites"),
    Slip("dual", "SELECT 1 FROM dual"),
    Slip("recursive query", "WITH t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT * FROM t"),
    Slip("schema before the table", "SELECT name FROM dbo.sites"),
    Slip("table not found", "SELECT * FROM sitez"),
    Slip("alias in where", "SELECT latitude * 2 AS twice FROM sites WHERE twice > 5"),
    Slip("column not found", "SELECT nam FROM sites"),
    Slip("column not found", "SELECT nam FROM sites -- WHERE rownum <= 5"),
    Slip("column not found", "SELECT nam FROM sites WHERE name = 'ROWNUM'"),
    Slip("column of nothing", "SELECT name"),
    Slip("ambiguous column", "SELECT site_id FROM sites s JOIN work_orders w ON s.site_id = w.site_id"),
    Slip("join column on one side only", "SELECT * FROM sites JOIN work_orders USING (nope)"),
    Slip("missing in group by", "SELECT kind, name, count(*) FROM sites GROUP BY kind"),
    Slip("missing group by", "SELECT kind, count(*) FROM sites"),
    Slip("aggregate in where", "SELECT kind FROM sites WHERE count(*) > 1 GROUP BY kind"),
    Slip("aggregate of an aggregate", "SELECT max(count(*)) FROM sites GROUP BY kind"),
    Slip("window in where", "SELECT * FROM sites WHERE row_number() OVER (ORDER BY name) = 1"),
    Slip("window without order", "SELECT row_number() OVER (PARTITION BY kind) FROM sites"),
    Slip("window without over", "SELECT row_number() FROM sites"),
    Slip("window within an aggregate", "SELECT sum(row_number() OVER (ORDER BY name)) FROM sites"),
    Slip("union of different widths", "SELECT site_id, name FROM sites UNION SELECT site_id FROM sites"),
    Slip("union of different types", "SELECT latitude FROM sites UNION SELECT array(1) FROM sites"),
    Slip("subquery with many rows", "SELECT (SELECT name FROM sites) AS n"),
    Slip("subquery with many columns", "SELECT * FROM sites WHERE site_id IN (SELECT site_id, name FROM sites)"),
    Slip("column number out of range", "SELECT name FROM sites ORDER BY 5"),
    Slip("update of a DataFrame", "UPDATE sites SET name = 'x'"),
    Slip("update of a DataFrame", "INSERT INTO sites SELECT * FROM sites"),
    Slip("division by zero", "SELECT 1 / (latitude - latitude) FROM sites"),
    Slip("division by zero", "SELECT 1 % (priority - priority) FROM work_orders"),
    Slip("empty text", "SELECT CAST('' AS INT)"),
    Slip("branches of different types", "SELECT DECODE(kind, 'wind', 1, 'none') FROM sites"),
    Slip("branches of different types", "SELECT CASE WHEN latitude > 99 THEN 1 ELSE 'none' END FROM sites"),
    Slip("text compared with a number", "SELECT * FROM sites WHERE name = 5"),
    Slip("cast of a bad value", "SELECT CAST(name AS INT) FROM sites"),
    Slip("too large for the type", "SELECT CAST(300 AS TINYINT)"),
    Slip("overflow", "SELECT 2147483647 + priority FROM work_orders"),
    Slip("too many digits", "SELECT CAST(12345.6 AS DECIMAL(4, 1))"),
    Slip("array index", "SELECT array(1, 2)[5]"),
    Slip("array index", "SELECT element_at(array(1, 2), 9)"),
    Slip("index of zero", "SELECT element_at(array(1, 2), 0)"),
    Slip("pattern", "SELECT * FROM sites WHERE REGEXP_LIKE(name, '[a')"),
    Slip("format of a number", "SELECT TO_NUMBER(name, '999') FROM sites"),
    Slip("+ between texts", "SELECT name + '!' FROM sites"),
    Slip("true compared with 1", "SELECT * FROM sites WHERE (latitude > 1) = 1"),
    Slip("condition of another type", "SELECT * FROM sites WHERE 1"),
    Slip("number where true or false belongs", "SELECT * FROM work_orders WHERE priority AND 1"),
    Slip("sum of conditions", "SELECT sum(latitude > 1) FROM sites"),
    Slip("trunc of a number", "SELECT TRUNC(latitude, 1) FROM sites"),
    Slip("branches that do not fit", "SELECT CASE WHEN latitude > 1 THEN DATE '2026-01-01' ELSE 1 END FROM sites"),
    Slip("argument of another type", "SELECT explode(name) FROM sites"),
    Slip("types that do not fit", "SELECT * FROM sites WHERE named_struct('a', 1) > 5"),
    Slip("type of another database", "SELECT CAST(name AS VARCHAR2(10)) FROM sites"),
    Slip("type of another database", "SELECT CAST(name AS DATETIME) FROM sites"),
    Slip("timestamp_ntz", "SELECT timestamp_ntz(opened_at) FROM work_orders"),
    Slip("timestamp_ntz", "SELECT long(priority) FROM work_orders"),
    Slip(
        "statement instead of a query", "WITH s AS (SELECT * FROM sites) CREATE TEMPORARY VIEW v AS SELECT * FROM s"
    ),
    Slip("statement instead of a query", "WITH s AS (SELECT * FROM sites) EXPLAIN SELECT name FROM s"),
    Slip("varchar without a length", "SELECT CAST(name AS VARCHAR) FROM sites"),
)

IN_PYTHON = (
    Slip("interval as a result", lambda spark, *tables: spark.sql("SELECT INTERVAL 1 YEAR AS y").toArrow()),
    Slip("interval as a result", lambda spark, *tables: spark.sql("SELECT make_interval(1, 2) AS y").toArrow()),
    Slip("time of day", lambda spark, *tables: spark.sql("SELECT TIME'10:00:00' AS t").toArrow(), "connect"),
    Slip("stream as a table", lambda spark, *tables: spark.readStream.format("rate").load().toArrow()),
    Slip("rownum", lambda spark, sites, orders, people: sites.where("rownum < 5").collect()),
    Slip("top", lambda spark, sites, orders, people: sites.select(F.expr("TOP 5 name")).collect()),
    Slip("getdate", lambda spark, sites, orders, people: F.getdate()),
    Slip("getdate", lambda spark, sites, orders, people: sites.selectExpr("sysdate() AS now").collect()),
    Slip("decode", lambda spark, sites, orders, people: F.decode("kind", "wind", 1, 0)),
    Slip("a function's name", lambda spark, sites, orders, people: F.isnul("name")),
    Slip("unknown routine", lambda spark, sites, orders, people: sites.agg({"latitude": "summ"}).collect()),
    Slip("date format", lambda spark, sites, orders, people: sites.select(F.to_date("name", "DD-MON-RR")).collect()),
    Slip(
        "number added to a time", lambda spark, sites, orders, people: orders.select(orders.opened_at - 7).collect()
    ),
    Slip("pandas attribute", lambda spark, sites, orders, people: sites.select(sites.shape).collect(), "connect"),
    Slip("several columns in one text", lambda spark, sites, orders, people: sites.select("name, kind").collect()),
    Slip("SQL where a name belongs", lambda spark, sites, orders, people: sites.select("upper(name)").collect()),
    Slip("SQL where a name belongs", lambda spark, sites, orders, people: sites.select("name AS n").collect()),
    Slip("SQL where a name belongs", lambda spark, sites, orders, people: sites.orderBy("name desc").collect()),
    Slip(
        "text taken for a column", lambda spark, sites, orders, people: sites.select(F.concat("name", "!")).collect()
    ),
    Slip("column not found", lambda spark, sites, orders, people: sites.select(F.nvl("name", "x")).collect()),
    Slip("field of a record", lambda spark, sites, orders, people: sites.select(F.struct("name")["nam"]).collect()),
    Slip("no such file", lambda spark, sites, orders, people: spark.read.parquet("/nowhere").collect()),
    Slip(
        "column not of this DataFrame",
        lambda spark, sites, orders, people: sites.select(sites.nam).collect(),
        "connect",
    ),
    Slip(
        "column not of this DataFrame",
        lambda spark, sites, orders, people: sites.select(orders.title).collect(),
        "connect",
    ),
    Slip(
        "column of another DataFrame",
        lambda spark, sites, orders, people: sites.select(orders.title).collect(),
        "classic",
    ),
    Slip(
        "ambiguous column",
        lambda spark, sites, orders, people: (
            sites.join(orders, sites.site_id == orders.site_id).select("site_id").collect()
        ),
    ),
    Slip(
        "self join",
        lambda spark, sites, orders, people: (
            people.join(people, people.manager_id == people.technician_id).select(people.name).collect()
        ),
    ),
    Slip(
        "join by a condition in a text",
        lambda spark, sites, orders, people: sites.join(orders, "a.site_id = b.site_id").collect(),
    ),
    Slip("join column on one side only", lambda spark, sites, orders, people: sites.join(orders, "name").collect()),
    Slip("kind of join", lambda spark, sites, orders, people: sites.join(orders, "site_id", "left join").collect()),
    Slip(
        "missing in group by",
        lambda spark, sites, orders, people: sites.groupBy("kind").agg(sites.name, F.count("*")).collect(),
    ),
    Slip("missing group by", lambda spark, sites, orders, people: sites.withColumn("n", F.count("*")).collect()),
    Slip(
        "window in where",
        lambda spark, sites, orders, people: sites.where(F.row_number().over(Window.orderBy("name")) == 1).collect(),
    ),
    Slip(
        "range of a text or of many columns",
        lambda spark, sites, orders, people: sites.select(
            F.sum("latitude").over(Window.orderBy("name").rangeBetween(-1, 0))
        ).collect(),
    ),
    Slip("union of different widths", lambda spark, sites, orders, people: sites.union(orders).collect()),
    Slip("union by name", lambda spark, sites, orders, people: sites.unionByName(orders).collect()),
    Slip(
        "division by zero", lambda spark, sites, orders, people: orders.select(orders.priority / F.lit(0)).collect()
    ),
    Slip("cast of a bad value", lambda spark, sites, orders, people: sites.select(sites.name.cast("int")).collect()),
    Slip("array index", lambda spark, sites, orders, people: sites.select(F.split("name", "x")[9]).collect()),
    Slip(
        "text where true or false belongs",
        lambda spark, sites, orders, people: sites.where(~sites.kind == "wind").collect(),
    ),
    Slip("text compared with a number", lambda spark, sites, orders, people: sites.where(sites.name == 5).collect()),
    Slip("+ between texts", lambda spark, sites, orders, people: sites.select(sites.name + "!").collect()),
    Slip("| between texts", lambda spark, sites, orders, people: sites.select(sites.name | sites.kind).collect()),
    Slip(
        "parentheses around comparisons",
        lambda spark, sites, orders, people: sites.where((sites.kind == "wind") & sites.latitude > 1).collect(),
    ),
    Slip("field of what has none", lambda spark, sites, orders, people: sites.select(sites.name["x"]).collect()),
    Slip("builtin aggregate", lambda spark, sites, orders, people: sites.agg(max(sites.latitude)).collect()),
    Slip("builtin aggregate", lambda spark, sites, orders, people: sites.agg(sum("latitude")).collect()),
    Slip("builtin aggregate", lambda spark, sites, orders, people: max(sites.latitude, sites.longitude)),
    Slip("builtin aggregate in agg", lambda spark, sites, orders, people: sites.agg(max("latitude")).collect()),
    Slip(
        "parentheses missing around &",
        lambda spark, sites, orders, people: sites.where(sites.kind == "wind" & sites.latitude > 1).collect(),
    ),
    Slip(
        "and, or between columns",
        lambda spark, sites, orders, people: sites.where((sites.kind == "wind") and (sites.latitude > 1)).collect(),
    ),
    Slip(
        "and, or between columns",
        lambda spark, sites, orders, people: sites.where((sites.kind == "wind") or (sites.latitude > 1)).collect(),
    ),
    Slip("not before a column", lambda spark, sites, orders, people: sites.where(not sites.kind.isNull()).collect()),
    Slip(
        "in with a column", lambda spark, sites, orders, people: sites.where(sites.kind in ("wind", "sun")).collect()
    ),
    Slip("in with a column", lambda spark, sites, orders, people: sites.where("Park" in sites.name).collect()),
    Slip("comparison in a row", lambda spark, sites, orders, people: sites.where(1 < sites.latitude < 5).collect()),
    Slip("column in an if", if_else),
    Slip("column in an if", lambda spark, sites, orders, people: F.lit(1) if sites.latitude > 5 else F.lit(0)),
    Slip("is None", lambda spark, sites, orders, people: sites.where(sites.name is None).collect()),
    Slip(
        "condition that Python decided", lambda spark, sites, orders, people: sites.where("kind" == "wind").collect()
    ),
    Slip(
        "condition that Python decided",
        lambda spark, sites, orders, people: sites.where("name" == None).collect(),
    ),
    Slip("lambda as a condition", lambda spark, sites, orders, people: sites.filter(lambda row: row.kind == "wind")),
    Slip("= in a call", lambda spark, sites, orders, people: sites.where(kind="wind")),
    Slip(
        "two conditions in where",
        lambda spark, sites, orders, people: sites.where(sites.kind == "wind", sites.latitude > 1),
    ),
    Slip("text in when", lambda spark, sites, orders, people: F.when("kind = 'wind'", 1)),
    Slip("when and otherwise", lambda spark, sites, orders, people: sites.kind.when(sites.kind == "wind", 1)),
    Slip(
        "when and otherwise",
        lambda spark, sites, orders, people: F.when(sites.kind == "wind", 1).otherwise(2).otherwise(3),
    ),
    Slip("loop over a column", lambda spark, sites, orders, people: [name.upper() for name in sites.name]),
    Slip("Python function on a column", lambda spark, sites, orders, people: int(sites.latitude)),
    Slip("Python function on a column", lambda spark, sites, orders, people: round(sites.latitude, 1)),
    Slip("Python function on a column", lambda spark, sites, orders, people: len(sites.name)),
    Slip("format of a column", lambda spark, sites, orders, people: f"{sites.latitude:.2f}"),
    Slip("update", lambda spark, sites, orders, people: sites.update("name", "x")),
    Slip("update", lambda spark, sites, orders, people: sites.insert(orders)),
    Slip("minus", lambda spark, sites, orders, people: sites.minus(orders)),
    Slip("fetchall", lambda spark, sites, orders, people: spark.sql("SELECT 1").fetchall()),
    Slip("fetchall", lambda spark, sites, orders, people: spark.execute("SELECT 1")),
    Slip("sort_values", lambda spark, sites, orders, people: sites.sort_values("name")),
    Slip("merge", lambda spark, sites, orders, people: sites.merge(orders)),
    Slip("append", lambda spark, sites, orders, people: sites.append(sites)),
    Slip("rename", lambda spark, sites, orders, people: sites.rename(columns={"a": "b"})),
    Slip("value_counts", lambda spark, sites, orders, people: sites.kind.value_counts()),
    Slip("loc", lambda spark, sites, orders, people: sites.reset_index()),
    Slip("loc", lambda spark, sites, orders, people: sites[sites.kind == "wind"].loc[0], "classic"),
    Slip("astype", lambda spark, sites, orders, people: sites.name.fillna("none")),
    Slip("group_by", lambda spark, sites, orders, people: sites.group_by("kind")),
    Slip("upper", lambda spark, sites, orders, people: sites.name.upper()),
    Slip("missing ()", lambda spark, sites, orders, people: sites.distinct.show()),
    Slip("missing ()", lambda spark, sites, orders, people: sites.where(sites.name.isNull).collect()),
    Slip("missing ()", lambda spark, sites, orders, people: sites.where(sites.count > 1)),
    Slip("missing ()", lambda spark, sites, orders, people: sites.orderBy(sites.name.desc)),
    Slip("column called", lambda spark, sites, orders, people: sites.name()),
    Slip("no such attribute", lambda spark, sites, orders, people: sites.nam, "classic"),
    Slip("no such attribute", lambda spark, sites, orders, people: sites.first().nam),
    Slip("DataFrame called", lambda spark, sites, orders, people: sites("name")),
    Slip("assignment to a column", set_item),
    Slip("len of a DataFrame", lambda spark, sites, orders, people: len(sites)),
    Slip("groups without an aggregate", lambda spark, sites, orders, people: sites.groupBy("kind").where("n > 1")),
    Slip("method of a text", lambda spark, sites, orders, people: sites.orderBy("name".desc())),
    Slip("text compared by Python", lambda spark, sites, orders, people: sites.where("latitude" > 1)),
    Slip("method of a list", lambda spark, sites, orders, people: sites.collect().where("kind = 'wind'")),
    Slip("method of a list", lambda spark, sites, orders, people: sites.collect()["name"]),
    Slip("keyword of pandas", lambda spark, sites, orders, people: sites.join(orders, left_on="site_id")),
    Slip("None of show", lambda spark, sites, orders, people: sites.show().select("name")),
    Slip("None of show", lambda spark, sites, orders, people: sites.show()["name"]),
    Slip("None of first", lambda spark, sites, orders, people: sites.where("1 = 0").first()["name"]),
    Slip("None in the middle", lambda spark, sites, orders, people: (lambda shown: shown.count())(sites.show())),
    Slip(
        "None as a value",
        lambda spark, sites, orders, people: sites.where("1 = 0").agg(F.sum("latitude")).first()[0] + 1,
    ),
    Slip("value where a column belongs", lambda spark, sites, orders, people: sites.withColumn("x", 5)),
    Slip("type of Python in a cast", lambda spark, sites, orders, people: sites.select(sites.name.cast(int))),
    Slip("columns as a list", lambda spark, sites, orders, people: sites.dropDuplicates("kind")),
    Slip("over without a window", lambda spark, sites, orders, people: F.row_number().over("kind")),
    Slip("argument of another kind", lambda spark, sites, orders, people: sites.where(1)),
    Slip("DataFrame within a function", frame_in_a_function),
    Slip("function of your own", own_function),
    Slip("RDD", lambda spark, sites, orders, people: sites.rdd.map(len), "connect"),
    Slip(
        "decimal with float",
        lambda spark, sites, orders, people: spark.sql("SELECT CAST(1 AS DECIMAL(4, 2)) AS p").first().p * 1.5,
    ),
    Slip("no types to guess from", lambda spark, sites, orders, people: spark.createDataFrame([], ["site_id"])),
    Slip("F not imported", f_missing),
    Slip("Window not imported", window_missing),
    Slip("function without F", col_missing),
    Slip("null, true, false", null),
)

IN_CODE = (
    Slip("= for ==", Code("sites.where(sites.kind = 'wind')")),
    Slip("= for ==", Code("if kind = 'wind': pass")),
    Slip("|| in Python", Code("sites.select(sites.name || sites.kind)")),
    Slip("<> in Python", Code("sites.where(sites.kind <> 'wind')")),
    Slip("SQL in Python", Code("SELECT name FROM sites")),
    Slip("SQL in Python", Code("sites.where(sites.kind == 'wind' AND sites.latitude > 1)")),
    Slip("SQL in Python", Code("sites.where(sites.name IS NULL)")),
)

SLIPS = (*IN_SQL, *IN_PYTHON, *IN_CODE)


@contextmanager
def with_views(spark):
    """In this block the session has the tables that the slips name, and logs no failed query."""
    for name, sql in VIEWS.items():
        spark.sql(sql).createOrReplaceTempView(name)
    try:
        with quiet(), quick(spark):
            yield
    finally:
        for name in VIEWS:
            spark.catalog.dropTempView(name)


def assert_explained(slip, spark):
    """This slip fails, and its entry explains the error to everybody, in their own words where it has some."""
    error = raised(slip, spark)
    entry = next(one for one in ENTRIES if one.name == slip.entry)
    sql = slip.wrote if isinstance(slip.wrote, str) else None
    for dialect in DIALECTS:
        told = explained(error, dialect, sql)
        assert told is not None and told.name == slip.entry, (told, error)
        assert "…" not in told.sentence + told.instead
        # The fixed parts of the template stand in the sentence: it is the one for this database.
        for part in re.split(r"\{\w+\}", getattr(entry, dialect) or entry.words):
            assert part in told.sentence


def raised(slip, spark):
    """The error that this slip makes. Raises AssertionError where it makes none."""
    try:
        if isinstance(slip.wrote, str):
            spark.sql(slip.wrote).collect()
        elif isinstance(slip.wrote, Code):
            compile(slip.wrote.text, "<cell>", "exec")
        else:
            slip.wrote(spark, *(spark.table(name) for name in VIEWS))
    except Exception as error:
        return error
    raise AssertionError(f"no error: {slip}")
