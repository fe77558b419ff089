"""Functions of other databases, and what they are called in Spark."""

from __future__ import annotations

from collections.abc import Collection

from helpers.exercises.words.facts import Facts
from helpers.exercises.words.model import Entry


def _routine(names: Collection[str], words: str, instead: str) -> Entry:
    """An entry for names that Spark does not know, in SQL or as F.name."""

    def asked(facts: Facts) -> bool:
        return facts.routine in names

    return Entry(next(iter(names)), words, instead, test=asked)


def _count(name: str, words: str, instead: str, oracle: str = "", sqlserver: str = "") -> Entry:
    """An entry for a function that Spark has, with fewer or more arguments."""
    given = {"functionName": (name.partition(" ")[0],)}
    return Entry(name, words, instead, ("WRONG_NUM_ARGS",), given=given, oracle=oracle, sqlserver=sqlserver)


ROUTINES = (
    Entry(
        "getdate",
        "The time now is current_timestamp() in Spark, today is current_date(): one value for the whole query.",
        "F.current_timestamp(), F.current_date()\n-- in SQL: current_timestamp(), current_date()",
        test=lambda f: f.routine in ("getdate", "sysdate", "systimestamp", "sysdatetime", "getutcdate", "localtime"),
        oracle="Your SYSDATE is current_timestamp() in Spark, with parentheses; today without the time is "
        "current_date().",
        sqlserver="Your GETDATE() is current_timestamp() in Spark; today without the time is current_date().",
        mysql="Your SYSDATE() is current_timestamp() in Spark, the same for all rows of a query; CURDATE() exists.",
    ),
    _routine(
        ("newid", "sys_guid", "gen_random_uuid", "uuid_generate_v4"),
        "A new unique id is uuid() in Spark; each run makes other ones.",
        "F.uuid()\n-- in SQL: uuid()",
    ),
    _routine(
        ("charindex", "patindex", "strpos"),
        "The place of a text in another is instr or locate in Spark, from 1; 0 means it is not there.",
        'F.instr("name", "a")\n-- in SQL: instr(name, \'a\')',
    ),
    _routine(
        ("iif",),
        "A choice between two values is CASE in Spark SQL, or if(); in Python it is F.when.",
        'F.when(F.col("latitude") > 1, 1).otherwise(0)\n-- in SQL: if(latitude > 1, 1, 0)',
    ),
    _routine(
        ("convert", "try_convert"),
        "Spark converts by CAST; for a date with a format take date_format, and try_cast gives NULL where CAST "
        "fails.",
        'F.col("x").cast("int")\n-- in SQL: CAST(x AS INT), try_cast(x AS INT), date_format(d, \'yyyy-MM-dd\')',
    ),
    _routine(
        ("datalength", "lengthb", "dbms_lob"),
        "The bytes of a text are octet_length in Spark, its characters length.",
        'F.octet_length("name"), F.length("name")',
    ),
    _routine(("eomonth",), "The last day of a month is last_day in Spark.", 'F.last_day("opened_at")'),
    _routine(
        ("isnumeric", "isdate"),
        "Spark asks by trying: try_cast gives NULL for what cannot be converted.",
        'F.col("name").try_cast("int").isNotNull()\n-- in SQL: try_cast(name AS INT) IS NOT NULL',
    ),
    _routine(
        ("group_concat", "wm_concat"),
        "Texts of a group are glued by string_agg or listagg in Spark; the order follows as WITHIN GROUP (ORDER BY "
        "...).",
        'F.string_agg("name", F.lit(","))\n-- in SQL: string_agg(name, \',\') WITHIN GROUP (ORDER BY name)',
    ),
    _routine(
        ("str_to_date",),
        "A text becomes a date by to_date in Spark, with letters instead of % signs.",
        'F.to_date("x", "yyyy-MM-dd")\n-- in SQL: to_date(x, \'yyyy-MM-dd\')',
    ),
    _routine(
        ("format", "datename"),
        "A date becomes a text by date_format in Spark: 'MMMM' is the month's name, 'EEEE' the day's.",
        'F.date_format("opened_at", "MMMM")\n-- in SQL: date_format(opened_at, \'MMMM\')',
    ),
    _routine(
        ("stuff",),
        "To put a text over a part of another is overlay in Spark.",
        "-- in SQL: overlay(name PLACING 'x' FROM 1 FOR 1)",
    ),
    _routine(
        ("replicate",),
        "A text several times over is repeat in Spark.",
        "F.repeat(F.lit(\"ab\"), 3)\n-- in SQL: repeat('ab', 3)",
    ),
    _routine(
        ("age", "timediff"),
        "Two times are told apart by subtraction, or in whole units by timestampdiff in Spark.",
        'F.timestamp_diff("DAY", "opened_at", "closed_at")\n-- in SQL: timestampdiff(DAY, opened_at, closed_at)',
    ),
    _routine(
        ("nextval", "currval", "lastval", "scope_identity", "last_insert_id"),
        "Spark has no sequences, for many machines write at once. row_number() numbers a result, uuid() gives "
        "unique ids.",
        'F.row_number().over(Window.orderBy("name"))',
    ),
    _routine(
        ("to_clob", "to_nchar", "to_lob"),
        "Spark has one type of text, string, of any length.",
        'F.col("x").cast("string")',
    ),
    _routine(
        ("truncate",),
        "To cut a number off is a cast to a whole number in Spark; floor and round take decimals.",
        'F.floor(F.col("x"))\n-- in SQL: CAST(x AS BIGINT)',
    ),
    _routine(
        ("json_value", "json_query", "json_extract"),
        "A value within JSON is get_json_object in Spark.",
        'F.get_json_object("x", "$.a")\n-- in SQL: get_json_object(x, \'$.a\')',
    ),
    _routine(
        ("stdev", "stdevp"),
        "The standard deviation is stddev in Spark, stddev_pop for a whole population.",
        'F.stddev("x")',
    ),
    _routine(
        ("ratio_to_report",),
        "A share of the whole is a value divided by a window sum in Spark.",
        'F.col("kw") / F.sum("kw").over(Window.partitionBy())',
    ),
    _routine(
        ("string_split", "regexp_split_to_table", "unnest", "openjson"),
        "To make rows of the parts of a value, Spark has explode: split makes an array, explode a row of each part.",
        'df.select(F.explode(F.split("name", ",")))\n-- in SQL: SELECT explode(split(name, \',\'))',
    ),
    _routine(
        ("generate_series",),
        "A series of numbers is range in Spark; of dates, an exploded sequence.",
        "spark.range(1, 6)\n-- in SQL: SELECT explode(sequence(DATE '2026-01-01', DATE '2026-01-31'))",
    ),
    _routine(
        ("timestamp_ntz", "timestamp_ltz", "integer", "long", "short", "byte", "real", "numeric", "dec", "varchar"),
        "{routine} is a type in Spark, and only some types have a function of their name: a value is brought to any "
        "of them by CAST.",
        'F.col("opened_at").cast("timestamp_ntz")\n-- in SQL: CAST(opened_at AS TIMESTAMP_NTZ)',
    ),
    _count(
        "isnull with a substitute",
        "isnull asks in Spark, it replaces nothing. The first value that is not NULL is coalesce; nvl and ifnull "
        "work too.",
        'F.coalesce("name", F.lit("none"))\n-- in SQL: coalesce(name, \'none\')',
        sqlserver="Your ISNULL(a, b) is coalesce(a, b) in Spark; isnull there only asks whether a value is NULL.",
    ),
    _count(
        "to_number",
        "to_number wants a format in Spark; without one, it is a cast.",
        'F.col("x").cast("decimal(12,2)")\n-- in SQL: CAST(x AS DECIMAL(12, 2)) or to_number(x, \'999\')',
    ),
    _count(
        "trunc",
        "trunc is for dates in Spark and wants the unit; a number is cut off by a cast.",
        'F.date_trunc("day", "opened_at")\n-- in SQL: date_trunc(\'DAY\', opened_at), CAST(12.7 AS INT)',
        oracle="Your TRUNC(date) is date_trunc('DAY', ...) in Spark, and TRUNC(number) a cast: trunc itself is for "
        "dates and wants the unit.",
    ),
    _count(
        "instr",
        "instr takes a text and what is sought in Spark. locate takes a place to begin at; nothing takes the n-th "
        "find.",
        'F.locate("a", "name", 3)\n-- in SQL: locate(\'a\', name, 3)',
    ),
    Entry(
        "wrong number of arguments",
        "{functionName} wants {expectedNum} argument(s) in Spark, and got {actualNum}.",
        "",
        ("WRONG_NUM_ARGS",),
    ),
    Entry(
        "decode",
        "F.decode is about character sets in Python. Oracle's DECODE is a CASE: F.when, or decode within SQL text.",
        'F.when(F.col("kind") == "wind", 1).otherwise(0)\nF.expr("decode(kind, \'wind\', 1, 0)")',
        errors=("TypeError",),
        test=lambda f: f.called == "decode",
        oracle="Your DECODE is F.when in Python, or decode within SQL text; F.decode is about character sets.",
    ),
    Entry(
        "a function's name",
        "pyspark.sql.functions has no {missing}. What {home} calls so may have another name here: TAB after F. "
        "shows all.",
        "",
        test=lambda f: f.holder == "functions",
    ),
    Entry(
        "unknown routine",
        "Spark has no function {routine}: it is misspelt, or it belongs to another database, {home} perhaps.",
        "SHOW FUNCTIONS LIKE '*date*'",
        ("UNRESOLVED_ROUTINE", "UNRESOLVABLE_TABLE_VALUED_FUNCTION"),
    ),
)
