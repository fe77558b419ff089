"""One SELECT as a chain: FROM, WHERE, GROUP BY, HAVING, windows, QUALIFY, SELECT, DISTINCT, ORDER BY, LIMIT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from helpers.bridge.aggregates import aggregates, own
from helpers.bridge.aliases import inlined
from helpers.bridge.comments import above, lines, lines_in
from helpers.bridge.context import Context, canonical
from helpers.bridge.grouping import as_grouped, grouped, is_grouped
from helpers.bridge.items import Item, each, item
from helpers.bridge.joins import conjunction, conjuncts, joined
from helpers.bridge.pipes import SETS_A_COLUMN
from helpers.bridge.program import Frame
from helpers.bridge.python import quoted
from helpers.bridge.refusal import refuse
from helpers.bridge.scope import Field, Scope
from helpers.bridge.sources import Place
from helpers.bridge.windows import ordered

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
    bare = all(_star(one) for one in items)
    if is_grouped(node, [one for one in items if not _star(one)]):
        _grouped(ctx, frame, node, items)
    elif rows_only and not any(node.args.get(key) for key in ("limit", "offset", "qualify")):
        pass
    else:
        _plain(ctx, frame, node, items, bare)
    _spread(ctx, frame, node)
    limited(ctx, frame, node)
    frame.correlated = scope.correlated
    return frame


def _star(one: Item) -> bool:
    return isinstance(one.node, exp.Star) or (isinstance(one.node, exp.Column) and one.node.is_star)


def _orders(node: exp.Select, count: int | None) -> list[exp.Expr]:
    """The items of ORDER BY. count: how many columns SELECT gives, for ORDER BY ALL."""
    order = node.args.get("order")
    return each(order.expressions, count) if order is not None else []


def _grouped(ctx: Context, frame: Frame, node: exp.Select, items: list[Item]) -> None:
    if any(_star(one) for one in items):
        raise refuse(node, "SELECT * with aggregates", "Spark allows no star beside them")
    items = as_grouped(ctx, node, items)
    qualify = node.args.get("qualify")
    orders = _orders(node, len(items))
    selected = {canonical(one.node, ctx.scope) for one in items}
    asked = [one for one in orders if canonical(one.this, ctx.scope) not in selected]
    group = grouped(ctx, frame, node, items, [*asked, *([qualify.this] if qualify is not None else [])])
    after = group.ctx
    if qualify is not None:
        after = _qualified(after, frame, qualify.this, items)
        group.finished = False
    late = node.args.get("distinct") or group.finished or all(_output(after, one, items) for one in orders)
    if orders and not late:
        windowed = [one for column, one in zip(group.columns, items, strict=True) if not column]
        taken = {one.lower() for one in after.groups.values()}
        after = _windows(after, frame, [one.node for one in windowed], items, taken)
        sorted_by = (_order(after, _inlined(one, items, group.columns), items) for one in orders)
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
        frame.step("orderBy", *(_order(finished, one, items) for one in orders), comments=lines_in(*orders))


def _picked(column: str, name: str) -> str:
    return repr(quoted(column)) if column == name else f"F.col({quoted(column)!r}).alias({name!r})"


def _plain(ctx: Context, frame: Frame, node: exp.Select, items: list[Item], bare: bool) -> None:
    fields = _fields(ctx, items)
    orders = _orders(node, len(fields) if fields is not None else None)
    names = {name.lower() for one in items if not _star(one) for name in one.outputs}
    after = {id(one) for one in orders if not bare and _behind(ctx, node, one, items)}
    rest = [one for one in orders if id(one) not in after]
    early = bool(rest) and not node.args.get("distinct") and not bare and not _given(ctx, rest, items)
    qualify = node.args.get("qualify")
    if qualify is not None:
        ctx = _qualified(ctx, frame, qualify.this, items)
    if early and any(isinstance(one, exp.Query) for order in orders for one in _inlined(order, items).walk()):
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
            "orderBy", *(_order(ctx, _inlined(one, items), items) for one in orders), comments=lines_in(*orders)
        )
    whole = bare and len(items) == 1 and isinstance(items[0].node, exp.Star) and not _edited(items[0].node)
    if not whole and not _all_made(ctx, node, items):
        _project(ctx, frame, items)
        if qualify is not None and any(_star(one) for one in items):
            frame.step("drop", *(repr(one) for one in ctx.groups.values()))
    elif qualify is not None:
        frame.step("drop", *(repr(one) for one in ctx.groups.values()))
    frame.fields = fields
    _distinct(ctx, frame, node)
    if orders and not early:
        outputs = replace(ctx, outputs={one: one for one in names}, groups={}, grouped=False)
        named = {canonical(one.node, ctx.scope): one.name for one in reversed(items) if not _star(one)}
        by_name = replace(outputs, groups=named)
        codes = [_order(outputs if id(one) in after else by_name, one, items) for one in orders]
        frame.step("orderBy", *codes, comments=lines_in(*orders))


def _all_made(ctx: Context, node: exp.Select, items: list[Item]) -> bool:
    """Whether the items are all columns, in their order, of the one query that stands in FROM."""
    origin = node.args.get("from_")
    if origin is None or len(ctx.scope.sources) != 1 or node.args.get("qualify"):
        return False
    named = not origin.this.args.get("db") and origin.this.name.lower() in ctx.scope.ctes
    if not (named or isinstance(origin.this, exp.Subquery)):
        return False
    names = [one.name for one in ctx.scope.sources[0].fields or ()]
    if len({name.lower() for name in names}) < len(names):
        return False
    if not all(isinstance(one.node, exp.Column) and not _star(one) for one in items):
        return False
    found = [ctx.scope.find(one.node) for one in items if isinstance(one.node, exp.Column)]
    own_ones = all(one.depth == 0 and one.source is not None and not one.path for one in found)
    return own_ones and [one.field.name for one in found] == [one.name for one in items] == names


def _sorted_by_columns(ctx: Context, frame: Frame, items: list[Item], orders: list[exp.Expr]) -> None:
    """SELECT and ORDER BY, of which what SELECT does not give is a column of its own until the rows are sorted."""
    names = {name.lower(): name for one in items if not _star(one) for name in one.outputs}
    more: list[Item] = []
    keys: list[exp.Expr] = []
    for order in orders:
        copy = order.copy()
        if not (isinstance(order.this, exp.Column) and not order.this.table and order.this.name.lower() in names):
            inner = _inlined(order, items).this
            more.append(Item(inner, f"order_{len(more) + 1}", True))
            copy.set("this", exp.column(more[-1].name))
        keys.append(copy)
    _project(ctx, frame, [*items, *more])
    after = replace(ctx, outputs={**names, **{one.name: one.name for one in more}}, grouped=True, groups={})
    frame.step("orderBy", *(_order(after, one, items) for one in keys), comments=lines_in(*orders))
    if more:
        frame.step("drop", *(repr(one.name) for one in more))


def _edited(star: exp.Expr) -> bool:
    return any(star.args.get(key) for key in ("except_", "replace", "rename"))


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
        starred = any(_star(one) for one in items) and len(items) > 1
        groups[text] = f"{alias or name}_over" if starred else alias or name
        while groups[text].lower() in taken:
            groups[text] = f"{groups[text]}_over"
        taken.add(groups[text].lower())
        frame.step("withColumn", repr(groups[text]), ctx.code(window).text)
    return replace(ctx, groups={**ctx.groups, **groups})


def _project(ctx: Context, frame: Frame, items: list[Item]) -> None:
    if len(items) == 1 and isinstance(items[0].node, exp.Star):
        star = items[0].node
        if star.meta.get(SETS_A_COLUMN):
            (changed,) = star.args["replace"]
            frame.step("withColumn", repr(changed.alias), ctx.code(changed.this).column().text)
            return
        if star.args.get("replace") or star.args.get("rename"):
            raise refuse(star, "SELECT * REPLACE", "Spark has no such star")
        frame.step("drop", *(repr(one.name) for one in star.args["except_"]))
        return
    texts = []
    for one in items:
        if isinstance(one.node, exp.Star):
            if _edited(one.node):
                raise refuse(
                    one.node,
                    "* EXCEPT beside other items",
                    "drop() takes columns off a whole frame",
                    "name the columns",
                )
            texts.append("'*'")
        elif _star(one):
            alone = len(ctx.scope.sources) == 1 and _whole(ctx, one.node)
            texts.append(repr("*" if alone else f"{one.node.text('table')}.*"))
        else:
            texts.append(one.code(ctx, one.name))
    frame.step("select", *texts)


def _whole(ctx: Context, star: exp.Expr) -> bool:
    """Whether a star with a name before it means a table; else it means the fields of a struct."""
    return any(one.alias.lower() == star.text("table").lower() for one in ctx.scope.sources)


def _fields(ctx: Context, items: list[Item]) -> tuple[Field, ...] | None:
    found: list[Field] = []
    for one in items:
        if not _star(one):
            if one.generator and not one.aliased:
                return None
            found.extend(one.fields(ctx))
            continue
        table = one.node.text("table").lower()
        if table and not _whole(ctx, one.node):
            return None
        merged: set[str] = set()
        for source in ctx.scope.sources:
            if source.hidden or table not in ("", source.alias.lower()):
                continue
            if source.fields is None:
                return None
            for entry in source.fields:
                name = entry.name.lower()
                if not table and name in ctx.scope.merged:
                    if name in merged:
                        continue
                    merged.add(name)
                found.append(entry)
        dropped = {column.name.lower() for column in one.node.args.get("except_") or []}
        found = [entry for entry in found if entry.name.lower() not in dropped]
    return tuple(found)


def _spread(ctx: Context, frame: Frame, node: exp.Select) -> None:
    """DISTRIBUTE BY, SORT BY and CLUSTER BY: how rows lie in partitions."""
    for key in ("cluster", "distribute"):
        clause = node.args.get(key)
        if clause is not None:
            parts = [one.this if isinstance(one, exp.Ordered) else one for one in clause.expressions]
            frame.step("repartition", *(ctx.code(one).short() for one in parts))
    clause = node.args.get("cluster") or node.args.get("sort")
    if clause is not None:
        orders = [one if isinstance(one, exp.Ordered) else exp.Ordered(this=one.copy()) for one in clause.expressions]
        frame.step("sortWithinPartitions", *(ordered(ctx, one) for one in orders))


def _distinct(ctx: Context, frame: Frame, node: exp.Select) -> None:
    distinct = node.args.get("distinct")
    if distinct is None:
        return
    if distinct.args.get("on"):
        raise refuse(node, "DISTINCT ON", "dropDuplicates() keeps any row of a group, not the first in an order",
                     "number the rows with row_number() and keep the first")  # fmt: skip
    frame.step("distinct")


def _behind(ctx: Context, node: exp.Select, order: exp.Expr, items: list[Item]) -> bool:
    """Whether an item of ORDER BY is written behind SELECT as it stands: Spark finds what SELECT leaves out."""
    if node.args.get("distinct") or node.args.get("qualify") or any(_star(one) for one in items):
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


def _given(ctx: Context, orders: list[exp.Expr], items: list[Item]) -> bool:
    """Whether ORDER BY needs nothing but columns that SELECT gives."""
    if any(_star(one) for one in items):
        return True
    return all(_output(ctx, one, items) for one in orders)


def _output(ctx: Context, order: exp.Expr, items: list[Item]) -> bool:
    node = order.this
    names = {name.lower() for one in items for name in one.outputs}
    if isinstance(node, exp.Literal):
        return True
    known = {canonical(one.node, ctx.scope) for one in items if not _star(one)}
    if (
        not (isinstance(node, exp.Column) and not node.table and node.name.lower() in names)
        and canonical(node, ctx.scope) in known
    ):
        return True
    if any(canonical(one, ctx.scope) not in known for one in aggregates(node)):
        return False
    columns = [one for one in own(node) if isinstance(one, exp.Column)]
    return all((not one.table and one.name.lower() in names) or canonical(one, ctx.scope) in known for one in columns)


def _inlined(order: exp.Expr, items: list[Item], without: list[str] | None = None) -> exp.Expr:
    """An item of ORDER BY with SELECT's aliases and numbers replaced by what they stand for.

    without: for each item its column, where there is one already ("" = none); those stay as they are.
    """
    waiting = [not column for column in without] if without is not None else [True] * len(items)
    copy, node = order.copy(), order.this
    if (
        isinstance(node, exp.Literal)
        and node.is_int
        and all(len(one.outputs) == 1 and not _star(one) for one in items)
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


def _no_number(node: exp.Expr) -> exp.Expr:
    """A copy of what is sorted by; a constant is no place in SELECT's list."""
    return exp.Paren(this=node.copy()) if isinstance(node, exp.Literal) else node.copy()


