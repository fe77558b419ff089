"""What a family is made from, and the building blocks of its wishes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from helpers.adversary.builder import Builder, Wish
from helpers.adversary.points import Place, Points
from helpers.adversary.pools import NUMBERS, Pool
from helpers.adversary.schema import Table
from helpers.adversary.steps import fits, parsed

Wishes = dict[str, list[Wish]]
USUAL = 6
"""Rows of each table where a family asks for nothing special."""


@dataclass(frozen=True)
class Plan:
    """What a family is made from: the tables, the query's points, the pools, and its own generator."""

    tables: tuple[Table, ...]
    points: Points
    pools: dict[Place, Pool]
    builder: Builder
    rng: random.Random

    def usual(self, rows: int = USUAL) -> Wishes:
        """Rows without a wish, for every table."""
        return {table.name.lower(): [{} for _ in range(rows)] for table in self.tables}

    def columns(self, table: Table) -> list[tuple[str, Pool]]:
        """The table's columns in lower case, with their pools."""
        names = [column.name.lower() for column in table.columns]
        return [(name, self.pools[(table.name.lower(), name)]) for name in names]


def island(plan: Plan, table: Table, number: int) -> dict[str, Any]:
    """One row that joins the rows of that number in the other tables, in a group of its own, passing the filters."""
    wish: dict[str, Any] = {}
    for name, pool in plan.columns(table):
        if pool.identity:
            wish[name] = pool.name(number)
        elif (table.name.lower(), name) in plan.points.groups:
            wish[name] = fresh(pool, number, plan.rng)
        elif pool.good:
            wish[name] = plan.rng.choice(pool.good)
    return wish


def pivot(plan: Plan, table: Table, number: int, name: str, value: Any) -> dict[str, Any]:
    """An island's row with that value; the columns it is added to or multiplied with leave it as it is."""
    wish = {**island(plan, table, number), name: value}
    place = table.name.lower()
    for (owner, other), neutral in plan.points.partners.get((place, name), {}).items():
        pool = plan.pools.get((owner, other))
        if (
            owner == place
            and pool is not None
            and pool.kind.split("(")[0] in NUMBERS
            and not pool.identity
            and (neutral or pool.zero)
        ):
            wish[other] = parsed(str(neutral), pool.kind)
    return wish


def named(plan: Plan, table: Table, number: int) -> dict[str, Any]:
    """The identity of that number in every column of the table that holds identities."""
    return {name: pool.name(number) for name, pool in plan.columns(table) if pool.identity}


def fresh(pool: Pool, number: int, rng: random.Random) -> Any:
    """A value to group by that no other family has, as far as the type allows."""
    base = pool.kind.split("(")[0]
    if base == "string":
        return f"group {number}"
    if pool.plain and isinstance(pool.plain[0], date) and not pool.good:
        return pool.plain[0].replace(year=2030, month=1, day=5) + timedelta(days=40 * number)
    if base in NUMBERS and not pool.good and pool.plain and fits(900 + number, pool.kind):
        return type(pool.plain[0])(900 + number)
    return pool.draw(rng)
