"""FROM with its joins, as a chain; what WHERE says of two tables stands where the second one is joined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlglot import exp

from helpers.bridge.aggregates import own
from helpers.bridge.comments import lines_in
from helpers.bridge.context import Context
from helpers.bridge.generators import joined_view, lateral, view
from helpers.bridge.program import Frame
from helpers.bridge.refusal import refuse
from helpers.bridge.scope import Field, Scope, Source, clashing
from helpers.bridge.sources import Place, aliased, settled, source

_HOW = {("LEFT", ""): "left", ("RIGHT", ""): "right", ("FULL", ""): "full", ("LEFT", "OUTER"): "left",
        ("RIGHT", "OUTER"): "right", ("FULL", "OUTER"): "full", ("LEFT", "SEMI"): "left_semi", ("",
        "SEMI"): "left_semi",
        ("LEFT", "ANTI"): "left_anti", ("", "ANTI"): "left_anti", ("", ""): "inner", ("", "INNER"): "inner",
        ("", "CROSS"): "cross"}  # fmt: skip


@dataclass
class Entry:
    """A source and how it is joined to those before it."""

    source: Source
    frame: Frame | None
    how: str = "inner"
    join: exp.Join | None = None
    conditions: list[exp.Expr] | None = None
    group: list[Entry] | None = None
    view: exp.Lateral | None = None


def conjuncts(node: exp.Expr | None) -> list[exp.Expr]:
    """The parts of a condition that AND joins, in their order."""
    found: list[exp.Expr] = []
    stack = [node] if node is not None else []
    while stack:
        one = stack.pop()
        if isinstance(one, exp.And):
            stack.extend([one.expression, one.this])
        elif isinstance(one, exp.Paren) and isinstance(one.this, exp.And | exp.Paren):
            stack.append(one.this)
        else:
            found.append(one)
    return found


def joined(place: Place, select: exp.Select, scope: Scope) -> tuple[Frame, list[exp.Expr]]:
    """The chain of FROM and its joins, and what of WHERE is left to be filtered by; fills the scope."""
    origin = select.args.get("from_")
    rest = conjuncts(select.args["where"].this) if select.args.get("where") else []
    if origin is None:
        return Frame("spark.range(1)", fields=()), rest
    entries = _entries(place, select, scope)
    _qualify(place.program.schema, select, scope)
    ctx = Context(place.program, scope)
    rest = [*rest, *(one for count, _ in enumerate(entries, 1) for one in _outer(ctx, entries[:count]))]
    order, rest = _distribute(ctx, select, entries, rest)
    return _chain(place, ctx, order), rest


def _entries(place: Place, select: exp.Select, scope: Scope) -> list[Entry]:
    table = select.args["from_"].this
    entries = _row(place, table, scope, [*(table.args.get("joins") or []), *(select.args.get("joins") or [])])
    for one in select.args.get("laterals") or []:
        # Its code names columns of the sources so far, by their aliases where need be.
        _qualify(place.program.schema, select, scope)
        entries.append(Entry(*view(place, one, scope), how="view", view=one))
        scope.sources.append(entries[-1].source)
    return entries


def _row(place: Place, first: exp.Expr, scope: Scope, joins: list[exp.Join]) -> list[Entry]:
    """A source and those joined to it one after the other; joins in parentheses first are a row of their own."""
    if _parenthesised(first):
        entries = _row(place, first.this, scope, list(first.this.args.get("joins") or []))
    else:
        entries = [Entry(*source(place, first, scope))]
        scope.sources.append(entries[0].source)
    for join in joins:
        how = _how(join)
        if _parenthesised(join.this):
            inner = join.this.this
            group = _row(place, inner, scope, list(inner.args.get("joins") or []))
            entries.append(Entry(group[0].source, None, how=how, join=join, group=group))
        elif isinstance(join.this, exp.Lateral):
            # Its code names columns of the sources so far, by their aliases where need be.
            _qualify(place.program.schema, join.find_ancestor(exp.Select), scope)
            entries.append(Entry(*lateral(place, join, scope), how=f"lateral {how}", join=join))
            scope.sources.append(entries[-1].source)
        else:
            entries.append(Entry(*source(place, join.this, scope), how=how, join=join))
            scope.sources.append(entries[-1].source)
        entries[-1].source.hidden = how in ("left_semi", "left_anti")
        _using(entries[-1], scope)
    return entries


def _parenthesised(node: exp.Expr) -> bool:
    return isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table) and not node.alias


def _how(join: exp.Join) -> str:
    how = _HOW.get((join.side.upper(), join.kind.upper()))
    if how == "inner" and not any(join.args.get(key) for key in ("on", "using", "method")):
        return "cross"
    if how is None or join.method.upper() not in ("", "NATURAL"):
        raise refuse(join, f"{join.method} {join.side} {join.kind} JOIN".strip(), "Spark has no such join")
    return how


def _using(entry: Entry, scope: Scope) -> None:
    join = entry.join
    if join is None:
        return
    if join.method.upper() == "NATURAL":
        left = [one.name for source in scope.sources[:-1] for one in source.fields or ()]
        if any(source.fields is None for source in scope.sources):
            raise refuse(
                join,
                "NATURAL JOIN",
                "the columns that both tables have are not known",
                "give the schema, or write USING",
            )
        names = {one.name.lower() for one in entry.source.fields or ()}
        join.set("using", [exp.to_identifier(one) for one in dict.fromkeys(left) if one.lower() in names])
        join.set("method", None)
    scope.merged.update(one.name.lower() for one in join.args.get("using") or [])


def _qualify(schema: Mapping[str, tuple[Field, ...]], select: exp.Select | None, scope: Scope) -> None:
    """Marks the sources whose columns must be told by their alias: another one offers the same name."""
    assert select is not None
    by_alias = {one.alias.lower(): one for one in scope.sources}
    around = scope.parent.sources if scope.parent is not None else []
    for column in select.find_all(exp.Column):
        parts = [part.name for part in column.parts]
        for index in range(min(len(parts) - 1, 3)):
            found = by_alias.get(parts[index].lower())
            if found is None:
                continue
            if column.is_star:
                found.qualified = found.qualified or len(scope.sources) > 1
            elif clashing([*scope.sources, *around, *_below(schema, column, select)], parts[index + 1]):
                found.qualified = True


def _below(schema: Mapping[str, tuple[Field, ...]], column: exp.Column, select: exp.Select) -> list[Source]:
    """The tables of the subquery, if it is one, that names a column of this SELECT."""
    found: list[Source] = []
    query = column.find_ancestor(exp.Select)
    while query is not None and query is not select:
        entries = [query.args["from_"].this] if query.args.get("from_") is not None else []
        entries += [join.this for join in query.args.get("joins") or []]
        for one in entries:
            base = isinstance(one, exp.Table) and isinstance(one.this, exp.Identifier)
            found.append(Source(one.alias_or_name, schema.get(one.name.lower()) if base else None))
        query = query.find_ancestor(exp.Select)
    return found


def _free(ctx: Context, condition: exp.Expr) -> set[int] | None:
    """The places in FROM of the sources that a condition names; None if it is no plain condition on them."""
    places: set[int] = set()
    if any(isinstance(one, exp.Query) for one in condition.walk()):
        return None
    for node in own(condition):
        if isinstance(node, exp.Column):
            found = ctx.scope.find(node)
            if found.depth or found.source is None:
                return None
            places.add(next(index for index, one in enumerate(ctx.scope.sources) if one is found.source))
    return places


def _outer(ctx: Context, entries: list[Entry]) -> list[exp.Expr]:
    """Takes what names an outer query's column out of the last ON: Spark analyses joins at once, WHERE later."""
    entry = entries[-1]
    on = entry.join.args.get("on") if entry.join is not None else None
    if on is None or entry.how.startswith("lateral") or ctx.scope.parent is None:
        return []
    parts = conjuncts(on)
    with _until(ctx.scope, entries):
        outside = [
            one for one in parts if any(isinstance(c, exp.Column) and ctx.scope.find(c).depth for c in own(one))
        ]
    if not outside:
        return []
    if entry.how != "inner":
        raise refuse(on, f"{entry.how.upper()} JOIN ON a column of the outer query", "Spark analyses a join at once",
                     "move the condition into WHERE, or join before")  # fmt: skip
    inside = [one for one in parts if not any(one is other for other in outside)]
    assert entry.join is not None
    entry.join.set("on", exp.and_(*inside, copy=False) if inside else None)
    return outside


