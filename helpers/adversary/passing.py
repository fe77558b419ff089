"""Rows that join one another and pass the filters, beside the families: a query's answer on them is not empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from helpers.adversary.plan import Plan, Wishes, fresh
from helpers.adversary.points import Place
from helpers.adversary.schema import Table

FEW, MANY = 4, 40
"""Islands of rows. Many, because of a filter that compares two columns only chance makes some pass."""
_APART = 50
_OTHERS = 0.2
"""Share of values, beyond the first islands, that need not pass: a condition may stand under NOT, or in a CASE."""

Offsets = Mapping[Place, int]
"""What is added to an island's number in each column of identities: columns that never meet hold other numbers."""


def offsets(classes: Sequence[frozenset[Place]]) -> Offsets:
    """Numbers of their own for each set of columns whose values meet: one that is put for another joins nothing."""
    ordered = sorted(classes, key=min)
    return {place: _APART * at for at, places in enumerate(ordered) for place in places}


def passing(plan: Plan, apart: Offsets, islands: int) -> Wishes:
    """So many islands, a row of each table in each."""
    return {
        table.name.lower(): [row(plan, table, number, apart) for number in range(1, islands + 1)]
        for table in plan.tables
    }


def null_keys(plan: Plan, apart: Offsets) -> Wishes:
    """A few islands, and one more for each two columns that a join holds equal: on it both are NULL, if allowed."""
    wishes = passing(plan, apart, FEW)
    numbers = count(FEW + 1)
    for pair in dict.fromkeys(plan.points.joins):
        number = next(numbers)
        for table in plan.tables:
            name = table.name.lower()
            nulls = {column: None for owner, column in pair if owner == name and table.nullable(column)}
            wishes[name].append({**row(plan, table, number, apart), **nulls})
    return wishes


def row(plan: Plan, table: Table, number: int, apart: Offsets) -> dict[str, Any]:
    """The row of an island in one table."""
    wish: dict[str, Any] = {}
    for name, pool in plan.columns(table):
        place = (table.name.lower(), name)
        if pool.good and number > FEW and plan.rng.random() < _OTHERS:
            wish[name] = plan.rng.choice(pool.edges or pool.good)
        elif pool.good:
            # One after the other, so that few islands show many of them.
            wish[name] = pool.good[(number + len(wish)) % len(pool.good)]
        elif pool.identity:
            wish[name] = pool.name(number + apart[place])
        elif pool.edges:
            # Compared in a CASE or the like: each branch is taken.
            wish[name] = pool.edges[(number + len(wish)) % len(pool.edges)]
        elif place in plan.points.groups:
            wish[name] = fresh(pool, number, plan.rng)
    return wish
