"""Families of tables made for one query: each of its traps, on rows that keep what the tables declare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pyarrow as pa

from helpers.adversary.builder import Builder, to_arrow
from helpers.adversary.mutants import parse
from helpers.adversary.names import Names
from helpers.adversary.passing import FEW, MANY, null_keys, offsets, passing
from helpers.adversary.plan import Plan, Wishes
from helpers.adversary.points import SMALL, Place, Points, points
from helpers.adversary.pools import Pool, pools
from helpers.adversary.schema import Table
from helpers.adversary.shapes import FAMILIES
from helpers.adversary.solved import missing, plenty, shares, solved, tied
from helpers.adversary.spread import lone, spread
from helpers.adversary.ways import merged, ways
from helpers.core.clock import seeded
from helpers.core.errors import UserError

WAYS = 16
"""Ways through a query that rows are made for."""
ALONE = 4
"""Ways with rows by themselves."""
LONE = 8
"""Single rows, each set by itself."""


@dataclass(frozen=True)
class Bonds:
    """What fusing must know of the tables: their keys, and which columns' values are renumbered together.

    named: columns of identities, in sets that mean the same things; kept: values of such a set that the query
    itself names; few: many rows hide what few would show.
    """

    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    named: tuple[frozenset[Place], ...] = ()
    kept: tuple[frozenset[Any], ...] = ()
    few: bool = False


@dataclass(frozen=True)
class Family:
    """One set of input tables, by the tables' names as declared."""

    name: str
    tables: dict[str, pa.Table]
    bonds: Bonds = field(default_factory=Bonds, repr=False, compare=False)


def families(
    sql: str, tables: Sequence[Table], seed: int, extra: Mapping[str, Sequence[tuple[Any, ...]]] | None = None
) -> list[Family]:
    """Tables that separate the query's answer from nearly right ones; the same seed gives the same bytes.

    sql: one Spark query; tables: its input tables; extra: rows of the author, by table, as tuples in column order:
    they are a family of their own, with rows made around them where a table has none.
    Families: usual, boundary, nulls, nulls mixed, duplicates, ties, unmatched, group sizes (also with NULL), skewed
    keys, text, amounts, dates, one row, author (where extra is given), "empty T" for each table T, empty.
    Declared keys, NOT NULL and declared references hold in each; an empty table empties those that must refer to it.
    Raises UserError if the SQL is no query, or extra names an unknown table or breaks what is declared.
    """
    found = points(sql, tables)
    drawn, classes = pools(tables, found)
    bonds = _bonds(tables, drawn, classes, found.few)
    made = [
        Family(name, _built(_plan(tables, found, drawn, seed, name), wishes, nulls), bonds)
        for name, wishes, nulls in FAMILIES
    ]
    if extra:
        made.append(Family("author", _authored(_plan(tables, found, drawn, seed, "author"), extra), bonds))
    for table in tables if len(tables) > 1 else ():
        plan = _plan(tables, found, drawn, seed, f"empty {table.name}")
        rows = {**plan.usual(), table.name.lower(): []}
        made.append(Family(f"empty {table.name}", _arrow(plan, rows, 0.0), bonds))
    made.append(Family("empty", {table.name: to_arrow(table, []) for table in tables}, bonds))
    return made


def joining(sql: str, tables: Sequence[Table], seed: int) -> list[Family]:
    """More sets of rows, that join and pass the query's filters: few of them, many, some with NULL as keys, and some
    spread in their order; rows for ways through the query, such as miss them by one condition, and more than LIMIT
    lets pass; where many rows hide what few would show, single rows too.

    The arguments are those of `families`, and so is what it raises. They stand by themselves, beside what is fused;
    the first is small enough to be run where every row meets every other.
    """
    found = points(sql, tables)
    drawn, classes = pools(tables, found)
    bonds = _bonds(tables, drawn, classes, found.few)
    apart = offsets(classes)

    wishes: dict[str, Callable[[Plan], Wishes]] = {
        "passing": partial(passing, apart=apart, islands=FEW),
        "passing many": partial(passing, apart=apart, islands=MANY),
        "null keys": partial(null_keys, apart=apart),
        "spread": partial(spread, apart=apart),
    }
    tree, rng = parse(sql), seeded(seed, "adversary", "ways")
    if paths := ways(tree, Names(tree, tables), rng, WAYS):
        wishes["solved"] = partial(solved, ways=paths)
        for number, near in enumerate(shares(paths)):
            wishes[f"missing {number}" if number else "missing"] = partial(missing, ways=paths, near=near)
        if found.limit > SMALL:
            wishes["plenty"] = partial(plenty, ways=paths, rows=found.limit + 2)
        if found.orders:
            wishes["tied"] = partial(tied, ways=paths)
        if found.single:
            for number, path in enumerate(paths[:ALONE]):
                alone = merged(path) if number % 2 else path
                wishes[f"way {number}"] = partial(solved, ways=[alone], twice=False)
    if found.few:
        wishes |= {f"lone {number}": partial(lone, apart=apart, number=number) for number in range(LONE)}
    return [
        Family(name, _built(_plan(tables, found, drawn, seed, name), wanted, 0.0), bonds)
        for name, wanted in wishes.items()
    ]


def _plan(
    tables: Sequence[Table],
    found: Points,
    drawn: dict[Place, Pool],
    seed: int,
    name: str,
) -> Plan:
    rng = seeded(seed, "adversary", name)
    return Plan(tuple(tables), found, drawn, Builder(tables, drawn, rng), rng)


def _built(plan: Plan, wishes: Any, nulls: float) -> dict[str, pa.Table]:
    return _arrow(plan, wishes(plan), nulls)


def _arrow(plan: Plan, wishes: Wishes, nulls: float) -> dict[str, pa.Table]:
    rows = plan.builder.build(wishes, nulls)
    return {table.name: to_arrow(table, rows[table.name]) for table in plan.tables}


def _authored(plan: Plan, extra: Mapping[str, Sequence[tuple[Any, ...]]]) -> dict[str, pa.Table]:
    known = {table.name.lower(): table for table in plan.tables}
    wishes = plan.usual(4)
    for name, rows in extra.items():
        table = known.get(name.lower())
        if table is None:
            raise UserError(f"Rows are given for the unknown table {name!r}.", f"Use one of: {', '.join(known)}.")
        names = [column.name.lower() for column in table.columns]
        for row in rows:
            if len(row) != len(names):
                raise UserError(f"A row for {name} has {len(row)} values for {len(names)} columns: {row!r}.")
        wishes[name.lower()] = [dict(zip(names, row, strict=True)) for row in rows]
    built = plan.builder.build(wishes)
    for name in extra:
        table = known[name.lower()]
        if built[table.name] != wishes[name.lower()]:
            raise UserError(
                f"The rows given for {table.name} break its key, its NOT NULL or a reference.",
                "Correct the rows, or give the rows that they refer to as well.",
            )
    return {table.name: to_arrow(table, built[table.name]) for table in plan.tables}


def _bonds(tables: Sequence[Table], drawn: dict[Place, Pool], classes: list[frozenset[Place]], few: bool) -> Bonds:
    named = [places for places in classes if all(drawn[place].identity for place in places)]
    kept = [frozenset(value for place in places for value in drawn[place].edges) for places in named]
    keys = {table.name.lower(): tuple(part.lower() for part in table.key) for table in tables}
    return Bonds(keys, tuple(named), tuple(kept), few)
