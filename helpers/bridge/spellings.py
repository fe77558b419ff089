"""How Spark spells a call in the name of a column: some in capitals, some under another name, with SQL's defaults."""

from __future__ import annotations

import re

from sqlglot import exp

CAPITALS = frozenset(
    ["acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "cot", "csc", "degrees", "e",
     "exp", "expm1", "hypot", "log", "log10", "log1p", "log2", "pi", "power", "radians", "regexp", "regexp_like",
     "rlike", "sec", "signum", "sin", "sinh", "spark_partition_id", "sqrt", "tan", "tanh"]
)  # fmt: skip
_OTHER = {"array_agg": "collect_list", "curdate": "current_date", "current_database": "current_schema"}
_BOTH = "namedlambdavariable()"
_NULL = f"({_BOTH} IS NULL)"
_ASCENDING = (
    f"lambdafunction((IF(({_NULL} AND {_NULL}), 0, (IF({_NULL}, 1, (IF({_NULL}, -1, (IF(({_BOTH} < {_BOTH}), -1, "
    f"(IF(({_BOTH} > {_BOTH}), 1, 0)))))))))), {_BOTH}, {_BOTH})"
)
_DEFAULTS: dict[str, tuple[str, ...]] = {
    "array_sort": ("", _ASCENDING),
    "approx_percentile": ("", "", "10000"), "percentile_approx": ("", "", "10000"), "percentile": ("", "", "1"),
    "bround": ("", "0"), "round": ("", "0"), "from_unixtime": ("", "yyyy-MM-dd HH:mm:ss"), "locate": ("", "", "1"),
    "position": ("", "", "1"), "lpad": ("", "", " "), "rpad": ("", "", " "), "mask": ("", "X", "x", "n", "NULL"),
    "make_dt_interval": ("0", "0", "0", "0.000000"), "make_ym_interval": ("0", "0"),
    "months_between": ("", "", "true"),
    "make_interval": ("0", "0", "0", "0", "0", "0", "0.000000"), "overlay": ("", "", "", "-1"),
    "regexp_extract": ("", "", "1"), "regexp_extract_all": ("", "", "1"), "regexp_instr": ("", "", "0"),
    "regexp_replace": ("", "", "", "1"), "replace": ("", "", ""), "sentences": ("", "", ""), "listagg": ("", "NULL"),
    "sort_array": ("", "true"), "split": ("", "", "-1"), "str_to_map": ("", ",", ":"), "string_agg": ("", "NULL"),
    "substr": ("", "", "2147483647"), "substring": ("", "", "2147483647"), "lag": ("", "1", "NULL"),
    "lead": ("", "1", "NULL"),
}  # fmt: skip
CASTS = frozenset(
    ["int", "bigint", "smallint", "tinyint", "float", "double", "boolean", "string", "date", "timestamp", "binary",
     "decimal"]
)  # fmt: skip
"""Functions that are casts, of which nothing is left in a name."""
UNKNOWN = frozenset(
    ["aes_decrypt", "aes_encrypt", "convert_timezone", "isnotnull", "isnull", "like", "ltrim",
     "positive", "raise_error", "rtrim", "shuffle", "to_char", "to_unix_timestamp", "to_varchar", "unix_timestamp"]
)  # fmt: skip
"""Calls whose names depend on more than their arguments' texts."""


def call(name: str, arguments: list[str], distinct: str = "", over: bool = False) -> str:
    """The text of a call of these arguments. over: whether it stands on a window, where ranks are in capitals."""
    count = len(arguments)
    capital = name in CAPITALS or (name in ("ceil", "floor") and count == 1)
    capital = capital or (over and name in ("rank", "dense_rank", "percent_rank"))
    told = name.upper() if capital else _OTHER.get(name, name)
    more = [one for one in _DEFAULTS.get(name, ())[count:] if one or name in ("replace", "sentences")]
    if name == "log" and count == 1:
        arguments = ["E()", *arguments]
    # Of a switch for NULL nothing is told.
    if name in ("first", "last", "first_value", "last_value", "any_value"):
        arguments = arguments[:1]
    return f"{told}({distinct}{', '.join([*arguments, *more])})"


def interval(count: int, unit: str) -> str:
    """A constant interval's text."""
    single = {"week": ("day", 7), "quarter": ("month", 3)}
    unit, factor = single.get(unit, (unit, 1))
    count *= factor
    digits = f"{abs(count):02}" if unit in ("hour", "minute", "second") else str(abs(count))
    return f"INTERVAL '{'-' if count < 0 else ''}{digits}' {unit.upper()}"


def span(text: str) -> str:
    """A constant interval of several units: hours, minutes and seconds have two digits each."""
    days, blank, times = text.rpartition(" ")
    return days + blank + re.sub(r"\d+(?=:)|(?<=:)\d+", lambda digits: digits[0].zfill(2), times)


def number(node: exp.Literal) -> str:
    """A constant's text: as written, but for a power of ten."""
    return str(node.this) if node.is_string or "e" not in node.this.lower() else repr(float(node.this))
