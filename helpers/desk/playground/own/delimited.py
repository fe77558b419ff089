"""A file of delimited text (CSV, TSV): its encoding, delimiter and header, and its texts in a table of DuckDB."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from helpers.core.errors import UserError
from helpers.desk.playground.own.forms import NUMBERS, quoted
from helpers.desk.playground.own.options import Options

RAW = "raw"
"""The table that the texts are read into."""
_DELIMITERS = ",;\t|"
_LOOKED_AT = 200
"""Lines by which the delimiter is told."""
_NAMED = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "vertical bar"}
_BLOCK = 1 << 20
_LONGEST = 16 * _BLOCK
"""Characters of the longest line."""


@dataclass(frozen=True)
class Dialect:
    """How a file is written. names: its columns; skip: lines before the first row of values; told: in words.

    mixed: whether its lines, or those of a text in quotes, end in several ways.
    """

    encoding: str
    mixed: bool
    delimiter: str
    names: Sequence[str]
    skip: int
    told: Sequence[str]


def dialect(path: Path, options: Options) -> Dialect:
    """How the file is written, by its beginning and by what the user said. Raises UserError if not."""
    encoding, mixed, why = _encoding(path, options.encoding)
    lines = _lines(path, encoding, options.skip)
    delimiter = options.delimiter or delimiter_of(lines)
    rows = _fields(lines, delimiter)
    if not rows:
        raise UserError(
            f"{path.name} has a field of more than {_LONGEST:,} characters.", "Spark reads it: spark.read.text(...)"
        )
    usual = Counter(len(row) for row in rows if row).most_common(1)[0][0]
    first = rows[0]
    if len(first) != usual:
        before = next((at for at, row in enumerate(rows) if len(row) == usual), 0)
        raise UserError(
            f"Line {options.skip + 1} of {path.name} has {len(first)} fields, most lines have {usual}.",
            f'own_data("{path.name}", skip={options.skip + before}) leaves the lines before the names out',
        )
    header = options.header if options.header is not None else is_header(first)
    names, renamed = titles(first) if header else ([f"column_{at + 1}" for at in range(usual)], [])
    told = [
        f"Between fields stands a {_NAMED.get(delimiter, delimiter)}." if usual > 1 else "It has one column.",
        why,
    ]
    if not header:
        told.append("The first line holds values, not names; header=True takes it for names.")
    return Dialect(encoding, mixed, delimiter, names, options.skip + header, [*filter(None, told), *renamed])


def load(connection: duckdb.DuckDBPyConnection, path: Path, name: str, found: Dialect, options: Options) -> list[str]:
    """Reads all lines of a file in UTF-8 into the table RAW as texts; sentences on what was left out.

    name: the file's own, for what is told.

    An empty field is NULL, and so is each text of `options.nulls`; "" in quotes is an empty text. Raises UserError
    for lines with too few or too many fields, unless they are to be skipped.
    """
    columns = ", ".join(f"{_literal(one)}: 'VARCHAR'" for one in found.names)
    # By its own rule, for a text that means NULL does so in quotes too.
    nulls = ", ".join(map(_literal, options.nulls))
    texts = ", ".join(
        f"CASE WHEN trim({quoted(one)}) NOT IN ({nulls}) THEN {quoted(one)} END AS {quoted(one)}"
        if nulls
        else quoted(one)
        for one in found.names
    )
    connection.execute(
        f"""CREATE TABLE {RAW} AS SELECT {texts} FROM read_csv({_literal(str(path))}, auto_detect=false, header=false,
            delim={_literal(found.delimiter)}, quote='"', escape='"', skip={found.skip}, columns={{{columns}}},
            nullstr='', allow_quoted_nulls=false, store_rejects=true, strict_mode=true,
            max_line_size={_LONGEST})"""
    )
    bad = connection.execute("SELECT count(DISTINCT line) FROM reject_errors").fetchall()[0][0]
    if not bad:
        return []
    query = "SELECT line, any_value(csv_line) FROM reject_errors GROUP BY line ORDER BY line LIMIT 3"
    shown = "; ".join(f"line {line}: {text[:60]}" for line, text in connection.execute(query).fetchall())
    if options.bad_lines == "refuse":
        raise UserError(
            f"Lines of {name} with another number of fields than {len(found.names)}: {bad:,}, as in {shown}.",
            f'Correct them, or leave them out: own_data("{name}", bad_lines="skip")',
        )
    return [f"Lines with another number of fields were left out: {bad:,}, as in {shown}."]


def as_utf8(path: Path, found: Dialect, folder: Path) -> Path:
    """The file itself, or a copy of it where it is not in UTF-8 or its lines end in several ways."""
    if found.encoding in ("utf-8", "utf-8-sig") and not found.mixed:
        return path
    copy = folder / f"{path.stem}.utf8"
    marks = 0
    with (
        path.open(encoding=found.encoding, newline="") as source,
        copy.open("w", encoding="utf-8", newline="") as sink,
    ):
        for line in source:
            marks += line.count('"')
            # Within quotes it is part of a text.
            ends = found.mixed and marks % 2 == 0 and line[-1:] in ("\r", "\n")
            sink.write(line.rstrip("\r\n") + "\n" if ends else line)
    return copy


def _encoding(path: Path, said: str | None) -> tuple[str, bool, str]:
    """The encoding, whether the lines end in several ways, and the sentence that tells what was not sure."""
    with path.open("rb") as file:
        begin = file.read(4)
    sure = (
        "utf-16" if begin[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig" if begin[:3] == b"\xef\xbb\xbf" else None
    )
    tried = said or sure or "utf-8"
    try:
        return tried, _mixed(path, tried), f"Its encoding is {tried}." if tried == "utf-16" else ""
    except LookupError:
        raise UserError(f"Python knows no encoding {said!r}.", 'encoding="cp1252", "utf-8", "utf-16" ...') from None
    except UnicodeError as error:
        if said or sure:
            raise UserError(f"{path.name} cannot be read as {tried}: {error}.", 'encoding="cp1252"') from None
    try:
        mixed = _mixed(path, "cp1252")
    except UnicodeError as error:
        raise UserError(
            f"{path.name} is neither UTF-8 nor cp1252: {error}.", 'encoding="cp850", "utf-16-le" ...'
        ) from None
    shown = next(line for line in path.open("rb") if not line.isascii()).decode("cp1252").strip()[:60]
    return "cp1252", mixed, f'It is no UTF-8: read as cp1252, as in "{shown}"; if letters look wrong: encoding="..."'


def _mixed(path: Path, encoding: str) -> bool:
    """Whether lines end in several ways. Raises UnicodeError where the file is not written in this encoding."""
    with path.open(encoding=encoding, newline="") as file:
        while file.read(_BLOCK):
            pass
        return isinstance(file.newlines, tuple)


def _fields(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """The lines' fields; none where one is too long."""
    # Python's own limit is for whole programs, and lower.
    csv.field_size_limit(_LONGEST)
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return []


