"""Large things a page at a time: nothing is read but what is needed for the rows that are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from helpers.core.errors import UserError
from helpers.desk.card import Block, Card, Say, Show

SIZE = 20
"""How many rows a page has."""


@dataclass(frozen=True)
class Rows:
    """What can be read in pieces.

    read: (start, count) → at most so many rows from there on; end: how many there are, None = not known. place: the
    column that tells where a row stands, for what has gaps; then first and end are such places. says: what is told
    below every page.
    """

    read: Callable[[int, int], pa.Table]
    end: int | None = None
    first: int = 0
    place: str = ""
    says: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        """What is counted."""
        return self.place or "row"

    @property
    def shift(self) -> int:
        """People count rows from 1; places are the source's own numbers."""
        return 0 if self.place else 1


@dataclass(frozen=True, repr=False)
class Page(Card):
    """Some rows of something larger, and the ways to the others.

    `.next()`, `.back()` and `.at(number)` are pages too; `.buttons()` are the same to click. table: the rows; more:
    whether others follow.
    """

    rows: Rows = field(default_factory=lambda: Rows(lambda start, count: pa.table({})))
    start: int = 0
    table: pa.Table = field(default_factory=lambda: pa.table({}))
    more: bool = False

    def next(self) -> Page:
        """The page after this one; the last one stays."""
        if not self.more:
            return self
        last = self.table.column(self.rows.place)[-1].as_py() + 1 if self.rows.place else self.start + SIZE
        return page(self.title, self.rows, last)

    def back(self) -> Page:
        """The page before this one; the first one stays."""
        return page(self.title, self.rows, max(self.rows.first, self.start - SIZE))

    def at(self, number: int) -> Page:
        """The page that begins at a row (the first is 1) or at an offset. Raises UserError where there is none."""
        rows, start = self.rows, number - self.rows.shift
        if start < rows.first or (rows.end is not None and start >= max(rows.end, rows.first + 1)):
            first, last = rows.first + rows.shift, "" if rows.end is None else f" to {rows.end - 1 + rows.shift:,}"
            raise UserError(f"There is no {rows.unit} {number:,}; they are {first:,}{last}.", f".at({first})")
        return page(self.title, rows, start)

    def buttons(self) -> Any:
        """The pages to click through, by mouse or by keyboard (Tab, Enter)."""
        from helpers.desk.playground.turning import Turner

        return Turner(self)


def page(title: str, rows: Rows, start: int | None = None) -> Page:
    """A page of rows. start: where it begins, the first row if None."""
    begin = rows.first if start is None else start
    # One more than is shown tells whether others follow.
    read = rows.read(begin, SIZE + 1)
    table, more = read.slice(0, SIZE), bool(read.num_columns) and read.num_rows > SIZE
    blocks: list[Block] = [Show(_where(rows, begin, table, more), table, SIZE)]
    blocks += [Say(one) for one in rows.says]
    return Page(title, blocks, rows, begin, table, more)


def whole(title: str, table: pa.Table, *says: str) -> Page:
    """A table that is here already, page by page, with sentences below it."""
    return page(title, Rows(lambda start, count: table.slice(start, count), table.num_rows, says=says))


def _where(rows: Rows, start: int, table: pa.Table, more: bool) -> str:
    if not table.num_columns:
        # Arrow counts as many rows as were asked for.
        return "No columns"
    if not table.num_rows:
        return f"No {rows.unit}s" if start == rows.first else f"No {rows.unit}s from {start + rows.shift:,} on"
    low, high = start + rows.shift, start + table.num_rows - 1 + rows.shift
    if rows.place:
        low, high = (table.column(rows.place)[at].as_py() for at in (0, -1))
    of = "" if rows.end is None else f" of {rows.first + rows.shift:,} to {rows.end - 1 + rows.shift:,}"
    return f"{rows.unit.capitalize()}s {low:,} to {high:,}{of}{'; .next() shows more' if more else ''}"
