"""Oracle's aggregates: joined texts, the first and the last, spreads, shares, percentiles."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign import digits, levels, shared
from helpers.bridge.foreign.oracle import numbers
from helpers.bridge.foreign.oracle.dates import folded
from helpers.bridge.foreign.oracle.kinds import MOMENTS, ORDER, WHOLE, kind_of, told
from helpers.bridge.foreign.oracle.texts import as_text
from helpers.bridge.foreign.reader import Reader, call
from helpers.bridge.refusal import refuse


def _default_nulls(node: exp.Expr, order: list[exp.Expr]) -> None:
    """Raises Refusal where NULL is not put where the largest value goes."""
    if any(bool(one.args.get("nulls_first")) != bool(one.args.get("desc")) for one in order):
        raise refuse(node, "NULLS FIRST or LAST inside an aggregate", "the collected array sorts NULL its own way")


def aggregated_text(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LISTAGG(x, separator) WITHIN GROUP (ORDER BY y)."""
    if not isinstance(node.this, exp.Order):
        raise refuse(node, "LISTAGG without WITHIN GROUP", "its order is not known")
    if node.args.get("on_overflow"):
        raise refuse(node, "LISTAGG ... ON OVERFLOW", "a text has no such limit in Spark", "leave it out")
    inner, order = node.this.this, node.this.expressions
    separator = node.args.get("separator") or exp.Literal.string("")
    if isinstance(separator, exp.Null):
        separator = exp.Literal.string("")
    distinct = isinstance(inner, exp.Distinct)
    inner = inner.expressions[0] if distinct else inner
    plain = kind_of(reading, inner) in WHOLE
    text = inner.copy() if plain else as_text(reading, inner, sure=True)
    windowed = isinstance(node.parent, exp.Window)
    # The order of a single value stands for itself.
    if distinct:
        if len(order) != 1 or order[0].this != inner or not (plain or kind_of(reading, inner) == "string"):
            raise refuse(node, "LISTAGG(DISTINCT ...)", "it is known of whole numbers and texts in their own order")
        rows = call("array_sort", call("collect_set", text))
        made: exp.Expr = call(
            "array_join", call("reverse", rows) if order[0].args.get("desc") else rows, separator.copy()
        )
        some = exp.GT(this=exp.Count(this=inner.copy()), expression=exp.Literal.number(0))
        made = exp.Case(ifs=[exp.If(this=some, true=made)])
    else:
        made = shared.joined_texts(node, text, separator, order)
    if windowed:
        return _windowed(node, made)
    return told(made, "string")


def _windowed(node: exp.Expr, made: exp.Expr) -> exp.Expr | None:
    """The same with each aggregate over the window that stands around the node; the node's window goes."""
    window = node.parent
    assert isinstance(window, exp.Window)
    if window.args.get("order") or window.args.get("spec"):
        raise refuse(node, "LISTAGG over an ordered window", "Oracle has no such frame")
    holder = exp.Paren(this=made)
    inside = [one for one in holder.walk() if isinstance(one, exp.Count) or (
        isinstance(one, exp.Anonymous) and str(one.this).lower() in ("collect_list", "collect_set"))]  # fmt: skip
    for one in inside:
        over = window.copy()
        over.set("this", one.copy())
        one.replace(over)
    window.replace(told(holder.this, "string"))
    return None


