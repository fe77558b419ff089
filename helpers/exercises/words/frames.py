"""Methods that DataFrames and columns do not have, or that were named without being called."""

from __future__ import annotations

from helpers.exercises.words.facts import Facts
from helpers.exercises.words.model import Entry

_COLUMN_METHODS = (
    "desc",
    "asc",
    "alias",
    "cast",
    "isNull",
    "isNotNull",
    "isin",
    "over",
    "between",
    "like",
    "contains",
)


def _uncalled(facts: Facts) -> bool:
    """Was a method named, without the parentheses that call it?"""
    if facts.error not in ("TypeError", "AttributeError"):
        return facts.parameters.get("arg_type") == "method"
    return "'method'" in facts.message or facts.holder in ("function", "method")


FRAMES = (
    Entry(
        "missing ()",
        "A method is named here but not called: its parentheses are missing. If you meant a column of that name, "
        "F.col finds it.",
        'df.distinct().show()\nF.col("name").isNull(), F.col("count") > 1',
        test=_uncalled,
    ),
    Entry(
        "column called",
        "What stands before the parentheses is a column, and a column cannot be called: it has no method of that "
        "name. Most functions are in F.",
        'F.upper("name")',
        test=lambda f: f.calls_a_column,
    ),
    Entry(
        "no such attribute",
        "There is neither a column nor a method {attr_name}: look at df.columns, or press TAB after the dot.",
        "",
        ("ATTRIBUTE_NOT_SUPPORTED",),
    ),
    Entry(
        "DataFrame called",
        "A DataFrame is no function: columns are taken by select, or in square brackets.",
        'df.select("name")',
        errors=("TypeError",),
        test=lambda f: "'DataFrame' object is not callable" in f.message,
    ),
    Entry(
        "assignment to a column",
        "A DataFrame is not changed in place: withColumn gives a new one with the column.",
        'df = df.withColumn("x", F.lit(1))',
        errors=("TypeError",),
        test=lambda f: "'DataFrame' object does not support item assignment" in f.message,
    ),
    Entry(
        "len of a DataFrame",
        "How many rows there are is known only after Spark has counted them: count().",
        "df.count()",
        errors=("TypeError",),
        test=lambda f: "'DataFrame' has no len()" in f.message,
    ),
    Entry(
        "groups without an aggregate",
        "After groupBy comes what each group is made into: agg, count, sum. Then it is a DataFrame again, and "
        "{missing} works.",
        'df.groupBy("kind").agg(F.count("*").alias("n")).where("n > 1")',
        errors=("AttributeError",),
        test=lambda f: f.holder == "GroupedData",
    ),
    Entry(
        "method of a text",
        "A text in quotes is Python's, and has no {missing}: the column of that name is F.col(...).",
        'F.col("name").desc()',
        errors=("AttributeError",),
        test=lambda f: f.holder == "str" and f.missing in _COLUMN_METHODS,
    ),
    Entry(
        "text compared by Python",
        "Python compares the text in quotes itself here, not the column of that name: the column is F.col(...).",
        'F.col("latitude") > 1',
        errors=("TypeError",),
        test=lambda f: "not supported between instances of 'str'" in f.message,
    ),
    Entry(
        "method of a list",
        "collect, take and head(n) give a list of rows, and the DataFrame is left behind: do what Spark shall do "
        "before them.",
        "df.where(\"kind = 'wind'\").collect()",
        test=lambda f: f.holder == "list" or f.message == "list indices must be integers or slices, not str",
    ),
    Entry(
        "keyword of pandas",
        "A join takes three things in Spark: the other DataFrame, the columns or the condition, and the kind.",
        'a.join(b, a.site_id == b.site_id, "left")',
        errors=("TypeError",),
        test=lambda f: f.called == "join" and "unexpected keyword argument" in f.message,
    ),
    Entry(
        "stream as a table",
        "This DataFrame is a stream: it has no end, so its rows cannot be fetched like a table's. Begin with the "
        "table instead of readStream, or write it somewhere and read that.",
        'spark.read.format("delta").load(path)',
        ("_LEGACY_ERROR_TEMP_3102",),
        test=lambda f: "streaming sources must be executed with writeStream" in f.message,
    ),
)
