"""The values that made rows draw from, a pool per column; columns whose values meet draw from alike pools."""

from __future__ import annotations

import operator
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from helpers.adversary.points import Condition, Place, Points
from helpers.adversary.schema import Table
from helpers.adversary.steps import fits, moved, neighbours, parsed, scale

DATES = [
    "2024-01-31",
    "2024-02-01",
    "2024-02-28",
    "2024-02-29",
    "2024-03-01",
    "2024-03-31",
    "2024-10-27",
    "2024-12-31",
    "2025-01-01",
]
MOMENTS = [
    # Midnight and the second before it, in UTC and in both zones; the half hours before and after each clock change.
    "2024-02-29 00:00:00", "2024-02-28 23:59:59", "2024-03-10 08:30:00", "2024-03-10 09:00:00", "2024-03-31 00:30:00",
    "2024-03-31 01:00:00", "2024-10-27 00:30:00", "2024-10-27 01:30:00", "2024-11-03 07:30:00", "2024-11-03 08:30:00",
    "2024-06-30 22:00:00", "2024-07-01 06:00:00",
]  # fmt: skip
WORDS = ["alpha", "Beta", "gamma", "delta"]
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "EQ": operator.eq,
    "NEQ": operator.ne,
    "LT": operator.lt,
    "LTE": operator.le,
    "GT": operator.gt,
    "GTE": operator.ge,
}
NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")
IDENTITIES = ("smallint", "int", "bigint", "string")


@dataclass(frozen=True)
class Pool:
    """One column's values. good: pass the filters; edges: literals and one step each side; plain: of the type only.

    identity: values name things (keys and what joins to them) and count up from 1; zero: 0 does no harm.
    """

    kind: str
    good: tuple[Any, ...]
    edges: tuple[Any, ...]
    plain: tuple[Any, ...]
    identity: bool
    letter: str
    zero: bool

    def draw(self, rng: random.Random, most: int = 7) -> Any:
        """One value, never NULL: mostly a good one; identities from 1 to `most` and one that may have no partner."""
        if self.identity and not (self.good and rng.random() < 0.5):
            return self.name(rng.randint(1, most + 1))
        if self.good and rng.random() < 0.75:
            return rng.choice(self.good)
        if self.edges and rng.random() < 0.3:
            return rng.choice(self.edges)
        return self.anything(rng)

    def name(self, number: int) -> Any:
        """The identity of that number."""
        return f"{self.letter}{number}" if self.kind == "string" else number

    def anything(self, rng: random.Random) -> Any:
        """A value of the type: of a few that come again, or any."""
        base = self.kind.split("(")[0]
        if self.plain and (rng.random() < 0.4 or base not in NUMBERS):
            return rng.choice(self.plain)
        whole = rng.randint(1, 60)
        if base == "decimal":
            number = Decimal(whole * 10 + rng.randint(1, 9)).scaleb(-min(scale(self.kind), 1))
            return number if fits(number, self.kind) else Decimal(rng.randint(1, 9)).scaleb(-scale(self.kind))
        if base in ("double", "float"):
            return whole + rng.choice((0.0, 0.25, 0.5))
        return whole


def pools(tables: Sequence[Table], found: Points) -> tuple[dict[Place, Pool], list[frozenset[Place]]]:
    """A pool for each column of the tables, and the sets of columns whose values meet (each column is in one)."""
    classes = _classes(tables, found)
    keyed = {(table.name.lower(), part.lower()) for table in tables for part in table.key}
    keyed |= {place for pair in found.joins for place in pair}
    keyed |= {(t.name.lower(), part.lower()) for t in tables for ref in t.references for part in ref.columns}
    kinds = {(t.name.lower(), c.name.lower()): t.kind(c.name) for t in tables for c in t.columns}
    made: dict[Place, Pool] = {}
    for together in classes:
        conditions = [condition for place in sorted(together) for condition in found.conditions.get(place, [])]
        spans = sorted({span for place in together for span in found.spans.get(place, set())})[:4]
        identity = bool(together & keyed) and all(kinds[place] in IDENTITIES for place in together)
        letter = min(name for _, name in together)[:1].upper()
        for place in together:
            cast = found.casts.get(place, "")
            edges = _edges(conditions, spans, kinds[place], cast)
            own = [c for c in found.conditions.get(place, []) if c.filters]
            plain = _plain(kinds[place], cast, spans)
            good = _good(own, edges, plain, kinds[place])
            zero = place not in found.divisors
            if not zero:
                good, edges, plain = (
                    tuple(value for value in values if value != 0) for values in (good, edges, plain)
                )
            made[place] = Pool(kinds[place], good, edges, plain, identity, letter, zero)
    return made, classes


