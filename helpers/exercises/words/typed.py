"""Names and signs that Python does not know: imports left out, and SQL typed as if it were Python."""

from __future__ import annotations

from helpers.exercises.words.model import Entry
from helpers.exercises.words.query import has_run

_FUNCTIONS = (
    "col",
    "lit",
    "when",
    "expr",
    "count",
    "avg",
    "desc",
    "asc",
    "coalesce",
    "concat",
    "upper",
    "row_number",
    "lag",
)


TYPED = (
    Entry(
        "F not imported",
        "F is the usual short name of Spark's functions, and has to be imported once.",
        "from pyspark.sql import functions as F",
        errors=("NameError",),
        test=lambda f: f.missing == "F",
    ),
    Entry(
        "Window not imported",
        "Window has to be imported once.",
        "from pyspark.sql import Window",
        errors=("NameError",),
        test=lambda f: f.missing in ("Window", "W"),
    ),
    Entry(
        "function without F",
        "{missing} is one of Spark's functions: F. goes before it.",
        "from pyspark.sql import functions as F\nF.{missing}(...)",
        errors=("NameError",),
        test=lambda f: f.missing in _FUNCTIONS,
    ),
    Entry(
        "null, true, false",
        "Python writes None, True and False, with capitals.",
        'F.lit(None), F.lit(True)\nF.col("name").isNull()',
        errors=("NameError",),
        test=lambda f: f.missing.lower() in ("null", "true", "false"),
    ),
    Entry(
        "= for ==",
        "In Python = gives a name to something; to compare is ==.",
        'df.where(F.col("kind") == "wind")',
        errors=("SyntaxError",),
        test=lambda f: "==" in f.message,
    ),
    Entry(
        "|| in Python",
        "Python does not know ||. Conditions are joined by |, with parentheses around each; texts are glued by "
        "F.concat.",
        'F.concat("name", F.lit(" "), "kind")',
        errors=("SyntaxError",),
        test=lambda f: has_run(f.typed, "|", "|") or "||" in f.typed,
        oracle="Python does not know ||: F.concat glues texts. Mind that NULL || 'x' is NULL in Spark, not 'x' as "
        "in Oracle; concat_ws passes NULL over.",
    ),
    Entry(
        "<> in Python",
        "'Not equal' is != in Python.",
        'F.col("kind") != "wind"',
        errors=("SyntaxError",),
        test=lambda f: has_run(f.typed, "<", ">") or "<>" in f.typed,
    ),
    Entry(
        "SQL in Python",
        "This is SQL, and Python does not read it: it goes into quotes, in where, in F.expr or in spark.sql.",
        "df.where(\"name IS NOT NULL AND kind LIKE 'w%'\")",
        errors=("SyntaxError",),
        test=lambda f: any(
            word in f.typed for word in ("SELECT", "AND", "OR", "NOT", "LIKE", "BETWEEN", "IS", "CASE", "FROM")
        ),
    ),
)
