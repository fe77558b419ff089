"""Subqueries inside conditions and values: of one value, IN, EXISTS, each with and without outer columns."""

from __future__ import annotations

from collections.abc import Callable

from tests.bridge.grammar.draw import Draw
from tests.bridge.grammar.scope import NUMBERS, Relation
from tests.bridge.grammar.values import Place
from tests.bridge.grammar.worlds import World

Nested = Callable[[tuple[str, ...]], str]
"""Draws a whole query whose columns are of these kinds."""


class Subqueries:
    """Draws subqueries of a relation. nested: makes deeper ones, None = only flat ones are drawn."""

    def __init__(self, draw: Draw, world: World, here: Relation, nested: Nested | None) -> None:
        self.draw, self.world, self.here, self.nested = draw, world, here, nested

    def condition(self) -> str:
        """A condition that holds a subquery."""
        ways = [self._in, self._in, self._compared]
        if self.nested is not None:
            ways += [self._exists] if self._pairs() else []
        elif self._pairs():
            ways += [self._exists, self._exists, self._correlated, self._in_correlated, self._in_pairs]
        text = self.draw.one(ways)()
        if self.draw.chance(0.15):
            self.draw.note("subquery under OR")
            return f"({Place(self.draw, self.here, 1).condition()} OR {text})"
        return text

    def value(self) -> str:
        """A subquery that gives one number."""
        self.draw.note("scalar subquery")
        pairs = self._pairs()
        if self.nested is None and pairs and self.draw.chance(0.6):
            return f"(SELECT {self._one_of('', *self.draw.one(pairs))})"
        return self._scalar()

    def _pairs(self) -> list[tuple[str, str, str]]:
        """(outer column's text, table, its column) of the same kind."""
        found = [(own, other, key) for table, one, there, there_key in self.world.links
                 for own, other, key in ((one, table, one), (one, there, there_key),
                 (there_key, table, one))]  # fmt: skip
        return [(column.ref, other, key) for own, other, key in found for column in self.here.columns
                if column.name == own]  # fmt: skip

    def _flat(self, other: str, alias: str) -> tuple[Relation, str]:
        """A table told by its alias, and a condition on it."""
        table = self.world.table(other).told_by(alias)
        return table, Place(self.draw, table, 1).condition()

    def _scalar(self) -> str:
        if self.nested is not None:
            alias = self.draw.name("q")
            return f"(SELECT {self.draw.one(['max', 'min', 'count'])}(c1) FROM ({self.nested(('int',))}) {alias}(c1))"
        other, alias = self.draw.one(list(self.world.schema)), self.draw.name("u")
        table, condition = self._flat(other, alias)
        number = Place(self.draw, table, 0).value(*NUMBERS)
        what = self.draw.one(["count(*)", f"max({number})", f"avg({number})"])
        return f"(SELECT {what} FROM {other} {alias} WHERE {condition})"

    def _compared(self) -> str:
        self.draw.note("scalar subquery")
        left = Place(self.draw, self.here, 1).value(*NUMBERS)
        return f"{left} {self.draw.one(['<', '>=', '=', '<>'])} {self._scalar()}"

    def _one_of(self, what: str, ref: str, other: str, key: str) -> str:
        alias = self.draw.name("u")
        table, condition = self._flat(other, alias)
        number = Place(self.draw, table, 0).value(*NUMBERS)
        what = what or self.draw.one(["count(*)", f"sum({number})", f"max({number})", f"coalesce(max({number}), 0)"])
        more = f" AND {condition}" if self.draw.chance(0.5) else ""
        return f"{what} FROM {other} {alias} WHERE {alias}.{key} = {ref}{more}"

    def _correlated(self) -> str:
        self.draw.note("scalar subquery, correlated")
        left = Place(self.draw, self.here, 1).value(*NUMBERS)
        return f"{left} {self.draw.one(['<', '>=', '<='])} (SELECT {self._one_of('', *self.draw.one(self._pairs()))})"

    def _exists(self) -> str:
        self.draw.note("EXISTS")
        draw, (ref, other, key), alias = self.draw, self.draw.one(self._pairs()), self.draw.name("u")
        table, condition = self._flat(other, alias)
        word = draw.one(["EXISTS", "NOT EXISTS"])
        parts = [f"{alias}.{key} = {ref}"]
        if draw.chance(0.6):
            parts.append(condition)
        same = [(one.ref, two.ref) for kind in ("int", "decimal", "date") for one in table.of(kind)
                for two in self.here.of(kind)]  # fmt: skip
        if same and draw.chance(0.3):
            draw.note("EXISTS of unequal columns")
            one, two = draw.one(same)
            parts.append(f"{one} {draw.one(['<', '<>', '>='])} {two}")
        if self.nested is not None:
            parts.append(f"{alias}.{key} IN ({self.nested((self._kind(table, key),))})")
        elif draw.chance(0.2):
            inner = Subqueries(draw, self.world, table, None)
            parts.append(inner.condition())
        item = draw.one(["1", "*", f"{alias}.{key}"])
        return f"{word} (SELECT {item} FROM {other} {alias} WHERE {' AND '.join(parts)})"

    def _kind(self, table: Relation, key: str) -> str:
        return next(one.kind for one in table.columns if one.name == key)

    def _in(self) -> str:
        self.draw.note("IN subquery")
        kind = self.draw.one(("int", "string"))
        word = self.draw.one(["IN", "IN", "NOT IN"])
        left = Place(self.draw, self.here, 1).column(kind)
        if self.nested is not None:
            return f"{left} {word} ({self.nested((kind,))})"
        other, alias = self.draw.one(list(self.world.schema)), self.draw.name("u")
        table, condition = self._flat(other, alias)
        return (
            f"{left} {word} (SELECT {Place(self.draw, table, 0).column(kind)} FROM {other} {alias} WHERE {condition})"
        )

    def _in_correlated(self) -> str:
        self.draw.note("IN subquery, correlated")
        ref, other, key = self.draw.one(self._pairs())
        alias = self.draw.name("u")
        table, _ = self._flat(other, alias)
        kind = self.draw.one(("int", "string"))
        left = Place(self.draw, self.here, 1).column(kind)
        one = Place(self.draw, table, 0).column(kind)
        return f"{left} IN (SELECT {one} FROM {other} {alias} WHERE {alias}.{key} = {ref})"

    def _in_pairs(self) -> str:
        self.draw.note("IN of several columns")
        ref, other, key = self.draw.one(self._pairs())
        alias = self.draw.name("u")
        table, _ = self._flat(other, alias)
        left = Place(self.draw, self.here, 0).column("int")
        most = f"max({Place(self.draw, table, 0).column('int')})"
        return f"({ref}, {left}) IN (SELECT {key}, {most} FROM {other} {alias} GROUP BY {key})"