def _classes(tables: Sequence[Table], found: Points) -> list[frozenset[Place]]:
    own: dict[Place, set[Place]] = {}
    for table in tables:
        for column in table.columns:
            place = (table.name.lower(), column.name.lower())
            own[place] = {place}
    references = [
        ((table.name.lower(), mine.lower()), (reference.table.lower(), theirs.lower()))
        for table in tables
        for reference in table.references
        for mine, theirs in zip(reference.columns, reference.target, strict=True)
    ]
    for one, other in [*found.links, *references]:
        if one in own and other in own and own[one] is not own[other]:
            joined = own[one] | own[other]
            for place in joined:
                own[place] = joined
    distinct = {id(places): places for places in own.values()}
    return [frozenset(places) for places in distinct.values()]


def _edges(conditions: list[Condition], spans: list[int], kind: str, cast: str) -> tuple[Any, ...]:
    if cast:
        return tuple(dict.fromkeys(str(value) for value in _edges(conditions, spans, cast, "")))
    found: dict[Any, None] = {}
    for condition in conditions:
        texts = [condition.literal]
        if condition.operator == "LIKE":
            stem = condition.literal.replace("%", "").replace("_", "z")
            texts = [stem, stem + "1", "X" + stem, stem.swapcase() + "1", stem[:-1]]
        for text in texts:
            value = parsed(text, kind)
            if value is not None:
                found.update(dict.fromkeys([value, *neighbours(value, kind)]))
    for value in list(found)[:6] if isinstance(next(iter(found), None), date) else []:
        for span in spans:
            found.update(dict.fromkeys(moved(value, span - 1, span, span + 1)))
    return tuple(value for value in found if fits(value, kind))


def _good(own: list[Condition], edges: tuple[Any, ...], plain: tuple[Any, ...], kind: str) -> tuple[Any, ...]:
    if not own:
        return edges if edges and not isinstance(edges[0], str) else ()
    candidates = [*edges, *(value for value in plain if value not in edges)]
    scores = [sum(_passes(value, condition, kind) for condition in own) for value in candidates]
    best = max(scores, default=0)
    return tuple(value for value, score in zip(candidates, scores, strict=True) if score == best)


def _passes(value: Any, condition: Condition, kind: str) -> bool:
    if condition.operator == "LIKE":
        return matches(str(value), condition.literal)
    literal = parsed(condition.literal, kind)
    return literal is None or bool(OPERATORS[condition.operator](value, literal))


def matches(text: str, pattern: str) -> bool:
    """Whether the text is LIKE the pattern, one without ESCAPE."""
    meant = re.escape(pattern).replace("%", ".*").replace("_", ".")
    return re.fullmatch(meant, text, re.DOTALL) is not None


def _plain(kind: str, cast: str, spans: list[int]) -> tuple[Any, ...]:
    base = kind.split("(")[0]
    if base == "string":
        return tuple(str(value) for value in _plain(cast, "", spans)) if cast else tuple(WORDS)
    if base == "boolean":
        return (True, False)
    if base == "date":
        days = [date.fromisoformat(text) for text in DATES]
        beyond = [day for span in spans for day in moved(days[0], span - 1, span, span + 1)]
        return tuple(dict.fromkeys([*days, *beyond]))
    if base in ("timestamp", "timestamp_ntz"):
        moments = [
            datetime.fromisoformat(text).replace(tzinfo=UTC if base == "timestamp" else None) for text in MOMENTS
        ]
        moments += [
            moment for span in spans for step in (-1, 0, 1) for moment in moved(moments[0], span, seconds=step)
        ]
        return tuple(dict.fromkeys(moments))
    if base in NUMBERS:
        values = [parsed(text, kind) for text in ("1", "2", "10")]
        return tuple(value for value in values if fits(value, kind))
    return ([],) if base.startswith(("array", "map")) else (None,)
