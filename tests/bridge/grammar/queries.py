"""Whole queries: SELECT with its clauses, set operations, WITH, VALUES and pipes, nested to a depth."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.bridge.grammar import forms, logic  # noqa: F401 (they enter their productions)
from tests.bridge.grammar.aggregates import groups
from tests.bridge.grammar.draw import Draw
from tests.bridge.grammar.pipes import piped
from tests.bridge.grammar.scope import ORDERED, SIMPLE, Relation, relation
from tests.bridge.grammar.subqueries import Nested, Subqueries
from tests.bridge.grammar.tables import From, Inner
from tests.bridge.grammar.values import Place
from tests.bridge.grammar.windows import over
from tests.bridge.grammar.worlds import WORLDS, World

DEPTH = 3
"""How many queries are within each other at least."""
Item = tuple[str, str, str]
"""An item of SELECT: its text, its name ("" = none is given) and its kind."""


@dataclass(frozen=True)
class Query:
    """A query as it was drawn. ordered: whether the sequence of its rows counts; constructs: what it holds."""

    seed: str
    world: World
    text: str
    ordered: bool
    constructs: tuple[str, ...]


def query(seed: int | str) -> Query:
    """The query of a seed: the same each time."""
    draw = Draw(seed)
    world = draw.one(WORLDS)
    maker = Maker(draw, world)
    text = maker.query(DEPTH, top=True)[0]
    return Query(str(seed), world, text, maker.ordered, tuple(draw.constructs))


class Maker:
    """Draws the queries of one text over one world. ordered: whether the outermost one gives an order."""

    def __init__(self, draw: Draw, world: World) -> None:
        self.draw, self.world, self.ordered = draw, world, False

    def query(self, depth: int, kinds: tuple[str, ...] = (), top: bool = False) -> tuple[str, Relation]:
        """A query's text and what it offers. kinds: of its columns, none = any; top: nothing is around it."""
        draw = self.draw
        ways = ["select"] * 8 + (["set", "with"] if depth > 1 else ["set"] if draw.chance(0.1) else [])
        ways += ["pipe"] if depth > 1 and not kinds else []
        way = draw.one(ways)
        if way == "set":
            return self._ended(*self._set(depth, kinds), top)
        if way == "with":
            return self._with(depth, kinds)
        if way == "pipe":
            inner = self.query(depth - 1)
            if inner[1].columns:
                return piped(draw, self.world, inner)
        return self._select(depth, kinds, top)

    def _ended(self, text: str, here: Relation, top: bool) -> tuple[str, Relation]:
        """ORDER BY and LIMIT after a set operation."""
        if here.total and self.draw.chance(0.3):
            self.draw.note("ORDER BY after a set operation")
            limit = f" LIMIT {self.draw.number(1, 6)}" if self.draw.chance(0.5) else ""
            self.ordered = self.ordered or top
            return f"{text} ORDER BY {', '.join(one.name for one in here.columns)}{limit}", here
        return text, here

    def _set(self, depth: int, kinds: tuple[str, ...]) -> tuple[str, Relation]:
        draw = self.draw
        kinds = kinds or tuple(draw.one(SIMPLE) for _ in range(draw.number(1, 3)))
        word = draw.one(
            ["UNION ALL", "UNION", "EXCEPT", "EXCEPT ALL", "INTERSECT", "INTERSECT ALL", "MINUS", "UNION ALL"]
        )
        draw.note(word)
        left, here = self._select(max(depth - 1, 1), kinds)
        right, _ = self._select(1, kinds)
        text = (
            f"({left}) {word} ({right})"
            if draw.chance(0.3) or _ends(left)
            else f"{left} {word} {self._closed(right)}"
        )
        if draw.chance(0.2):
            more, _ = self._select(1, kinds)
            word = draw.one(["UNION ALL", "UNION", "EXCEPT", "INTERSECT"])
            draw.note(word)
            text = f"{text} {word} {self._closed(more)}"
        return text, relation((one.name, one.kind) for one in here.columns)

    def _closed(self, text: str) -> str:
        return f"({text})" if _ends(text) or self.draw.chance(0.2) else text

    def _with(self, depth: int, kinds: tuple[str, ...]) -> tuple[str, Relation]:
        draw = self.draw
        draw.note("WITH")
        name = draw.name("c")
        inner, here = self.query(depth - 1)
        columns = ""
        if draw.chance(0.25):
            here = relation([(f"w{place}", one.kind) for place, one in enumerate(here.columns, 1)])
            columns = f" ({', '.join(one.name for one in here.columns)})"
        text, made = self._from(lambda: (name, here), name, kinds)
        return f"WITH {name}{columns} AS ({inner}) {text}", made

    def _from(self, inner: Inner, name: str, kinds: tuple[str, ...]) -> tuple[str, Relation]:
        """A SELECT of a part of WITH."""
        alias = self.draw.name("t")
        here = inner()[1].told_by(alias)
        return self._clauses(f"FROM {name} AS {alias}", here, [], 1, kinds, False)

    def _select(self, depth: int, kinds: tuple[str, ...] = (), top: bool = False) -> tuple[str, Relation]:
        draw = self.draw
        slot = draw.one(["from", "from", "where", "item", "lateral"]) if depth > 1 else ""
        inner = (lambda: self.query(depth - 1)) if slot in ("from", "lateral") else None
        origin = From(draw, self.world, inner)
        if not origin.here.columns:
            origin = From(draw, self.world)
        conditions = [origin.conditions] if origin.conditions else []
        nested: Nested | None = (lambda kinds: self.query(depth - 1, kinds)[0]) if slot in ("where", "item") else None
        if slot == "where":
            conditions.append(Subqueries(draw, self.world, origin.here, nested).condition())
        elif draw.chance(0.15):
            conditions.append(Subqueries(draw, self.world, origin.here, None).condition())
        if draw.chance(0.45):
            conditions.append(Place(draw, origin.here, 2).condition())
        deep = Subqueries(draw, self.world, origin.here, nested) if slot == "item" else None
        return self._clauses(f"FROM {origin.text}", origin.here, conditions, depth, kinds, top, deep)

    def _clauses(self, origin: str, here: Relation, conditions: list[str], depth: int, kinds: tuple[str, ...],
                 top: bool, deep: Subqueries | None = None) -> tuple[str, Relation]:  # fmt: skip
        draw = self.draw
        where = f" WHERE {' AND '.join(f'{one}' for one in conditions)}" if conditions else ""
        if where:
            draw.note("WHERE")
        if kinds:
            items = [(Place(draw, here, 1).value(kind), draw.name("c"), kind) for kind in kinds]
            return self._written(f"{origin}{where}", items, here, False)
        if draw.chance(0.35):
            return self._grouped(f"{origin}{where}", here, top, deep)
        return self._plain(f"{origin}{where}", here, top, deep)

    def _grouped(self, origin: str, here: Relation, top: bool, deep: Subqueries | None) -> tuple[str, Relation]:
        draw = self.draw
        found = groups(draw, here)
        tail = f" {found.clause}" if found.clause else ""
        items = [(one.ref, self._name(top), one.kind) for one in found.here.columns]
        sets = bool(tail) and not found.here.total
        if sets and draw.chance(0.3):
            draw.note("GROUPING()")
            items.append((draw.one([f"grouping({found.keys[0].ref})", "grouping_id()"]), draw.name("c"), "int"))
        place = Place(draw, found.here, 2)
        if draw.chance(0.4) and not sets:
            items.append((place.value(draw.one(SIMPLE)), draw.name("c"), "other"))
        if draw.chance(0.3) and found.here.total:
            draw.note("window over aggregates")
            text, kind = over(
                draw, Relation(tuple(one for one in found.here.columns if one.kind != "other"), found.here.total)
            )
            items.append((text, draw.name("c"), kind or "other"))
        if found.keys and not sets and draw.chance(0.15):
            tail = self._spelt(items, found.keys[0].ref, len(found.keys), tail)
        if draw.chance(0.25) and (tail or draw.chance(0.3)):
            draw.note("HAVING")
            tail += f" HAVING {place.condition()}"
        if deep is not None:
            items.append((deep.value(), draw.name("c"), "int"))
        return self._written(origin, items, Relation(()), top, tail)

    def _spelt(self, items: list[Item], key: str, count: int, tail: str) -> str:
        """GROUP BY by place, by alias, or ALL."""
        draw = self.draw
        name = items[0][1]
        if count == 1:
            way = draw.one(["GROUP BY 1", "GROUP BY ALL", f"GROUP BY {name}" if name else "GROUP BY 1"])
            draw.note("GROUP BY place, alias or ALL")
            windowed = any(" OVER (" in text for text, _, _ in items)
            return f" {way}" if "ALL" not in way or not windowed else tail
        return tail

    def _name(self, top: bool) -> str:
        if top and self.draw.chance(0.2):
            self.draw.note("item without a name")
            return ""
        return self.draw.name("c")

    def _plain(self, origin: str, here: Relation, top: bool, deep: Subqueries | None) -> tuple[str, Relation]:
        draw = self.draw
        names = [one.name.lower() for one in here.columns]
        if len(set(names)) == len(names) and " USING " not in origin and deep is None and draw.chance(0.1):
            return self._starred(origin, here, top)
        items: list[Item] = []
        for one in draw.some([c for c in here.columns if c.kind in (*ORDERED, "map")], 1, 3):
            items.append((one.ref, self._name(top), one.kind))
        for _ in range(draw.number(0, 2)):
            kind = draw.one((*SIMPLE, *SIMPLE, "strings", "ints", "map", "point"))
            items.append((Place(draw, here, 3).value(kind), self._name(top), kind))
        if deep is not None:
            items.append((deep.value(), draw.name("c"), "int"))
        elif draw.chance(0.08):
            items.append((Subqueries(draw, self.world, here, None).value(), draw.name("c"), "int"))
        tail = ""
        if draw.chance(0.35):
            text, kind = over(draw, here)
            name = draw.name("c")
            if draw.chance(0.15) and " OVER (" in text:
                function, _, spec = text.partition(" OVER (")
                text, tail = f"{function} OVER w", f" WINDOW w AS ({spec}"
                draw.note("WINDOW clause")
            elif draw.chance(0.25):
                draw.note("QUALIFY")
                tail = f" QUALIFY {self._qualified(text, name, kind)}"
            items.append((text, name, kind or "other"))
        elif draw.chance(0.08):
            construct, text, name, kind = self._generated(here)
            draw.note(construct)
            items.append((text, name, kind))
        elif draw.chance(0.08) and len(items) > 1 and items[0][1]:
            self._aliased(items, here)
        return self._written(origin, items, here, top, tail, distinct=draw.chance(0.12) and not tail)

    def _qualified(self, text: str, name: str, kind: str) -> str:
        told = self.draw.one([name, text])
        return f"{told} <= {self.draw.number(1, 3)}" if kind == "int" else f"{told} IS NOT NULL"

    def _generated(self, here: Relation) -> tuple[str, str, str, str]:
        """A generator among the items."""
        draw, place = self.draw, Place(self.draw, here, 1)
        name = draw.name("c")
        return draw.one([
            ("generator", f"explode({place.value('strings')})", name, "string"),
            ("generator", f"explode_outer({place.value('ints')})", name, "int"),
            ("generator of several columns", f"posexplode({place.value('strings')})", f"({name}, {name}b)", "other"),
            ("generator of several columns", f"explode({place.value('map')})", f"({name}, {name}b)", "other"),
            ("generator of several columns", f"stack(2, {place.value('int')}, 'a', 7, 'b')", f"({name}, {name}b)",
            "other"),
        ])  # fmt: skip

    def _aliased(self, items: list[Item], here: Relation) -> None:
        """An item that names one before it."""
        _, name, kind = items[0]
        if kind not in SIMPLE or any(one.name.lower() == name.lower() for one in here.columns):
            return
        self.draw.note("alias of the same SELECT")
        only = relation([(name, kind)])
        items.append((Place(self.draw, only, 1).value(kind), self.draw.name("c"), kind))

    def _starred(self, origin: str, here: Relation, top: bool) -> tuple[str, Relation]:
        draw = self.draw
        dropped = here.columns[0].name if len(here.columns) > 2 and draw.chance(0.4) else ""
        draw.note("* EXCEPT" if dropped else "*")
        hidden = "SEMI" in origin or "ANTI" in origin
        star = f"* EXCEPT ({dropped})" if dropped and not hidden else "*"
        kept = [(one.name, one.kind) for one in here.columns if star == "*" or one.name != dropped]
        made = relation(kept)
        return f"SELECT {star} {origin}", made if "PIVOT" not in origin else replace(made, total=())

    def _written(self, origin: str, items: list[Item], here: Relation, top: bool, tail: str = "",
                 distinct: bool = False) -> tuple[str, Relation]:  # fmt: skip
        draw = self.draw
        texts = [f"{text} AS {name}" if name else text for text, name, _ in items]
        given = [(name, kind) for _, name, kind in items]
        made = relation([one for one in given if not one[0].startswith("(")])
        if any(not name or kind not in ORDERED for name, kind in given):
            made = replace(made, total=())
        if distinct and all(kind in ORDERED for _, kind in given):
            draw.note("DISTINCT")
        else:
            distinct = False
        text = f"SELECT {'DISTINCT ' if distinct else ''}{', '.join(texts)} {origin}{tail}"
        return self._limited(text, items, here, made, top, distinct)

    def _limited(self, text: str, items: list[Item], here: Relation, made: Relation, top: bool,
                 distinct: bool) -> tuple[str, Relation]:  # fmt: skip
        draw = self.draw
        if not made.total or not draw.chance(0.35 if top else 0.15):
            return text, made
        names = [one.name for one in made.columns]
        ways = ("", " DESC", " NULLS LAST", " DESC NULLS FIRST")
        first = ""
        if here.of(*SIMPLE) and not distinct and draw.chance(0.25):
            first = Place(draw, here, 1).column(*SIMPLE) + draw.one(ways) + ", "
            draw.note("ORDER BY a column that is not given")
        order = first + ", ".join(one + draw.one(ways) for one in names)
        if draw.chance(0.1):
            order = draw.one(["ALL", ", ".join(str(place) for place, _ in enumerate(names, 1))])
        draw.note("ORDER BY")
        text += f" ORDER BY {order}"
        self.ordered = self.ordered or top
        if draw.chance(0.5):
            draw.note("LIMIT")
            text += draw.one(
                [f" LIMIT {draw.number(1, 8)}", " LIMIT 2 + 1", f" LIMIT {draw.number(2, 5)} OFFSET 1", " OFFSET 1"]
            )
        return text, made


def _ends(text: str) -> bool:
    """Whether a query must stand in parentheses beside another."""
    return any(
        word in text
        for word in (" ORDER BY ", " LIMIT ", " OFFSET ", "WITH ", "|>", " UNION", " EXCEPT", " INTERSECT", " MINUS")
    )
