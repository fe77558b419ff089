"""A whole query: WITH, SELECT, set operations, VALUES."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from helpers.bridge.comments import lines, lines_in
from helpers.bridge.context import Context
from helpers.bridge.cuts import limited
from helpers.bridge.items import each
from helpers.bridge.program import Frame
from helpers.bridge.refusal import refuse
from helpers.bridge.scope import Field, Scope
from helpers.bridge.select import select
from helpers.bridge.sources import Place, values
from helpers.bridge.windows import ordered


def query(place: Place, node: exp.Expr, rows_only: bool = False, nameless: bool = False) -> Frame:
    """The frame of a query; the flags are those of `select`. Raises Refusal for what has no DataFrame code."""
    place = parts_of_with(place, node)
    if isinstance(node, exp.Select):
        return select(place, node, rows_only, nameless)
    if isinstance(node, exp.SetOperation):
        return _combined(place, node)
    if isinstance(node, exp.Subquery):
        frame = query(place, node.this)
        return _closed(place, frame, node)
    if isinstance(node, exp.Values):
        return values(place, node)
    if isinstance(node, exp.Table):
        named = place.ctes.get(node.name.lower()) or place.program.table(node.name)
        return Frame(named.text, fields=named.fields)
    raise refuse(node, type(node).__name__.upper(), "the bridge translates queries only")


def inner(ctx: Context, node: exp.Expr, rows_only: bool = False) -> Frame:
    """The frame of a subquery inside an expression of the given context: nobody asks for its columns by a name."""
    while isinstance(node, exp.Subquery) and not node.args.get("with_"):
        node = node.this
    scope = ctx.scope
    return query(Place(ctx.program, scope, scope.ctes), node, rows_only, nameless=True)


def parts_of_with(place: Place, node: exp.Expr) -> Place:
    """The place of a query or a statement behind its WITH, whose parts that are read become variables."""
    clause = node.args.get("with_")
    if clause is None:
        return place
    if clause.args.get("recursive"):
        raise refuse(clause, "WITH RECURSIVE", "the DataFrame API has no recursion",
                     "write a loop that unions each step's new rows until none come")  # fmt: skip
    for one in clause.expressions:
        read = any(
            isinstance(table, exp.Table) and table.name.lower() == one.alias.lower()
            for table in node.find_all(exp.Table)
        )
        if not read:
            continue
        frame = query(Place(place.program, None, place.ctes), one.this)
        columns = [column.name for column in one.args["alias"].args.get("columns") or []]
        if columns:
            frame.step("toDF", *(repr(column) for column in columns))
            old = frame.fields or tuple(Field("") for _ in columns)
            frame.fields = tuple(field.named(name) for field, name in zip(old, columns, strict=True))
        named = place.program.assign(one.alias, frame, [*lines(one), *lines_in(one.args["alias"])])
        place = replace(place, ctes={**place.ctes, one.alias.lower(): named})
    return place


def _combined(place: Place, node: exp.SetOperation) -> Frame:
    operands: list[exp.Expr] = [node.expression]
    here = node.this
    alike = type(node), bool(node.args.get("distinct"))
    # A long UNION ALL is a left-leaning tree: walk it without recursion.
    while isinstance(here, exp.SetOperation) and (type(here),
        bool(here.args.get("distinct"))) == alike and not here.args.get("with_") \
            and not any(here.args.get(key) for key in ("order", "limit", "offset")):  # fmt: skip
        operands.append(here.expression)
        here = here.this
    operands.append(here)
    frame = query(place, operands.pop())
    fields, correlated = frame.fields, frame.correlated
    chain = Frame(frame.base, list(frame.steps), fields, correlated)
    distinct = bool(node.args.get("distinct"))
    for one in reversed(operands):
        other = query(place, one)
        chain.correlated = chain.correlated or other.correlated
        chain.step(_method(node, distinct), other.text)
    if isinstance(node, exp.Union) and distinct:
        chain.step("distinct")
    return _closed(place, chain, node)


def _method(node: exp.SetOperation, distinct: bool) -> str:
    if node.args.get("by_name"):
        return "unionByName"
    if isinstance(node, exp.Union):
        return "union"
    if isinstance(node, exp.Intersect):
        return "intersect" if distinct else "intersectAll"
    return "subtract" if distinct else "exceptAll"


def _closed(place: Place, frame: Frame, node: exp.Expr) -> Frame:
    """ORDER BY, LIMIT and OFFSET after a set operation or parentheses."""
    order = node.args.get("order")
    names = {one.name.lower(): one.name for one in frame.fields or ()}
    ctx = Context(place.program, Scope(), outputs=names, grouped=True)
    if order is not None:
        count = len(frame.fields) if frame.fields is not None else None
        frame.step("orderBy", *(_order(ctx, one, frame) for one in each(order.expressions, count)))
    limited(ctx, frame, node)
    return frame


def _order(ctx: Context, one: exp.Expr, frame: Frame) -> str:
    if isinstance(one.this, exp.Literal) and one.this.is_int and frame.fields is not None:
        copy = one.copy()
        copy.set("this", exp.column(exp.to_identifier(frame.fields[int(one.this.this) - 1].name, quoted=True)))
        one = copy
    if frame.fields is None:
        # The columns are not known: whatever is named is taken to be one.
        columns = {column.name.lower(): column.name for column in one.find_all(exp.Column)}
        ctx = replace(ctx, outputs=columns)
    return ordered(ctx, one)
