"""PostgreSQL's arrays, what is gathered into them, and fields of JSON texts."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign import pieces, shared
from helpers.bridge.foreign.reader import Reader, call, told
from helpers.bridge.refusal import refuse

_NUMBERS = {"", "tinyint", "smallint", "int", "bigint", "decimal", "float", "double"}


def _gathered(node: exp.Expr) -> tuple[exp.Expr, list[exp.Expr]]:
    """What an aggregate gathers and its order; NULL last when ascending, first when descending."""
    inner, order = (
        (node.this.this, list(node.this.expressions)) if isinstance(node.this, exp.Order) else (node.this, [])
    )
    if any(bool(one.args.get("desc")) != bool(one.args.get("nulls_first")) for one in order):
        raise refuse(node, "NULLS FIRST or LAST inside an aggregate", "a sorted array has NULL last",
                     "leave it out")  # fmt: skip
    return inner, order


def _operand(node: exp.Expr) -> exp.Expr:
    return node.copy() if isinstance(node, exp.Column) else exp.Paren(this=node.copy())


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
    distinct = isinstance(inner, exp.Distinct)
    value = inner.expressions[0] if distinct else inner
    down = {bool(one.args.get("desc")) for one in order}
    if len(down) > 1 or (distinct and any(one.this != value for one in order)):
        raise refuse(node, "array_agg() in this order", "an array sorts one way only, and by what is in it")
    fields: list[exp.Expr | str] = []
    for index, one in enumerate([] if distinct else order):
        fields += [f"n{index}", exp.Is(this=_operand(one.this), expression=exp.Null()), f"o{index}", one.this.copy()]
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
    if down == {True}:
        made = call("reverse", made)
    some = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(0))
    return told(exp.Case(ifs=[exp.If(this=some, true=made)]), "array")


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
    if place is None or isinstance(place, exp.Slice):
        raise refuse(node, "A part of an array", "only single elements are known", "use slice() on the frame")
    inner = node.this.this if isinstance(node.this, exp.Paren) else node.this
    return call("get", inner.copy(), place.copy())


def quantified(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A comparison with ANY or ALL: of an array its comparisons one by one, <> ALL of a query as NOT IN."""
    right = node.expression
    if not isinstance(right, exp.Any | exp.All):
        return compared(reading, node)
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
    if not isinstance(node.this, exp.Tuple) or not node.expressions:
        return None
    tests = [compared(reading, exp.EQ(this=node.this.copy(), expression=one.copy())) for one in node.expressions]
    if any(one is None for one in tests):
        raise refuse(node, "A row IN a list", "the list holds something else than rows")
    return exp.Paren(this=exp.or_(*tests))


def counted(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """count(DISTINCT (a, b)) counts rows with NULL too: a struct of them is never NULL."""
    for row in node.this.expressions if isinstance(node.this, exp.Distinct) else []:
        if isinstance(row, exp.Tuple):
            row.replace(call("struct", *(one.copy() for one in row.expressions)))
    return None


def json_field(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """-> and ->>, #> and #>>: a chain of them is one path. Spark writes objects and arrays as text otherwise."""
    as_json = isinstance(node, exp.JSONExtract | exp.JSONBExtract) and not isinstance(
        node, exp.JSONExtractScalar | exp.JSONBExtractScalar
    )
    above = node.parent
    while isinstance(above, exp.Paren):
        above = above.parent
    if as_json and not isinstance(
        above, exp.JSONExtract | exp.JSONBExtract | exp.JSONExtractScalar | exp.JSONBExtractScalar
    ):
        raise refuse(node, "A field of JSON as JSON", "Spark has it as a text, written otherwise", "use ->>")
    target = node.this
    while isinstance(target, exp.Paren):
        target = target.this
    path = _path(node)
    if isinstance(target, exp.Anonymous) and target.meta.get("kind") == "json path":
        path = target.expressions[1].this + path
        target = target.expressions[0]
    else:
        path = "$" + path
    made = call("get_json_object", target.copy(), path)
    if as_json:
        return told(made, "json path")
    reading.note(
        "A field of JSON that is an object, an array or a number with zeros at its end may be written otherwise."
    )
    return told(made, "string")


def _path(node: exp.Expr) -> str:
    given = node.expression
    if isinstance(given, exp.JSONPath):
        parts = [one for one in given.expressions if not isinstance(one, exp.JSONPathRoot)]
        names = [one.this for one in parts if isinstance(one, exp.JSONPathKey | exp.JSONPathSubscript)]
        if len(names) != len(parts):
            raise refuse(node, "A path into JSON", "only keys and places are known")
    elif isinstance(given, exp.Literal) and isinstance(node, exp.JSONBExtract | exp.JSONBExtractScalar):
        texts = [one.strip() for one in given.this.strip().removeprefix("{").removesuffix("}").split(",")]
        names = [int(one) if one.isdigit() else one for one in texts]
    else:
        raise refuse(node, "A computed field of JSON", "only constants are known")
    path = ""
    for one in names:
        if isinstance(one, int) and one >= 0:
            path += f"[{one}]"
        elif isinstance(one, str) and re.fullmatch(r"[\w -]+", one):
            path += f".{one}" if one.isidentifier() else f"['{one}']"
        else:
            raise refuse(node, f"The field {one!r} of JSON", "it is not known to mean the same in Spark")
    return path
