"""Which cells of a table are shown, as text: the part that plain text and HTML have in common."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pyarrow as pa
from pyarrow import types

from helpers.compare.text import cell_text, name_text

MARK = "▸"
"""Stands before a marked cell."""

Marks = Mapping[int, Collection[str]]
"""Row, from 0 -> the names of its marked cells; no names = each cell of the row."""

_WIDEST = 60


@dataclass(frozen=True)
class Grid:
    """names: the columns shown; texts: their cells row by row, a marked one with its sign; right: columns of numbers.

    marked, nulls: (row, column) within what is shown. notes: what the mark means where there is one, and what is
    not shown, a line each.
    """

    names: list[str]
    texts: list[list[str]]
    right: list[bool]
    marked: frozenset[tuple[int, int]]
    nulls: frozenset[tuple[int, int]]
    notes: list[str]


def grid(table: pa.Table, most_rows: int, most_columns: int, marks: Marks, roles: Mapping[str, str]) -> Grid:
    """At most so many rows and columns of the table, marked ones before others, all in the table's order.

    roles: column -> what it is, for its head.
    """
    rows = _chosen(table.num_rows, most_rows, [row for row in marks if row < table.num_rows])
    named = {name for names in marks.values() for name in names}
    columns = _chosen(
        table.num_columns, most_columns, [at for at, name in enumerate(table.column_names) if name in named]
    )
    texts: list[list[str]] = []
    marked, nulls = set(), set()
    for place, row in enumerate(rows):
        texts.append([])
        for across, at in enumerate(columns):
            cell = table.column(at)[row]
            text = _short(cell_text(cell))
            if row in marks and (not marks[row] or table.column_names[at] in marks[row]):
                marked.add((place, across))
                text = f"{MARK} {text}"
            if not cell.is_valid:
                nulls.add((place, across))
            texts[-1].append(text)
    return Grid(
        [_head(table.column_names[at], roles) for at in columns],
        texts,
        [_is_number(table.schema.field(at).type) for at in columns],
        frozenset(marked),
        frozenset(nulls),
        ([f"{MARK} = differs"] if marked else [])
        + _notes(
            table.num_rows, len(rows), [name_text(n) for at, n in enumerate(table.column_names) if at not in columns]
        ),
    )


def _chosen(count: int, most: int, first: Collection[int]) -> list[int]:
    wanted = set(first)
    order = sorted(range(count), key=lambda at: (at not in wanted, at)) if wanted else range(min(count, most))
    return sorted(order[: max(most, 0)])


def _head(name: str, roles: Mapping[str, str]) -> str:
    return _short(name_text(name)) + (f" ({roles[name]})" if name in roles else "")


def _notes(rows: int, shown: int, hidden: list[str]) -> list[str]:
    notes = [] if rows else ["(no rows)"]
    if rows > shown:
        notes.append(f"… {rows - shown} more row{'s' * (rows - shown > 1)}")
    if hidden:
        rest = ", …" if len(hidden) > 8 else ""
        notes.append(f"… {len(hidden)} more column{'s' * (len(hidden) > 1)}: {', '.join(hidden[:8])}{rest}")
    return notes


def _short(text: str) -> str:
    # The middle goes: two long texts often differ at their ends.
    return text if len(text) <= _WIDEST else text[: _WIDEST // 2] + "…" + text[-_WIDEST // 2 + 1 :]


def _is_number(kind: pa.DataType) -> bool:
    return types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
