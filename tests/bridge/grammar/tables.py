"""FROM: tables, derived tables, joins of every kind, rows made of nothing, and rows made of each row."""

from __future__ import annotations

from collections.abc import Callable

from tests.bridge.grammar.draw import Draw
from tests.bridge.grammar.reshaping import reshaped
from tests.bridge.grammar.scope import NUMBERS, ORDERED, Column, Relation, relation
from tests.bridge.grammar.values import Place
from tests.bridge.grammar.worlds import World

Inner = Callable[[], tuple[str, Relation]]
"""Draws a query for a derived table: its text and what it offers."""


class From:
    """A FROM clause as it grows. here: all that it offers; text: after the word FROM."""

    def __init__(self, draw: Draw, world: World, inner: Inner | None = None) -> None:
        self.draw, self.world = draw, world
        self.name = draw.one(list(world.schema))
        self.text, self.here, alias = self._first(inner)
        for _ in range(draw.one([0, 0, 0, 1, 1, 2]) if alias else 0):
            self._join(alias)
        if draw.chance(0.12):
            self._view()
        elif draw.chance(0.1):
            self._lateral()

    def _first(self, inner: Inner | None) -> tuple[str, Relation, str]:
        """The first entry. Its alias is "" where its columns stand alone."""
        draw = self.draw
        alias = draw.name("t")
        if inner is not None:
            text, here = inner()
            draw.note("derived table")
            return f"({text}) {draw.one(['AS ', ''])}{alias}", here.told_by(alias), alias
        if draw.chance(0.1):
            self.name = ""
            text, here = reshaped(draw, self.world)
            return (text, here, "") if draw.chance(0.4) else (f"{text} AS {alias}", here.told_by(alias), alias)
        if draw.chance(0.1):
            self.name = ""
            text, here = self._made(alias)
            return text, here.told_by(alias), alias
        table = self.world.table(self.name)
        sample = self._sample()
        if not sample and draw.chance(0.3):
            return self.name, table.told_by(self.name), self.name
        return f"{self.name}{sample} {draw.one(['AS ', ''])}{alias}", table.told_by(alias), alias

    def _sample(self) -> str:
        if not self.draw.chance(0.06):
            return ""
        self.draw.note("TABLESAMPLE")
        return self.draw.one([" TABLESAMPLE (100 PERCENT)", " TABLESAMPLE (5000 ROWS)",
        " TABLESAMPLE (BUCKET 3 OUT OF 3)",
                              " TABLESAMPLE (100 PERCENT) REPEATABLE (7)"])  # fmt: skip

    def _made(self, alias: str) -> tuple[str, Relation]:
        """VALUES, range() and generators in FROM."""
        draw = self.draw
        construct, text, columns = draw.one([
            ("VALUES", "VALUES (1, 'NO', 1.5), (2, 'SO', 2.25), (3, NULL, 1.0) AS {}(k, word, amount)",
             [("k", "int"), ("word", "string"), ("amount", "decimal")]),
            ("VALUES", "(VALUES (1, DATE '2024-01-01'), (4, NULL)) AS {}(k, day)", [("k", "int"), ("day", "date")]),
            ("table function", "range(1, 9, 2) AS {}", [("id", "int")]),
            ("table function", "explode(array(10, 20, NULL)) AS {}(n)", [("n", "int")]),
            ("table function", "posexplode(array('a', 'b')) AS {}(place, word)", [("place", "int"), ("word",
            "string")]),
            ("table function", "inline(array(struct(1 AS a, 'x' AS b), struct(2 AS a, 'y' AS b))) AS {}",
             [("a", "int"), ("b", "string")]),
            ("table function", "stack(2, 1, 'a', 2, 'b') AS {}(n, letter)", [("n", "int"), ("letter", "string")]),
            ("named argument", "explode(collection => array(10, 20)) AS {}(n)", [("n", "int")]),
        ])  # fmt: skip
        draw.note(construct)
        return text.format(alias), relation(columns)

    def _join(self, alias: str) -> None:
        """One more table, joined by keys that belong together, or by any columns of one kind."""
        draw = self.draw
        links = self.world.linked(self.name) if self.name else []
        if links and alias:
            own, other, key = draw.one(links)
            left = next((one.ref for one in self.here.columns if one.ref == f"{alias}.{own}"), None)
        else:
            other, key, left = draw.one(list(self.world.schema)), "", None
        told = draw.name("t")
        table = self.world.table(other).told_by(told)
        if left is None:
            kind = draw.one(("int", "string"))
            lefts, rights = self.here.of(kind), table.of(kind)
            if not lefts or not rights:
                return
            left, key, own = draw.one(lefts).ref, draw.one(rights).name, ""
        on = f"{left} {draw.one(['=', '=', '=', '<=>'])} {told}.{key}"
        if draw.chance(0.25):
            on += f" AND {Place(draw, table, 1).condition()}"
        if own and own == key and draw.chance(0.3):
            self._merged(other, told, key, left, table)
            return
        self._on(other, told, on, table)

    def _on(self, other: str, told: str, on: str, table: Relation) -> None:
        draw = self.draw
        how = draw.one(["JOIN", "INNER JOIN", "LEFT JOIN", "LEFT OUTER JOIN", "RIGHT JOIN", "FULL OUTER JOIN",
                        "LEFT SEMI JOIN", "LEFT ANTI JOIN", "CROSS JOIN", ","])  # fmt: skip
        draw.note({",": "comma join"}.get(how, how.replace(" OUTER", "").replace("INNER ", "")))
        if how in ("CROSS JOIN", ","):
            small = f"(SELECT * FROM {other} WHERE {Place(draw, self.world.table(other), 1).condition()}) {told}"
            self.text += f"{'' if how == ',' else ' '}{how} {small if draw.chance(0.4) else f'{other} {told}'}"
            self.conditions = on
        else:
            self.text += f" {how} {other} {told} ON {on}"
        if "SEMI" not in how and "ANTI" not in how:
            self.here = self.here.with_(table)

    conditions = ""
    """What WHERE must say so that a comma or CROSS JOIN makes no product."""

    def _merged(self, other: str, told: str, key: str, left: str, table: Relation) -> None:
        """A join by USING, whose column stands alone."""
        draw = self.draw
        how = draw.one(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
        draw.note("USING")
        self.text += f" {how} {other} {told} USING ({key})"
        kept = [one for one in (*self.here.columns, *table.columns) if one.ref not in (left, f"{told}.{key}")]
        kind = next(one.kind for one in table.columns if one.name == key)
        total = ()
        if self.here.total and table.total:
            total = (key, *(one for one in (*self.here.total, *table.total) if one not in (left, f"{told}.{key}")))
        self.here = Relation((Column(key, kind, key), *kept), total)

    def _view(self) -> None:
        """LATERAL VIEW: an array's elements as rows."""
        draw, alias = self.draw, self.draw.name("v")
        kind = draw.one(("strings", "ints"))
        array = Place(draw, self.here, 1).value(kind)
        of = "string" if kind == "strings" else "int"
        outer = draw.one(["", "OUTER "])
        draw.note("LATERAL VIEW")
        if draw.chance(0.4):
            self.text += f" LATERAL VIEW {outer}posexplode({array}) {alias} AS place, item"
            made = relation([("place", "int"), ("item", of)])
        else:
            self.text += f" LATERAL VIEW {outer}explode({array}) {alias} AS item"
            made = relation([("item", of)])
        self.here = self.here.with_(made.told_by(alias))

    def _lateral(self) -> None:
        """LATERAL: a generator, an expression, or an aggregate for each row."""
        draw, alias = self.draw, self.draw.name("x")
        place = Place(draw, self.here, 1)
        links = [(one, own, other, key) for own, other, key in (self.world.linked(self.name) if self.name else [])
                 for one in self.here.columns if one.name == own]  # fmt: skip
        draw.note("LATERAL")
        way = draw.one(["generator", "expression", *(["aggregate", "aggregate", "first"] if links else [])])
        if way == "generator":
            self.text += f", LATERAL explode({place.value('strings')}) AS {alias}(part)"
            self.here = self.here.with_(relation([("part", "string")]).told_by(alias))
            return
        if way == "expression":
            kind = draw.one((*NUMBERS, "string", "date"))
            self.text += f" CROSS JOIN LATERAL (SELECT {place.value(kind)} AS made) AS {alias}"
            self.here = self.here.with_(relation([("made", kind)]).told_by(alias))
            return
        one, _, other, key = draw.one(links)
        inner = draw.name("i")
        there = self.world.table(other).told_by(inner)
        number = Place(draw, there, 0).value(*NUMBERS)
        if way == "aggregate":
            self.text += (f", LATERAL (SELECT count(*) AS n, max({number}) AS most FROM {other} {inner} "
                          f"WHERE {inner}.{key} = {one.ref}) AS {alias}")  # fmt: skip
            self.here = self.here.with_(relation([("n", "int"), ("most", "decimal")]).told_by(alias))
        else:
            word = draw.one(["LEFT JOIN LATERAL", "JOIN LATERAL"])
            order = ", ".join(there.total)
            found = next((c for c in there.columns if c.kind in ORDERED), there.columns[0])
            self.text += (f" {word} (SELECT {found.ref} AS found FROM {other} {inner} "
                          f"WHERE {inner}.{key} = {one.ref} "
                          f"ORDER BY {order} LIMIT 1) AS {alias} ON true")  # fmt: skip
            self.here = self.here.with_(relation([("found", found.kind)]).told_by(alias))
