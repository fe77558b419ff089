"""Python itself: None, arguments of another kind, functions of one's own."""

from __future__ import annotations

from helpers.exercises.words.facts import Facts
from helpers.exercises.words.model import Entry

_SHOWS = (
    "show",
    "printSchema",
    "explain",
    "createOrReplaceTempView",
    "createTempView",
    "unpersist",
    "foreach",
    "save",
)
_NONE = ("object is not subscriptable", "object is not iterable", "object is not callable")


def _none(facts: Facts) -> bool:
    return facts.holder == "NoneType" or any(f"'NoneType' {one}" in facts.message for one in _NONE)


PYTHON = (
    Entry(
        "None of show",
        "{asked} shows something and gives nothing back, so nothing can follow it: keep the DataFrame in a "
        "variable, and show it by itself.",
        "result = df.where(\"kind = 'wind'\")\nresult.show()",
        test=lambda f: _none(f) and f.asked in _SHOWS,
    ),
    Entry(
        "None of first",
        "{asked} gives None where there is no row, and None has no columns: ask for that first.",
        'row = df.first()\nname = row["name"] if row else None',
        test=lambda f: _none(f) and f.asked in ("first", "head"),
    ),
    Entry(
        "None in the middle",
        "What stands before the dot or the bracket is None: a function without return, or a step that gives nothing "
        "back, such as show.",
        "",
        test=_none,
    ),
    Entry(
        "None as a value",
        "A NULL of Spark is None in Python, and Python computes nothing with None where SQL gives NULL: coalesce it "
        "in Spark, or ask for it first.",
        'df.agg(F.coalesce(F.sum("kw"), F.lit(0)))',
        errors=("TypeError",),
        test=lambda f: "'NoneType' and" in f.message or "and 'NoneType'" in f.message,
    ),
    Entry(
        "value where a column belongs",
        "A column is wanted here, and this is of the type {arg_type}: a fixed value becomes a column by F.lit, a "
        "name by F.col.",
        'df.withColumn("x", F.lit(5))',
        ("NOT_EXPECTED_TYPE",),
        given={"arg_name": ("col", "cols"), "arg_type": ("int", "float", "str", "datetime", "date", "decimal")},
    ),
    Entry(
        "type of Python in a cast",
        "A cast takes the name of a type of Spark, as a text.",
        'F.col("x").cast("int")',
        ("NOT_EXPECTED_TYPE",),
        given={"arg_name": ("datatype",)},
    ),
    Entry(
        "columns as a list",
        "Here the columns are wanted as a list, even a single one.",
        'df.dropDuplicates(["kind"])',
        ("NOT_EXPECTED_TYPE",),
        given={"arg_name": ("subset",)},
    ),
    Entry(
        "over without a window",
        "over wants a window, made by Window.partitionBy and orderBy; a name alone is none.",
        'F.row_number().over(Window.partitionBy("kind").orderBy("name"))',
        ("NOT_EXPECTED_TYPE",),
        given={"arg_name": ("window",)},
    ),
    Entry(
        "argument of another kind",
        "The argument {arg_name} should be {expected_type}, and is {arg_type}.",
        "",
        ("NOT_EXPECTED_TYPE",),
    ),
    Entry(
        "DataFrame within a function",
        "A function that Spark calls row by row runs elsewhere, where there are no DataFrames and no session: join "
        "instead.",
        'df.join(other, "site_id")',
        test=lambda f: (
            f.error == "PicklingError" or "CONTEXT_ONLY_VALID_ON_DRIVER" in f.inner or "SESSION" in f.inner
        ),
    ),
    Entry(
        "function of your own",
        "Your own function met an error on some row: {inner}. A NULL arrives there as None.",
        'F.upper("name")     # Spark\'s own functions take NULL, and are faster',
        test=lambda f: f.error == "PythonException" or f.about("PYTHON_EXCEPTION"),
    ),
    Entry(
        "RDD",
        "Over Spark Connect there are no RDDs: a DataFrame does the same by expressions, and its plan is optimised.",
        'df.select(F.upper("name"))',
        ("NOT_IMPLEMENTED",),
        given={"feature": ("rdd", "sparkcontext")},
    ),
    Entry(
        "decimal with float",
        "DECIMAL comes to Python as Decimal, which does not mix with a float: compute in Spark, or make a Decimal "
        "of the other.",
        'df.select(F.col("price_per_kwh") * 1.5)',
        errors=("TypeError",),
        test=lambda f: "decimal.Decimal" in f.message,
    ),
    Entry(
        "no types to guess from",
        "Spark guesses types from values, and here there are none: say the columns and their types.",
        'spark.createDataFrame([], "site_id string, kw double")',
        ("CANNOT_DETERMINE_TYPE", "CANNOT_INFER_EMPTY_SCHEMA"),
    ),
)
