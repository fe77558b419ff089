"""ORDER BY of one SELECT: what each of its items means, and where in the chain it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from helpers.bridge.aggregates import aggregates, own
from helpers.bridge.columns import fields_of, is_star
from helpers.bridge.context import Context, canonical
from helpers.bridge.items import Item, each
from helpers.bridge.refusal import refuse
from helpers.bridge.scope import Field
from helpers.bridge.windows import ordered


def orders_of(node: exp.Select, count: int | None) -> list[exp.Expr]:
    """The items of ORDER BY. count: how many columns SELECT gives, for ORDER BY ALL."""
    order = node.args.get("order")
    return each(order.expressions, count) if order is not None else []


def behind(ctx: Context, node: exp.Select, orders: list[exp.Expr], items: list[Item]) -> list[exp.Expr]:
    """The items of ORDER BY that are written behind SELECT as they stand."""
    found = [one for one in orders if _stands_behind(ctx, node, one, items)]
    if not any(_told_by_table(ctx, column) for one in found for column in own(one)):
        return found
    # Beside columns that are told by their tables a bare name would hide whose it is.
    given = {one.name.lower(): one.node for one in items}
    kept = {canonical(one, ctx.scope) for name, one in given.items() if one.name.lower() == name}
    return [
        one
        for one in orders
        if one in found
        or (
            isinstance(one.this, exp.Column)
            and _told_by_table(ctx, one.this)
            and canonical(one.this, ctx.scope) in kept
            and _found_behind(ctx, one.this, given)
        )
    ]


def _told_by_table(ctx: Context, column: exp.Expr) -> bool:
    """Whether it is a column that is written with its table's alias before it."""
    if not isinstance(column, exp.Column) or not column.table:
        return False
    found = ctx.scope.find(column)
    return found.source is not None and found.source.qualified and not found.depth and not found.path


def _stands_behind(ctx: Context, node: exp.Select, order: exp.Expr, items: list[Item]) -> bool:
    """Whether an item of ORDER BY is written behind SELECT as it stands: Spark finds what SELECT leaves out."""
    if node.args.get("distinct") or node.args.get("qualify") or any(is_star(one) for one in items):
        return False
    parts = list(own(order.this))
    if isinstance(order.this, exp.Literal) or any(isinstance(one, exp.Window | exp.Query) for one in parts):
        return False
    names = [one.name.lower() for one in items]
    text = canonical(order.this, ctx.scope)
    for one in items:
        # A column keeps its name, and a name that SQL gives to more than a column is shorter than what it stands for.
        own_name = (
            isinstance(one.node, exp.Column) and one.node.name == one.name and names.count(one.name.lower()) == 1
        )
        named = one.aliased and not isinstance(one.node, exp.Column)
        if (own_name or named) and canonical(one.node, ctx.scope) == text:
            return False
    given = {one.name.lower(): one.node for one in items}
    return all(_found_behind(ctx, one, given) for one in parts if isinstance(one, exp.Column))


def _found_behind(ctx: Context, column: exp.Column, given: Mapping[str, exp.Expr]) -> bool:
    """Whether a column's name means the same behind SELECT, which gives these columns, as it does in SQL."""
    if not column.table and column.name.lower() in given:
        return True
    found = ctx.scope.find(column)
    if found.depth or found.source is None or found.path:
        return False
    if found.source.qualified and column.table:
        return found.source.alias.lower() not in given
    same = given.get(found.field.name.lower())
    return same is None or canonical(same, ctx.scope) == canonical(column, ctx.scope)


def all_given(ctx: Context, orders: list[exp.Expr], items: list[Item]) -> bool:
    """Whether ORDER BY needs nothing but columns that SELECT gives."""
    if any(is_star(one) for one in items):
        return True
    return all(is_output(ctx, one, items) for one in orders)


