"""Rows that show what others hide: in an order without ties among NULLs, and one row alone."""

from __future__ import annotations

from datetime import date
from typing import Any

from helpers.adversary.passing import Offsets, row
from helpers.adversary.plan import Plan, Wishes, fresh
from helpers.adversary.points import Place
from helpers.adversary.pools import NUMBERS, Pool
from helpers.adversary.schema import Table
from helpers.adversary.steps import fits, moved

GROUPS, MEMBERS = 3, 4
_NULLS = 0.3
_REACH = 3
"""How far apart rows are in an order without a frame of its own: none of them tie."""


def spread(plan: Plan, apart: Offsets) -> Wishes:
    """Three groups of four rows that join: in each what is ordered by comes once, a frame's reach apart and one more.

    Other columns that may hold NULL do here and there, and in one group always: its aggregates are NULL. One row of
    another group has NULL in the order.
    """
    return {
        table.name.lower(): [_member(plan, table, number, apart) for number in range(GROUPS * MEMBERS)]
        for table in plan.tables
    }


def lone(plan: Plan, apart: Offsets, number: int) -> Wishes:
    """A row in each table, and they join: the next of the values at the filters' edges, here and there NULL."""
    wishes: Wishes = {}
    for table in plan.tables:
        wish = row(plan, table, 1, apart)
        for at, (name, pool) in enumerate(plan.columns(table)):
            if pool.edges and not pool.identity:
                wish[name] = pool.edges[(number + at) % len(pool.edges)]
            if not pool.identity and table.nullable(name) and plan.rng.random() < _NULLS:
                wish[name] = None
        wishes[table.name.lower()] = [wish]
    return wishes


def _member(plan: Plan, table: Table, number: int, apart: Offsets) -> dict[str, Any]:
    wish = row(plan, table, number + 1, apart)
    group, at = number % GROUPS, number // GROUPS
    for name, pool in plan.columns(table):
        place = (table.name.lower(), name)
        if place in plan.points.groups:
            wish[name] = pool.name(group + 1 + apart[place]) if pool.identity else fresh(pool, group + 1, plan.rng)
        elif place in plan.points.orders and place not in plan.points.sums:
            unplaced = table.nullable(name) and (group, at) == (1, 1)
            wish[name] = None if unplaced else _placed(plan, place, pool, number)
        elif table.nullable(name) and not (pool.identity or pool.good) and (not group or plan.rng.random() < _NULLS):
            wish[name] = None
    return wish


def _placed(plan: Plan, place: Place, pool: Pool, number: int) -> Any:
    reach = max(plan.points.frames.get(place, {_REACH}))
    # Of any two of a group some are just within the reach, and some just beyond it; the groups are far apart.
    step = (0, reach, reach + 1, 2 * reach + 3)[number // GROUPS] + number % GROUPS * 5 * reach
    first = next(iter(pool.good or pool.plain), None)
    if isinstance(first, date):
        return next(iter(moved(first, step)), first)
    if pool.kind.split("(")[0] in NUMBERS and first is not None and fits(first + step, pool.kind):
        return first + step
    return f"place {number:02}" if pool.kind == "string" and not pool.good else pool.draw(plan.rng)
