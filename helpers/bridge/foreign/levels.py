"""The level of a row of subtotals: a bit for each key, 1 where it is summed over, that of the last key the lowest."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.reader import as_type, call, told
from helpers.bridge.refusal import refuse

_SEVERAL = (exp.Rollup, exp.Cube, exp.GroupingSets)


def whole(node: exp.Expr) -> exp.Expr:
    """The level of a call's keys as an INT. Raises Refusal where it names none."""
    made, kind = level(node)
    return told(made, "int") if kind == "int" else as_type(made, "int")


def level(node: exp.Expr) -> tuple[exp.Expr, str]:
    """The level of a call's keys, and Spark's type of it. Raises Refusal where it names none."""
    parts = node.expressions
    if not parts:
        raise refuse(node, "GROUPING_ID()", "it names no columns")
    if parts == _keys(node.find_ancestor(exp.Select)):
        return call("grouping_id", *(one.copy() for one in parts)), "bigint"
    if len(parts) == 1:
        return _bit(parts[0], 0), "tinyint"
    made, *others = [_bit(one, len(parts) - place) for place, one in enumerate(parts, start=1)]
    for one in others:
        made = exp.Add(this=made, expression=one)
    return exp.Paren(this=made), "int"


def _bit(key: exp.Expr, place: int) -> exp.Expr:
    bit = exp.Grouping(expressions=[key.copy()])
    return exp.Mul(this=bit, expression=exp.Literal.number(2**place)) if place else bit


def _keys(select: exp.Expr | None) -> list[exp.Expr]:
    """The keys of a grouping as Spark's GROUPING_ID wants them: all, in the order in which they are written."""
    group = select.args.get("group") if select is not None else None
    if group is None:
        return []
    written = group.expressions
    if len(written) == 1 and isinstance(written[0], _SEVERAL):
        written = _leaves(written[0])
    elif not group.args.get("rollup") and not group.args.get("cube"):
        return []
    return [one for place, one in enumerate(written) if one not in written[:place]]


def _leaves(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, (*_SEVERAL, exp.Tuple)):
        return [leaf for one in node.expressions for leaf in _leaves(one)]
    return [node.unnest()]
