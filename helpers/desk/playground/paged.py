"""Large things a page at a time: nothing is read but the rows that are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from helpers.core.errors import UserError
from helpers.desk.card import Card, Say, Show

SIZE = 20
"""How many rows a page has."""


@dataclass(frozen=True)
class Rows:
    """What can be read in pieces.

    read: (start, count) → at most so many rows from there on; first: where the first row stands; end: where the row
    after the last would stand, None = not known; unit: what is counted.
    """

    read: Callable[[int, int], pa.Table]
    end: int | None = None
    first: int = 0
    unit: str = "row"


@dataclass(frozen=True, repr=False)
class Page(Card):
    """Some rows of something larger, and the ways to the others.

    `.next()`, `.back()` and `.at(place)` are pages too; `.buttons()` are the same to click.
    """

    rows: Rows = field(default_factory=lambda: Rows(lambda start, count: pa.table({})))
    start: int = 0
    table: pa.Table | None = None

    def next(self) -> Page:
        """The page after this one; the last one stays."""
        shown = self.table.num_rows if self.table is not None else 0
        last = shown < SIZE if self.rows.end is None else self.start + SIZE >= self.rows.end
        return self if last else page(self.title, self.rows, self.start + SIZE)

    def back(self) -> Page:
        """The page before this one; the first one stays."""
        return page(self.title, self.rows, max(self.rows.first, self.start - SIZE))

    def at(self, place: int) -> Page:
        """The page that begins at a row or an offset. Raises UserError where there is none."""
        end = self.rows.end
        if place < self.rows.first or (end is not None and place > end):
            upto = "" if end is None else f" to {max(self.rows.first, end - 1):,}"
            raise UserError(
                f"There is no {self.rows.unit} {place:,}; they are {self.rows.first:,}{upto}.",
                f".at({self.rows.first})",
            )
        return page(self.title, self.rows, place)

    def buttons(self) -> Any:
        """The pages to click through, by mouse or by keyboard (Tab, Enter)."""
        from helpers.desk.playground.turning import Turner

        return Turner(self)


def page(title: str, rows: Rows, start: int | None = None) -> Page:
    """A page of rows. start: where it begins, the first row if None."""
    begin = rows.first if start is None else start
    table = rows.read(begin, SIZE)
    return Page(title, [Show(_where(rows, begin, table.num_rows), table, SIZE)], rows, begin, table)


def whole(title: str, table: pa.Table, *says: str) -> Page:
    """A table that is here already, page by page, with sentences below it."""
    rows = Rows(lambda start, count: table.slice(start, count), table.num_rows)
    first = page(title, rows)
    return Page(title, [*first.blocks, *map(Say, says)], rows, 0, first.table)


def _where(rows: Rows, start: int, count: int) -> str:
    unit = rows.unit.capitalize()
    if not count:
        return f"No {rows.unit}s" if rows.end in (None, rows.first) else f"No {rows.unit}s from {start:,} on"
    # People count rows from 1; offsets are the broker's own numbers.
    shift = 1 if rows.unit == "row" else 0
    shown = f"{unit}s {start + shift:,} to {start + count - 1 + shift:,}"
    if rows.end is None:
        return f"{shown}; .next() shows more" if count == SIZE else shown
    last = f"{rows.end - 1 + shift:,}"
    return f"{shown} of {rows.first + shift:,} to {last}" + (
        "; .next() shows more" if start + count < rows.end else ""
    )
