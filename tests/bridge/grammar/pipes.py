"""Queries in pipe syntax."""

from __future__ import annotations

from tests.bridge.grammar.aggregates import aggregate
from tests.bridge.grammar.draw import Draw
from tests.bridge.grammar.scope import ORDERED, SIMPLE, Relation, relation
from tests.bridge.grammar.values import Place
from tests.bridge.grammar.windows import over
from tests.bridge.grammar.worlds import World


def piped(draw: Draw, world: World, inner: tuple[str, Relation]) -> tuple[str, Relation]:
    """A chain of pipes over a query: its text and what it offers."""
    draw.note("pipe syntax")
    text, here = f"FROM ({inner[0]}) {draw.name('t')}", relation((one.name, one.kind) for one in inner[1].columns)
    for _ in range(draw.number(1, 4)):
        step, here = draw.one(STEPS)(draw, here, world)
        text += f" |> {step}" if step else ""
    if "|>" not in text:
        text += f" |> WHERE {Place(draw, here, 1).condition()}"
    return text, here


def _where(draw: Draw, here: Relation, world: World) -> tuple[str, Relation]:
    return f"WHERE {Place(draw, here, 1).condition()}", here


def _extend(draw: Draw, here: Relation, world: World) -> tuple[str, Relation]:
    draw.note("pipe EXTEND")
    name = draw.name("e")
    text, kind = over(draw, here) if draw.chance(0.3) and here.columns else ("", draw.one(SIMPLE))
    text = text or Place(draw, here, 2).value(kind)
    return f"EXTEND {text} AS {name}", relation([*((c.name, c.kind) for c in here.columns), (name, kind or "other")])


def _set(draw: Draw, here: Relation, world: World) -> tuple[str, Relation]:
    columns = here.of(*SIMPLE)
    if not columns:
        return "", here
    draw.note("pipe SET")
    one = draw.one(columns)
    return f"SET {one.name} = {Place(draw, here, 1).value(one.kind)}", here


def _drop(draw: Draw, here: Relation, world: World) -> tuple[str, Relation]:
    if len(here.columns) < 3:
        return "", here
    draw.note("pipe DROP")
    one = draw.one(here.columns)
    return f"DROP {one.name}", relation((c.name, c.kind) for c in here.columns if c is not one)


def _select(draw: Draw, here: Relation, world: World) -> tuple[str, Relation]:
    columns = draw.some([one for one in here.columns if one.kind in ORDERED], 1, 3)
    if not columns:
        return "", here
    items = [(one.ref, draw.name("e"), one.kind) for one in columns]
    kind = draw.one(SIMPLE)
    items.append((Place(draw, here, 2).value(kind), draw.name("e"), kind))
    return f"SELECT {', '.join(f'{text} AS {name}' for text, name, _ in items)}", relation(
        (n, k) for _, n, k in items
    )


def _aggregate(draw: Draw, here: Relation, world: World) -> tuple[str, Relation]:
    draw.note("pipe AGGREGATE")
    text, kind = aggregate(Place(draw, here, 1), here.total)
    name, keys = draw.name("e"), draw.some(here.of(*SIMPLE), 0, 2)
    by = f" GROUP BY {', '.join(one.name for one in keys)}" if keys else ""
    return f"AGGREGATE {text} AS {name}{by}", relation([*((k.name, k.kind) for k in keys), (name, kind or "other")])


def _limit(draw: Draw, here: Relation, world: World) -> tuple[str, Relation]:
    if not here.total:
        return "", here
    return f"ORDER BY {', '.join(one.name for one in here.columns)} |> LIMIT {draw.number(2, 9)}", here


def _join(draw: Draw, here: Relation, world: World) -> tuple[str, Relation]:
    """A join by the keys of a table that belongs to one of the columns."""
    pairs = [(column.name, other, key) for table in world.schema for own, other, key in world.linked(table)
             for column in here.columns if column.name == own]  # fmt: skip
    if not pairs:
        return "", here
    draw.note("pipe JOIN")
    name, other, key = draw.one(pairs)
    left, right = draw.name("t"), draw.name("t")
    chosen = [
        one for one in world.table(other).columns if one.name.lower() not in {c.name.lower() for c in here.columns}
    ]
    items = [f"{left}.{name}", *(f"{right}.{one.name}" for one in chosen[:2])]
    made = relation(
        [(name, next(c.kind for c in here.columns if c.name == name)), *((c.name, c.kind) for c in chosen[:2])]
    )
    how = draw.one(["JOIN", "LEFT JOIN"])
    return f"AS {left} |> {how} {other} {right} ON {right}.{key} = {left}.{name} |> SELECT {', '.join(items)}", made


def _union(draw: Draw, here: Relation, world: World) -> tuple[str, Relation]:
    columns = here.of(*SIMPLE)
    if not columns:
        return "", here
    draw.note("pipe set operation")
    one = draw.one(columns)
    table = draw.one(list(world.schema))
    other = Place(draw, world.table(table), 1).value(one.kind)
    word = draw.one(["UNION ALL", "EXCEPT", "UNION DISTINCT", "INTERSECT"])
    return f"SELECT {one.name} |> {word} SELECT {other} FROM {table}", relation([(one.name, one.kind)])


STEPS = (_where, _where, _extend, _set, _drop, _select, _aggregate, _limit, _join, _union)
