"""The families of data, a function each: what rows they wish for. FAMILIES is the register."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from helpers.adversary.builder import Wish
from helpers.adversary.islands import boundary
from helpers.adversary.plan import Plan, Wishes, fresh, named
from helpers.adversary.pools import NUMBERS
from helpers.adversary.schema import Table
from helpers.adversary.steps import fits


def usual(plan: Plan) -> Wishes:
    """Plausible rows."""
    return plan.usual(8)


def nulls(plan: Plan) -> Wishes:
    """NULL in each nullable column alone, in all together; rows around them to join with."""
    wishes = plan.usual(4)
    for table in plan.tables:
        free = [name for name, _ in plan.columns(table) if table.nullable(name)]
        wishes[table.name.lower()].extend({name: None} for name in free for _ in range(2))
        wishes[table.name.lower()].append(dict.fromkeys(free))
    return wishes


def duplicates(plan: Plan) -> Wishes:
    """Rows that come twice and three times, whole where there is no key, else in all but the key."""
    wishes: Wishes = {}
    for table in plan.tables:
        key = {part.lower() for part in table.key}
        rows: list[Wish] = []
        for times in (3, 2, 1, 1):
            row = plan.builder.draw(table)
            shared = row if len(key) != 1 else {name: value for name, value in row.items() if name not in key}
            rows.extend(dict(shared) for _ in range(times))
        wishes[table.name.lower()] = rows
    return wishes


def ties(plan: Plan) -> Wishes:
    """Rows alike in what is ordered and grouped by, different in the rest: 1, 2, 2, 3, 3, 4 in each of two groups."""
    wishes = plan.usual(3)
    steering = dict.fromkeys([*plan.points.orders, *plan.points.groups])
    for table in plan.tables:
        pools = dict(plan.columns(table))
        ordered = [name for name in pools if (table.name.lower(), name) in plan.points.orders]
        grouped = [name for name in pools if (table.name.lower(), name) in steering and name not in ordered]
        if not ordered:
            ordered = [name for name, pool in pools.items() if not pool.identity][:1]
        for _ in range(2):
            same = {name: pools[name].draw(plan.rng) for name in grouped}
            for times in (1, 2, 2, 1):
                place = {name: pools[name].draw(plan.rng) for name in ordered}
                wishes[table.name.lower()].extend({**same, **place} for _ in range(times))
    return wishes


def unmatched(plan: Plan) -> Wishes:
    """Keys without a partner, on both sides of everything that is joined."""
    wishes = plan.usual(3)
    for position, table in enumerate(plan.tables):
        for number in range(2):
            wish = {
                name: pool.name(40 + 10 * position + number)
                for name, pool in plan.columns(table)
                if pool.identity and not _refers(table, name)
            }
            wishes[table.name.lower()].append(wish)
    return wishes


def sizes(plan: Plan) -> Wishes:
    """Groups of as many rows as the query counts up to, one fewer and one more; and a group of none."""
    counts = {number + step for number in (plan.points.sizes or {1, 2}) for step in (-1, 0, 1)}
    wishes = plan.usual(2)
    for table in plan.tables:
        steering = [
            (name, pool) for name, pool in plan.columns(table)
            if [name] != [part.lower() for part in table.key]
            and (pool.identity or (table.name.lower(), name) in plan.points.groups)
        ]  # fmt: skip
        own = [name for name, _ in steering]
        if not own:
            wishes[table.name.lower()] = [{} for _ in range(len(counts) + 2)]
        for name, pool in steering:
            for number, count in enumerate(sorted(counts), start=1):
                value = pool.name(number + 1) if pool.identity else fresh(pool, number, plan.rng)
                wishes[table.name.lower()].extend({name: value} for _ in range(max(count, 0)))
    return wishes


def skewed(plan: Plan) -> Wishes:
    """One key that nearly all rows share."""
    wishes = plan.usual(4)
    for table in plan.tables:
        shared = {name: pool.name(1) for name, pool in plan.columns(table)
                  if pool.identity and [name] != [part.lower() for part in table.key]}  # fmt: skip
        wishes[table.name.lower()].extend(dict(shared) for _ in range(6))
    return wishes


def text(plan: Plan) -> Wishes:
    """Mixed case, blanks before and behind, the empty string."""
    wishes = plan.usual(2)
    for table in plan.tables:
        for name, pool in plan.columns(table):
            if pool.kind == "string" and (table.name.lower(), name) not in plan.points.casts:
                word = str(plan.rng.choice(pool.good or pool.plain))
                spelled = [word, word.upper(), word.lower(), word + " ", " " + word, ""]
                wishes[table.name.lower()].extend({name: value} for value in spelled)
    return wishes


def amounts(plan: Plan) -> Wishes:
    """Zero, negative and equal numbers."""
    wishes = plan.usual(2)
    for table in plan.tables:
        for name, pool in plan.columns(table):
            base = pool.kind.split("(")[0]
            if base in NUMBERS and not pool.identity:
                numbers = [
                    number for number in (0, -1, -7, 5, 5) if (number or pool.zero) and fits(number, pool.kind)
                ]
                convert = {"decimal": Decimal, "double": float, "float": float}.get(base, int)
                made = [convert(number) for number in numbers]
                wishes[table.name.lower()].extend({name: value} for value in made)
                if pool.zero and made:
                    # Sums of zero: one zero alone, and two values that cancel out.
                    zero, one = made[0], made[-1]
                    alone = [(30, zero), (31, one), (31, -one)]
                    wishes[table.name.lower()].extend({**named(plan, table, to), name: value} for to, value in alone)
        wishes[table.name.lower()].extend(named(plan, table, number) for number in (30, 31))
    return wishes


def dates(plan: Plan) -> Wishes:
    """Midnight, ends of months, the leap day, both clock changes of Berlin and Denver."""
    wishes = plan.usual(2)
    for table in plan.tables:
        for name, pool in plan.columns(table):
            if pool.kind in ("date", "timestamp", "timestamp_ntz"):
                wishes[table.name.lower()].extend({name: value} for value in pool.plain[:12])
    return wishes


def one_row(plan: Plan) -> Wishes:
    """One row in each table, and they join."""
    return {table.name.lower(): [named(plan, table, 1)] for table in plan.tables}


def _refers(table: Table, name: str) -> bool:
    return any(name in {column.lower() for column in reference.columns} for reference in table.references)


FAMILIES: tuple[tuple[str, Callable[[Plan], Wishes], float], ...] = (
    ("usual", usual, 0.0),
    ("boundary", boundary, 0.0),
    ("nulls", nulls, 0.0),
    ("nulls mixed", usual, 0.3),
    ("duplicates", duplicates, 0.0),
    ("ties", ties, 0.0),
    ("unmatched", unmatched, 0.0),
    ("group sizes", sizes, 0.0),
    ("group sizes with NULL", sizes, 0.3),
    ("skewed keys", skewed, 0.0),
    ("text", text, 0.0),
    ("amounts", amounts, 0.0),
    ("dates", dates, 0.0),
    ("one row", one_row, 0.0),
)
"""Name, wishes, and the share of NULL among what is drawn beside them."""
