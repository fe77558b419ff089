"""Pairs of statements as values: what changes tables in a dialect, and the rows of the table afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from tests.bridge.pairs import FOLDER, KIND_OF, Pair, Table, table, typed_rows


@dataclass(frozen=True)
class Statement:
    """One statement, and what is right for it.

    table: the one that is compared afterwards; columns: its names, each with its kind; rows: what it holds then,
    None where only declining is right; refuse: why declining is right, else None.
    """

    id: str
    dialect: str
    about: str
    manual: str
    sql: str
    table: str
    columns: dict[str, str]
    rows: tuple[tuple[Any, ...], ...] | None
    refuse: str | None

    def difference(self, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str | None:
        """What is first wrong with the table, in a sentence; None = it is right. Rows compare as a bag."""
        told = Pair(self.id, self.dialect, self.about, self.manual, self.sql, self.columns, self.rows or (), False,
                    self.refuse)  # fmt: skip
        return told.difference(names, rows)


@dataclass(frozen=True)
class Statements:
    """All statements of one dialect, and the tables that each begins with."""

    dialect: str
    product: str
    tables: tuple[Table, ...]
    statements: tuple[Statement, ...]

    @property
    def schema(self) -> dict[str, dict[str, str]]:
        """Table → column → Spark's type."""
        return {one.name: one.spark for one in self.tables}

    @property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """Table → its key, where it has one."""
        return {one.name: one.key for one in self.tables if one.key}


@cache
def load(dialect: str) -> Statements:
    """The statements of a dialect. Raises KeyError or ValueError where the file breaks its own format."""
    found = yaml.safe_load((FOLDER / f"{dialect}-statements.yaml").read_text(encoding="utf-8"))
    tables = tuple(table(name, entry) for name, entry in found["tables"].items())
    kinds = {one.name: {name: KIND_OF[kind.partition("(")[0]] for name, kind in one.spark.items()} for one in tables}
    return Statements(
        dialect, found["product"], tables, tuple(_statement(dialect, entry, kinds) for entry in found["pairs"])
    )


def _statement(dialect: str, entry: dict[str, Any], kinds: dict[str, dict[str, str]]) -> Statement:
    known = {"id", "about", "manual", "sql", "table", "columns", "rows", "refuse"}
    if unknown := set(entry) - known:
        raise ValueError(f"{entry['id']} has the unknown keys {', '.join(sorted(unknown))}.")
    if not {"rows", "refuse"} & set(entry):
        raise ValueError(f"{entry['id']} needs rows, or a reason to refuse.")
    name = entry.get("table", "stock")
    columns = entry.get("columns") or kinds[name]
    rows = typed_rows(list(columns.values()), entry["rows"]) if "rows" in entry else None
    return Statement(
        entry["id"], dialect, entry["about"], entry["manual"], entry["sql"], name, columns, rows, entry.get("refuse")
    )
