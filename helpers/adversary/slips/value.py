"""Slips in computed values: CASE, COALESCE, arithmetic, text functions."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.adversary.names import Names, numeric
from helpers.adversary.slips.slip import Slip, became, changed, text, without

ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
PLAIN = (exp.Lower, exp.Upper, exp.Trim, exp.Abs, exp.Round, exp.Floor, exp.Ceil)


def coalesce(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """COALESCE or NULLIF without its effect: the first argument only."""
    if isinstance(node, exp.Coalesce):
        yield Slip("coalesce removed", node.this.copy(), f"{text(node)} became {text(node.this)}")
    if isinstance(node, exp.Nullif):
        yield Slip("nullif removed", node.this.copy(), f"{text(node)} became {text(node.this)}")


def branch(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """A CASE branch dropped, neighbours exchanged (order, and results), ELSE dropped; IF turned round."""
    if isinstance(node, exp.If) and not isinstance(node.parent, exp.Case) and node.args.get("false"):
        after = changed(node, true=node.args["false"], false=node.args["true"])
        yield Slip("case branch", after, became(node, after))
    if not isinstance(node, exp.Case):
        return
    ifs = node.args["ifs"]
    for position, part in enumerate(ifs):
        if len(ifs) > 1:
            yield Slip(
                "case branch", without(node, "ifs", position), f"the branch WHEN {text(part.this)} was dropped"
            )
    for position in range(len(ifs) - 1):
        order = [part.copy() for part in ifs]
        order[position], order[position + 1] = order[position + 1], order[position]
        pair = f"WHEN {text(ifs[position].this)} and WHEN {text(ifs[position + 1].this)}"
        if node.args.get("this") is None:
            yield Slip("case branch", changed(node, ifs=order), f"{pair} changed places")
        results = [part.copy() for part in ifs]
        results[position].set("true", ifs[position + 1].args["true"].copy())
        results[position + 1].set("true", ifs[position].args["true"].copy())
        yield Slip("case branch", changed(node, ifs=results), f"the results of {pair} were exchanged")
    if node.args.get("default"):
        yield Slip("else dropped", changed(node, default=None), f"ELSE {text(node.args['default'])} was dropped")


def arithmetic(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """Another of + - * /; between numbers only."""
    if type(node) not in ARITHMETIC or node.find(exp.Interval):
        return
    kinds = [names.type(side) for side in (node.this, node.expression)]
    if all(kind == "" or numeric(kind) for kind in kinds):
        for other in ARITHMETIC:
            if type(node) is not other and not (other is exp.Div and not isinstance(node, exp.Mul)):
                after = other(this=node.this.copy(), expression=node.expression.copy())
                yield Slip("arithmetic", after, became(node, after))


def function_dropped(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """LOWER, UPPER, TRIM, ABS, ROUND, FLOOR, CEIL without effect; LOWER and UPPER exchanged; SUBSTRING shifted."""
    if isinstance(node, PLAIN):
        kind = "string function" if isinstance(node, exp.Lower | exp.Upper | exp.Trim) else "function dropped"
        yield Slip(kind, node.this.copy(), f"{text(node)} became {text(node.this)}")
    if isinstance(node, exp.Lower | exp.Upper):
        swap: type[exp.Func] = exp.Upper if isinstance(node, exp.Lower) else exp.Lower
        after: exp.Expr = swap(this=node.this.copy())
        yield Slip("string function", after, became(node, after))
    if isinstance(node, exp.Substring):
        for name in ("start", "length"):
            part = node.args.get(name)
            if isinstance(part, exp.Literal) and part.is_int:
                after = changed(node, **{name: exp.Literal.number(int(part.this) + 1)})
                yield Slip("string function", after, became(node, after))


MAKERS = (coalesce, branch, arithmetic, function_dropped)
