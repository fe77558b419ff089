"""Ways through a query: as often as it reads a table one row, and what must hold for these rows to reach the answer.

Where a query offers a choice (OR, a set operation, a partner that may be missing) a way takes one side of it.
After the test data of Shah et al., "Generating Test Data for Killing SQL Mutants" (ICDE 2011): one set of rows that
satisfies a query, and near it one that misses in one condition.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope
from sqlglot.optimizer.simplify import simplify

from helpers.adversary.computed import Computed, cell_of, compared, computed, constant_of
from helpers.adversary.names import Names
from helpers.adversary.points import COMPARISONS, MIRROR
from helpers.adversary.pools import OPERATORS
from helpers.adversary.steps import parsed

MOST_READINGS = 40
"""A query that reads tables more often gets no ways: their rows would be too many."""
MOST_COPIES = 20
_LITTLE = (0.5, 2)
_MISSING = 0.25
"""How often the partner of an outer join is left out."""
_EQUAL = 0.5
"""How often of two cells that may be equal both are."""
_SEEN_THROUGH = (
    exp.Paren, exp.Alias, exp.Cast, exp.TryCast, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.AnyValue, exp.Upper,
    exp.Lower, exp.Trim, exp.Substring, exp.Left, exp.Round, exp.Coalesce, exp.Window,
)  # fmt: skip
"""Of these a single row gives its own value, or one much like it."""


@dataclass(frozen=True, order=True)
class Cell:
    """A column of one reading of a table, in lower case."""

    reading: int
    column: str


@dataclass(frozen=True)
class Held:
    """What a cell must hold.

    operator: a comparison by its name (EQ, LT ...) or LIKE, with one literal, IN with many, NULL with none, or NOT
    before any of these.
    """

    cell: Cell
    operator: str
    literals: tuple[str, ...] = ()


@dataclass
class Way:
    """Conditions for one row of each reading to reach the answer together."""

    readings: list[str] = field(default_factory=list)
    """The table of each, in lower case."""
    held: list[Held] = field(default_factory=list)
    equal: list[tuple[Cell, Cell, int]] = field(default_factory=list)
    """The first is so much more than the second."""
    ordered: list[tuple[Cell, str, Cell]] = field(default_factory=list)
    further: list[Computed] = field(default_factory=list)
    """Conditions on what is computed: true, or at least not false."""
    copies: dict[int, int] = field(default_factory=dict)
    """How often a reading's row is needed, for a number of rows is asked for; else once."""
    possible: bool = True


@dataclass(frozen=True)
class Rows:
    """A number of rows: of the readings from the first to before the end."""

    first: int
    end: int


Out = Cell | Computed | Rows | str | None
"""What a query gives in a column: a cell, what is computed, a number of rows, a literal's text; None = unknown."""
Columns = list[tuple[str, Out]]
Sources = Mapping[str, Mapping[str, Out]]


def ways(tree: exp.Expr, names: Names, rng: random.Random, count: int) -> list[Way]:
    """So many ways, fewer where a choice leads nowhere; none through a query that reads its tables too often."""
    found: list[Way] = []
    for _ in range(3 * count):
        walk = _Walk(names, rng)
        try:
            walk.query(tree, ())
        except (SqlglotError, RecursionError):
            return []
        if len(walk.way.readings) > MOST_READINGS:
            return []
        if walk.way.possible and walk.way.readings:
            found.append(walk.way)
        if len(found) == count:
            break
    return found


def merged(way: Way) -> Way:
    """The way with one reading in the place of those of a table that hold the same.

    A query that stands for a value gives one row then.
    """
    held = [
        frozenset((one.cell.column, one.operator, one.literals) for one in way.held if one.cell.reading == at)
        for at in range(len(way.readings))
    ]
    first: dict[tuple[str, object], int] = {}
    kept = {at: first.setdefault((table, held[at] or at), at) for at, table in enumerate(way.readings)}
    place = {at: number for number, at in enumerate(sorted(set(kept.values())))}
    return _numbered(way, {at: place[one] for at, one in kept.items()})


def part(way: Way, readings: Collection[int]) -> Way:
    """Of the way these readings alone, and what must hold for them."""
    return _numbered(way, {at: number for number, at in enumerate(sorted(readings))})


def together(way: Way) -> list[set[int]]:
    """For each reading those that conditions hold to it, itself among them, also through others."""
    found = [{at} for at in range(len(way.readings))]
    conditions = [(one, other) for one, other, _ in way.equal] + [(one, other) for one, _, other in way.ordered]
    for cells in [*conditions, *(one.cells for one in way.further)]:
        joined: set[int] = set().union(*(found[cell.reading] for cell in cells))
        for at in joined:
            found[at] = joined
    return found


