"""Boundary values, each on an island: rows that join only one another, so that no others answer in their stead."""

from __future__ import annotations

from helpers.adversary.plan import Plan, Wishes, island, named, pivot
from helpers.adversary.pools import NUMBERS
from helpers.adversary.steps import parsed

SUMMED = {kind[:6] for kind in NUMBERS}
MOST_ISLANDS = 40
"""Boundary values tried in one family; with more of them, another seed takes others."""


def boundary(plan: Plan) -> Wishes:
    """Each literal, one step below and above, in each column it is compared with.

    Each stands on an island: one row in every table that join one another, in a group of their own.
    """
    wishes = plan.usual(2)
    pivots = [
        (table.name.lower(), name, value)
        for table in plan.tables
        for name, pool in plan.columns(table)
        if (table.name.lower(), name) in plan.points.conditions or (pool.edges and not pool.identity)
        for value in pool.edges[:12]
    ]
    chosen = plan.rng.sample(pivots, min(len(pivots), MOST_ISLANDS))
    for number, (place, column, value) in enumerate(chosen, start=20):
        for table in plan.tables:
            mine = table.name.lower() == place
            wish = pivot(plan, table, number, column, value) if mine else island(plan, table, number)
            wishes[table.name.lower()].append(wish)
    # Once more with no row but in the table itself and where it refers to: no other branch answers in its stead.
    for number, (place, column, value) in enumerate(chosen if len(plan.tables) > 1 else (), start=20 + MOST_ISLANDS):
        own = next(table for table in plan.tables if table.name.lower() == place)
        parents = {reference.table.lower() for reference in own.references}
        for table in plan.tables:
            if table is own:
                wishes[place].append(pivot(plan, table, number, column, value))
            elif table.name.lower() in parents:
                wishes[table.name.lower()].append(named(plan, table, number))
    _split(plan, wishes, 20 + 2 * MOST_ISLANDS)
    return wishes


def _split(plan: Plan, wishes: Wishes, start: int) -> None:
    """Literals that a sum is compared with, as the sum of two equal rows on an island."""
    wanted = [
        (table.name.lower(), name, pool, value)
        for table in plan.tables
        for name, pool in plan.columns(table)
        if {(table.name.lower(), name)} <= plan.points.sums & plan.points.conditions.keys()
        and pool.kind[:6] in SUMMED
        and pool.zero
        for value in pool.edges[:6]
    ]
    for number, (place, column, pool, value) in enumerate(wanted, start=start):
        half = value // 2 if isinstance(value, int) else parsed(str(value / 2), pool.kind)
        for table in plan.tables:
            if table.name.lower() == place:
                wishes[place].extend(pivot(plan, table, number, column, part) for part in (half, value - half))
            else:
                wishes[table.name.lower()].append(island(plan, table, number))