def is_output(ctx: Context, order: exp.Expr, items: list[Item]) -> bool:
    """Whether an item of ORDER BY asks for columns of SELECT only."""
    node = order.this
    names = {name.lower() for one in items for name in one.outputs}
    if isinstance(node, exp.Literal):
        return True
    known = {canonical(one.node, ctx.scope) for one in items if not is_star(one)}
    if (
        not (isinstance(node, exp.Column) and not node.table and node.name.lower() in names)
        and canonical(node, ctx.scope) in known
    ):
        return True
    if any(canonical(one, ctx.scope) not in known for one in aggregates(node)):
        return False
    columns = [one for one in own(node) if isinstance(one, exp.Column)]
    return all((not one.table and one.name.lower() in names) or canonical(one, ctx.scope) in known for one in columns)


def spelled_out(order: exp.Expr, items: list[Item], without: list[str] | None = None) -> exp.Expr:
    """An item of ORDER BY with SELECT's aliases and numbers replaced by what they stand for.

    without: for each item its column, where there is one already ("" = none); those stay as they are.
    """
    waiting = [not column for column in without] if without is not None else [True] * len(items)
    copy, node = order.copy(), order.this
    if (
        isinstance(node, exp.Literal)
        and node.is_int
        and all(len(one.outputs) == 1 and not is_star(one) for one in items)
    ):
        index = int(node.this) - 1
        if 0 <= index < len(items) and waiting[index]:
            copy.set("this", _no_number(items[index].node))
        return copy
    aliases = {one.name.lower(): one.node for one, open_ in zip(items, waiting, strict=True) if one.aliased and open_}
    for column in [one for one in own(copy) if isinstance(one, exp.Column) and not one.table]:
        if column.name.lower() in aliases:
            column.replace(_no_number(aliases[column.name.lower()]))
    return copy


def by_output(ctx: Context, order: exp.Expr, items: list[Item]) -> exp.Expr:
    """An item of ORDER BY in whose expressions a bare name is SELECT's column, where a table's has that name too."""
    if isinstance(order.this, exp.Column | exp.Literal):
        return order
    given = {one.name.lower(): one.node for one in items}
    copy = order.copy()
    inside = {id(column) for one in aggregates(copy) for column in own(one)}
    for column in [one for one in own(copy) if isinstance(one, exp.Column) and not one.table and len(one.parts) == 1]:
        node = given.get(column.name.lower())
        if (
            node is not None
            and id(column) not in inside
            and canonical(node, ctx.scope) != canonical(column, ctx.scope)
        ):
            # An identifier equals no expression of the table's column.
            column.replace(column.this.copy())
    return copy


def _no_number(node: exp.Expr) -> exp.Expr:
    """A copy of what is sorted by; a constant is no place in SELECT's list."""
    return exp.Paren(this=node.copy()) if isinstance(node, exp.Literal) else node.copy()


def ordered_by(ctx: Context, order: exp.Expr, items: list[Item]) -> str:
    """The code of an item of ORDER BY; a number means the item of SELECT at its place."""
    node = order.this
    if isinstance(node, exp.Literal) and node.is_int:
        name = _at(ctx, node, items)
        copy = order.copy()
        copy.set("this", exp.column(exp.to_identifier(name, quoted=True)))
        names = {**ctx.outputs, name.lower(): ctx.outputs.get(name.lower(), name)}
        return ordered(replace(ctx, grouped=True, outputs=names, groups={}), copy)
    if isinstance(node, exp.Column) and not node.table and node.name.lower() in ctx.outputs:
        return ordered(replace(ctx, grouped=True, groups={}), order)
    return ordered(ctx, order)


def _at(ctx: Context, node: exp.Expr, items: list[Item]) -> str:
    """The name of the column that a number in ORDER BY means."""
    fields = fields_of(ctx, items) if any(is_star(one) for one in items) else [Field(one.name) for one in items]
    if fields is None:
        raise refuse(
            node,
            f"ORDER BY {node.this}",
            "the columns that * stands for are not known",
            "give the schema, or write the name",
        )
    index = int(node.this) - 1
    if not 0 <= index < len(fields):
        raise refuse(node, f"ORDER BY {node.this}", f"SELECT has {len(fields)} columns")
    return fields[index].name
