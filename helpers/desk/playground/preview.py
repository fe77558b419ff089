"""What an object on S3 holds, by the end of its name and by its beginning: rows, or the lines of its text."""

from __future__ import annotations

import csv
import json
import tempfile
import zlib
from codecs import getincrementaldecoder
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions

from helpers import services
from helpers.core.errors import UserError
from helpers.desk.playground.objects import WITH_SPARK, filesystem, readable, rows
from helpers.desk.playground.own.delimited import delimiter_of, is_header, titles
from helpers.desk.playground.paged import Page, page, whole
from helpers.services.asking import asked

_FORMATS = {
    ".parquet": "parquet", ".csv": "csv", ".tsv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json",
}  # fmt: skip
_PACKED = ".gz"
_PLAIN = 100_000
"""Bytes of a text object that are read."""
_AT_ONCE = 100_000_000
"""Bytes of the largest JSON that is no lines and is read whole."""


@dataclass(frozen=True)
class _Begin:
    """The beginning of an object, unpacked, with the bytes that the whole object has as it is stored."""

    body: bytes
    size: int
    complete: bool

    def text(self) -> tuple[str, str]:
        """The beginning as text, and its encoding. Raises UnicodeDecodeError where it is none of the usual ones."""
        wide = self.body[:2] in (b"\xff\xfe", b"\xfe\xff")
        encoding = "utf-16" if wide else "utf-8-sig"
        # The decoder holds back a character that the cut went through.
        return getincrementaldecoder(encoding)().decode(self.body, final=self.complete), encoding


def preview(bucket: str, key: str) -> Page:
    """The rows of an object by what its name ends in, or the lines of its text.

    Fields of CSV are shown as the texts that they are. Raises UserError where it does not hold what its name says, or
    holds no text.
    """
    kind = _FORMATS.get(_ending(key))
    if kind is None:
        return text(bucket, key)
    what = f"{bucket}/{key}"
    with readable(what, kind, f'bucket("{bucket}").text("{key}")'):
        if kind == "parquet":
            found = ds.dataset(what, format="parquet", filesystem=filesystem())
            # It tells its number of rows in its footer; the others would have to be read for it.
            return page(what, rows(found, found.count_rows(), what, kind))
        begin = _begin(bucket, key)
        if kind == "json" and not _is_lines(begin):
            return whole(what, _json(bucket, key, begin.size))
        form: Any = "json" if kind == "json" else _delimited(begin)
        return page(what, rows(ds.dataset(what, format=form, filesystem=filesystem()), None, what, kind))


def text(bucket: str, key: str) -> Page:
    """The lines of an object's beginning, whatever its name ends in. Raises UserError where it is no text."""
    begin = _begin(bucket, key)
    try:
        lines = begin.text()[0].splitlines()
    except UnicodeDecodeError as error:
        raise UserError(
            f"{bucket}/{key} is no text, and its name ends in none of {', '.join(_FORMATS)}.",
            f'bucket("{bucket}").browse("{key.rpartition("/")[0]}")',
        ) from error
    of = f"{begin.size:,} bytes" + (" that are packed" if key.lower().endswith(_PACKED) else "")
    says = [] if begin.complete else [f"The first {len(begin.body):,} bytes, of {of}."]
    return whole(f"{bucket}/{key}", pa.table({"line": pa.array(lines, pa.string())}), *says)


def _ending(key: str) -> str:
    """What a name ends in, the packing left out: `.csv` of `a.csv.gz`."""
    suffixes = [one.lower() for one in PurePosixPath(key).suffixes]
    if suffixes and suffixes[-1] == _PACKED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _begin(bucket: str, key: str) -> _Begin:
    with asked(f"give {bucket}/{key}"):
        answer = services.aws("s3").get_object(Bucket=bucket, Key=key)
        body, size = answer["Body"].read(_PLAIN), answer["ContentLength"]
    if not key.lower().endswith(_PACKED):
        return _Begin(body, size, size <= _PLAIN)
    # Arrow and DuckDB know gzip by its name, too.
    unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = unpacked.decompress(body, _PLAIN)
    except zlib.error as error:
        raise UserError(
            f"{bucket}/{key} is not packed by gzip: {error}.", "Give it a name that says what it is."
        ) from error
    return _Begin(plain, size, unpacked.eof)


def _is_lines(begin: _Begin) -> bool:
    """Whether each line is a JSON object of its own, as far as the first one tells."""
    first = begin.body.lstrip().partition(b"\n")[0]
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        # Longer than the beginning: one object on its line, or an array.
        return not begin.complete and first[:1] == b"{" and len(first) >= _PLAIN - 1


def _json(bucket: str, key: str, size: int) -> pa.Table:
    """An array of objects, or objects over several lines: such JSON has no pages that could be read alone."""
    if size > _AT_ONCE:
        raise UserError(
            f"{bucket}/{key} is no JSON of lines, and {size:,} bytes are too many to be read at once.",
            f'{WITH_SPARK}.option("multiLine", True).json(...)',
        )
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        copy = Path(folder) / ("object.json" + (_PACKED if key.lower().endswith(_PACKED) else ""))
        with asked(f"give {bucket}/{key}"):
            services.aws("s3").download_file(bucket, key, str(copy))
        return connection.execute("SELECT * FROM read_json_auto(?)", [str(copy)]).to_arrow_table()


def _delimited(begin: _Begin) -> ds.CsvFileFormat:
    """How a file of delimited text is read: each field as the text that stands there."""
    try:
        shown, encoding = begin.text()
    except UnicodeDecodeError:
        shown, encoding = begin.body.decode("cp1252", "replace"), "cp1252"
    lines = shown.splitlines(keepends=True)
    if not begin.complete and len(lines) > 1:
        lines.pop()
    delimiter = delimiter_of(lines) if lines else ","
    first = next(csv.reader(lines, delimiter=delimiter), [])
    header = is_header(first)
    names = titles(first)[0] if header else [f"column_{at + 1}" for at in range(len(first))]
    return ds.CsvFileFormat(
        parse_options=ParseOptions(delimiter=delimiter, newlines_in_values=True),
        read_options=ReadOptions(column_names=names, skip_rows=int(header), encoding=encoding.removesuffix("-sig")),
        convert_options=ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
