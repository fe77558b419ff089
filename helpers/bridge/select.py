"""One SELECT as a chain: FROM, WHERE, GROUP BY, HAVING, windows, QUALIFY, SELECT, DISTINCT, ORDER BY, LIMIT."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from helpers.bridge.aggregates import own
from helpers.bridge.aliases import inlined
from helpers.bridge.columns import all_made, fields_of, is_edited, is_star, project
from helpers.bridge.comments import above, lines, lines_in
from helpers.bridge.context import Context, canonical
from helpers.bridge.cuts import limited, spread
from helpers.bridge.grouping import as_grouped, grouped, is_grouped
from helpers.bridge.items import Item, item
from helpers.bridge.joins import conjunction, conjuncts, joined
from helpers.bridge.program import Frame
from helpers.bridge.python import quoted
from helpers.bridge.refusal import refuse
from helpers.bridge.scope import Scope
from helpers.bridge.sorting import all_given, behind, by_output, is_output, ordered_by, orders_of, spelled_out
from helpers.bridge.sources import Place

_UNKNOWN = {"connect": "CONNECT BY", "match": "MATCH_RECOGNIZE", "into": "SELECT INTO", "locks": "FOR UPDATE",
            "kind": "SELECT AS STRUCT"}  # fmt: skip


_BY_NAME = ("group", "having", "qualify", "distinct", "order")
"""The clauses that ask for SELECT's columns by their names."""


def select(place: Place, node: exp.Select, rows_only: bool = False, nameless: bool = False) -> Frame:
    """The chain of one SELECT.

    rows_only: whether only the existence of rows matters, as in EXISTS; nameless: whether nobody asks for its columns
    by a name.
    """
    for key, words in _UNKNOWN.items():
        if node.args.get(key):
            raise refuse(node, words, "the DataFrame API has nothing like it")
    scope = Scope(parent=place.outer, ctes=place.ctes)
    frame, conditions = joined(place, node, scope)
    inlined(scope, node)
    ctx = Context(place.program, scope)
    origin = node.args.get("from_")
    said = [*lines(node), *(lines_in(origin) if origin is not None else [])]
    frame.base = above(frame.base, said)
    if conditions:
        frame.step("where", conjunction(ctx, conditions), comments=lines_in(node.args["where"]))
    items = [item(ctx, one, index) for index, one in enumerate(node.expressions, 1)]
    if nameless and not any(node.args.get(key) for key in _BY_NAME):
        items = [replace(one, nameless=True) for one in items]
    bare = all(is_star(one) for one in items)
    if is_grouped(node, [one for one in items if not is_star(one)]):
        _grouped(ctx, frame, node, items)
    elif rows_only and not any(node.args.get(key) for key in ("limit", "offset", "qualify")):
        pass
    else:
        _plain(ctx, frame, node, items, bare)
    spread(ctx, frame, node)
    limited(ctx, frame, node)
    frame.correlated = scope.correlated
    return frame


def _grouped(ctx: Context, frame: Frame, node: exp.Select, items: list[Item]) -> None:
    if any(is_star(one) for one in items):
        raise refuse(node, "SELECT * with aggregates", "Spark allows no star beside them")
    items = as_grouped(ctx, node, items)
    qualify = node.args.get("qualify")
    orders = orders_of(node, len(items))
    selected = {canonical(one.node, ctx.scope) for one in items}
    asked = [one for one in orders if canonical(one.this, ctx.scope) not in selected]
    group = grouped(ctx, frame, node, items, [*asked, *([qualify.this] if qualify is not None else [])])
    after = group.ctx
    if qualify is not None:
        after = _qualified(after, frame, qualify.this, items)
        group.finished = False
    late = node.args.get("distinct") or group.finished or all(is_output(after, one, items) for one in orders)
    if orders and not late:
        windowed = [one for column, one in zip(group.columns, items, strict=True) if not column]
        taken = {one.lower() for one in after.groups.values()}
        after = _windows(after, frame, [one.node for one in windowed], items, taken)
        sorted_by = (ordered_by(after, spelled_out(one, items, group.columns), items) for one in orders)
        frame.step("orderBy", *sorted_by, comments=lines_in(*orders))
    fields = [found for one in items for found in one.fields(replace(ctx, groups={}))]
    if not group.finished:
        frame.step(
            "select",
            *(
                _picked(column, one.name) if column else one.code(after, one.name)
                for column, one in zip(group.columns, items, strict=True)
            ),
        )
    frame.fields = tuple(fields)
    _distinct(ctx, frame, node)
    if orders and late:
        names = {canonical(one.node, ctx.scope): one.name for one in reversed(items)}
        mapping = group.ctx.groups if group.finished else names
        finished = replace(after, groups=mapping, outputs={one.name.lower(): one.name for one in items})
        meant = [by_output(ctx, one, items) for one in orders]
        frame.step("orderBy", *(ordered_by(finished, one, items) for one in meant), comments=lines_in(*orders))


def _picked(column: str, name: str) -> str:
    return repr(quoted(column)) if column == name else f"F.col({quoted(column)!r}).alias({name!r})"


