"""SQL Server's queries: TOP with ties and in percent, hints, exact percentiles."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign import shared
from helpers.bridge.foreign.ordering import meant
from helpers.bridge.foreign.reader import Reader, as_type, call, told
from helpers.bridge.refusal import refuse

_RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank)


def select(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """TOP with ties or in percent becomes a rank in QUALIFY; hints of the query go."""
    assert isinstance(node, exp.Select)
    if node.args.get("for_") is not None:
        raise refuse(node, "FOR XML or FOR JSON", "a DataFrame has no such text of its rows", "use STRING_AGG")
    if node.args.get("options"):
        reading.note("Hints tell SQL Server how to run a query; they were left out.")
        node.set("options", None)
    limit = node.args.get("limit")
    options = limit.args.get("limit_options") if isinstance(limit, exp.Limit) else None
    ties = bool(options is not None and options.args.get("with_ties"))
    percent = bool(options is not None and options.args.get("percent"))
    if not ties and not percent:
        return None
    assert isinstance(limit, exp.Limit)
    count, order = limit.expression, node.args.get("order")
    count = count.this if isinstance(count, exp.Paren) else count
    if not isinstance(count, exp.Literal) or order is None or node.args.get("distinct"):
        raise refuse(
            node,
            "TOP with ties or in percent",
            "without ORDER BY, with DISTINCT, or of a computed number it has no rank to go by",
            "filter by rank() OVER (ORDER BY ...) <= n",
        )
    if percent and (node.args.get("group") is not None or any(one.find(exp.AggFunc) for one in node.expressions)):
        raise refuse(node, "TOP in percent of groups", "their number is not known", "number them in a subquery")
    node.set("limit", None)
    first = order.expressions[0].this
    if order.find(exp.Window):
        alone = len(order.expressions) == 1 and not order.expressions[0].args.get("desc")
        if not (alone and isinstance(first, exp.Window) and isinstance(first.this, _RANKS) and count.this == "1"
                and not percent):  # fmt: skip
            raise refuse(
                node,
                "TOP by a window",
                "it is known of TOP 1 WITH TIES by one row number or rank",
                "number the rows in a subquery",
            )
        node.set("order", None)
        return qualified(node, exp.EQ(this=first.copy(), expression=exp.Literal.number(1)))
    keys = [meant(node, one) for one in order.expressions]
    rank = exp.Window(this=exp.Rank() if ties else exp.RowNumber(), order=exp.Order(expressions=keys))
    if not percent:
        return qualified(node, exp.LTE(this=rank, expression=count.copy()))
    everything = exp.Window(this=exp.Count(this=exp.Star()))
    share = exp.Div(this=exp.Mul(this=everything, expression=count.copy()), expression=exp.Literal.number(100))
    return qualified(node, exp.LTE(this=rank, expression=exp.Ceil(this=share)))


def qualified(node: exp.Expr, condition: exp.Expr) -> exp.Expr:
    """The SELECT, with a condition on its windows."""
    node.set("qualify", exp.Qualify(this=condition))
    return node


def join(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A join without its hint."""
    if node.args.get("hint"):
        reading.note("Hints tell SQL Server how to run a query; they were left out.")
        node.set("hint", None)
    return None


def percentile(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """PERCENTILE_CONT over a window is exact in Spark too; PERCENTILE_DISC waits for its window."""
    return None if isinstance(node.this, exp.PercentileDisc) else shared.exact_percentile(reading, node)


def window(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """PERCENTILE_DISC(p) WITHIN GROUP (ORDER BY x) OVER (...): the first value that a share p reaches; AVG too."""
    within = node.this
    if isinstance(within, exp.Cast) and isinstance(within.this, exp.Avg):
        # The average was given its type before its window was seen.
        over, made = node.copy(), within.copy()
        over.set("this", within.this.copy())
        made.set("this", over)
        return told(made, reading.kind(within))
    if not isinstance(within, exp.WithinGroup) or not isinstance(within.this, exp.PercentileDisc):
        return None
    item, share = within.expression.expressions[0], within.this.this
    kind = reading.kind(item.this)
    if not isinstance(share, exp.Literal) or kind in ("", "string"):
        raise refuse(
            node,
            "PERCENTILE_DISC",
            "it is known of numbers and dates, and a share that is written out",
            "give the schema",
        )
    over = node.copy()
    over.set("this", call("collect_list", item.this.copy()))
    rows = call("array_sort", over)
    if item.args.get("desc"):
        rows = call("reverse", rows)
    size = exp.Mul(this=call("size", over.copy()), expression=share.copy())
    last = exp.Sub(this=as_type(exp.Ceil(this=size), "int"), expression=exp.Literal.number(1))
    place: exp.Expr = last if float(share.this) > 0 else exp.Literal.number(0)
    return told(call("get", rows, place), kind)
