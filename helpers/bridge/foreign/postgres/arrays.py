"""PostgreSQL's arrays, what is gathered into them, and comparisons with them and with rows."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign import pieces, shared
from helpers.bridge.foreign.ordering import meant
from helpers.bridge.foreign.postgres.dates import beside_dates
from helpers.bridge.foreign.postgres.intervals import written
from helpers.bridge.foreign.postgres.texts import ordered_texts
from helpers.bridge.foreign.reader import Reader, call, told
from helpers.bridge.refusal import refuse

_NUMBERS = {"", "tinyint", "smallint", "int", "bigint", "decimal", "float", "double"}


def _gathered(node: exp.Expr) -> tuple[exp.Expr, list[exp.Expr]]:
    """What an aggregate gathers, and its order."""
    inner, order = (
        (node.this.this, list(node.this.expressions)) if isinstance(node.this, exp.Order) else (node.this, [])
    )
    return inner, order


def joined(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """string_agg(): with DISTINCT the texts come sorted."""
    inner, order = _gathered(node)
    if not isinstance(inner, exp.Distinct):
        return told(shared.joined_texts(node, inner, node.args["separator"], order), "string")
    text = inner.expressions[0]
    if len(inner.expressions) > 1 or any(one.this != text for one in order) or len(order) > 1:
        raise refuse(node, "string_agg(DISTINCT ...) in another order", "the texts can be sorted by themselves only")
    rows = call("array_sort", call("collect_set", text.copy()))
    if order and order[0].args.get("desc"):
        rows = call("reverse", rows)
    some = exp.GT(this=exp.Count(this=text.copy()), expression=exp.Literal.number(0))
    made = call("array_join", rows, node.args["separator"].copy())
    return told(exp.Case(ifs=[exp.If(this=some, true=made)]), "string")


def gathered(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """array_agg() keeps NULL, which collect_list leaves out: each value is put into a struct and taken out again."""
    inner, order = _gathered(node)
    made = _collected(node, inner, order)
    some = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(0))
    return told(exp.Case(ifs=[exp.If(this=some, true=made)]), "array")


def _collected(node: exp.Expr, inner: exp.Expr, order: list[exp.Expr]) -> exp.Expr:
    """The values as an array, NULL too, in that order."""
    distinct = isinstance(inner, exp.Distinct)
    value = inner.expressions[0] if distinct else inner
    down = {bool(one.args.get("desc")) for one in order}
    if len(down) > 1 or (distinct and any(one.this != value for one in order)):
        raise refuse(node, "array_agg() in this order", "an array sorts one way only, and by what is in it")
    fields = shared.places([] if distinct else order)
    rows = call("collect_list", call("named_struct", *fields, "x", value.copy()))
    if order and not distinct:
        rows = call("array_sort", rows)
    row = exp.to_identifier("row")
    made = call(
        "transform",
        rows,
        exp.Lambda(this=exp.Dot(this=row.copy(), expression=exp.to_identifier("x")), expressions=[row]),
    )
    if distinct:
        made = call("array_sort", call("array_distinct", made))
    return call("reverse", made) if down == {True} else made


def of_query(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """ARRAY(SELECT ...): the rows as one array, which is empty for none."""
    query = node.expressions[0] if len(node.expressions) == 1 else None
    if not isinstance(query, exp.Query):
        return None
    busy = any(query.args.get(key) for key in ("group", "having", "distinct", "limit", "offset", "qualify"))
    item = query.selects[0] if isinstance(query, exp.Select) and len(query.selects) == 1 else None
    if item is None or item.is_star or (busy and query.args.get("order") is not None):
        raise refuse(node, "ARRAY(SELECT ...)", "it is known of one column, without DISTINCT, GROUP BY and LIMIT "
                     "beside ORDER BY", "write array_agg(... ORDER BY ...) over a derived table")  # fmt: skip
    assert isinstance(query, exp.Select)
    if busy or item.find(exp.AggFunc):
        inner = exp.Subquery(this=query.copy(), alias=exp.TableAlias(this=exp.to_identifier("rows")))
        name = item.alias_or_name or "x"
        inner.this.selects[0].replace(exp.alias_(item.unalias().copy(), name))
        made = exp.select(_collected(node, exp.column(name), [])).from_(inner)
    else:
        order = query.args.get("order")
        items = [meant(query, one) for one in order.expressions] if order is not None else []
        made = query.copy()
        made.set("order", None)
        made.set("expressions", [_collected(node, item.unalias(), items)])
    return told(exp.Subquery(this=made), "array")


def ordered_set(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """percentile_cont, percentile_disc and mode WITHIN GROUP (ORDER BY x)."""
    inner, item = node.this, node.expression.expressions[0]
    kind, down = reading.kind(item.this), bool(item.args.get("desc"))
    if len(node.expression.expressions) > 1 or isinstance(inner.this, exp.Array):
        raise refuse(node, "An aggregate WITHIN GROUP of several values", "it is known with one")
    if isinstance(inner, exp.Mode) and not down:
        return told(call("mode", item.this.copy(), exp.Boolean(this=True)), kind)
    if isinstance(inner, exp.PercentileCont) and kind in _NUMBERS:
        made = shared.exact_percentile(reading, node)
        return told(made, "double") if made is not None else None
    part = inner.this
    if not isinstance(inner, exp.PercentileDisc) or not isinstance(part, exp.Literal):
        raise refuse(
            node, f"{type(inner).__name__} WITHIN GROUP", "the DataFrame API has no order inside an aggregate"
        )
    rows = call("array_sort", call("collect_list", item.this.copy()))
    if down:
        rows = call("reverse", rows)
    # The product is a double there as well.
    share = exp.Cast(this=part.copy(), to=exp.DataType.build("double", dialect="spark"))
    place = exp.Ceil(this=exp.Mul(this=share, expression=exp.Count(this=item.this.copy())))
    at = exp.Cast(
        this=exp.Paren(this=exp.Sub(this=call("greatest", place, 1), expression=exp.Literal.number(1))),
        to=exp.DataType.build("int", dialect="spark"),
    )
    return told(call("get", rows, at), kind)


def length(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """array_length(x, 1), which is NULL of an empty array."""
    if pieces.number(node.expression) != 1:
        raise refuse(node, "array_length() of another dimension", "an array has one in Spark")
    size = call("array_size", node.this.copy())
    given = isinstance(node.this, exp.Array) and node.this.expressions
    return told(size if given else exp.Nullif(this=size, expression=exp.Literal.number(0)), "int")


def as_text(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """array_to_string(), of texts."""
    null = node.args.get("null")
    parts = [node.this.copy(), node.expression.copy(), *([null.copy()] if null is not None else [])]
    return told(call("array_join", *parts), "string")


def split(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """string_to_array(): the separator is no pattern, and the empty text has no parts."""
    by = node.expression
    if not isinstance(by, exp.Literal) or not by.this or node.args.get("null") is not None:
        raise refuse(node, "string_to_array()", "it is known with a constant separator and nothing for NULL")
    parts = call("split", node.this.copy(), re.sub(r"([\\.^$|?*+()\[\]{}])", r"\\\1", by.this))
    if isinstance(node.this, exp.Literal) and node.this.this:
        return parts
    empty = exp.EQ(this=node.this.copy(), expression=exp.Literal.string(""))
    return told(exp.Case(ifs=[exp.If(this=empty, true=call("array"))], default=parts), "array")


def item(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """An element: NULL beyond the array's ends, where Spark's brackets fail."""
    place = node.expressions[0] if len(node.expressions) == 1 else None
    if place is None or pieces.number(place) is None:
        raise refuse(node, "A part of an array", "only single elements at constant places are known")
    inner = node.this.this if isinstance(node.this, exp.Paren) else node.this
    return call("get", inner.copy(), place.copy())


def quantified(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A comparison with ANY or ALL: of an array its comparisons one by one, <> ALL of a query as NOT IN."""
    right = node.expression
    ordered_texts(reading, node, [node.this, right])
    beside_dates(reading, [node.this, right])
    if not isinstance(right, exp.Any | exp.All):
        return compared(reading, node) or _by_interval(reading, node)
    inner = right.this
    while isinstance(inner, exp.Paren):
        inner = inner.this
    if isinstance(inner, exp.Array) and inner.expressions and not isinstance(node, exp.EQ):
        tests = [type(node)(this=node.this.copy(), expression=one.copy()) for one in inner.expressions]
        if isinstance(node, exp.NEQ) and isinstance(right, exp.All):
            return exp.Not(this=exp.In(this=node.this.copy(), expressions=[one.expression for one in tests]))
        return exp.Paren(this=exp.or_(*tests) if isinstance(right, exp.Any) else exp.and_(*tests))
    if isinstance(node, exp.NEQ) and isinstance(right, exp.All) and isinstance(inner, exp.Query):
        query = inner if isinstance(inner, exp.Subquery) else exp.Subquery(this=inner.copy())
        return exp.Not(this=exp.In(this=node.this.copy(), query=query.copy()))
    return shared.in_array(reading, node) if isinstance(node, exp.EQ) and isinstance(right, exp.Any) else None