def _numbered(way: Way, places: Mapping[int, int]) -> Way:
    """The way with other numbers for its readings: those of one number become one, those of none are left out."""

    def moved(cell: Cell) -> Cell:
        return Cell(places[cell.reading], cell.column)

    def stay(*cells: Cell) -> bool:
        return all(cell.reading in places for cell in cells)

    tables = {places[at]: way.readings[at] for at in sorted(places, reverse=True)}
    equal = [(moved(one), moved(other), shift) for one, other, shift in way.equal if stay(one, other)]
    return Way(
        [tables[number] for number in sorted(tables)],
        list(dict.fromkeys(replace(one, cell=moved(one.cell)) for one in way.held if stay(one.cell))),
        list(dict.fromkeys(pair for pair in equal if pair[0] != pair[1])),
        [(moved(one), operator, moved(other)) for one, operator, other in way.ordered if stay(one, other)],
        [one.moved(moved) for one in way.further if stay(*one.cells)],
        {places[at]: number for at, number in way.copies.items() if at in places},
    )


class _Walk:
    def __init__(self, names: Names, rng: random.Random) -> None:
        self.way = Way()
        self._names = names
        self._rng = rng
        self._inside: list[int] = []
        self._first = 0

    def query(self, node: exp.Expr, outer: Sequence[Sources], asked: Sequence[exp.Expr] = ()) -> Columns:
        """The columns that it gives. asked: conditions that stand outside on its columns."""
        if isinstance(node, exp.Subquery):
            return self.query(node.this, outer, asked)
        if isinstance(node, exp.Union):
            sides = list(_sides(node))
            named = self._given(sides[0])
            fitting = [side for side in sides if all(_may(one, named, self._given(side)) for one in asked)]
            chosen = self.query(self._rng.choice(fitting or sides), outer)
            return [(name, out) for (name, _), (_, out) in zip(named, chosen, strict=False)]
        if isinstance(node, exp.SetOperation):
            given = self.query(node.this, outer, asked)
            if isinstance(node, exp.Intersect):
                for (_, one), (_, other) in zip(given, self.query(node.expression, outer), strict=False):
                    self._meet("EQ", one, other)
            return given
        if not isinstance(node, exp.Select) or id(node) in self._inside or len(self.way.readings) > MOST_READINGS:
            return []
        with self._looking_into(node):
            return self._select(node, outer)

    def _select(self, node: exp.Select, outer: Sequence[Sources]) -> Columns:
        wanted = [part.this for name in ("where", "having", "qualify") if (part := node.args.get(name))]
        conditions = [one for part in wanted for one in _all_of(part)]
        first = len(self.way.readings)
        sources, joined = self._from(node, outer, conditions)
        around = (sources, *outer)
        # Which reading joins most must be known where rows are counted.
        for condition in sorted([*conditions, *joined], key=lambda one: one.find(exp.Count) is not None):
            self._first = first
            self._condition(condition, around)
        self._first = first
        given: Columns = []
        for item in node.selects:
            if item.is_star:
                wanted_of = item.table.lower() if isinstance(item, exp.Column) else ""
                for alias, held in sources.items():
                    given += held.items() if wanted_of in ("", alias) else ()
            else:
                given.append((item.alias_or_name.lower(), self._term(item, around)[0]))
        return given

    def _from(
        self, node: exp.Select, outer: Sequence[Sources], conditions: Sequence[exp.Expr]
    ) -> tuple[Sources, list[exp.Expr]]:
        """What the sources of a SELECT offer, and the conditions that join them."""
        joins = {one.alias_or_name.lower(): one for one in node.args.get("joins") or []}
        sources: dict[str, Mapping[str, Out]] = {}
        joined: list[exp.Expr] = []
        for name, source in self._names.selected(node).items():
            alias = name.lower()
            join = joins.get(alias)
            if join is not None and self._left_out(join):
                sources[alias] = {}
                continue
            sources[alias] = dict(self._source(source, outer, [one for one in conditions if _of(one, alias)]))
            if join is not None and join.args.get("on"):
                joined += _all_of(join.args["on"])
            for column in [one.name.lower() for one in join.args.get("using") or ()] if join is not None else ():
                self._meet("EQ", sources[alias].get(column), next(iter(sources.values())).get(column))
        return sources, joined

    def _left_out(self, join: exp.Join) -> bool:
        outer = join.side in ("LEFT", "FULL") and self._rng.random() < _MISSING
        return outer or join.kind == "ANTI"

    def _source(self, source: exp.Expr | Scope, outer: Sequence[Sources], asked: list[exp.Expr]) -> Columns:
        if isinstance(source, Scope):
            given = self.query(source.expression, outer, asked)
            again = [*source.outer_columns, *(name for name, _ in given[len(source.outer_columns) :])]
            return [(name.lower(), out) for name, (_, out) in zip(again, given, strict=False)]
        table = self._names.tables.get(source.name.lower()) if isinstance(source, exp.Table) else None
        if table is None:
            return []
        self.way.readings.append(table.name.lower())
        at = len(self.way.readings) - 1
        return [(column.name.lower(), Cell(at, column.name.lower())) for column in table.columns]

    def _given(self, side: exp.Expr) -> list[tuple[str, str]]:
        """The names and literals that a side of a set operation gives; "" for what is no literal."""
        return [(item.alias_or_name.lower(), constant(item.unalias()) or "") for item in getattr(side, "selects", [])]

    def _condition(self, node: exp.Expr, around: Sequence[Sources]) -> None:
        node = node.unnest()
        if isinstance(node, exp.And):
            for one in _all_of(node):
                self._condition(one, around)
        elif isinstance(node, exp.Or):
            self._condition(self._rng.choice(list(node.flatten())), around)
        elif isinstance(node, exp.Not):
            self._denied(node.this.unnest(), around)
        elif type(node) in COMPARISONS:
            operator = type(node).__name__.upper().replace("NULLSAFEEQ", "EQ")
            self._compared(operator, node.this, node.expression, around)
        elif isinstance(node, exp.Between):
            self._compared("GTE", node.this, node.args["low"], around)
            self._compared("LTE", node.this, node.args["high"], around)
        elif isinstance(node, exp.In):
            self._listed(node, around)
        elif isinstance(node, exp.Exists):
            self.query(node.this, around)
        elif isinstance(node, exp.Like):
            self._compared("NOT LIKE" if node.args.get("negate") else "LIKE", node.this, node.expression, around)
        elif isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            self._is("NULL", node.this, around)

    def _denied(self, node: exp.Expr, around: Sequence[Sources]) -> None:
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            self._is("NOT NULL", node.this, around)
        elif isinstance(node, exp.In):
            self._among("NOT IN", node, around)
        elif isinstance(node, exp.Like):
            self._compared("NOT LIKE", node.this, node.expression, around)
        elif isinstance(node, exp.Between):
            operator, edge = self._rng.choice((("LT", "low"), ("GT", "high")))
            self._compared(operator, node.this, node.args[edge], around)

    def _is(self, operator: str, node: exp.Expr, around: Sequence[Sources]) -> None:
        out, _ = self._term(node, around)
        if isinstance(out, Cell):
            self.way.held.append(Held(out, operator))

    def _listed(self, node: exp.In, around: Sequence[Sources]) -> None:
        query = node.args.get("query")
        if query is not None:
            given = self.query(query, around)
            sought = node.this.expressions if isinstance(node.this, exp.Tuple) else [node.this]
            for one, (_, other) in zip(sought, given, strict=False):
                self._meet("EQ", self._term(one, around)[0], other)
        else:
            self._among("IN", node, around)

    def _among(self, operator: str, node: exp.In, around: Sequence[Sources]) -> None:
        out, _ = self._term(node.this, around)
        texts = tuple(text for member in node.expressions if (text := constant(member)) is not None)
        if isinstance(out, Cell) and texts:
            self.way.held.append(Held(out, operator, texts))
        elif isinstance(out, str) and texts:
            self.way.possible = self.way.possible and (out in texts) is (operator == "IN")

    def _compared(self, operator: str, left: exp.Expr, right: exp.Expr, around: Sequence[Sources]) -> None:
        (one, more), (other, less) = self._term(left, around), self._term(right, around)
        self._meet(operator, one, other, less - more)

    def _meet(self, operator: str, one: Out, other: Out, shift: int = 0) -> None:
        if isinstance(one, Rows) and isinstance(other, str) and operator in ("GT", "GTE", "EQ"):
            self._counted(one, str(int(other) + 1) if operator == "GT" and other.isdigit() else other)
        elif isinstance(one, str) and isinstance(other, Cell | Rows):
            self._meet(MIRROR.get(operator, operator), other, one, -shift)
        elif isinstance(one, str) and isinstance(other, str):
            self.way.possible = self.way.possible and (operator != "EQ" or one == other)
        elif isinstance(one, Cell) and isinstance(other, str):
            self.way.held.append(Held(one, operator, (other,)))
        elif isinstance(one, Cell) and isinstance(other, Cell) and self._takes_equal(operator):
            self.way.equal.append((one, other, shift))
        elif isinstance(one, Cell) and isinstance(other, Cell) and "LIKE" not in operator:
            self.way.ordered.append((one, operator, other))
        elif operator in OPERATORS and (ours := _as_computed(one)) and (theirs := _as_computed(other)):
            self.way.further.append(compared(operator, ours, theirs))

    def _takes_equal(self, operator: str) -> bool:
        return operator == "EQ" or (operator in ("LTE", "GTE") and self._rng.random() < _EQUAL)

    def _term(self, node: exp.Expr, around: Sequence[Sources]) -> tuple[Out, int]:
        """What an expression is on a single row, and a number that is added to it."""
        text = constant(node)
        if text is not None:
            return text, 0
        while isinstance(node, _SEEN_THROUGH) and isinstance(node.this, exp.Expr):
            node = node.this
        if isinstance(node, exp.Mul | exp.Div):
            for one, other in ((node.this, node.expression), (node.expression, node.this)):
                if _is_about_one(constant(other)):
                    return self._term(one, around)
        if isinstance(node, exp.Count):
            return Rows(self._first, len(self.way.readings)), 0
        if isinstance(node, exp.Column):
            return _looked_up(node, around), 0
        if isinstance(node, exp.Add | exp.Sub) and (number := constant(node.expression)) and number.isdigit():
            out, shift = self._term(node.this, around)
            return out, shift + int(number) * (1 if isinstance(node, exp.Add) else -1)
        if isinstance(node, exp.Subquery | exp.Query):
            given = self.query(node, around)
            return (given[0][1] if len(given) == 1 else None), 0
        return computed(node, lambda part: self._known(part, around)), 0

    def _known(self, node: exp.Expr, around: Sequence[Sources]) -> Computed | None:
        text = constant(node)
        if text is not None:
            return _as_computed(text)
        return _as_computed(_looked_up(node, around)) if isinstance(node, exp.Column) else None

    def _counted(self, asked: Rows, number: str) -> None:
        """Where a number of rows is asked for, the reading that joins most comes so often."""
        if asked.first < asked.end and number.isdigit() and int(number) <= MOST_COPIES:
            joins = [cell.reading for one, other, _ in self.way.equal for cell in (one, other)]
            fact = max(range(asked.first, asked.end), key=joins.count)
            self.way.copies[fact] = max(self.way.copies.get(fact, 1), int(number))

    @contextmanager
    def _looking_into(self, node: exp.Select) -> Iterator[None]:
        self._inside.append(id(node))
        try:
            yield
        finally:
            self._inside.pop()


