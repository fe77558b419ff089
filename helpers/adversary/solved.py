"""Rows for the ways through a query: such as reach its answer, and such as miss it by one condition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain, count
from typing import Any, TypeVar

from helpers.adversary.computed import denied
from helpers.adversary.plan import Plan, Wishes
from helpers.adversary.pools import NUMBERS, OPERATORS, matches
from helpers.adversary.steps import WIDTHS, fits, moved, neighbours, parsed
from helpers.adversary.ways import Cell, Held, Way, part, together

MOST_ROWS = 900
"""Rows of all tables together, about: a set is run in a second."""
MOST_PLENTY = 2_500
"""The same for the set that has more rows than LIMIT lets pass."""
MOST_SETS = 4
"""Sets of rows that miss conditions."""
TIED = 6
"""Ways with rows that tie."""
TRIES = 20
"""Draws of values for conditions between two cells, such as one less than the other."""
DRAWS = 100
"""The same for conditions on what is computed of cells."""
_FIRST = 1_000
_APART = 9
_ASKED = 0.7
_FIRST_DAY = "2031-01-01"

T = TypeVar("T")
Rows = list[tuple[str, dict[str, Any]]]
"""A table's name and a row's wish, for each row."""


def solved(plan: Plan, ways: Sequence[Way], twice: bool = True) -> Wishes:
    """For each way rows that reach the answer. twice: and others of which each comes twice, alike in what is held."""
    values = _Values(plan)
    return _wishes(plan, (values.rows(way, times) for way in ways for times in ((1, 2) if twice else (1,))))


def missing(plan: Plan, ways: Sequence[Way], near: Sequence[Way]) -> Wishes:
    """Rows of the near ways, after some that hold all conditions."""
    return _wishes(plan, map(_Values(plan).rows, [*ways[:2], *near]))


def shares(ways: Sequence[Way]) -> list[list[Way]]:
    """The ways near these, shared out among a few sets: each once, then again, for other values."""
    room = MOST_ROWS - sum(len(way.readings) for way in ways[:2])
    found: list[list[Way]] = []
    left = 0
    once: dict[tuple[Any, ...], Way] = {}
    again: list[Way] = []
    for near in chain.from_iterable(map(near_ways, ways)):
        if once.setdefault(_asked_of(near), near) is not near:
            again.append(near)
    for near in [*once.values(), *again]:
        if len(near.readings) > left:
            if len(found) == MOST_SETS:
                break
            found.append([])
            left = room
        found[-1].append(near)
        left -= len(near.readings)
    return found


def plenty(plan: Plan, ways: Sequence[Way], rows: int) -> Wishes:
    """Through one way so many rows of the answer, in groups and places of an order of their own."""
    values = _Values(plan)
    made = (list(values.many(way, rows)) for way in ways if rows * len(way.readings) <= MOST_PLENTY)
    return _wishes(plan, next(filter(None, made), []), MOST_PLENTY)


def tied(plan: Plan, ways: Sequence[Way]) -> Wishes:
    """For some ways rows that are alike but for what joins them, and for each column that is ordered by such rows
    that differ in it alone: in another value, and in NULL.
    """
    values = _Values(plan)
    return _wishes(plan, (rows for way in ways[:TIED] for rows in values.alike(way)))


def near_ways(way: Way) -> Iterator[Way]:
    """The way with one condition turned into its opposite, for each of them: of its readings those alone that
    conditions hold to the one that misses.
    """
    beside = together(way)
    for at, held in enumerate(way.held):
        for operator in _OPPOSITES[held.operator]:
            yield part(
                replace(way, held=[*_without(way.held, at), replace(held, operator=operator)]),
                beside[held.cell.reading],
            )
    for at, (cell, other, _) in enumerate(way.equal):
        apart = replace(way, equal=_without(way.equal, at))
        for nulls in ([], [cell], [cell, other]):
            nothing = [Held(one, "NULL") for one in nulls]
            yield part(replace(apart, held=[*way.held, *nothing]), beside[cell.reading])
    for at, condition in enumerate(way.further):
        denying = replace(way, further=[*_without(way.further, at), denied(condition)])
        for cell in sorted(condition.cells)[:1]:
            yield part(denying, beside[cell.reading])
    for at, (one, _, less) in enumerate(way.ordered):
        level = replace(way, ordered=_without(way.ordered, at), equal=[*way.equal, (one, less, 0)])
        yield part(level, beside[one.reading])


def _without(many: list[T], at: int) -> list[T]:
    return [*many[:at], *many[at + 1 :]]


def _asked_of(way: Way) -> tuple[Any, ...]:
    return (*way.readings, *way.held, *way.equal, *way.ordered, *way.further)


_OPPOSITES = {
    "EQ": ("LT", "GT"), "NEQ": ("EQ",), "LT": ("EQ",), "LTE": ("GT",), "GT": ("EQ",), "GTE": ("LT",),
    "LIKE": ("NOT LIKE", "NULL"), "NOT LIKE": ("LIKE",), "IN": ("NOT IN", "NULL"), "NOT IN": ("IN",),
    "NULL": ("NOT NULL",), "NOT NULL": ("NULL",),
}  # fmt: skip


class _Values:
    """Gives the cells of a way values, others for each way."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._tables = {table.name.lower(): table for table in plan.tables}
        self._kinds = {
            (name, column.name.lower()): table.kind(column.name)
            for name, table in self._tables.items()
            for column in table.columns
        }
        self._numbers = count(_FIRST)

    def rows(self, way: Way, times: int = 1) -> Rows:
        """The rows of a way; none where its conditions exclude one another."""
        values = self._in_order(way)
        return [] if values is None else self._placed(way, values, times)

    def many(self, way: Way, times: int) -> Iterator[Rows]:
        """The rows of a way so often, each time with other values in what is grouped or ordered by."""
        turned = {*self._plan.points.groups, *self._plan.points.orders}
        cells = [Cell(at, name) for at, table in enumerate(way.readings) for owner, name in turned if owner == table]
        for _ in range(times):
            values = self._in_order(way)
            if values is None:
                return
            fresh = {cell: self._anything(self._kind(way, cell), False) for cell in sorted(cells)}
            yield self._placed(way, {**fresh, **values})

    def alike(self, way: Way) -> Iterator[Rows]:
        """The rows of a way again and again, with other values in one column that is ordered by, or none."""
        values = self._in_order(way)
        if values is None:
            return
        drawn = [
            {**self._plan.builder.draw(self._tables[table]), **self._told_apart(table, {})} for table in way.readings
        ]
        for at, row in enumerate(drawn):
            values |= {cell: value for name, value in row.items() if (cell := Cell(at, name)) not in values}
        bound = {one.cell for one in way.held}
        classes = [members for members in _classes(way) if not bound.intersection(members)]
        ordered = [cell for cell in values if (way.readings[cell.reading], cell.column) in self._plan.points.orders]
        joining = [members for members in classes if not set(members).intersection(ordered)]
        yield self._placed(way, values)
        for cell in [one for one in ordered if one not in bound]:
            for value in (self._anything(self._kind(way, cell), False), None):
                others = next((members for members in classes if cell in members), [cell])
                if value is None and (len(others) > 1 or not self._nullable(way, cell)):
                    continue
                fresh = {
                    one: value
                    for members in joining
                    for value in [self._anything(self._kind(way, members[0]), False)]
                    for one in members
                }
                yield self._placed(way, {**values, **fresh, **dict.fromkeys(others, value)})

    def _in_order(self, way: Way) -> dict[Cell, Any] | None:
        classes = _classes(way)
        # Values for conditions between two cells are drawn until they hold; where they never do, others may.
        drawn = (self._drawn(way, classes) for _ in range(TRIES))
        values = next((one for one in drawn if one is None or _in_order(way, one)), None)
        return values if values is None else self._computed(way, values)

    def _computed(self, way: Way, values: dict[Cell, Any]) -> dict[Cell, Any]:
        """Other values in cells that are only computed with, so that what is computed holds if possible."""
        cells = sorted({cell for one in way.further for cell in one.cells} - values.keys())
        free = {cell: kind for cell in cells if (kind := self._kind(way, cell)).split("(")[0] in NUMBERS}
        for _ in range(DRAWS if free else 0):
            drawn = {cell: self._anything(kind, True) for cell, kind in free.items()}
            if all(one.holds({**values, **drawn}) for one in way.further):
                return {**values, **drawn}
        return values

    def _placed(self, way: Way, values: Mapping[Cell, Any], times: int = 1) -> Rows:
        found: Rows = []
        for at, table in enumerate(way.readings):
            row = {cell.column: value for cell, value in values.items() if cell.reading == at}
            times_of = max(times, way.copies.get(at, 1))
            found += [(table, {**self._told_apart(table, row), **row}) for _ in range(times_of)]
        return found

    def _told_apart(self, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """Values for columns that are only asked for in a CASE or the like: mostly one of those asked for."""
        found: dict[str, Any] = {}
        for place, conditions in self._plan.points.conditions.items():
            name = place[1]
            if place[0] == table and name not in row and self._plan.rng.random() < _ASKED:
                kind = self._kinds[place]
                values = [parsed(one.literal, kind) for one in conditions]
                known = [value for value in values if value is not None and fits(value, kind)]
                found |= {name: self._plan.rng.choice(known)} if known else {}
        return found

    def _drawn(self, way: Way, classes: list[list[Cell]]) -> dict[Cell, Any] | None:
        held: dict[Cell, list[Held]] = defaultdict(list)
        for condition in way.held:
            held[condition.cell].append(condition)
        compared = _compared_with(way)
        values: dict[Cell, Any] = {}
        for members in classes:
            conditions = [one for member in members for one in held.get(member, ())]
            others = {cell for member in members for cell in compared[member]}
            if not conditions and len(members) == 1 and not others:
                continue
            kinds = {member: self._kind(way, member) for member in members}
            # What the narrowest of them holds all others hold.
            root = min(members, key=lambda member: (kinds[member] == "string", WIDTHS.get(kinds[member], 99)))
            beside = [one for cell in others for one in held.get(cell, ())] if others else None
            drawn = self._one(conditions, kinds[root], beside, len(members) > 1)
            if drawn is _NONE:
                return None
            values.update({member: _as(drawn, kinds[member]) for member in members})
        for one, other, shift in way.equal:
            if shift and values.get(other) is not None and not held.get(one):
                values[one] = _shifted(values[other], shift)
        return values

    def _kind(self, way: Way, cell: Cell) -> str:
        return self._kinds[way.readings[cell.reading], cell.column]

    def _nullable(self, way: Way, cell: Cell) -> bool:
        return self._tables[way.readings[cell.reading]].nullable(cell.column)

    def _one(self, conditions: Sequence[Held], kind: str, beside: Sequence[Held] | None, shared: bool) -> Any:
        """A value that holds them; _NONE where there is none. beside: what must hold for what it is compared with."""
        if any(one.operator == "NULL" for one in conditions):
            return _NONE if len({one.operator for one in conditions}) > 1 and not shared else None
        compared = [one for one in conditions if one.operator != "NOT NULL"]
        near = [value for one in compared for value in _near(one, kind)]
        around = [value for one in beside or () for value in _near(one, kind)]
        near += [self._some_way_from(self._plan.rng.choice(many), kind) for many in (around, near) if many and beside]
        if not around or not compared:
            near.append(self._anything(kind, beside is not None and not near))
        fitting = [value for value in near if fits(value, kind) and all(_holds(value, one, kind) for one in compared)]
        return self._plan.rng.choice(fitting) if fitting else _NONE

    def _some_way_from(self, value: Any, kind: str) -> Any:
        return value if kind == "string" else _shifted(value, self._plan.rng.randint(-_APART, _APART))

    def _anything(self, kind: str, ordered: bool) -> Any:
        number, base = next(self._numbers), kind.split("(")[0]
        if base in NUMBERS:
            few = [self._plan.rng.randint(1, most) for most in (60, 9)]
            numbers = [*few, 0] if ordered else [number, *few, 0]
            return parsed(str(next(one for one in numbers if fits(one, kind))), kind)
        if base == "string":
            return f"s{number}"
        first = parsed(_FIRST_DAY, kind)
        return moved(first, self._plan.rng.randint(0, 60) if ordered else number)[0] if first is not None else None


_NONE = object()


def _classes(way: Way) -> list[list[Cell]]:
    own: dict[Cell, list[Cell]] = {}
    cells = [one.cell for one in way.held]
    cells += [cell for one, other, _ in way.equal for cell in (one, other)]
    cells += [cell for one, _, other in way.ordered for cell in (one, other)]
    for cell in cells:
        own.setdefault(cell, [cell])
    for one, other, shift in way.equal:
        if not shift and own[one] is not own[other]:
            joined = own[one] + own[other]
            own.update(dict.fromkeys(joined, joined))
    return list({id(members): members for members in own.values()}.values())


def _shifted(value: Any, steps: int) -> Any:
    if isinstance(value, date):
        return next(iter(moved(value, steps)), value)
    return value if isinstance(value, str | bool) else value + steps


def _compared_with(way: Way) -> dict[Cell, set[Cell]]:
    """For each cell those that it is held against, at last: through others too."""
    found: dict[Cell, set[Cell]] = defaultdict(set)
    for one, _, other in way.ordered:
        together = {one, other} | found[one] | found[other]
        for cell in together:
            found[cell] = together
    return found


def _near(one: Held, kind: str) -> list[Any]:
    if one.operator.endswith("LIKE"):
        (text,) = one.literals
        if kind != "string":
            return []
        stem = text.replace("%", "").replace("_", "z")
        return [stem, text.replace("%", "x").replace("_", "z"), f"x{stem}", stem[:-1]]
    values = [value for text in one.literals if (value := parsed(text, kind)) is not None]
    return [near for value in values for near in (value, *neighbours(value, kind)) if fits(near, kind)]


def _holds(value: Any, one: Held, kind: str) -> bool:
    if one.operator.startswith("NOT "):
        return not _holds(value, replace(one, operator=one.operator.removeprefix("NOT ")), kind)
    if one.operator == "LIKE":
        return matches(str(value), *one.literals)
    literals = [parsed(text, kind) for text in one.literals]
    if one.operator == "IN":
        return value in literals
    return literals[0] is None or bool(OPERATORS[one.operator](value, literals[0]))


def _in_order(way: Way, values: Mapping[Cell, Any]) -> bool:
    pairs = [(values.get(one), operator, values.get(other)) for one, operator, other in way.ordered]
    return all(one is None or other is None or _orders(one, operator, other) for one, operator, other in pairs)


def _orders(one: Any, operator: str, other: Any) -> bool:
    try:
        return bool(OPERATORS[operator](one, other))
    except TypeError:
        # A text beside a number: whatever Spark makes of that.
        return True


def _as(value: Any, kind: str) -> Any:
    if value is None:
        return None
    given = parsed(value.isoformat(" ") if hasattr(value, "hour") else str(value), kind)
    return value if given is None else given


def _wishes(plan: Plan, made: Iterable[Rows], most: int = MOST_ROWS) -> Wishes:
    wishes: Wishes = {table.name.lower(): [] for table in plan.tables}
    for one in made:
        for table, wish in one:
            wishes[table].append(wish)
        if sum(map(len, wishes.values())) >= most:
            break
    return wishes
