"""WITHIN GROUP (ORDER BY ...): aggregates of values in an order."""

from __future__ import annotations

from decimal import Decimal
from itertools import count

from sqlglot import exp

from helpers.bridge.context import Context, canonical, writes
from helpers.bridge.python import Py, method
from helpers.bridge.refusal import refuse
from helpers.bridge.types import type_of


@writes(exp.WithinGroup)
def within(ctx: Context, node: exp.Expr) -> Py:
    """An aggregate of the values in an order."""
    return ordered_aggregate(ctx, node)


def ordered_aggregate(ctx: Context, node: exp.Expr, over: str = "") -> Py:
    """The aggregate's code. over: the call of over() that each aggregate in it takes, where it stands on a window."""
    inner, order = node.this, node.expression.expressions
    name = str(inner.this).lower() if isinstance(inner, exp.Anonymous) else type(inner).__name__.lower()
    if name in ("percentile_cont", "percentile_disc"):
        return _percentile(ctx, node, name, over)
    if name == "mode" and not inner.expressions and not order[0].args.get("desc"):
        return Py(f"F.mode({ctx.code(order[0].this).short()}, True){over}", told=False)
    if name in ("listagg", "string_agg"):
        return _listed(ctx, node, over)
    raise refuse(node, f"{name.upper()} WITHIN GROUP", "the DataFrame API has no order inside an aggregate",
                 "sort the collected array: array_join(array_sort(collect_list(x)), ', ')")  # fmt: skip


def _percentile(ctx: Context, node: exp.Expr, name: str, over: str) -> Py:
    part, item = node.this.expressions[0], node.expression.expressions[0]
    if not isinstance(part, exp.Literal):
        raise refuse(node, f"{name.upper()} of a computed part", "it takes a constant")
    code, desc, number = ctx.code(item.this), bool(item.args.get("desc")), Decimal(part.this)
    if name == "percentile_cont":
        return Py(f"F.percentile({code.short()}, {float(1 - number if desc else number)!r}){over}", told=False)
    # The first value of the sorted ones that has this part of all at or before it.
    sorted_ = _sorted(f"F.collect_list({code.short()}){over}", desc)
    place = f"(F.ceil(F.count({code.short()}){over} * {float(number)!r}) - 1).cast('int')" if number else "0"
    return Py(f"F.get({sorted_}, {place}).cast('double')", told=False)


def _sorted(array: str, desc: bool) -> str:
    return f"F.sort_array({array}, False)" if desc else f"F.sort_array({array})"


def _listed(ctx: Context, node: exp.Expr, over: str) -> Py:
    """LISTAGG: the collected values, sorted and joined; NULL where there are none."""
    arguments, orders = list(node.this.expressions), node.expression.expressions
    distinct = isinstance(arguments[0], exp.Distinct)
    value = arguments[0].expressions[0] if distinct else arguments[0]
    if distinct:
        arguments[1:] = [*arguments[0].expressions[1:], *arguments[1:]]
    desc = {bool(one.args.get("desc")) for one in orders}
    if len(desc) > 1:
        raise refuse(node, "LISTAGG in an order that goes up and down", "sort_array() goes one way",
                     "order by keys of one direction, such as a number and its negative")  # fmt: skip
    code = ctx.code(value)
    texts = type_of(ctx, value) in ("string", "")
    if len(orders) == 1 and canonical(orders[0].this, ctx.scope) == canonical(value, ctx.scope):
        array = _sorted(f"F.collect_{'set' if distinct else 'list'}({code.short()}){over}", desc.pop())
        array += "" if texts else ".cast('array<string>')"
    elif distinct:
        raise refuse(node, "LISTAGG(DISTINCT ...) ordered by another column", "Spark knows no such order")
    else:
        array = _by_keys(ctx, code if texts else method(code, "cast", ["'string'"]), orders, desc.pop(), over)
    between = ctx.code(arguments[1]).text if len(arguments) > 1 else "''"
    return Py(f"F.when(F.count({code.short()}){over} > 0, F.array_join({array}, {between}))", told=False)


def _by_keys(ctx: Context, value: Py, orders: list[exp.Expr], desc: bool, over: str) -> str:
    """The values in the order of other columns: collected beside them, sorted, and taken out again."""
    keys: list[str] = []
    for one in orders:
        key = ctx.code(one.this)
        first = one.args.get("nulls_first")
        if first is not None and bool(first) == desc:
            keys.append(f"{method(key, 'isNull', []).text}.alias('null_{len(keys)}')")
        keys.append(key.short() if key.name else f"{key.column().inside(7)}.alias('key_{len(keys)}')")
    taken = {one.strip("'\"").rpartition(".")[2].lower() for one in keys}
    if value.name and "." not in value.name and value.name.lower() not in taken:
        name, last = value.name, repr(value.name)
    else:
        name = next(one for one in (f"value{'_' * at}" for at in count()) if one not in taken)
        last = f"{value.column().inside(7)}.alias({name!r})"
    pair = f"F.when({method(value, 'isNotNull', []).text}, F.struct({', '.join([*keys, last])}))"
    return f"{_sorted(f'F.collect_list({pair}){over}', desc)}[{name!r}]"


def conditional(node: exp.Expr, condition: exp.Expr) -> exp.WithinGroup:
    """The same aggregate of the rows where a condition holds: of the others it sees NULL, which it skips."""
    made = node.copy()
    listed = isinstance(made.this, exp.Anonymous) and made.this.expressions and str(made.this.this).lower() in (
        "listagg", "string_agg")  # fmt: skip
    target = made.this.expressions[0] if listed else made.expression.expressions[0].this
    if isinstance(target, exp.Distinct):
        target = target.expressions[0]
    case = exp.Case(ifs=[exp.If(this=condition.copy(), true=target.copy())])
    if listed and len(made.expression.expressions) == 1 and made.expression.expressions[0].this == target:
        made.expression.expressions[0].this.replace(case.copy())
    target.replace(case)
    assert isinstance(made, exp.WithinGroup)
    return made