def constant(node: exp.Expr) -> str | None:
    """The text of a literal, also where it is negative, cast, or a day some days from another; None for the rest."""
    if node.find(exp.Column, exp.Query, exp.AggFunc):
        return None
    if not isinstance(node, exp.Literal):
        node = simplify(node.copy(), dialect="spark")
    sign = ""
    while isinstance(node, exp.Cast | exp.Neg | exp.Paren | exp.TsOrDsToDate):
        sign, node = "-" if isinstance(node, exp.Neg) else sign, node.this
    if isinstance(node, exp.Boolean):
        return str(node.this).lower()
    return f"{sign}{node.this}" if isinstance(node, exp.Literal) else None


def _is_about_one(text: str | None) -> bool:
    """Whether a factor changes little, as in 0.9 * x."""
    try:
        return text is not None and _LITTLE[0] <= float(text) <= _LITTLE[1]
    except ValueError:
        return False


def _as_computed(out: Out) -> Computed | None:
    if isinstance(out, str):
        number = parsed(out, "double")
        return constant_of(out if number is None else number)
    return cell_of(out) if isinstance(out, Cell) else out if isinstance(out, Computed) else None


def _looked_up(column: exp.Column, around: Sequence[Sources]) -> Out:
    for sources in around:
        for alias, held in sources.items():
            if column.table.lower() in ("", alias) and column.name.lower() in held:
                return held[column.name.lower()]
    return None


def _all_of(node: exp.Expr) -> list[exp.Expr]:
    node = node.unnest()
    return [one for part in node.flatten() for one in _all_of(part)] if isinstance(node, exp.And) else [node]


def _sides(node: exp.Union) -> Iterator[exp.Expr]:
    for side in (node.this, node.expression):
        inner = side.unnest()
        if isinstance(inner, exp.Union):
            yield from _sides(inner)
        else:
            yield inner


def _of(condition: exp.Expr, alias: str) -> bool:
    """Whether it compares a column of that source with a literal."""
    return (
        type(condition) is exp.EQ
        and isinstance(condition.this, exp.Column)
        and condition.this.table.lower() == alias
        and constant(condition.expression) is not None
    )


def _may(condition: exp.Expr, named: Sequence[tuple[str, str]], given: Sequence[tuple[str, str]]) -> bool:
    """Whether a literal of that column, if it is one, is the one asked for."""
    wanted = constant(condition.expression)
    for (name, _), (_, literal) in zip(named, given, strict=False):
        if name == condition.this.name.lower() and literal:
            return literal == wanted
    return True
