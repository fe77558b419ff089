"""A table in the contract's columns, as canonical cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from helpers.compare.canonical import cells, split
from helpers.compare.closeness import Vector, near
from helpers.compare.kinds import has_single_floats
from helpers.compare.table import arrow_type
from helpers.compare.terms import Terms

SINGLE = 1e-6
"""The least tolerance of a column that is `float` on either side: a float holds no more than seven digits."""


@dataclass(frozen=True)
class Bag:
    """table: the contract's columns of one side. columns: their canonical cells. tolerances: one a column.

    exact, numbers: each row in two parts, what must agree exactly (`...` for a double) and its doubles.
    """

    table: pa.Table
    names: tuple[str, ...]
    columns: tuple[list[Any], ...]
    tolerances: tuple[float, ...]
    exact: list[tuple[Any, ...]]
    numbers: list[Vector]

    def part(self, row: int, names: Sequence[str]) -> tuple[Any, ...]:
        """The canonical cells of a row in these columns."""
        return tuple(self.columns[self.names.index(name)][row] for name in names)

    def tolerances_of(self, exact: tuple[Any, ...]) -> list[float]:
        """A tolerance for each double of the rows that have this exact part."""
        return [
            tolerance for cell, tolerance in zip(exact, self.tolerances, strict=True) for _ in range(_doubles(cell))
        ]

    def same(self, column: int, row: int, other: Bag, other_row: int) -> bool:
        """True where a cell of this side and one of the other are the same."""
        one, two = self.columns[column][row], other.columns[column][other_row]
        ours: list[float] = []
        theirs: list[float] = []
        if split(one, ours) != split(two, theirs):
            return False
        return near(tuple(ours), tuple(theirs), [self.tolerances[column]] * len(ours))


def bags(actual: pa.Table, expected: pa.Table, terms: Terms) -> tuple[Bag, Bag]:
    """Both sides, whose columns must be those of the terms (`columns.columns_difference` finds nothing)."""
    tolerances = tuple(
        max(terms.tolerance, SINGLE)
        if terms.tolerance and any(has_single_floats(side.schema.field(name).type) for side in (actual, expected))
        else terms.tolerance
        for name in terms.names
    )
    return _bag(actual, terms, tolerances), _bag(expected, terms, tolerances)


def _bag(table: pa.Table, terms: Terms, tolerances: tuple[float, ...]) -> Bag:
    asked = table.select(list(terms.names))
    columns = tuple(cells(asked.column(at), arrow_type(column.type)) for at, column in enumerate(terms.columns))
    exact, numbers = [], []
    for row in zip(*columns, strict=True):
        doubles: list[float] = []
        exact.append(split(row, doubles))
        numbers.append(tuple(doubles))
    return Bag(asked, terms.names, columns, tolerances, exact, numbers)


def _doubles(cell: Any) -> int:
    return sum(_doubles(part) for part in cell) if isinstance(cell, tuple) else int(cell is ...)
