"""Rows from wishes: fills in what a wish leaves open and keeps declared keys, NOT NULL and references."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from helpers.adversary.points import Place
from helpers.adversary.pools import Pool
from helpers.adversary.schema import Reference, Table
from helpers.compare.table import arrow_type
from helpers.core.errors import UserError

Wish = Mapping[str, Any]
"""Values that a row shall have, by column in lower case; the rest is drawn."""
Row = dict[str, Any]


class Builder:
    """Makes the tables of one family from its wishes, with one generator of random numbers."""

    def __init__(self, tables: Sequence[Table], pools: Mapping[Place, Pool], rng: random.Random) -> None:
        self.tables = _parents_first(tables)
        self._pools = pools
        self._rng = rng

    def build(self, wishes: Mapping[str, Sequence[Wish]], nulls: float = 0.0) -> dict[str, list[Row]]:
        """Rows for each table, by its name as declared.

        wishes: by table name in lower case; a wish that cannot be kept (a taken key, an unknown reference) is
        altered, or its row left out. nulls: share of NULL among the values drawn for nullable columns.
        """
        made: dict[str, list[Row]] = {}
        for table in self.tables:
            rows: list[Row] = []
            taken: set[tuple[Any, ...]] = set()
            asked = wishes.get(table.name.lower(), ())
            for wish in asked:
                row = self._row(table, wish, made, rows, taken, nulls, len(asked))
                if row is not None:
                    taken.add(_key(table, row))
                    rows.append(row)
            made[table.name.lower()] = rows
        return {table.name: made[table.name.lower()] for table in self.tables}

    def draw(self, table: Table) -> Row:
        """A row without regard to other rows, for wishes that shall come again."""
        names = [column.name.lower() for column in table.columns]
        return {name: self._pools[(table.name.lower(), name)].draw(self._rng) for name in names}

    def _row(
        self, table: Table, wish: Wish, made: dict[str, list[Row]], rows: list[Row], taken: set[tuple[Any, ...]],
        nulls: float, count: int,
    ) -> Row | None:  # fmt: skip
        key = [part.lower() for part in table.key]
        for attempt in range(12):
            row: Row = {}
            for column in table.columns:
                name, pool = column.name.lower(), self._pools[(table.name.lower(), column.name.lower())]
                # A taken key gives way in its last column first, so that the row stays with those it joins.
                loose = attempt > 3 and name in key[-1 if attempt < 9 else 0 :]
                if name in wish and not loose and (wish[name] is not None or table.nullable(name)):
                    row[name] = wish[name]
                elif table.nullable(name) and self._rng.random() < nulls:
                    row[name] = None
                elif pool.identity and [part.lower() for part in table.key] == [name]:
                    row[name] = self._unused(pool, taken)
                else:
                    row[name] = pool.draw(self._rng, max(count, 4))
            if not all(self._referred(table, reference, row, made, rows) for reference in table.references):
                return None
            if not table.key or _key(table, row) not in taken:
                return row
        return None

    def _referred(
        self, table: Table, reference: Reference, row: Row, made: dict[str, list[Row]], rows: list[Row]
    ) -> bool:
        """Whether the row's reference holds, after another value is put in where it did not."""
        mine = [name.lower() for name in reference.columns]
        theirs = [name.lower() for name in reference.target]
        own = reference.table.lower() == table.name.lower()
        parents = rows if own else made.get(reference.table.lower(), [])
        held = [tuple(parent[name] for name in theirs) for parent in parents]
        wanted = tuple(row[name] for name in mine)
        itself = own and wanted == tuple(row[name] for name in theirs)
        if any(value is None for value in wanted) or wanted in held or itself:
            return True
        if held:
            for name, value in zip(mine, self._rng.choice(held), strict=True):
                row[name] = value
            return True
        open_ones = [name for name in mine if table.nullable(name)]
        if open_ones:
            row[open_ones[0]] = None
        elif own:
            row.update({name: row[target] for name, target in zip(mine, theirs, strict=True)})
        return bool(open_ones) or own

    def _unused(self, pool: Pool, taken: set[tuple[Any, ...]]) -> Any:
        for value in pool.good if self._rng.random() < 0.5 else ():
            if (value,) not in taken:
                return value
        number = 1
        while (pool.name(number),) in taken:
            number += 1
        return pool.name(number)


def to_arrow(table: Table, rows: Sequence[Row]) -> pa.Table:
    """The rows as a table of the declared columns and types. Raises UserError if a value does not fit its type."""
    schema = pa.schema([pa.field(column.name, arrow_type(column.type)) for column in table.columns])
    try:
        columns = [pa.array([row[f.name.lower()] for row in rows], type=f.type) for f in schema]
    except (pa.ArrowException, TypeError) as error:
        raise UserError(f"A row for the table {table.name} does not fit its columns: {error}") from None
    return pa.Table.from_arrays(columns, schema=schema)


def _key(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[part.lower()] for part in table.key)


def _parents_first(tables: Sequence[Table]) -> list[Table]:
    """Tables that others refer to before those; a circle is cut where it closes."""
    by_name = {table.name.lower(): table for table in tables}
    order: list[Table] = []

    def visit(table: Table, above: tuple[str, ...]) -> None:
        for reference in table.references:
            parent = by_name.get(reference.table.lower())
            if parent is not None and parent is not table and parent.name not in above:
                visit(parent, (*above, table.name))
        if table not in order:
            order.append(table)

    for table in tables:
        visit(table, ())
    return order
