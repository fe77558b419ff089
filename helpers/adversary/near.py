"""Parts of made tables: those that keep what is declared, and the rows around a difference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from helpers.adversary.schema import Table
from helpers.compare import Difference

Tables = Mapping[str, pa.Table]


def keeps_references(tables: Tables, laws: Iterable[Table]) -> bool:
    """True where each declared reference among these tables finds its row, or is NULL."""
    for law in laws:
        for reference in law.references:
            targets = set(_tuples(tables[reference.table], reference.target))
            for values in _tuples(tables[law.name], reference.columns):
                if None not in values and values not in targets:
                    return False
    return True


def cuts(tables: Tables, found: Difference, key: Sequence[str], laws: Sequence[Table]) -> list[dict[str, pa.Table]]:
    """The rows that share a value with the first row that differs; and those, with the rows that they belong to."""
    side = found.missing if found.missing is not None and found.missing.num_rows else found.extra
    if side is None or not side.num_rows:
        return []
    row = side.slice(0, 1).to_pylist()[0]
    values = {value for name, value in row.items() if (name in key or not key) and _tells(value)}
    near = _sharing(tables, values)
    names = {column for law in laws for column in (*law.key, *(c for r in law.references for c in r.columns))}
    around = {
        value
        for rows in near.values()
        for one in rows.to_pylist()
        for name, value in one.items()
        if name in names and _tells(value)
    }
    return [near, _sharing(tables, values | around)]


def _sharing(tables: Tables, values: set[Any]) -> dict[str, pa.Table]:
    found = {}
    for name, table in tables.items():
        rows = [at for at, row in enumerate(table.to_pylist()) if any(_in(value, values) for value in row.values())]
        found[name] = table.take(pa.array(rows, pa.int64()))
    return found


def _in(value: Any, values: set[Any]) -> bool:
    return _tells(value) and value in values


def _tells(value: Any) -> bool:
    """Small numbers and truth values stand everywhere and tell nothing."""
    return isinstance(value, str | bytes) or hasattr(value, "isoformat")


def _tuples(table: pa.Table, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    return list(zip(*(table[column].to_pylist() for column in columns), strict=True))
