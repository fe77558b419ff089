"""How many digits a decimal has: precision and scale of what is computed, in SQL Server and in Spark."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from helpers.bridge.foreign.pieces import number, selected
from helpers.bridge.foreign.reader import WHOLE, Reader, as_type, told

Digits = tuple[int, int]
"""Precision and scale."""

MOST, LEAST = 38, 6
_WIDEST = (MOST, 16)
"""Of a decimal whose digits are not known."""

_ENOUGH, _MORE = 12, 4
"""With so many digits behind the point a quotient is as good as the dialect's own; else it gets four more."""


@dataclass(frozen=True)
class Arithmetic:
    """What a product says of numbers.

    whole: digits of its integers; count: of COUNT; total: of a SUM of decimals; rounds: whether ROUND takes some off.
    """

    whole: Mapping[str, int]
    count: int
    total: Callable[[Digits], Digits]
    rounds: bool


SPARK = Arithmetic(
    {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 20}, 20, lambda one: (min(one[0] + 10, MOST), one[1]), True
)
_OF_THEIR_ARGUMENT = (exp.Paren, exp.Neg, exp.Min, exp.Max, exp.Distinct, exp.Window, exp.Filter, exp.Abs, exp.Nullif)


def decimal_of(reading: Reader, node: exp.Expr) -> Digits | None:
    """Precision and scale of a column or a cast; None where they are not known."""
    kind = node.to.sql("spark").lower() if isinstance(node, exp.Cast) else reading.names.type(node)
    found = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", kind)
    return (int(found[1]), int(found[2])) if found else None


def digits(reading: Reader, node: exp.Expr, by: Arithmetic) -> Digits | None:
    """Precision and scale of a number; None where they are not known."""
    if node.meta.get("digits"):
        return (int(node.meta["digits"][0]), int(node.meta["digits"][1]))
    if isinstance(node, _OF_THEIR_ARGUMENT):
        inner = node.expressions[0] if isinstance(node, exp.Distinct) else node.this
        return digits(reading, inner, by)
    if isinstance(node, exp.Literal):
        before, _, after = node.this.partition(".")
        known = not node.is_string and "e" not in node.this.lower()
        return (max(len(before.lstrip("0")) + len(after), 1), len(after)) if known else None
    if isinstance(node, exp.Cast) and (found := decimal_of(reading, node)):
        return found
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Select) and len(node.this.selects) == 1:
        return digits(reading, node.this.selects[0].unalias(), by)
    kind = reading.kind(node)
    if isinstance(node, exp.Count):
        return by.count, 0
    if isinstance(node, exp.Sum):
        found = digits(reading, node.this, by)
        whole = kind in WHOLE or reading.kind(node.this) in WHOLE
        return found if whole or found is None else by.total(found)
    if isinstance(node, exp.Add | exp.Sub | exp.Mul) and kind == "decimal":
        return _combined(reading, node, by)
    if isinstance(node, exp.Coalesce | exp.Greatest | exp.Least):
        return _widest(reading, [node.this, *node.expressions], by)
    if isinstance(node, exp.Case):
        return _widest(reading, [*(one.args["true"] for one in node.args["ifs"]), node.args.get("default")], by)
    if isinstance(node, exp.Round | exp.Floor | exp.Ceil) and kind == "decimal":
        return _rounded(node, digits(reading, node.this, by), by)
    if kind in by.whole:
        return by.whole[kind], 0
    if not isinstance(node, exp.Column):
        return None
    inner = selected(reading, node)
    return decimal_of(reading, node) or (digits(reading, inner, by) if inner is not None else None)


def quotient(left: Digits, right: Digits) -> Digits:
    """Of a division, which SQL Server and Spark tell alike."""
    scale = max(LEAST, left[1] + right[0] + 1)
    return _fitted(left[0] - left[1] + right[1] + scale, scale)


def _fitted(precision: int, scale: int) -> Digits:
    """More than 38 digits are made fewer at the end, of which six are kept."""
    if precision <= MOST:
        return precision, scale
    return MOST, max(min(scale, LEAST), MOST - (precision - scale))


def _combined(reading: Reader, node: exp.Expr, by: Arithmetic) -> Digits | None:
    left, right = digits(reading, node.this, by), digits(reading, node.expression, by)
    if left is None or right is None:
        return None
    if isinstance(node, exp.Mul):
        return _fitted(left[0] + right[0] + 1, left[1] + right[1])
    scale = max(left[1], right[1])
    return _fitted(max(left[0] - left[1], right[0] - right[1]) + scale + 1, scale)