@contextmanager
def _until(scope: Scope, entries: list[Entry]) -> Iterator[None]:
    """What the ON of the last entry sees: its own source, also of a semi join, and none of those joined later."""
    seen = [source for entry in entries for source in _sources(entry)]
    before = [one.hidden for one in scope.sources]
    try:
        for one in scope.sources:
            one.hidden = not any(one is other for other in seen) or (one.hidden and one is not entries[-1].source)
        yield
    finally:
        for one, hidden in zip(scope.sources, before, strict=True):
            one.hidden = hidden


def _sources(entry: Entry) -> list[Source]:
    return [source for one in entry.group for source in _sources(one)] if entry.group else [entry.source]


def _distribute(
    ctx: Context, select: exp.Select, entries: list[Entry], conditions: list[exp.Expr]
) -> tuple[list[Entry], list[exp.Expr]]:
    """Puts each condition on two tables where the second is joined, and the tables in an order without products."""
    # The places of sources and of entries are the same only where no joins stand in parentheses.
    simple = len(entries) == len(ctx.scope.sources)
    if (
        not simple
        or not any(one.how == "cross" for one in entries)
        or any(one.how in ("right", "full") for one in entries)
    ):
        return entries, conditions
    plain: list[tuple[set[int], exp.Expr]] = []
    rest = []
    for condition in conditions:
        places = _free(ctx, condition)
        # On what a LEFT JOIN may leave NULL too: an inner join keeps and drops the same pairs as WHERE behind it.
        if places is not None and len(places) > 1 and entries[max(places)].how in ("cross", "inner"):
            plain.append((places, condition))
        else:
            rest.append(condition)
    free = all(one.how == "cross" for one in entries[1:]) and not any(_starred(one) for one in select.expressions)
    placed, order, waiting = {0}, [entries[0]], list(range(1, len(entries)))
    while waiting:
        linked = [one for one in waiting if any(one in places and places <= placed | {one} for places, _ in plain)]
        index = linked[0] if linked and free else waiting[0]
        waiting.remove(index)
        placed.add(index)
        entry = entries[index]
        if entry.how in ("cross", "inner"):
            entry.conditions = [condition for places, condition in plain if index in places and places <= placed]
            plain = [one for one in plain if not (index in one[0] and one[0] <= placed)]
        order.append(entry)
    return order, _in_order([*rest, *(condition for _, condition in plain)], conditions)


