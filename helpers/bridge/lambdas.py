"""Functions that take a function: TRANSFORM, FILTER, AGGREGATE and their kin."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.calls import special
from helpers.bridge.context import Context, writes
from helpers.bridge.python import Py, call
from helpers.bridge.refusal import refuse

_PYTHON = {"exists": "exists", "forall": "forall", "filter": "filter", "transform": "transform",
    "aggregate": "aggregate",
           "reduce": "reduce", "zip_with": "zip_with", "map_filter": "map_filter", "map_zip_with": "map_zip_with",
           "transform_keys": "transform_keys", "transform_values": "transform_values",
           "array_sort": "array_sort"}  # fmt: skip


@writes(exp.Lambda)
def lambda_(ctx: Context, node: exp.Expr) -> Py:
    """x -> ..., (x, y) -> ..."""
    names = [one.name for one in node.expressions]
    body = ctx.binding(names).code(node.this).column()
    return Py(f"lambda {', '.join(names)}: {body.text}", kind="value", told=False)


@special(*_PYTHON)
def higher(ctx: Context, node: exp.Anonymous, arguments: list[exp.Expr]) -> Py | None:
    """A call with lambdas."""
    if not any(isinstance(one, exp.Lambda) for one in arguments):
        return None
    return _call(ctx, str(node.this).lower(), arguments)


@writes(exp.Transform)
def transform(ctx: Context, node: exp.Expr) -> Py:
    """TRANSFORM(array, x -> ...), which has a node of its own."""
    if not isinstance(node.expression, exp.Lambda):
        raise refuse(node, "TRANSFORM", "it is known with a lambda only")
    return _call(ctx, "transform", [node.this, node.expression])


def _call(ctx: Context, name: str, arguments: list[exp.Expr]) -> Py:
    codes = [ctx.code(one) for one in arguments]
    texts = [
        one.text if isinstance(node, exp.Lambda) else one.short() for one, node in zip(codes, arguments, strict=True)
    ]
    return call(f"F.{_PYTHON[name]}", texts, told=False)
