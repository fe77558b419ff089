"""Which columns an expression may name, and of which kind each is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

NUMBERS = ("int", "decimal", "double")
SIMPLE = (*NUMBERS, "string", "date", "timestamp", "boolean")
"""Kinds that can be compared, grouped and ordered by."""
ORDERED = (*SIMPLE, "strings", "ints", "point")
_KINDS = {"bigint": "int", "array<string>": "strings", "array<int>": "ints", "map<string,string>": "map",
          "struct<lat:double,lon:double>": "point", "smallint": "int", "float": "double"}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column. kind: what the grammar knows of its type; ref: how it is written where it is visible."""

    name: str
    kind: str
    ref: str


@dataclass(frozen=True)
class Relation:
    """What FROM offers. total: texts to order by so that only rows alike tie; empty where there are none."""

    columns: tuple[Column, ...]
    total: tuple[str, ...] = ()

    def told_by(self, alias: str) -> Relation:
        """The same, each column told by that alias."""
        refs = {one.ref: f"{alias}.{one.name}" for one in self.columns}
        columns = tuple(replace(one, ref=refs[one.ref]) for one in self.columns)
        return Relation(columns, tuple(refs.get(one, one) for one in self.total))

    def with_(self, other: Relation) -> Relation:
        """The columns of both, side by side."""
        total = (*self.total, *other.total) if self.total and other.total else ()
        return Relation((*self.columns, *other.columns), total)

    def of(self, *kinds: str) -> list[Column]:
        """The columns of these kinds."""
        return [one for one in self.columns if one.kind in kinds]

    def adding(self, columns: Iterable[Column]) -> Relation:
        """The same with more columns, such as those that a lambda binds."""
        return replace(self, columns=(*self.columns, *columns))


def relation(columns: Iterable[tuple[str, str]], key: Iterable[str] = ()) -> Relation:
    """The relation of these names and kinds. key: the columns that tell its rows apart, none = all of them."""
    made = tuple(Column(name, kind, name) for name, kind in columns)
    names = [one.name for one in made]
    repeated = len({one.lower() for one in names}) < len(names)
    whole = () if repeated or any(one.kind not in ORDERED for one in made) else tuple(names)
    return Relation(made, tuple(key) or whole)


def kind_of(spark: str) -> str:
    """The kind of a Spark type."""
    return _KINDS.get(spark, spark.partition("(")[0])
