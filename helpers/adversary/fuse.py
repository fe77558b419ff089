"""All families' rows in one or two dense sets, so that one job judges an answer on all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from helpers.adversary.families import Bonds, Family
from helpers.adversary.points import Place

MOST_KEPT = 10**6
"""Identities that the query names are counted past up to here; past larger ones there may be no room in the type."""


def fuse(families: Sequence[Family]) -> list[Family]:
    """The families' rows together: "dense", "dense with NULL", for some queries "few", and "empty".

    "dense" has NULL only where the first family has it too. "few" (the unmatched rows alone) is added where many rows
    hide what few would show: the query has LIMIT, or an aggregate of all rows.

    Two dense sets, because one NULL under NOT IN hides every other row's trap. Identities of later families are
    renumbered past those of earlier ones, alike wherever they stand, so that declared keys and references hold and
    families do not mix by joins; values that the query names keep their number. A row whose key is taken all the
    same is left out. Families with one empty table add their other tables' rows. All must come from one call.
    """
    full = [family for family in families if any(table.num_rows for table in family.tables.values())]
    always = _null_columns(full[0]) if full else set()
    apart = {nulls: [f for f in full if bool(_null_columns(f) - always) is nulls] for nulls in (False, True)}
    made = [
        _together(name, apart[nulls])
        for name, nulls in (("dense", False), ("dense with NULL", True))
        if apart[nulls]
    ]  # fmt: skip
    few = [
        Family("few", family.tables, family.bonds)
        for family in full
        if family.name == "unmatched" and family.bonds.few
    ]
    return made + few + [family for family in families if family not in full][:1]


def _null_columns(family: Family) -> set[Place]:
    return {
        (table, name) for table, rows in family.tables.items() for name in rows.column_names if rows[name].null_count
    }


def _together(name: str, members: Sequence[Family]) -> Family:
    bonds = members[0].bonds
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in members[0].tables}
    highest = [max((v for v in kept if isinstance(v, int) and v < MOST_KEPT), default=0) for kept in bonds.kept]
    taken: dict[str, set[tuple[Any, ...]]] = {table: set() for table in rows}
    for number, family in enumerate(members):
        renamed = _Renaming(bonds, highest, number)
        for table, values in family.tables.items():
            for row in values.to_pylist():
                after = {
                    column: renamed.value((table.lower(), column.lower()), value) for column, value in row.items()
                }
                key = _key(after, bonds.keys.get(table.lower(), ()))
                if key is None or key not in taken[table]:
                    taken[table].add(key or ())
                    rows[table].append(after)
        highest = renamed.highest
    schemas = {table: values.schema for table, values in members[0].tables.items()}
    return Family(name, {table: pa.Table.from_pylist(rows[table], schema=schemas[table]) for table in rows}, bonds)


class _Renaming:
    """One family's identities past those of the families before it."""

    def __init__(self, bonds: Bonds, highest: list[int], number: int) -> None:
        self._number = number
        self._offsets = list(highest)
        self.highest = list(highest)
        self._class = {place: index for index, places in enumerate(bonds.named) for place in places}
        self._kept = bonds.kept

    def value(self, place: Place, value: Any) -> Any:
        """The value as it stands in the fused set."""
        index = self._class.get(place)
        if index is None or value is None or value in self._kept[index]:
            return value
        if isinstance(value, str):
            return f"{value}.{self._number}" if self._number else value
        after = value + self._offsets[index]
        self.highest[index] = max(self.highest[index], after)
        return after


def _key(row: dict[str, Any], key: tuple[str, ...]) -> tuple[Any, ...] | None:
    if not key:
        return None
    lower = {column.lower(): value for column, value in row.items()}
    return tuple(lower[part] for part in key)