def _order(ctx: Context, order: exp.Expr, items: list[Item]) -> str:
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
    fields = _fields(ctx, items) if any(_star(one) for one in items) else [Field(one.name) for one in items]
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


def limited(ctx: Context, frame: Frame, node: exp.Expr) -> None:
    """OFFSET and LIMIT."""
    offset, limit = node.args.get("offset"), node.args.get("limit")
    if isinstance(limit, exp.Fetch):
        raise refuse(node, "FETCH", "only LIMIT is known")
    for name, clause in (("offset", offset), ("limit", limit)):
        if clause is None:
            continue
        inner = clause.expression
        number = whole_number(inner)
        if number is None:
            if name == "limit" and inner is not None and inner.name.upper() == "ALL":
                continue
            raise refuse(clause, f"{name.upper()} {inner.sql('spark') if inner is not None else ''}",
                         f"{name}() takes a whole number", "write the number")  # fmt: skip
        frame.step(name, number)


def whole_number(node: exp.Expr | None) -> str | None:
    """The text of a whole number, or of a sum or a product of some; None where it is anything else."""
    if isinstance(node, exp.Literal):
        return str(node.this) if node.is_int else None
    if isinstance(node, exp.Paren):
        inner = whole_number(node.this)
        return f"({inner})" if inner is not None else None
    signs: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
    if type(node) not in signs:
        return None
    assert node is not None
    left, right = whole_number(node.this), whole_number(node.expression)
    return f"{left} {signs[type(node)]} {right}" if left is not None and right is not None else None
