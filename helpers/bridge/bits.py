"""Operators on the bits of numbers."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.calls import plain
from helpers.bridge.context import Context, writes
from helpers.bridge.python import Py, call, method

_BITS: dict[type[exp.Expr], str] = {
    exp.BitwiseAnd: "bitwiseAND",
    exp.BitwiseOr: "bitwiseOR",
    exp.BitwiseXor: "bitwiseXOR",
}


@writes(exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor)
def bits(ctx: Context, node: exp.Expr) -> Py:
    """& | ^ on numbers: in Python these stand for AND and OR."""
    right = ctx.code(node.expression)
    return method(ctx.code(node.this), _BITS[type(node)], [right.column().text])


@writes(exp.BitwiseLeftShift, exp.BitwiseRightShift)
def shifted(ctx: Context, node: exp.Expr) -> Py:
    """<< and >>."""
    name = "shiftleft" if isinstance(node, exp.BitwiseLeftShift) else "shiftright"
    return plain(ctx, name, [ctx.code(node.this), ctx.code(node.expression)]).untold()


@writes(exp.BitwiseNot)
def inverted(ctx: Context, node: exp.Expr) -> Py:
    """~ on a number."""
    return call("F.bitwise_not", [ctx.code(node.this).short()])