def _plain(ctx: Context, frame: Frame, node: exp.Select, items: list[Item], bare: bool) -> None:
    fields = fields_of(ctx, items)
    orders = orders_of(node, len(fields) if fields is not None else None)
    names = {name.lower() for one in items if not is_star(one) for name in one.outputs}
    after = {id(one) for one in ([] if bare else behind(ctx, node, orders, items))}
    rest = [one for one in orders if id(one) not in after]
    early = bool(rest) and not node.args.get("distinct") and not bare and not all_given(ctx, rest, items)
    qualify = node.args.get("qualify")
    if qualify is not None:
        ctx = _qualified(ctx, frame, qualify.this, items)
    if early and any(isinstance(one, exp.Query) for order in orders for one in spelled_out(order, items).walk()):
        # Spark sorts by no subquery that names a column, unless it is a column already.
        _sorted_by_columns(ctx, frame, items, orders)
        frame.fields = fields
        return
    if early:
        if qualify is None:
            # A window that is computed after the sort would sort the rows anew.
            taken = {one.lower() for one in ctx.scope.offered()}
            ctx = _windows(ctx, frame, [one.node for one in items], items, taken)
        frame.step(
            "orderBy",
            *(ordered_by(ctx, spelled_out(one, items), items) for one in orders),
            comments=lines_in(*orders),
        )
    whole = bare and len(items) == 1 and isinstance(items[0].node, exp.Star) and not is_edited(items[0].node)
    if not whole and not all_made(ctx, node, items):
        project(ctx, frame, items)
        if qualify is not None and any(is_star(one) for one in items):
            frame.step("drop", *(repr(one) for one in ctx.groups.values()))
    elif qualify is not None:
        frame.step("drop", *(repr(one) for one in ctx.groups.values()))
    frame.fields = fields
    _distinct(ctx, frame, node)
    if orders and not early:
        outputs = replace(ctx, outputs={one: one for one in names}, groups={}, grouped=False)
        named = {canonical(one.node, ctx.scope): one.name for one in reversed(items) if not is_star(one)}
        by_name = replace(outputs, groups=named)
        codes = [
            ordered_by(outputs, one, items)
            if id(one) in after
            else ordered_by(by_name, by_output(ctx, one, items), items)
            for one in orders
        ]
        frame.step("orderBy", *codes, comments=lines_in(*orders))


def _sorted_by_columns(ctx: Context, frame: Frame, items: list[Item], orders: list[exp.Expr]) -> None:
    """SELECT and ORDER BY, of which what SELECT does not give is a column of its own until the rows are sorted."""
    names = {name.lower(): name for one in items if not is_star(one) for name in one.outputs}
    more: list[Item] = []
    keys: list[exp.Expr] = []
    for order in orders:
        copy = order.copy()
        if not (isinstance(order.this, exp.Column) and not order.this.table and order.this.name.lower() in names):
            inner = spelled_out(order, items).this
            more.append(Item(inner, f"order_{len(more) + 1}", True))
            copy.set("this", exp.column(more[-1].name))
        keys.append(copy)
    project(ctx, frame, [*items, *more])
    after = replace(ctx, outputs={**names, **{one.name: one.name for one in more}}, grouped=True, groups={})
    frame.step("orderBy", *(ordered_by(after, one, items) for one in keys), comments=lines_in(*orders))
    if more:
        frame.step("drop", *(repr(one.name) for one in more))


def _qualified(ctx: Context, frame: Frame, condition: exp.Expr, items: list[Item]) -> Context:
    """QUALIFY: the windows it needs become columns, by which rows are filtered."""
    aliases = {one.name.lower(): one.node for one in items if one.aliased}
    # A table's column wins over an alias, and a column that is added must not take its place.
    taken = {one.lower() for one in (ctx.outputs.values() if ctx.grouped else ctx.scope.offered())}
    condition = condition.copy()
    holder = exp.Paren(this=condition)
    for column in [one for one in own(holder) if isinstance(one, exp.Column) and not one.table]:
        if column.name.lower() in aliases and column.name.lower() in taken and not column.find_ancestor(exp.Window):
            raise refuse(column, f"The column {column.name} in QUALIFY", "a table and SELECT both offer it",
                         "write the table's name before it")  # fmt: skip
        if column.name.lower() in aliases and column.name.lower() not in taken:
            column.replace(exp.Paren(this=aliases[column.name.lower()].copy()))
    # The windows of SELECT too: computed after the filter they would see fewer rows.
    after = _windows(ctx, frame, [holder, *(one.node for one in items)], items, taken)
    frame.step("where", conjunction(after, conjuncts(holder.this)), comments=lines_in(condition))
    return after


def _windows(ctx: Context, frame: Frame, parts: list[exp.Expr], items: list[Item], taken: set[str]) -> Context:
    """Makes a column of each window among the parts. taken: names that these columns must not have, in lower case."""
    groups: dict[str, str] = {}
    for window in [one for part in parts for one in own(part) if isinstance(one, exp.Window)]:
        text = canonical(window, ctx.scope)
        if text in groups:
            continue
        alias = next((one.name for one in items if one.aliased and canonical(one.node, ctx.scope) == text), "")
        name = str(window.this.this).lower() if isinstance(window.this, exp.Anonymous) else "value"
        # Beside a star a column that is added would be taken twice.
        starred = any(is_star(one) for one in items) and len(items) > 1
        groups[text] = f"{alias or name}_over" if starred else alias or name
        while groups[text].lower() in taken:
            groups[text] = f"{groups[text]}_over"
        taken.add(groups[text].lower())
        frame.step("withColumn", repr(groups[text]), ctx.code(window).text)
    return replace(ctx, groups={**ctx.groups, **groups})


def _distinct(ctx: Context, frame: Frame, node: exp.Select) -> None:
    distinct = node.args.get("distinct")
    if distinct is None:
        return
    if distinct.args.get("on"):
        raise refuse(node, "DISTINCT ON", "dropDuplicates() keeps any row of a group, not the first in an order",
                     "number the rows with row_number() and keep the first")  # fmt: skip
    frame.step("distinct")
