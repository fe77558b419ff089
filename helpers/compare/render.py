"""Tables as plain text, and as HTML that holds in light and dark themes.

HTML takes the page's own colours (currentColor, borders, opacity); a mark is the sign ▸, never a colour alone. Every
name and value is escaped: they may be a user's text.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from unicodedata import combining, east_asian_width

import pyarrow as pa

from helpers.compare.grid import Grid, Marks, grid

_TABLE = "border-collapse:collapse;border:1px solid currentColor;margin:0.3em 0"
_CELL = "border:1px solid currentColor;padding:0.15em 0.5em;white-space:pre;text-align:"
_MARKED = ";outline:2px solid currentColor;font-weight:bold"
_NOTHING: Mapping[str, str] = {}


def text_table(
    table: pa.Table,
    most_rows: int = 15,
    most_columns: int = 8,
    marked: Marks | None = None,
    roles: Mapping[str, str] = _NOTHING,
) -> str:
    """The table as lines of text, at most so many rows and columns; what is left out is counted below.

    marked: row (from 0) -> names of its cells to mark with ▸; no names = the whole row. Marked rows and columns are
    shown first of all. roles: column -> what it is, told behind its name as in `site_id (key)`.
    NULL is NULL, the text 'NULL' stands in quotes (`text.cell_text`); numbers stand to the right.
    """
    shown = grid(table, most_rows, most_columns, marked or {}, roles)
    widths = [max(map(_width, column)) for column in zip(shown.names, *shown.texts, strict=True)]
    lines = [
        _line(shown.names, widths, shown.right),
        "-+-".join("-" * width for width in widths),
        *(_line(row, widths, shown.right) for row in shown.texts),
    ]
    return "\n".join([*(line.rstrip() for line in lines if shown.names), *shown.notes])


def html_table(
    table: pa.Table,
    most_rows: int = 15,
    most_columns: int = 8,
    marked: Marks | None = None,
    roles: Mapping[str, str] = _NOTHING,
) -> str:
    """The same as `text_table` in HTML."""
    shown = grid(table, most_rows, most_columns, marked or {}, roles)
    head = "".join(
        f'<th scope="col" style="{_CELL}{_side(right)}">{escape(name)}</th>'
        for name, right in zip(shown.names, shown.right, strict=True)
    )
    body = "".join(f"<tr>{_html_row(shown, row)}</tr>" for row in range(len(shown.texts)))
    notes = "".join(f"<div>{escape(note)}</div>" for note in shown.notes)
    return f'<table style="{_TABLE}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}'


def _line(texts: list[str], widths: list[int], right: list[bool]) -> str:
    cells = []
    for text, width, to_right in zip(texts, widths, right, strict=True):
        room = " " * (width - _width(text))
        cells.append(room + text if to_right else text + room)
    return " | ".join(cells)


def _width(text: str) -> int:
    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _side(right: bool) -> str:
    return "right" if right else "left"


def _html_row(shown: Grid, row: int) -> str:
    cells = []
    for at, (text, right) in enumerate(zip(shown.texts[row], shown.right, strict=True)):
        style = _CELL + _side(right) + (_MARKED if (row, at) in shown.marked else "")
        inner = f"<em>{escape(text)}</em>" if (row, at) in shown.nulls else escape(text)
        cells.append(f'<td style="{style}">{inner}</td>')
    return "".join(cells)
