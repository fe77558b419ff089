"""Which rows come: OFFSET and LIMIT; and where they lie: DISTRIBUTE BY, SORT BY, CLUSTER BY."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.context import Context
from helpers.bridge.program import Frame
from helpers.bridge.refusal import refuse
from helpers.bridge.windows import ordered


def limited(ctx: Context, frame: Frame, node: exp.Expr) -> None:
    """OFFSET and LIMIT."""
    offset, limit = node.args.get("offset"), node.args.get("limit")
    if isinstance(limit, exp.Fetch):
        raise refuse(node, "FETCH", "only LIMIT is known")
    for name, clause in (("offset", offset), ("limit", limit)):
        if clause is None:
            continue
        inner = clause.expression
        number = whole_number(inner)
        if number is None:
            if name == "limit" and inner is not None and inner.name.upper() == "ALL":
                continue
            raise refuse(clause, f"{name.upper()} {inner.sql('spark') if inner is not None else ''}",
                         f"{name}() takes a whole number", "write the number")  # fmt: skip
        frame.step(name, number)


def whole_number(node: exp.Expr | None) -> str | None:
    """The text of a whole number, or of a sum or a product of some; None where it is anything else."""
    if isinstance(node, exp.Literal):
        return str(node.this) if node.is_int else None
    if isinstance(node, exp.Paren):
        inner = whole_number(node.this)
        return f"({inner})" if inner is not None else None
    signs: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
    if type(node) not in signs:
        return None
    assert node is not None
    left, right = whole_number(node.this), whole_number(node.expression)
    return f"{left} {signs[type(node)]} {right}" if left is not None and right is not None else None


def spread(ctx: Context, frame: Frame, node: exp.Select) -> None:
    """DISTRIBUTE BY, SORT BY and CLUSTER BY: how rows lie in partitions."""
    for key in ("cluster", "distribute"):
        clause = node.args.get(key)
        if clause is not None:
            parts = [one.this if isinstance(one, exp.Ordered) else one for one in clause.expressions]
            frame.step("repartition", *(ctx.code(one).short() for one in parts))
    clause = node.args.get("cluster") or node.args.get("sort")
    if clause is not None:
        orders = [one if isinstance(one, exp.Ordered) else exp.Ordered(this=one.copy()) for one in clause.expressions]
        frame.step("sortWithinPartitions", *(ordered(ctx, one) for one in orders))