def _rounded(node: exp.Expr, found: Digits | None, by: Arithmetic) -> Digits | None:
    places = node.args.get("decimals")
    kept = 0 if places is None else number(places)
    if found is None or not by.rounds:
        return found
    return None if kept is None or kept < 0 else (min(found[0] - found[1] + kept + 1, MOST), min(kept, found[1]))


def _widest(reading: Reader, parts: list[exp.Expr | None], by: Arithmetic) -> Digits | None:
    found = [digits(reading, one, by) for one in parts if one is not None and not isinstance(one, exp.Null)]
    known = [one for one in found if one is not None]
    if not known or len(known) < len(found):
        return None
    scale = max(one[1] for one in known)
    return min(max(one[0] - one[1] for one in known) + scale, MOST), scale


def divided(reading: Reader, node: exp.Expr, enough: int = _ENOUGH) -> None:
    """Gives a quotient of decimals so many digits behind the point that none is missing; it is changed in place."""
    kinds = {_kind(reading, node.this), _kind(reading, node.expression)}
    if "decimal" not in kinds or kinds & {"double", "float"}:
        return
    left, right = digits(reading, node.this, SPARK), digits(reading, node.expression, SPARK)
    if left is None and _kind(reading, node.this) == "decimal":
        left = _WIDEST
        node.set("this", _wider(node.this, left, left[1]))
    if left is None or right is None:
        reading.note(f"The quotient {node.sql()[:40]} may have fewer digits in Spark: a type is not known.")
        return
    if quotient(left, right)[1] < min(enough, left[1] + _ending(node.expression)):
        scale = max(left[1], enough + _MORE - right[0])
        wide = (min(left[0] - left[1] + scale, MOST), scale)
        node.set("this", _wider(node.this, wide, left[1]))
        left = wide
    node.meta["digits"] = quotient(left, right)


def average(reading: Reader, node: exp.Expr) -> None:
    """Gives an average of decimals more digits than the four that Spark adds; it is changed in place."""
    value = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
    if _kind(reading, value) != "decimal":
        return
    found = digits(reading, value, SPARK)
    if found is None:
        found = _WIDEST
        value.replace(_wider(value, found, found[1]))
    elif found[1] + _MORE < _ENOUGH:
        wide = (min(found[0] - found[1] + _ENOUGH, MOST), _ENOUGH)
        value.replace(_wider(value, wide, found[1]))
        found = wide
    node.meta["digits"] = (min(found[0] + _MORE, MOST), found[1] + _MORE)


def _kind(reading: Reader, node: exp.Expr) -> str:
    """The kind of a number in Spark, where integers divided are a double and a sum of them has 64 bits."""
    inner = node.unnest()
    made = selected(reading, inner) if isinstance(inner, exp.Column) else None
    if isinstance(inner, exp.Extract) or (
        made is not None and made is not inner and _kind(reading, made) == "double"
    ):
        return "double"
    if isinstance(inner, exp.Window | exp.Filter) and isinstance(inner.this, exp.Expr):
        return _kind(reading, inner.this)
    if isinstance(inner, exp.Sum) and reading.kind(inner.this) in WHOLE:
        return "bigint"
    if isinstance(inner, exp.Div) and {reading.kind(inner.this), reading.kind(inner.expression)} <= WHOLE:
        return "double"
    kind = reading.kind(node)
    return "decimal" if kind == "ratio" else kind


def _wider(node: exp.Expr, given: Digits, before: int) -> exp.Expr:
    made = told(as_type(node.copy(), f"decimal({given[0]},{given[1]})"), "decimal")
    made.meta["digits"], made.meta["scale_before"] = given, before
    return made


def _ending(node: exp.Expr) -> int:
    """How many digits a division by a constant adds at most; a great many where it does not end."""
    inner = node.unnest()
    written = inner.this.replace(".", "") if isinstance(inner, exp.Literal) and not inner.is_string else ""
    value = int(written) if written.isdigit() else 0
    if not value:
        return MOST
    times = [0, 0]
    for index, factor in enumerate((2, 5)):
        while value % factor == 0:
            value //= factor
            times[index] += 1
    return max(times) if value == 1 else MOST
