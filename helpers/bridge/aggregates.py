"""Aggregates with FILTER, WITHIN GROUP, IGNORE NULLS; and which calls are aggregates at all."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.bridge.context import Context, writes
from helpers.bridge.python import Py, call
from helpers.bridge.refusal import refuse
from helpers.bridge.within import conditional

NAMES = frozenset(
    [
        "any",
        "any_value",
        "approx_count_distinct",
        "approx_percentile",
        "array_agg",
        "avg",
        "bit_and",
        "bit_or",
        "bit_xor",
        "bitmap_construct_agg",
        "bitmap_or_agg",
        "bool_and",
        "bool_or",
        "collect_list",
        "collect_set",
        "corr",
        "count",
        "count_if",
        "count_min_sketch",
        "covar_pop",
        "covar_samp",
        "every",
        "first",
        "first_value",
        "grouping",
        "grouping_id",
        "histogram_numeric",
        "hll_sketch_agg",
        "hll_union_agg",
        "kurtosis",
        "last",
        "last_value",
        "listagg",
        "max",
        "max_by",
        "mean",
        "median",
        "min",
        "min_by",
        "mode",
        "percentile",
        "percentile_approx",
        "percentile_cont",
        "percentile_disc",
        "regr_avgx",
        "regr_avgy",
        "regr_count",
        "regr_intercept",
        "regr_r2",
        "regr_slope",
        "regr_sxx",
        "regr_sxy",
        "regr_syy",
        "skewness",
        "some",
        "std",
        "stddev",
        "stddev_pop",
        "stddev_samp",
        "string_agg",
        "sum",
        "try_avg",
        "try_sum",
        "var_pop",
        "var_samp",
        "variance",
    ]
)
_SKIP_NULLS = NAMES - {
    "first",
    "first_value",
    "last",
    "last_value",
    "any_value",
    "grouping",
    "grouping_id",
    "max_by",
    "min_by",
}


def aggregated(node: exp.Expr) -> bool:
    """Whether the node itself is an aggregate, not one over a window."""
    if isinstance(node, exp.Filter | exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls):
        return aggregated(node.this)
    return isinstance(node, exp.Anonymous) and str(node.this).lower() in NAMES


def own(node: exp.Expr, kinds: tuple[type[exp.Expr], ...] = ()) -> Iterator[exp.Expr]:
    """The node and all below it, less what belongs to subqueries."""
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        if isinstance(one, exp.Query) and one is not node:
            continue
        stack.extend(
            child
            for child in reversed(list(one.iter_expressions()))
            if not isinstance(child, exp.Query) or child is node
        )


def aggregates(node: exp.Expr) -> list[exp.Expr]:
    """The outermost aggregates of an expression, those inside a window's function and clauses too."""
    found: list[exp.Expr] = []
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, exp.Query):
            continue
        if isinstance(one, exp.Window):
            function = one.this
            while isinstance(function, exp.Filter | exp.IgnoreNulls | exp.RespectNulls | exp.WithinGroup):
                function = function.this
            # The function itself works on the window; what is inside it may be an aggregate.
            stack.extend(function.iter_expressions())
            stack.extend(child for key, child in _clauses(one))
            continue
        if aggregated(one):
            found.append(one)
            continue
        stack.extend(one.iter_expressions())
    return found


def _clauses(window: exp.Window) -> list[tuple[str, exp.Expr]]:
    parts = [("partition_by", one) for one in window.args.get("partition_by") or []]
    return [*parts, *([("order", window.args["order"])] if window.args.get("order") else [])]


@writes(exp.Filter)
def filtered(ctx: Context, node: exp.Expr) -> Py:
    """aggregate(x) FILTER (WHERE condition): the aggregate of x where the condition holds, else of NULL."""
    inner, condition = node.this, ctx.code(node.expression.this).column()
    if isinstance(inner, exp.WithinGroup):
        return ctx.code(conditional(inner, node.expression.this)).untold()
    if not isinstance(inner, exp.Anonymous):
        raise refuse(node, "FILTER after " + type(inner).__name__, "only a plain aggregate can take it")
    name, arguments = str(inner.this).lower(), list(inner.expressions)
    if name == "count" and (not arguments or isinstance(arguments[0], exp.Star | exp.Literal)):
        return call("F.count_if", [condition.text], told=False)
    distinct = bool(arguments) and isinstance(arguments[0], exp.Distinct)
    items = arguments[0].expressions if distinct else arguments
    if name not in _SKIP_NULLS or len(items) == 0:
        raise refuse(node, f"{name}(...) FILTER (WHERE ...)",
            "the aggregate does not skip NULL, and the DataFrame API has no FILTER",
                     "filter in a subquery and join it")  # fmt: skip
    first = exp.Case(ifs=[exp.If(this=node.expression.this.copy(), true=items[0].copy())])
    rest = [one.copy() for one in items[1:]]
    changed: list[exp.Expr] = [exp.Distinct(expressions=[first, *rest])] if distinct else [first, *rest]
    return ctx.code(exp.Anonymous(this=inner.this, expressions=changed)).untold()


@writes(exp.IgnoreNulls)
def ignoring(ctx: Context, node: exp.Expr) -> Py:
    """FIRST(x) IGNORE NULLS and its kin."""
    inner = node.this
    name = str(inner.this).lower() if isinstance(inner, exp.Anonymous) else type(inner).__name__.lower()
    names = ("first", "last", "first_value", "last_value", "any_value")
    if name in names and len(inner.expressions) == 1:
        return call(f"F.{name}", [ctx.code(inner.expressions[0]).short(), "True"], told=False)
    if name == "nth_value":
        return call(
            "F.nth_value",
            [ctx.code(inner.expressions[0]).short(), ctx.code(inner.expressions[1]).text, "True"],
            told=False,
        )
    raise refuse(node, f"{name.upper()} ... IGNORE NULLS", "pyspark's function has no such switch",
                 "use last(x, true) or first(x, true) over a frame of rows")  # fmt: skip


@writes(exp.RespectNulls)
def respecting(ctx: Context, node: exp.Expr) -> Py:
    """RESPECT NULLS, which is what functions do anyway."""
    return ctx.code(node.this)
