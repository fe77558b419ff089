"""Slips at ORDER BY, of the query and of windows: direction, place of NULL, a column lost."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.adversary.names import Names
from helpers.adversary.slips.slip import Slip, changed, text, without


def direction(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """ASC became DESC or the way back, each with Spark's own place for NULL."""
    if isinstance(node, exp.Ordered) and isinstance(node.parent, exp.Order):
        down = bool(node.args.get("desc"))
        after = changed(node, desc=not down or None, nulls_first=down)
        yield Slip("order direction", after, f"ORDER BY {text(node)} became {text(after)}")


def nulls(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """NULLS FIRST became NULLS LAST or the way back, where NULL is possible."""
    if not isinstance(node, exp.Ordered) or not isinstance(node.parent, exp.Order):
        return
    field = names.field(node.this) if isinstance(node.this, exp.Column) else None
    if field is None or field.nullable:
        first = bool(node.args.get("nulls_first"))
        words = ("FIRST", "LAST") if first else ("LAST", "FIRST")
        sentence = f"NULLS {words[0]} of {text(node.this)} became NULLS {words[1]}"
        yield Slip("order nulls", changed(node, nulls_first=not first), sentence)


def shorter(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """One of several ORDER BY columns is missing."""
    if isinstance(node, exp.Order) and len(node.expressions) > 1:
        for position, part in enumerate(node.expressions):
            yield Slip(
                "order column", without(node, "expressions", position), f"{text(part)} was dropped from ORDER BY"
            )


MAKERS = (direction, nulls, shorter)
