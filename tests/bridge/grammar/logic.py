"""Conditions, choices between values of any kind, and functions that take a function."""

from __future__ import annotations

from tests.bridge.grammar.scope import NUMBERS, ORDERED, SIMPLE
from tests.bridge.grammar.values import Place, form, literal, makes

_PLAIN = ("int", "decimal", "double", "string", "date", "timestamp")
_SIGNS = ("=", "<>", "!=", "<", "<=", ">", ">=", "<=>", "=", ">=")


def _choices(kind: str) -> None:
    """Enters what chooses between values of that kind."""
    one = "{" + kind + "}"
    form("CASE", kind, f"CASE WHEN {{boolean}} THEN {one} ELSE {one} END", f"CASE WHEN {{boolean}} THEN {one} END",
         f"CASE {{int}} WHEN {{n}} THEN {one} WHEN 2 THEN {one} ELSE {one} END")  # fmt: skip
    form("COALESCE and its kin", kind, f"coalesce({one}, {one})", f"nvl({one}, {one})", f"ifnull({one}, {one})")
    form("IF", kind, f"if({{boolean}}, {one}, {one})")
    if kind in SIMPLE:
        form("NULLIF", kind, f"nullif({one}, {{={kind}}})")


@makes("comparison", "boolean")
def comparison(place: Place) -> str:
    """Two values of one kind compared."""
    kind = place.draw.one(_PLAIN)
    kinds = NUMBERS if kind in NUMBERS else (kind,)
    return f"({place.column(*kinds)} {place.draw.one(_SIGNS)} {place.value(*kinds)})"


@makes("BETWEEN", "boolean")
def between(place: Place) -> str:
    """BETWEEN, and its opposite."""
    kind = place.draw.one(_PLAIN)
    word = place.draw.one(["", "NOT "])
    return f"{place.column(kind)} {word}BETWEEN {literal(place.draw, kind)} AND {place.value(kind)}"


@makes("IN list", "boolean")
def in_list(place: Place) -> str:
    """IN with constants."""
    kind = place.draw.one(("int", "string", "decimal", "date"))
    items = [literal(place.draw, kind) for _ in range(place.draw.number(1, 3))]
    items += ["NULL"] if place.draw.chance(0.1) else []
    return f"{place.column(kind)} {place.draw.one(['', 'NOT '])}IN ({', '.join(items)})"


@makes("IS NULL", "boolean")
def is_null(place: Place) -> str:
    """IS NULL of any column."""
    return f"{place.column(*ORDERED)} IS {place.draw.one(['', 'NOT '])}NULL"


@makes("AND, OR, NOT", "boolean")
def connected(place: Place) -> str:
    """Conditions joined."""
    one, other = place.condition(), place.condition()
    return place.draw.one([f"({one} AND {other})", f"({one} OR {other})", f"NOT ({one})", f"(NOT {one} OR {other})"])


@makes("struct comparison", "boolean")
def structs(place: Place) -> str:
    """Two structs compared."""
    kind, other = place.draw.one(("string", "date")), place.draw.one(("string", "timestamp"))
    sign = place.draw.one(["=", "<", "<=>"])
    right = f"struct({literal(place.draw, kind)}, {place.value(other)})"
    return f"(struct({place.column(kind)} AS a, {place.column(other)} AS b) {sign} {right})"


form("LIKE", "boolean", "{string} LIKE '%o%'", "{string} NOT LIKE 'N%'", "{string} LIKE '\\\\%%'",
     "{string} LIKE '%!_%' ESCAPE '!'",
     "{string} ILIKE 'n%'", "{string} RLIKE '^[a-z]+$'", "{string} NOT RLIKE '[0-9]'", "regexp_like({string}, 'o')",
     "{string} LIKE '_' || {word}")  # fmt: skip
form(
    "LIKE ANY",
    "boolean",
    "{string} LIKE ANY ('%a%', 'N%')",
    "{string} NOT LIKE ALL ('%x%', '%y%')",
    "{string} LIKE ALL ('%o%', '%')",
)
form("IS TRUE", "boolean", "({boolean}) IS TRUE", "({boolean}) IS NOT FALSE", "({boolean}) IS NOT TRUE")
form("IS DISTINCT FROM", "boolean", "{number} IS DISTINCT FROM {number}", "{string} IS NOT DISTINCT FROM {string}")
form("text function", "boolean", "startswith({string}, 'N')", "contains({string}, {word})", "endswith({string}, 'h')")
form("array function", "boolean", "array_contains({strings}, {word})", "arrays_overlap({strings}, {=strings})",
     "array_contains({ints}, {n})")  # fmt: skip
form("map function", "boolean", "map_contains_key({map}, 'make')")
form("higher-order function", "boolean", "exists({strings}, x -> x = {word})", "forall({ints}, x -> x > {n})")
form("interval", "boolean", "({timestamp} - {timestamp} > INTERVAL {n} HOUR)",
     "({date} - {date} >= INTERVAL '{n}' DAY)",
     "({timestamp} >= {=timestamp} - INTERVAL '1' DAY)")  # fmt: skip
form("collation", "boolean", "{string} COLLATE UTF8_LCASE = 'PV'")
form("cast", "boolean", "boolean({int})", "CAST({n} AS BOOLEAN)")

PRODUCED = (*SIMPLE, "strings", "ints", "map", "point")
for _kind in PRODUCED:
    _choices(_kind)


@makes("higher-order function", "strings")
def changed_strings(place: Place) -> str:
    """TRANSFORM, FILTER, ZIP_WITH and a sort by a function, of texts."""
    inner = place.binding(("x", "string"))
    array = place.value("strings")
    return place.draw.one([
        f"transform({array}, x -> {inner.value('string')})", f"filter({array}, x -> {inner.value('boolean')})",
        f"transform({array}, (x, i) -> x || i)", f"filter({array}, (x, i) -> i % 2 = 0)",
        f"zip_with({array}, {literal(place.draw, 'strings')}, (x, y) -> concat_ws('+', x, y))",
        f"array_sort({array}, (x, y) -> coalesce(length(y), 0) - coalesce(length(x), 0))",
    ])  # fmt: skip


@makes("higher-order function", "ints")
def changed_numbers(place: Place) -> str:
    """TRANSFORM, FILTER and ZIP_WITH of numbers, and of arrays within an array."""
    inner = place.binding(("x", "int"))
    array = place.value("ints")
    return place.draw.one([
        f"transform({array}, x -> {inner.value('int')})", f"filter({array}, x -> {inner.value('boolean')})",
        f"transform({place.value('strings')}, x -> length(x))",
        f"zip_with({array}, {literal(place.draw, 'ints')}, (x, y) -> coalesce(x, 0) + y)",
        f"transform(array({array}, {literal(place.draw, 'ints')}), a -> aggregate(a, 0, (s, x) -> s + ifnull(x, 1)))",
    ])  # fmt: skip


@makes("higher-order function", "map")
def changed_map(place: Place) -> str:
    """Functions on the keys and the values of a map."""
    inner = place.binding(("k", "string"), ("v", "string"))
    one = place.value("map")
    return place.draw.one([
        f"map_filter({one}, (k, v) -> {inner.value('boolean')})",
        f"transform_values({one}, (k, v) -> {inner.value('string')})",
        f"transform_keys({one}, (k, v) -> upper(k))",
        f"map_zip_with({one}, {literal(place.draw, 'map')}, (k, x, y) -> concat_ws('+', x, y))",
    ])  # fmt: skip
