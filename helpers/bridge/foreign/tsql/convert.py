"""CONVERT and TRY_CONVERT, whose styles say how dates are written."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign import pieces
from helpers.bridge.foreign.reader import WHOLE, Reader, call, told
from helpers.bridge.foreign.tsql.casts import MOMENTS, TEXTS, cast, dated
from helpers.bridge.foreign.tsql.formats import read, styled
from helpers.bridge.refusal import refuse


def convert(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """CONVERT(type, value, style)."""
    safe = bool(node.args.get("safe"))
    to, value, style = node.this, node.expression, node.args.get("style")
    kind_of_cast = exp.TryCast if safe else exp.Cast
    plain = kind_of_cast(this=value.copy(), to=to.copy(), **({"safe": True} if safe else {}))
    kind = reading.kind(value)
    number = pieces.number(style) if style is not None else 0
    if number is None:
        raise refuse(node, "CONVERT with a computed style", "the style decides what is written")
    if style is None or (kind == "string" and to.is_type(*TEXTS)):
        _as_cast(reading, node, plain)
        return None
    if to.is_type(*TEXTS) and kind in ("date", "timestamp"):
        size = pieces.number(to.expressions[0].this) if to.expressions else 30
        if to.is_type("text"):
            size = None
        made = styled(reading, node, value, number, size)
        full = isinstance(made, exp.Anonymous) and len(made.expressions[1].name) == size
        padded = to.is_type("char", "nchar") and size is not None and not full
        return told(call("rpad", made, size or 0, " "), "string") if padded else made
    if to.is_type("date", *MOMENTS) and isinstance(value, exp.Literal) and value.is_string:
        text = read(node, value.this, number)
        if text is None and not safe:
            raise refuse(node, f"The date {value.this!r}", f"it is none in the style {number}")
        return dated(text, to.is_type("date"))
    if (to.is_type("date", *MOMENTS) and kind in ("date", "timestamp")) or (number == 0 and kind in WHOLE):
        _as_cast(reading, node, plain)
        return None
    raise refuse(
        node,
        "CONVERT with a style",
        "it is known of dates as text, and of texts that are written out as dates",
        "use FORMAT() or CAST()",
    )


def _as_cast(reading: Reader, node: exp.Expr, plain: exp.Expr) -> None:
    """Puts the cast in the place of the node: outside the tree nothing would be known of the columns in it."""
    node.replace(plain)
    made = cast(reading, plain)
    if made is not None:
        plain.replace(made)