def _in_order(some: list[exp.Expr], all_: list[exp.Expr]) -> list[exp.Expr]:
    return [one for one in all_ if any(one is other for other in some)]


def _starred(item: exp.Expr) -> bool:
    return item.is_star


def _chain(place: Place, ctx: Context, order: list[Entry]) -> Frame:
    first = order[0]
    assert first.frame is not None
    alone = len(order) == 1
    start = (
        first.frame
        if alone and not first.source.qualified
        else settled(place.program, first.frame, first.source.alias)
    )
    chain = Frame(start.base, list(start.steps))
    if first.source.qualified:
        chain.step("alias", repr(first.source.alias))
    for count in range(2, len(order) + 1):
        _join(place, ctx, chain, order[:count])
    return chain


def _join(place: Place, ctx: Context, chain: Frame, entries: list[Entry]) -> None:
    """Joins the last of the entries to the chain of those before it."""
    entry = entries[-1]
    if entry.how == "view":
        assert entry.frame is not None and entry.view is not None
        if entry.source.qualified:
            # A column that is added to the others has no alias to tell it by.
            chain.step("lateralJoin", joined_view(place, entry.view, ctx.scope))
            return
        chain.steps.extend(entry.frame.steps)
        return
    join = entry.join
    assert join is not None
    if entry.group is not None:
        other = _chain(place, ctx, entry.group).text
    else:
        assert entry.frame is not None
        frame = (
            entry.frame
            if entry.how.startswith("lateral")
            else settled(place.program, entry.frame, entry.source.alias)
        )
        other = aliased(entry.source, frame)
    with _until(ctx.scope, entries):
        _add(ctx, chain, entry, join, other)


def _add(ctx: Context, chain: Frame, entry: Entry, join: exp.Join, other: str) -> None:
    comments = lines_in(join)
    using = [one.name for one in join.args.get("using") or []]
    if using:
        names = repr(using[0]) if len(using) == 1 else repr(using)
        chain.step("join", other, names, *_told(entry.how), comments=comments)
        return
    on = join.args.get("on")
    conditions = [] if on is None or isinstance(on, exp.Boolean) else conjuncts(on)
    conditions += entry.conditions or []
    if entry.how.startswith("lateral"):
        how = entry.how.removeprefix("lateral ")
        condition = [conjunction(ctx, conditions)] if conditions else []
        chain.step("lateralJoin", other, *condition, *(["how='left'"] if how == "left" else []), comments=comments)
    elif not conditions:
        if join.kind.upper() == "CROSS":
            chain.step("crossJoin", other, comments=comments)
        else:
            # Spark tells a comma from CROSS JOIN, and plans the first as an inner join.
            told = [] if entry.how in ("cross", "inner") else [f"how={entry.how!r}"]
            chain.step("join", other, *told, comments=comments)
    else:
        chain.step("join", other, conjunction(ctx, conditions), *_told(entry.how), comments=comments)


def _told(how: str) -> list[str]:
    return [] if how in ("inner", "cross") else [repr(how)]


def conjunction(ctx: Context, conditions: list[exp.Expr]) -> str:
    """Conditions as one, joined by &."""
    if len(conditions) == 1:
        return ctx.code(conditions[0]).column().text
    codes = [ctx.code(one).column() for one in conditions]
    return " & ".join(one.inside(4) for one in codes)