def _by_interval(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A length of time compared with one that is written as a text."""
    told(node, "boolean")
    for key, other in (("this", "expression"), ("expression", "this")):
        text = node.args[key]
        if reading.kind(node.args[other]) == "interval" and isinstance(text, exp.Literal) and text.is_string:
            node.set(key, written(reading, text))
    return None


def compared(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Rows compare from left to right."""
    left, right = node.this, node.expression
    if not isinstance(left, exp.Tuple) or not isinstance(right, exp.Tuple):
        return None
    pairs = list(zip(left.expressions, right.expressions, strict=False))
    if len(left.expressions) != len(right.expressions):
        raise refuse(node, "A comparison of rows", "they have different numbers of values")

    def test(kind: type[exp.Expr], pair: tuple[exp.Expr, exp.Expr]) -> exp.Expr:
        return kind(this=pair[0].copy(), expression=pair[1].copy())

    if isinstance(node, exp.EQ | exp.NEQ):
        tests = [test(type(node), pair) for pair in pairs]
        return exp.Paren(this=exp.and_(*tests) if isinstance(node, exp.EQ) else exp.or_(*tests))
    strict: type[exp.Expr] = exp.GT if isinstance(node, exp.GT | exp.GTE) else exp.LT
    made = test(type(node), pairs[-1])
    for pair in reversed(pairs[:-1]):
        made = exp.or_(test(strict, pair), exp.and_(test(exp.EQ, pair), made))
    return exp.Paren(this=made)


def among(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A row IN a list of rows."""
    beside_dates(reading, [node.this, *node.expressions])
    if not isinstance(node.this, exp.Tuple) or not node.expressions:
        return None
    tests = [compared(reading, exp.EQ(this=node.this.copy(), expression=one.copy())) for one in node.expressions]
    if any(one is None for one in tests):
        raise refuse(node, "A row IN a list", "the list holds something else than rows")
    return exp.Paren(this=exp.or_(*tests))


def counted(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """count(DISTINCT (a, b)) counts rows with NULL too, of which a struct is never NULL; count(m.*) rows of m."""
    if isinstance(node.this, exp.Column) and isinstance(node.this.this, exp.Star):
        node.set("this", _always_given(node, node.this))
    for row in node.this.expressions if isinstance(node.this, exp.Distinct) else []:
        if isinstance(row, exp.Tuple):
            row.replace(call("struct", *(one.copy() for one in row.expressions)))
    return None


def _always_given(node: exp.Expr, row: exp.Column) -> exp.Expr:
    """A column of a table that no row of it has NULL in: one that it is joined by; * where no row is left out."""
    select = node.find_ancestor(exp.Select)
    joins = list(select.args.get("joins") or []) if select is not None else []
    names = [
        select.args["from_"].this.alias_or_name if select is not None else "",
        *(one.alias_or_name for one in joins),
    ]
    own = names.index(row.table) - 1 if row.table in names else None
    if own is not None and not any(_leaves_out(one, index, own) for index, one in enumerate(joins)):
        return exp.Star()
    on = joins[own].args.get("on") if own is not None and own >= 0 and joins[own].side.upper() == "LEFT" else None
    later = any(one.side.upper() in ("RIGHT", "FULL") for one in joins[(own or 0) + 1 :])
    for test in on.flatten() if isinstance(on, exp.And) else [on]:
        for one in (test.this, test.expression) if isinstance(test, exp.EQ) and not later else ():
            if isinstance(one, exp.Column) and one.table == row.table:
                return one.copy()
    raise refuse(node, f"count({row.table}.*)", "no column of it is known to be never NULL",
                 "count a column that is never NULL")  # fmt: skip


def _leaves_out(join: exp.Join, index: int, own: int) -> bool:
    """Whether a join may have no row of the table that stands at that place, -1 for the first one."""
    side = join.side.upper()
    return side == "FULL" or (side == "LEFT" and index == own) or (side == "RIGHT" and index > own)
