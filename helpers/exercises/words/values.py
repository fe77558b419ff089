"""Values that do not fit. Spark runs in ANSI mode here: it stops where others give NULL or wrap around."""

from __future__ import annotations

from helpers.exercises.words.facts import Facts
from helpers.exercises.words.model import Entry

_COMPARISONS = ("__eq__", "__ne__", "__lt__", "__gt__", "__le__", "__ge__", "isin", "between")
_SIGNS = ("=", "<>", "!=", "<", ">", "<=", ">=")


def _compares(facts: Facts) -> bool:
    return facts.operator in _COMPARISONS or (bool(facts.part.text) and any(facts.part.has(one) for one in _SIGNS))


VALUES = (
    Entry(
        "division by zero",
        "Somewhere the divisor is 0, and Spark stops, as your database does. try_divide gives NULL there, and so "
        "does a divisor of nullif(x, 0).",
        'F.try_divide("kw", "n")\n-- in SQL: kw / nullif(n, 0)',
        ("DIVIDE_BY_ZERO", "REMAINDER_BY_ZERO"),
        mysql="Somewhere the divisor is 0. MySQL gives NULL for it, Spark stops; try_divide gives NULL, and so does "
        "a divisor of nullif(x, 0).",
    ),
    Entry(
        "empty text",
        "An empty text is no {targetType}, and Spark stops. It is not NULL either: nullif(x, '') makes it so.",
        'F.nullif("x", F.lit("")).cast("int")\n-- in SQL: CAST(nullif(x, \'\') AS INT), or try_cast(x AS INT)',
        ("CAST_INVALID_INPUT",),
        given={"expression": ("",)},
        oracle="In Oracle '' is NULL; in Spark it is a text of length 0, and no {targetType}. nullif(x, '') makes "
        "it NULL.",
        sqlserver="SQL Server makes 0 of an empty text; Spark stops, for it is no {targetType}. nullif(x, '') makes "
        "it NULL.",
        mysql="MySQL makes 0 of an empty text; Spark stops, for it is no {targetType}. nullif(x, '') makes it NULL.",
    ),
    Entry(
        "text where true or false belongs",
        "The text '{expression}' is neither true nor false: & | and ~ bind tighter than comparisons, so each "
        "comparison needs parentheses of its own.",
        '(F.col("kind") == "wind") & (F.col("latitude") > 1)\n~(F.col("kind") == "wind")',
        ("CAST_INVALID_INPUT",),
        given={"targetType": ("boolean",)},
    ),
    Entry(
        "branches of different types",
        "The branches of the CASE have different types, so Spark makes {targetType} of all, and '{expression}' is "
        "none. Give all branches one type.",
        "CASE WHEN x > 1 THEN '1' ELSE 'none' END",
        ("CAST_INVALID_INPUT",),
        test=lambda f: bool(f.part.words) and f.part.words[0] in ("CASE", "DECODE", "COALESCE", "NVL", "IF"),
        oracle="As Oracle's DECODE does, Spark takes the type of one branch for all: {targetType}, and "
        "'{expression}' is none. Give all branches one type.",
    ),
    Entry(
        "text compared with a number",
        "A text is compared with a number, so Spark makes numbers of the texts, and '{expression}' is none. Compare "
        "with a text.",
        'F.col("name") == "5"\n-- in SQL: WHERE name = \'5\'',
        ("CAST_INVALID_INPUT",),
        test=_compares,
        oracle="This is your ORA-01722: a text is compared with a number, and '{expression}' is none. Compare with a "
        "text.",
        mysql="MySQL would take '{expression}' for 0; Spark makes numbers of the texts and stops at it. Compare with "
        "a text.",
    ),
    Entry(
        "cast of a bad value",
        "The value '{expression}' is no {targetType}, and Spark stops. try_cast gives NULL for such values.",
        'F.col("x").try_cast("int")\n-- in SQL: try_cast(x AS INT)',
        ("CAST_INVALID_INPUT",),
        oracle="This is your ORA-01722: the value '{expression}' is no {targetType}. try_cast gives NULL for such "
        "values, as DEFAULT NULL ON CONVERSION ERROR does.",
        sqlserver="The value '{expression}' is no {targetType}, and the conversion fails as yours would. Your "
        "TRY_CAST is there, too: it gives NULL.",
        mysql="The value '{expression}' is no {targetType}. MySQL would warn and take 0 or a part of it; Spark "
        "stops, and try_cast gives NULL.",
    ),
    Entry(
        "too large for the type",
        "{value} does not fit into {targetType}, and Spark stops: take a wider type, or try_cast, which gives NULL.",
        'F.col("x").cast("bigint")\n-- in SQL: CAST(x AS BIGINT), try_cast(x AS INT)',
        ("CAST_OVERFLOW",),
    ),
    Entry(
        "overflow",
        "The result is too large for the type of its operands: an INT and an INT stay an INT. Make one of them "
        "wider first.",
        'F.col("x").cast("bigint") + 1\n-- in SQL: CAST(x AS BIGINT) + 1, try_add(x, 1)',
        ("ARITHMETIC_OVERFLOW", "BINARY_ARITHMETIC_OVERFLOW"),
        oracle="Oracle's NUMBER never overflows here; in Spark an INT and an INT stay an INT. Make one of them "
        "BIGINT or DECIMAL first.",
    ),
    Entry(
        "too many digits",
        "{value} has more digits than DECIMAL({precision},{scale}) holds: that is {precision} digits in all, "
        "{scale} of them after the point.",
        "CAST(x AS DECIMAL(12, 2))",
        ("NUMERIC_VALUE_OUT_OF_RANGE",),
    ),
    Entry(
        "array index",
        "The array has {arraySize} elements, and number {indexValue} is not among them. [] counts from 0, "
        "element_at from 1; get gives NULL past the end.",
        'F.get(F.split("name", ","), 5)\n-- in SQL: get(split(name, \',\'), 5)',
        ("INVALID_ARRAY_INDEX", "INVALID_ARRAY_INDEX_IN_ELEMENT_AT"),
        postgresql="The array has {arraySize} elements, and number {indexValue} is not among them: in Spark [] "
        "counts from 0, and past the end it stops instead of giving NULL. get gives NULL.",
    ),
    Entry(
        "index of zero",
        "element_at counts from 1, and from -1 at the end: there is no element 0.",
        'F.element_at("x", 1)',
        ("INVALID_INDEX_OF_ZERO",),
    ),
    Entry(
        "pattern",
        "{value} is no regular expression as Java knows it: a bracket or a parenthesis may want a backslash.",
        'F.col("name").rlike(r"\\[a")',
        ("INVALID_PARAMETER_VALUE.PATTERN",),
    ),
    Entry(
        "format of a number",
        "The value {input} does not look as the format {format} says: try_to_number gives NULL for it.",
        "try_to_number(name, '999')",
        ("INVALID_FORMAT",),
    ),
)
