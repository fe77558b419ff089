"""Types that do not go together, and types that only other databases have."""

from __future__ import annotations

from helpers.exercises.words.model import Entry

_TWO = ("DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",)
_WRONG = ("DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE",)

TYPES = (
    Entry(
        "+ between texts",
        "+ adds numbers only. Texts are glued by concat, or || in SQL; if one of them is NULL, so is the whole. "
        "concat_ws passes NULL over.",
        'F.concat("name", F.lit("!"))\n-- in SQL: name || \'!\'',
        _WRONG,
        given={"actualDataType": ("string",)},
        test=lambda f: f.operator in ("__add__", "__radd__") or f.part.has("+"),
        oracle="+ adds numbers only; texts are glued by || or concat. Mind that NULL || 'x' is NULL in Spark, not "
        "'x' as in Oracle: concat_ws passes NULL over.",
        sqlserver="Your + between texts is || or concat in Spark; as with your +, NULL makes the whole NULL. "
        "concat_ws passes NULL over.",
        mysql="+ adds numbers only. Texts are glued by CONCAT, as in MySQL; if one of them is NULL, so is the whole.",
    ),
    Entry(
        "| between texts",
        "| means OR in Python. Texts are glued by F.concat; if one of them is NULL, so is the whole. concat_ws "
        "passes NULL over.",
        'F.concat("name", F.lit(" "), "kind")',
        _WRONG,
        given={"actualDataType": ("string",)},
        test=lambda f: f.operator in ("__or__", "__ror__"),
        oracle="SQL's || is F.concat in Python. Mind that NULL || 'x' is NULL in Spark, not 'x' as in Oracle: "
        "concat_ws passes NULL over.",
    ),
    Entry(
        "parentheses around comparisons",
        "& and | bind tighter than comparisons in Python, so here they join a value instead of a condition: put "
        "each comparison into parentheses.",
        '(F.col("kind") == "wind") & (F.col("latitude") > 1)',
        (*_TWO, *_WRONG),
        test=lambda f: f.operator in ("__and__", "__or__", "__rand__", "__ror__", "__invert__"),
    ),
    Entry(
        "true compared with 1",
        "A comparison is true or false in Spark, not 1 or 0: it stands by itself, or is compared with true.",
        "WHERE latitude > 1",
        _TWO,
        test=lambda f: "BOOLEAN" in (f.parameters.get("left"), f.parameters.get("right")),
    ),
    Entry(
        "condition of another type",
        "WHERE wants true or false, and {filter} is of the type {type}: compare it with something.",
        'df.where(F.col("name") != "")\n-- in SQL: WHERE name <> \'\'',
        ("DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN",),
        mysql="MySQL takes any number for true that is not 0; Spark wants true or false, and {filter} is of the "
        "type {type}.",
    ),
    Entry(
        "number where true or false belongs",
        "AND and OR join conditions in Spark, and here one side is of the type {actualDataType}: compare it with "
        "something.",
        "WHERE priority = 1 AND ...",
        _WRONG,
        given={"inputType": ("boolean",)},
    ),
    Entry(
        "sum of conditions",
        "A condition is true or false in Spark and cannot be summed: count_if counts where it is true.",
        'F.count_if(F.col("latitude") > 1)\n-- in SQL: count_if(latitude > 1)',
        ("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",),
        given={"inputType": ("boolean",)},
        mysql="MySQL sums conditions as 1 and 0; Spark counts where they are true by count_if.",
    ),
    Entry(
        "trunc of a number",
        "trunc is for dates in Spark. A number is cut off by a cast; floor and round take the number of decimals.",
        'F.round("latitude", 1)\n-- in SQL: CAST(12.7 AS INT), round(latitude, 1)',
        ("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",),
        test=lambda f: f.parameters.get("sqlExpr", "").startswith("trunc("),
    ),
    Entry(
        "branches that do not fit",
        "All branches have to be of one type, and these are {dataType}: cast them to one.",
        "CASE WHEN x > 1 THEN CAST(d AS STRING) ELSE 'none' END",
        ("DATATYPE_MISMATCH.DATA_DIFF_TYPES",),
    ),
    Entry(
        "argument of another type",
        "{inputSql} is of the type {inputType}, and here {requiredType} is wanted: cast it, or look for the "
        "function that takes its type.",
        "",
        ("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",),
    ),
    Entry(
        "types that do not fit",
        "In {sqlExpr} the types do not go together, and Spark converts nothing that it would have to guess: cast "
        "one side.",
        'F.col("x").cast("string")',
        ("DATATYPE_MISMATCH",),
    ),
    Entry(
        "type of another database",
        "Spark has no type {typeName}. Its own are string, int, bigint, double, decimal(12,2), boolean, date, "
        "timestamp and binary.",
        'F.col("name").cast("string")\n-- in SQL: CAST(name AS STRING)',
        ("UNSUPPORTED_DATATYPE",),
        oracle="Spark has no type {typeName}. VARCHAR2 and CLOB are string there, NUMBER(12,2) is decimal(12,2), "
        "and Oracle's DATE with its time is timestamp.",
        sqlserver="Spark has no type {typeName}. NVARCHAR is string there, DATETIME2 timestamp, BIT boolean, MONEY "
        "decimal(19,4), UNIQUEIDENTIFIER string.",
        postgresql="Spark has no type {typeName}. text is string there, numeric decimal, timestamptz timestamp, "
        "jsonb string or variant.",
        mysql="Spark has no type {typeName}. TEXT is string there, DATETIME timestamp, SIGNED bigint, JSON string "
        "or variant.",
    ),
    Entry(
        "varchar without a length",
        "{type} wants a length in Spark, as in {type}(10); string takes any.",
        "CAST(name AS STRING)",
        ("DATATYPE_MISSING_SIZE",),
    ),
    Entry(
        "field of what has none",
        "{base} is of a type that has no fields or elements: square brackets take an element of an array, a map or "
        "a record.",
        'F.substring("name", 1, 1)',
        ("INVALID_EXTRACT_BASE_FIELD_TYPE",),
    ),
    Entry(
        "interval as a result",
        "A column of your result is an interval that may hold months, and such a column stays within Spark: give the "
        "number of its months instead, or a date.",
        'F.months_between("closed_at", "opened_at")\n-- in SQL: extract(YEAR FROM x) * 12 + extract(MONTH FROM x)',
        ("UNSUPPORTED_DATA_TYPE_FOR_ARROW_CONVERSION",),
        test=lambda f: "interval" in f.message.lower(),
    ),
    Entry(
        "time of day",
        "A column of the type TIME is not to be had here: keep a time of day as a text, or as a number of seconds.",
        'F.date_format("opened_at", "HH:mm:ss")\n-- in SQL: date_format(opened_at, \'HH:mm:ss\')',
        ("UNSUPPORTED_TIME_TYPE",),
        oracle="Spark's TIME is not to be had here, as Oracle has none: keep a time of day as a text, or as a number "
        "of seconds.",
    ),
)