def kept(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """MAX(x) KEEP (DENSE_RANK LAST ORDER BY y) and its kin: the extreme of a struct that begins with the order."""
    if node.args.get("over") != "KEEP":
        return framed(reading, node)
    inner, order, first = node.this, node.args["order"].expressions, bool(node.args.get("first"))
    if not isinstance(inner, exp.Min | exp.Max) or isinstance(node.parent, exp.Window):
        raise refuse(node, f"{type(inner).__name__.upper()} ... KEEP", "only MIN and MAX by group are known with it",
                     "number the rows by dense_rank() in a subquery")  # fmt: skip
    _default_nulls(node, order)
    ways = {bool(one.args.get("desc")) for one in order}
    if len(ways) > 1:
        raise refuse(node, "KEEP by an order up and down at once", "a struct is compared one way only")
    # NULL counts as the largest, so that the last of a descending order is the first of an ascending one.
    smallest = first != ways.pop()
    value, negated = inner.this.copy(), isinstance(inner, exp.Min) != smallest
    if negated:
        if kind_of(reading, inner) not in ORDER:
            raise refuse(node, node.sql("oracle")[:40], "the order goes one way, and the extreme the other",
                         "number the rows by dense_rank() in a subquery")  # fmt: skip
        value = exp.Neg(this=exp.Paren(this=value) if isinstance(value, exp.Binary) else value)
    fields: list[exp.Expr | str] = []
    for index, one in enumerate(order):
        fields += [f"n{index}", exp.Is(this=one.this.copy(), expression=exp.Null()), f"o{index}", one.this.copy()]
    if smallest:
        fields += ["n", exp.Is(this=value.copy(), expression=exp.Null())]
    struct = call("named_struct", *fields, "x", value)
    made: exp.Expr = exp.Dot(this=call("min" if smallest else "max", struct), expression=exp.to_identifier("x"))
    return told(exp.Neg(this=made) if negated else made, kind_of(reading, inner))


def framed(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """RATIO_TO_REPORT, and frames of so many days."""
    inner, spec = node.this, node.args.get("spec")
    if isinstance(inner, exp.Anonymous) and str(inner.this).lower() == "ratio_to_report":
        total = node.copy()
        total.set("this", exp.Sum(this=inner.expressions[0].copy()))
        made = exp.Div(this=inner.expressions[0].copy(), expression=total)
        return told(exp.Paren(this=made), "double")
    spreads = isinstance(inner, exp.Anonymous) and str(inner.this).lower() == "variance"
    if isinstance(inner, exp.Stddev) or spreads:
        return _spread_over(node, inner)
    if spec is None or str(spec.args.get("kind")).upper() != "RANGE" or node.args.get("order") is None:
        return None
    kind = kind_of(reading, node.args["order"].expressions[0].this)
    for side in ("start", "end"):
        edge = spec.args.get(side)
        days = folded(edge) if isinstance(edge, exp.Expr) else None
        if days is None:
            continue
        if not kind:
            raise refuse(node, "RANGE with a number", "of dates it counts days, and the type is not known",
                         "give the schema")  # fmt: skip
        if kind in MOMENTS:
            seconds = days * 86400
            if seconds.denominator != 1:
                raise refuse(node, "RANGE with a part of a second", "the frame takes whole ones")
            size, unit = (86400, "DAY") if seconds % 86400 == 0 else (1, "SECOND")
            count = exp.Literal.string(str(int(seconds) // size))
            spec.set(side, exp.Interval(this=count, unit=exp.var(unit)))
    return None


def _spread_over(node: exp.Expr, inner: exp.Expr) -> exp.Expr:
    value = inner.expressions[0] if isinstance(inner, exp.Anonymous) else inner.this
    counted, spread_out = node.copy(), node.copy()
    counted.set("this", exp.Count(this=value.copy()))
    spread_out.set("this", call("variance", value.copy()) if isinstance(inner, exp.Anonymous) else inner.copy())
    one = exp.EQ(this=counted, expression=exp.Literal.number(1))
    return told(exp.Case(ifs=[exp.If(this=one, true=exp.Literal.number(0))], default=spread_out), "double")


def average(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """AVG of decimals has up to 40 digits."""
    digits.average(reading, node)
    return None


def spread(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """STDDEV and VARIANCE of one row are 0."""
    if isinstance(node.parent, exp.Window):
        return None
    inner = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    if isinstance(inner, exp.Distinct):
        raise refuse(node, node.sql("oracle")[:40], "the bridge has no code for it with DISTINCT")
    one = exp.EQ(this=exp.Count(this=inner.copy()), expression=exp.Literal.number(1))
    plain = call("variance", inner.copy()) if isinstance(node, exp.Anonymous) else node.copy()
    return told(exp.Case(ifs=[exp.If(this=one, true=exp.Literal.number(0))], default=plain), "double")


def percentile(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """PERCENTILE_CONT, and PERCENTILE_DISC as an element of the sorted array."""
    inner = node.this
    if not isinstance(inner, exp.PercentileDisc):
        return shared.exact_percentile(reading, node)
    item, part = node.expression.expressions[0], folded(inner.this)
    if part is None or isinstance(node.parent, exp.Window):
        raise refuse(node, "PERCENTILE_DISC", "it is known of a constant part, by group")
    rows = call("collect_list", item.this.copy())
    sorted_rows = call("sort_array", rows, exp.Boolean(this=False)) if item.args.get("desc") \
        else call("array_sort", rows)  # fmt: skip
    share = exp.Mul(this=exp.Count(this=item.this.copy()), expression=inner.this.copy())
    count = numbers.cast(call("ceil", share), "int")
    place = exp.Sub(this=call("greatest", count, 1), expression=exp.Literal.number(1))
    return told(call("get", sorted_rows, place), kind_of(reading, item.this))


def level(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """GROUPING_ID of any columns: the bits of GROUPING of each."""
    return told(*levels.level(node))
