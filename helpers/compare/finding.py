"""What a comparison found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa


@dataclass(frozen=True)
class Cell:
    """A cell that differs in two rows of the same key.

    row: where both rows are: the place in `Difference.extra` (what the answer has) and in `Difference.missing` (what
    is expected). actual, expected: the two values as text.
    """

    row: int
    column: str
    actual: str
    expected: str


@dataclass(frozen=True)
class Difference:
    """The first thing that is wrong with an answer.

    kind: columns, rows or order. sentence: what is wrong, addressed to the one who answered; plain text, not escaped.
    missing: expected rows that the answer lacks, extra: rows of the answer that are not expected, both in the
    contract's columns, each row as often as it is missing or too many; None where the kind is not rows. Where rows
    of the same key were paired, they come first, at the same place in both, and `cells` tells which of their cells
    differ.
    place: the first row of the answer, from 0, at which the order is broken; None for other kinds.
    """

    kind: Literal["columns", "rows", "order"]
    sentence: str
    missing: pa.Table | None = None
    extra: pa.Table | None = None
    cells: tuple[Cell, ...] = ()
    place: int | None = None
