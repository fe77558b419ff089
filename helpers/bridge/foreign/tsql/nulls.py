"""ISNULL, which casts its second argument to the type of its first."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from helpers.bridge.foreign import flags, pieces
from helpers.bridge.foreign.digits import decimal_of
from helpers.bridge.foreign.reader import WHOLE, Reader, as_type, told
from helpers.bridge.foreign.tsql.casts import WHOLE_TEXT, dated, sized
from helpers.bridge.foreign.tsql.formats import moment_text
from helpers.bridge.refusal import refuse


def replaced_null(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """ISNULL has the type of its first argument, its length too."""
    first, second = node.this, node.expressions[0]
    if not node.args.get("is_null"):
        if {reading.kind(one) for one in (first, *node.expressions)} != {"boolean"}:
            flags.numbered(reading, [first, *node.expressions])
        return None
    kinds = reading.kind(first), reading.kind(second)
    if kinds[0] == "boolean" and pieces.number(second) is not None:
        # Any number but 0 is true.
        return told(
            exp.Coalesce(this=first.copy(), expressions=[exp.Boolean(this=bool(pieces.number(second)))]), "boolean"
        )
    if isinstance(second, exp.Null) or (isinstance(first, exp.Null) and kinds[1]):
        return None
    if kinds[0] == kinds[1] == "string":
        made = exp.Coalesce(this=first.copy(), expressions=[second.copy()])
        size = first.meta.get("length")
        if not size or (isinstance(second, exp.Literal) and len(second.this) <= size):
            return made
        cut = exp.Substring(this=made, start=exp.Literal.number(1), length=exp.Literal.number(size))
        return sized(told(cut, "string"), size)
    whole = kinds[0] in WHOLE and kinds[1] in WHOLE
    if whole or (kinds[0] == kinds[1] and kinds[0] in ("double", "date", "timestamp", "boolean")):
        return None
    target = _target(reading, first, second, kinds)
    if target is None:
        raise refuse(
            node,
            node.sql("tsql")[:40],
            "it has the type and length of its first argument, and the second's are others, or not known",
            "use COALESCE",
        )
    if target == "":
        return None
    other = as_type(second.copy(), target)
    if kinds[0] in ("date", "timestamp"):
        other = dated(moment_text(reading, second), kinds[0] == "date")
    return told(exp.Coalesce(this=first.copy(), expressions=[other]), kinds[0])


def _target(reading: Reader, first: exp.Expr, second: exp.Expr, kinds: tuple[str, str]) -> str | None:
    """What the second argument is to be cast to; "" = it fits as it is, None = not known."""
    if kinds[0] == "decimal" and kinds[1] in {*WHOLE, "decimal", "double", "float"}:
        digits = decimal_of(reading, first)
        if kinds[1] in WHOLE:
            return ""
        if digits and isinstance(second, exp.Literal) and -int(Decimal(second.this).as_tuple().exponent) <= digits[1]:
            return ""
        return f"decimal({digits[0]},{digits[1]})" if digits else None
    if kinds[0] in ("double", "float") and kinds[1] in {*WHOLE, "decimal"}:
        return ""
    if kinds[0] in WHOLE and kinds[1] in ("decimal", "double", "float"):
        return kinds[0]
    if isinstance(second, exp.Literal) and second.is_string:
        if kinds[0] in WHOLE and WHOLE_TEXT.fullmatch(second.this):
            return kinds[0]
        if kinds[0] in ("date", "timestamp"):
            return kinds[0]
    return None
