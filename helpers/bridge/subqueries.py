"""Subqueries inside expressions: a value, EXISTS, IN, and comparisons with ANY or ALL."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.context import Context, writes
from helpers.bridge.operators import _BINARY as OPERATORS
from helpers.bridge.python import Py, listed, method
from helpers.bridge.refusal import refuse

LONG = 60
"""Characters of a subquery's chain beyond which it gets a variable."""

MANY = 20
"""Items of IN beyond which their list gets a variable."""


@writes(exp.Subquery, exp.Select, exp.Union)
def scalar(ctx: Context, node: exp.Expr) -> Py:
    """A subquery that stands for one value."""
    from helpers.bridge.query import inner

    frame = inner(ctx, node)
    if len(frame.text) > LONG:
        # A long chain behind an operator is hard to read: it gets a name, after what it computes.
        words = re.findall(r"[^\W\d]\w*", frame.fields[0].name if frame.fields else "")
        told = "_".join(words).lower()
        name = told if told.isidentifier() and len(told) <= 30 else "value"
        return Py(f"{ctx.program.assign(name, frame).text}.scalar()", told=False)
    return Py(f"{frame.text}.scalar()", told=False)


@writes(exp.Exists)
def exists(ctx: Context, node: exp.Expr) -> Py:
    """EXISTS (SELECT ...)."""
    from helpers.bridge.query import inner

    query = node.this
    if not isinstance(query, exp.Query):
        raise refuse(node, node.sql("spark")[:60], "EXISTS takes a query here")
    frame = inner(ctx, query, rows_only=True)
    return Py(f"{frame.text}.exists()", told=False)


@writes(exp.In)
def in_(ctx: Context, node: exp.Expr) -> Py:
    """IN (list) and IN (SELECT ...)."""
    from helpers.bridge.query import inner

    query = node.args.get("query")
    if query is None:
        items = [ctx.code(one) for one in node.expressions]
        texts = [one.text for one in items]
        if len(items) > MANY and all(one.kind == "value" for one in items):
            column = node.this.find(exp.Column)
            texts = [ctx.program.set_apart(listed(texts), f"{column.name if column is not None else 'value'}_list")]
        return method(ctx.code(node.this), "isin", texts, told=all(one.told for one in items))
    left = node.this
    while isinstance(left, exp.Paren):
        left = left.this
    if isinstance(left, exp.Tuple):
        target = Py(f"F.struct({', '.join(ctx.code(one).short() for one in left.expressions)})")
        return method(target, "isin", [inner(ctx, query).text], told=False)
    frame = inner(ctx, query)
    return method(ctx.code(left), "isin", [frame.text], told=False)


def quantified(ctx: Context, node: exp.Expr) -> Py | None:
    """A comparison with ANY, SOME or ALL of a subquery; None where there is none."""
    right = node.expression
    if not isinstance(right, exp.Any | exp.All):
        return None
    raise refuse(node, f"{type(right).__name__.upper()} with {OPERATORS[type(node)][0]}",
                 "Spark knows it with LIKE only", "compare with the subquery's minimum or maximum")  # fmt: skip
