"""Expressions of one kind over a relation's columns. Each production names the construct that it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.bridge.grammar.draw import Draw
from tests.bridge.grammar.scope import NUMBERS, Column, Relation

Production = Callable[["Place"], str]
PRODUCTIONS: dict[str, list[tuple[str, Production]]] = {}
"""The ways to make a value of each kind."""
WORDS = ("ok", "bad", "pv", "wind", "NO", "SO", "North", "1995", "a", "%odd_", "", "North East")


@dataclass(frozen=True)
class Place:
    """Where an expression stands. depth: how many operators may still be within each other."""

    draw: Draw
    here: Relation
    depth: int = 2

    def value(self, *kinds: str) -> str:
        """An expression of one of these kinds."""
        kind = self.draw.one(kinds)
        columns = self.here.of(kind)
        if self.depth <= 0 or self.draw.chance(0.45 if columns else 0.1):
            if kind == "boolean" and not columns:
                return self._told()
            return self.draw.one(columns).ref if columns and self.draw.chance(0.85) else literal(self.draw, kind)
        name, production = self.draw.one(PRODUCTIONS[kind])
        text = production(Place(self.draw, self.here, self.depth - 1))
        self.draw.note(name)
        return text

    def column(self, *kinds: str) -> str:
        """A column of one of these kinds, or an expression where there is none."""
        columns = self.here.of(*kinds)
        return self.draw.one(columns).ref if columns else self.value(*kinds)

    def _told(self) -> str:
        """The shortest condition: on a column, where there is one."""
        columns = [one for one in self.here.columns if one.kind in (*NUMBERS, "string", "date", "timestamp")]
        if not columns:
            return literal(self.draw, "boolean")
        one = self.draw.one(columns)
        return f"{one.ref} {self.draw.one(['>', '<', '<>', '>='])} {literal(self.draw, one.kind)}"

    def binding(self, *names: tuple[str, str]) -> Place:
        """The place inside a lambda that binds these names, each of a kind."""
        return Place(self.draw, self.here.adding(Column(name, kind, name) for name, kind in names), 1)

    def condition(self) -> str:
        """A condition."""
        return self.value("boolean") if self.depth > 0 else Place(self.draw, self.here, 1).value("boolean")


def makes(construct: str, *kinds: str) -> Callable[[Production], Production]:
    """Enters a production for values of these kinds."""

    def enter(production: Production) -> Production:
        for kind in kinds:
            PRODUCTIONS.setdefault(kind, []).append((construct, production))
        return production

    return enter


def form(construct: str, kind: str, *texts: str) -> None:
    """Enters productions that are texts with holes: `{string}` is a value of that kind, `{n}` a number."""
    for text in texts:
        PRODUCTIONS.setdefault(kind, []).append((construct, _filled(text)))


def _filled(text: str) -> Production:
    parts = text.replace("}", "{").split("{")

    def production(place: Place) -> str:
        return "".join(part if index % 2 == 0 else hole(place, part) for index, part in enumerate(parts))

    return production


def hole(place: Place, name: str) -> str:
    """What stands in a hole of a text."""
    if name == "n":
        return str(place.draw.number(1, 9))
    if name == "number":
        return place.value(*NUMBERS)
    if name == "word":
        return literal(place.draw, "string")
    if name.startswith("="):
        return literal(place.draw, name[1:])
    return place.value(*name.split("|"))


def literal(draw: Draw, kind: str) -> str:
    """A constant of a kind."""
    day = f"20{draw.number(19, 24)}-{draw.number(1, 12):02}-{draw.number(1, 28):02}"
    day = draw.one([day, "2020-02-29", "2024-01-01", "1995-03-15", "1996-12-31"])
    return {
        "int": lambda: str(draw.number(0, 20)),
        "decimal": lambda: f"{draw.number(0, 300)}.{draw.one(['5', '25', '00', '1'])}",
        "double": lambda: draw.one(["1.5e0", "2e0", "0.25D", "7.25e0"]),
        "string": lambda: "'" + draw.one(WORDS) + "'",
        "date": lambda: draw.one([f"DATE '{day}'", f"CAST('{day}' AS DATE)", f"to_date('{day}')"]),
        "timestamp": lambda: f"TIMESTAMP '{day} {draw.number(0, 23):02}:30:00'",
        "boolean": lambda: draw.one(["TRUE", "FALSE"]),
        "interval": lambda: f"INTERVAL {draw.number(1, 40)} {draw.one(['DAY', 'HOURS', 'MINUTES'])}",
        "strings": lambda: draw.one(["array('roof', 'new')", "array('a', 'b', NULL)", "split('x-y', '-')"]),
        "ints": lambda: draw.one(["array(1, 2, 3)", "array(3, NULL, 1)", "sequence(1, 4)"]),
        "map": lambda: draw.one(["map('make', 'A')", "map('make', 'B', 'firmware', '2')"]),
        "point": lambda: "named_struct('lat', 1.5e0, 'lon', 2e0)",
    }[kind]()
