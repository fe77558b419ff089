"""Slips at joins: another kind, a conjunct of the condition lost, NULL-safe equality."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.adversary.names import Names
from helpers.adversary.slips.slip import Slip, became, changed

KINDS = {
    "JOIN": ("", ""),
    "LEFT JOIN": ("LEFT", ""),
    "RIGHT JOIN": ("RIGHT", ""),
    "FULL JOIN": ("FULL", ""),
    "LEFT SEMI JOIN": ("LEFT", "SEMI"),
    "LEFT ANTI JOIN": ("LEFT", "ANTI"),
}


def join_kind(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """Every other kind of join that the rest of the query allows."""
    if not isinstance(node, exp.Join) or not (node.args.get("on") or node.args.get("using")):
        return
    before = _label(node)
    for label, (side, kind) in KINDS.items():
        narrow, was_narrow = kind != "", before.endswith(("SEMI JOIN", "ANTI JOIN"))
        if label == before or (narrow and not was_narrow and _needed(node)):
            continue
        if was_narrow and not narrow and (label in ("RIGHT JOIN", "FULL JOIN") or not _qualified(node)):
            continue
        yield Slip("join kind", changed(node, side=side or None, kind=kind or None), f"{before} became {label}")


def null_safe(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """= between two columns became <=>, where NULL is possible on both sides; and the way back."""
    if not isinstance(node, exp.EQ | exp.NullSafeEQ):
        return
    sides = [names.field(side) for side in (node.this, node.expression) if isinstance(side, exp.Column)]
    if len(sides) == 2 and all(side is None or side.nullable for side in sides):
        other = exp.NullSafeEQ if isinstance(node, exp.EQ) else exp.EQ
        after = other(this=node.this.copy(), expression=node.expression.copy())
        yield Slip("join condition" if node.find_ancestor(exp.Join) else "comparison", after, became(node, after))


def _label(join: exp.Join) -> str:
    if join.kind in ("SEMI", "ANTI"):
        return f"LEFT {join.kind} JOIN"
    return f"{join.side} JOIN" if join.side else "JOIN"


def _needed(join: exp.Join) -> bool:
    """Whether the query uses a column of the joined table outside this join's condition."""
    select = join.parent
    alias = join.alias_or_name.lower()
    if not isinstance(select, exp.Select) or any(item.is_star for item in select.selects):
        return True
    inside = {id(column) for column in join.find_all(exp.Column)}
    outside = [column for column in select.find_all(exp.Column) if id(column) not in inside]
    return any(column.table.lower() in ("", alias) for column in outside)


def _qualified(join: exp.Join) -> bool:
    """Whether more columns in scope can make no name of the query ambiguous and add no column to its result."""
    select = join.parent
    if not isinstance(select, exp.Select) or any(item.is_star for item in select.selects):
        return False
    return not join.args.get("using") and all(column.table for column in select.find_all(exp.Column))


MAKERS = (join_kind, null_safe)
