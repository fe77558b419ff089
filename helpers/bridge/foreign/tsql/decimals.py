"""How many digits SQL Server's decimals have: of a division it keeps fewer than Spark, of an average six at least."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign import shared
from helpers.bridge.foreign.reader import WHOLE, Reader, as_type, told
from helpers.bridge.foreign.tsql.casts import decimal_of
from helpers.bridge.refusal import refuse

_WHOLE = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}
_MOST, _LEAST = 38, 6
_NOTE = "The last digit of a divided decimal is cut off in SQL Server and rounded in Spark."


def divided(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Integers divide to an integer, decimals to so many digits as SQL Server gives them."""
    left, right = digits(reading, node.this), digits(reading, node.expression)
    made = shared.integer_division(reading, node)
    kinds = reading.kind(node.this), reading.kind(node.expression)
    if made is not None or "decimal" not in kinds or "double" in kinds or "float" in kinds:
        return made
    reading.note(_NOTE)
    if left is None or right is None:
        return None
    found = _quotient(left, right)
    plain = exp.Div(this=node.this.copy(), expression=node.expression.copy(), typed=False, safe=False)
    made = told(as_type(plain, f"decimal(38,{found[1]})"), "decimal")
    made.meta["digits"] = found
    return made


def average(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """AVG of integers is an integer, of decimals one of six digits at least."""
    kind = reading.kind(node.this)
    if kind in WHOLE:
        reading.note("AVG of integers drops the fraction in SQL Server.")
        return as_type(node.copy(), "bigint")
    if kind == "":
        raise refuse(
            node,
            node.sql("tsql")[:40],
            "of integers it would drop the fraction, and the type is not known",
            "give the schema, or cast",
        )
    if kind != "decimal":
        return None
    reading.note(_NOTE)
    found = digits(reading, node.this)
    return told(as_type(node.copy(), f"decimal(38,{max(found[1], _LEAST)})"), "decimal") if found else None


def _quotient(left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
    scale = max(_LEAST, left[1] + right[0] + 1)
    return _fitted(left[0] - left[1] + right[1] + scale, scale)


def _fitted(precision: int, scale: int) -> tuple[int, int]:
    """More than 38 digits are made fewer at the end, of which six are kept."""
    if precision <= _MOST:
        return precision, scale
    return _MOST, max(min(scale, _LEAST), _MOST - (precision - scale))


def digits(reading: Reader, node: exp.Expr) -> tuple[int, int] | None:
    """Precision and scale that SQL Server gives a number; None where they are not known."""
    if node.meta.get("digits"):
        return (int(node.meta["digits"][0]), int(node.meta["digits"][1]))
    if isinstance(node, exp.Paren | exp.Neg | exp.Min | exp.Max | exp.Distinct | exp.Window):
        inner = node.expressions[0] if isinstance(node, exp.Distinct) else node.this
        return digits(reading, inner)
    if isinstance(node, exp.Literal):
        before, _, after = node.this.partition(".")
        known = not node.is_string and "e" not in node.this.lower()
        return (max(len(before.lstrip("0")) + len(after), 1), len(after)) if known else None
    if isinstance(node, exp.Cast) and (found := decimal_of(reading, node)):
        return found
    kind = reading.kind(node)
    if isinstance(node, exp.Count):
        return 10, 0
    if isinstance(node, exp.Sum):
        found = digits(reading, node.this)
        whole = kind in WHOLE or reading.kind(node.this) in WHOLE
        return found if whole or found is None else (_MOST, found[1])
    if isinstance(node, exp.Add | exp.Sub | exp.Mul) and kind == "decimal":
        return _combined(reading, node)
    if isinstance(node, exp.Coalesce):
        return _widest(reading, [node.this, *node.expressions])
    if kind in _WHOLE:
        return _WHOLE[kind], 0
    return decimal_of(reading, node) if isinstance(node, exp.Column) else None


def _combined(reading: Reader, node: exp.Expr) -> tuple[int, int] | None:
    left, right = digits(reading, node.this), digits(reading, node.expression)
    if left is None or right is None:
        return None
    if isinstance(node, exp.Mul):
        return _fitted(left[0] + right[0] + 1, left[1] + right[1])
    scale = max(left[1], right[1])
    return _fitted(max(left[0] - left[1], right[0] - right[1]) + scale + 1, scale)


def _widest(reading: Reader, parts: list[exp.Expr]) -> tuple[int, int] | None:
    found = [digits(reading, one) for one in parts]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        return None
    scale = max(one[1] for one in known)
    return min(max(one[0] - one[1] for one in known) + scale, _MOST), scale