def _lines(path: Path, encoding: str, skip: int) -> list[str]:
    with path.open(encoding=encoding, newline="") as file:
        lines = list(islice(file, skip, skip + _LOOKED_AT))
    if not any(line.strip() for line in lines):
        raise UserError(
            f"{path.name} holds no line{f' after the first {skip}' if skip else ''}.", "Give another file."
        )
    if any("\0" in line for line in lines):
        raise UserError(f"{path.name} is no text.", "A CSV, Parquet or Excel file, or a table of PostgreSQL")
    return lines


def delimiter_of(lines: Sequence[str]) -> str:
    """The one by which most lines have the same number of fields, which is more than one; else a comma."""

    def score(delimiter: str) -> float:
        counts = Counter(len(row) for row in _fields(lines, delimiter) if row)
        if not counts:
            return 0.0
        fields, often = counts.most_common(1)[0]
        return often / counts.total() if fields > 1 else 0.0

    return max(_DELIMITERS, key=score)


def is_header(first: Sequence[str]) -> bool:
    """Whether a line can hold names: most fields are filled, and none is a number or a date."""
    values = [*NUMBERS.values(), r"[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}.*"]
    texts = [text.strip() for text in first if text.strip()]
    return 2 * len(texts) >= len(first) > 0 and not any(re.fullmatch(one, text) for one in values for text in texts)


def titles(first: Sequence[str]) -> tuple[list[str], list[str]]:
    """The names of a header, made unique where case apart two are the same, and the sentences that tell it."""
    made: list[str] = []
    told = []
    for at, text in enumerate(first, start=1):
        wanted = text.strip() or f"column_{at}"
        name, number = wanted, 2
        while name.lower() in {one.lower() for one in made}:
            name, number = f"{wanted}_{number}", number + 1
        if name != text.strip():
            told.append(
                f"Column {at} is named {name}: its name is {'empty' if not text.strip() else 'there already'}."
            )
        made.append(name)
    return made, told


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
