"""Parts of a value: an element, a field, a path into JSON or a variant; and a text under a collation."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.context import Context, writes
from helpers.bridge.plain import PlainSpark
from helpers.bridge.python import Py, call
from helpers.bridge.types import type_of


@writes(exp.Bracket)
def item(ctx: Context, node: exp.Expr) -> Py:
    """An element of an array or a map."""
    target, key = ctx.code(node.this).column(), ctx.code(node.expressions[0])
    return Py(f"{target.inside(7)}[{key.text}]")


@writes(exp.Dot)
def part(ctx: Context, node: exp.Expr) -> Py:
    """A field of a struct that is computed."""
    return Py(f"{ctx.code(node.this).column().inside(7)}[{node.expression.name!r}]")


@writes(exp.JSONExtract)
def path(ctx: Context, node: exp.Expr) -> Py:
    """value:field.field, of a variant, or of a text that holds JSON."""
    steps = repr(node.expression.sql(PlainSpark).strip("'"))
    if type_of(ctx, node.this) == "string":
        return call("F.get_json_object", [ctx.code(node.this).short(), steps], told=False)
    return call("F.variant_get", [ctx.code(node.this).short(), steps, "'variant'"], told=False)


@writes(exp.Collate)
def collated(ctx: Context, node: exp.Expr) -> Py:
    """text COLLATE name."""
    return call("F.collate", [ctx.code(node.this).short(), repr(node.expression.name)], told=False)
