"""Dialect pairs as values: a query in a dialect, and the rows that the dialect's own product gives for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "dialects"
DIALECTS = ("postgres", "mysql", "oracle", "tsql")
KINDS = ("text", "int", "decimal", "double", "bool", "date", "timestamp", "array")
# Oracle has no date without a time of day, so midnight and its day are one value there.
ONE_MOMENT = ("oracle",)


@dataclass(frozen=True)
class Table:
    """A table of the pairs. spark, product: the columns' types there; rows: values as Python has them."""

    name: str
    key: tuple[str, ...]
    spark: dict[str, str]
    product: dict[str, str]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Pair:
    """One query and what is right for it.

    columns: the result's names, each with one of KINDS; rows: values as Python has them; both empty where only
    declining is right. refuse: why declining is right, else None; with `rows`, these rows are right as well.
    """

    id: str
    dialect: str
    about: str
    manual: str
    sql: str
    columns: dict[str, str]
    rows: tuple[tuple[Any, ...], ...]
    ordered: bool
    refuse: str | None

    def difference(self, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str | None:
        """What is first wrong with an answer, in a sentence; None = it is right.

        Names match whatever their case. Numbers compare in value to nine digits whatever their type, but true is no
        1; texts byte by byte; without `ordered` rows compare as a bag.
        """
        if [name.lower() for name in names] != [name.lower() for name in self.columns]:
            return f"{self.id}: the columns are {', '.join(names)}, expected are {', '.join(self.columns)}."
        wanted = [self._plain(row) for row in self.rows]
        got = [self._plain(row) for row in rows]
        if self.ordered and wanted != got and Counter(wanted) == Counter(got):
            return f"{self.id}: the rows are right, their order is not: {got}, expected {wanted}."
        if Counter(wanted) != Counter(got):
            missing, extra = Counter(wanted) - Counter(got), Counter(got) - Counter(wanted)
            return f"{self.id}: missing are {list(missing.elements())}, too many are {list(extra.elements())}."
        return None

    def _plain(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(_plain(value, self.dialect in ONE_MOMENT) for value in row)


@dataclass(frozen=True)
class Dialect:
    """All pairs of one dialect. product: which version of which product, with the settings that matter."""

    name: str
    product: str
    tables: tuple[Table, ...]
    pairs: tuple[Pair, ...]


@cache
def load(dialect: str) -> Dialect:
    """The pairs of one of DIALECTS. Raises KeyError or ValueError where the file breaks its own format."""
    found = yaml.safe_load((FOLDER / f"{dialect}.yaml").read_text(encoding="utf-8"))
    return Dialect(
        dialect,
        found["product"],
        tuple(table(name, entry) for name, entry in found["tables"].items()),
        tuple(_pair(dialect, entry) for entry in found["pairs"]),
    )


def table(name: str, entry: dict[str, Any]) -> Table:
    """A table as a file of pairs holds it."""
    spark = {column: types["spark"] for column, types in entry["columns"].items()}
    product = {column: types["product"] for column, types in entry["columns"].items()}
    kinds = [KIND_OF[kind.partition("(")[0]] for kind in spark.values()]
    return Table(name, tuple(entry["key"]), spark, product, typed_rows(kinds, entry["rows"]))


KIND_OF = {"string": "text", "int": "int", "decimal": "decimal", "date": "date", "timestamp": "timestamp"}


def _pair(dialect: str, entry: dict[str, Any]) -> Pair:
    known = {"id", "about", "manual", "sql", "columns", "rows", "ordered", "refuse"}
    if unknown := set(entry) - known:
        raise ValueError(f"{entry['id']} has the unknown keys {', '.join(sorted(unknown))}.")
    if ("rows" in entry) != ("columns" in entry) or not {"rows", "refuse"} & set(entry):
        raise ValueError(f"{entry['id']} needs columns and rows, or a reason to refuse.")
    columns = entry.get("columns", {})
    rows = typed_rows(list(columns.values()), entry.get("rows", []))
    identity, about, manual, sql = (entry[name] for name in ("id", "about", "manual", "sql"))
    return Pair(
        identity, dialect, about, manual, sql, columns, rows, entry.get("ordered", False), entry.get("refuse")
    )


def typed_rows(kinds: list[str], rows: list[list[Any]]) -> tuple[tuple[Any, ...], ...]:
    """Rows as a file of pairs holds them, as values of these kinds."""
    return tuple(tuple(_typed(kind, cell) for kind, cell in zip(kinds, row, strict=True)) for row in rows)


def _typed(kind: str, cell: Any) -> Any:
    """A cell as written, as a value of its kind. Raises ValueError where it is not written as the format says."""
    written, made = _WRITTEN[kind]
    if cell is None:
        return None
    if not isinstance(cell, written) or (isinstance(cell, bool) and kind != "bool"):
        raise ValueError(f"{cell!r} is not how a {kind} is written.")
    return made(cell)


_WRITTEN: dict[str, tuple[type | tuple[type, ...], Any]] = {
    "text": (str, str),
    "int": (int, int),
    "decimal": (str, Decimal),
    "double": ((int, float), float),
    "bool": (bool, bool),
    "date": (str, date.fromisoformat),
    "timestamp": (str, datetime.fromisoformat),
    "array": (list, tuple),
}


def _plain(value: Any, one_moment: bool) -> Any:
    """A value as it is compared: hashable, numbers of any type told alike, apart from true and false."""
    if isinstance(value, bool):
        return f"<{value}>"
    if isinstance(value, int | float | Decimal):
        return float(f"{value:.9g}") + 0.0
    if isinstance(value, list | tuple):
        return tuple(_plain(item, one_moment) for item in value)
    if isinstance(value, datetime):
        # A session's zone is UTC; drivers differ in whether they say so.
        value = value.replace(tzinfo=None)
        midnight = value == datetime(value.year, value.month, value.day)
        return value.date().isoformat() if one_moment and midnight else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value
