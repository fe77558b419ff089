"""A sheet of an Excel file as Arrow: the types are those of its cells, and a text stays a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import duckdb
import pyarrow as pa
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from helpers.core.errors import UserError
from helpers.desk.playground.naming import known
from helpers.desk.playground.own.delimited import RAW, is_header, titles
from helpers.desk.playground.own.forms import quoted
from helpers.desk.playground.own.options import Options
from helpers.desk.playground.own.wanted import read, wanted


def sheet(path: Path, options: Options) -> tuple[pa.Table, list[str], list[str]]:
    """A sheet's rows, what is told of each column, and sentences on the whole.

    Of a formula the value is taken that Excel stored. Raises UserError where the file is none of Excel's, has no such
    sheet, or the sheet no row.
    """
    options.only(
        ("sheet", "header", "skip", "nulls", "types"),
        f"The cells of {path.name} have types of their own",
        'types={"column": "double"} gives another; saved as CSV UTF-8 from Excel it is read with all of them',
    )
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError) as error:
        raise UserError(
            f"{path.name} is no Excel file of today's form (.xlsx).", "Save it as .xlsx, or as CSV UTF-8, from Excel."
        ) from error
    with closing(book):
        # Of all sheets: one that is a chart has no cells.
        sheets = [one.title for one in book.worksheets]
        if not sheets:
            raise UserError(f"{path.name} holds no sheet with cells.", "Give another file.")
        name = options.sheet or sheets[0]
        known("sheet", name, sheets, f'own_data("{path.name}", sheet="...")')
        rows = list(_rows(book[name].iter_rows(min_row=options.skip + 1, values_only=True)))
        others = [one for one in sheets if one != name]
    if not rows:
        raise UserError(f"The sheet {name} of {path.name} holds no row.", f"Its other sheets: {', '.join(others)}")
    said = [f"Sheet {name}" + (f"; sheet=... reads another: {', '.join(others)}." if others else ".")]
    return _table(path, rows, options, said)


def _table(
    path: Path, rows: list[tuple[Any, ...]], options: Options, said: list[str]
) -> tuple[pa.Table, list[str], list[str]]:
    width = max(map(len, rows))
    first = [_text(one) for one in rows[0]] + [""] * (width - len(rows[0]))
    filled, usual = sum(map(bool, first)), max(sum(one is not None for one in row) for row in rows)
    if options.header is None and filled < usual / 2:
        raise UserError(
            f"Line {options.skip + 1} of {path.name} fills {filled} of {usual} columns: it holds no names.",
            f'own_data("{path.name}", skip={options.skip + 1}) leaves it out; header=False takes it for values',
        )
    header = is_header(first) if options.header is None else options.header
    heads, renamed = titles(first) if header else ([f"column_{at + 1}" for at in range(width)], [])
    values = rows[1:] if header else rows
    if not header:
        said.append("The first line holds values, not names; header=True takes it for names.")
    nulls = set(options.nulls)
    for name in options.types:
        known("column", name, heads, f"The columns are {', '.join(heads)}")
    columns, told = [], []
    for at, name in enumerate(heads):
        made, words = _column([_value(row, at, nulls) for row in values], options.types.get(name))
        columns.append(made)
        told.append(words)
    table = pa.Table.from_arrays(columns, names=heads)
    return _as_wanted(table, options.types), told, [*said, *renamed]


def _as_wanted(table: pa.Table, types: Mapping[str, str]) -> pa.Table:
    """The table with the types that the user wants, read from the columns' texts. Raises UserError."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register(RAW, table)
        made = {name: wanted(connection, RAW, name, kind) for name, kind in types.items()}
        columns = ", ".join(
            f"{read(name, made[name]) if name in made else quoted(name)} AS {quoted(name)}"
            for name in table.column_names
        )
        return connection.execute(f"SELECT {columns} FROM {RAW}").to_arrow_table() if made else table


def _rows(cells: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The rows that hold something; Excel counts formatted but empty ones too."""
    for row in cells:
        if any(one is not None for one in row):
            yield row


def _value(row: Sequence[Any], at: int, nulls: set[str]) -> Any:
    value = row[at] if at < len(row) else None
    return None if isinstance(value, str) and value in nulls else value


def _column(values: Sequence[Any], wanted: str | None) -> tuple[pa.Array, str]:
    """The values in the type that all their cells have, or as texts, and what is told of it.

    wanted: the type that the user wants, which is read from texts.
    """
    if wanted is not None:
        return _texts(values), "as you wanted"
    kinds = {type(one) for one in values if one is not None}
    if not kinds:
        return pa.array(values, pa.string()), "no value at all"
    if kinds == {datetime} and all(one is None or one.time() == time() for one in values):
        return pa.array([one and one.date() for one in values], pa.date32()), ""
    if kinds <= {datetime, date}:
        times = [one if one is None or isinstance(one, datetime) else datetime.combine(one, time()) for one in values]
        return pa.array(times, pa.timestamp("us")), "without a zone, as Excel has them"
    if kinds == {bool}:
        return pa.array(values, pa.bool_()), ""
    if kinds == {int} and all(one is None or abs(one) < 2**63 for one in values):
        return pa.array(values, pa.int64()), ""
    if kinds <= {int, float}:
        return pa.array([one if one is None else float(one) for one in values], pa.float64()), ""
    if kinds == {str}:
        return pa.array(values, pa.string()), ""
    words = ", ".join(sorted(_KINDS.get(one, one.__name__) for one in kinds))
    return _texts(values), f"text, for it holds {words}"


_KINDS = {
    str: "texts",
    int: "numbers",
    float: "fractions",
    bool: "true or false",
    datetime: "dates",
    time: "clock times",
}


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _texts(values: Sequence[Any]) -> pa.Array:
    return pa.array([None if one is None else _text(one) for one in values], pa.string())
