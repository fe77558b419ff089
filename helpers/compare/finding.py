"""What a comparison found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

from helpers.compare.grid import Marks


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
    marks, expected_marks: what differs in the whole answer and in the whole expected result, for a table to mark.
    """

    kind: Literal["columns", "rows", "order"]
    sentence: str
    missing: pa.Table | None = None
    extra: pa.Table | None = None
    cells: tuple[Cell, ...] = ()
    place: int | None = None
    marks: Marks = field(default_factory=dict)
    expected_marks: Marks = field(default_factory=dict)
