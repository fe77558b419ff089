"""Own data in minutes: a file of this machine or a table of PostgreSQL becomes a typed DataFrame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from helpers import services
from helpers.core.errors import UserError
from helpers.desk.card import Block, Say, Show
from helpers.desk.playground.guard import guarded
from helpers.desk.playground.naming import known
from helpers.desk.playground.objects import readable
from helpers.desk.playground.own.delimited import titles
from helpers.desk.playground.own.options import Options
from helpers.desk.playground.own.staging import frame_of, new_folder
from helpers.desk.playground.own.texts import typed_texts
from helpers.desk.playground.postgres import named
from helpers.desk.playground.spark_rows import Answer, answer

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_TEXTS = (".csv", ".tsv", ".txt")
_EXCEL = (".xlsx", ".xlsm")
_PARQUET = (".parquet", ".pq")
_CHANGED = "Leave it out; the DataFrame is changed by Spark: .frame.withColumn(...)"
_COLUMN = pa.schema([("column", pa.string()), ("type", pa.string()), ("about", pa.string())])


@dataclass(frozen=True, repr=False)
class OwnData(Answer):
    """Own data as a DataFrame (`.frame`): first its columns with their types, then its rows page by page.

    columns: column, type, and what was told or is asked of it.
    """

    columns: pa.Table = field(default_factory=lambda: _COLUMN.empty_table())


def own_data(
    source: str | Path,
    *,
    types: Mapping[str, str] | None = None,
    nulls: Sequence[str] = (),
    decimal: str | None = None,
    day_first: bool | None = None,
    header: bool | None = None,
    skip: int = 0,
    delimiter: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    bad_lines: str = "refuse",
) -> OwnData:
    """A CSV, Parquet or Excel file of this machine, or a table of PostgreSQL ("schema.name"), as a DataFrame.

    A text column gets a type where all its values say so; where they may mean two things it stays text, and the
    card asks. types: column → "string", "bigint", "double", "decimal(12,3)", "date", "timestamp", "timestamp_ntz",
    "boolean"; nulls: texts that mean NULL, as in ["N/A"]; decimal: "," or "."; day_first: whether 01.02.2024 is in
    February; header: whether the first line holds names; skip: lines before it; bad_lines: "skip" leaves out lines
    with another number of fields. delimiter, encoding, sheet: where the file's own are not found by themselves.
    Raises UserError where there is nothing of this name, it cannot be read, or it does not take what was said: a
    Parquet file and a table have types of their own.
    """
    options = Options(
        sheet, delimiter, encoding, header, skip, nulls, decimal, day_first, dict(types or {}), bad_lines
    )
    path = Path(source).expanduser()
    if path.exists():
        return _file(path, options)
    ending = path.suffix.lower()
    if ending in (*_TEXTS, *_EXCEL, *_PARQUET) or len(path.parts) > 1:
        if not path.parent.is_dir():
            raise UserError(f"There is no folder {path.parent}.", "Give the path of a file on this machine.")
        beside = [one.name for one in path.parent.iterdir()]
        known("file", path.name, beside, f"%ls {path.parent} lists what is there")
    options.only((), f"The table {source} has types of its own", _CHANGED)
    return _table(str(source))


def _file(path: Path, options: Options) -> OwnData:
    ending = path.suffix.lower()
    folder = new_folder()
    if path.is_dir() or ending in _PARQUET:
        options.only((), f"{path.name} has types of its own", _CHANGED)
        return _parquet(path, folder)
    if ending in _EXCEL:
        # Not at the top: openpyxl would slow down each opening of the playground.
        from helpers.desk.playground.own import excel

        table, about, said = excel.sheet(path, options)
        pq.write_table(table, folder / "data.parquet")
    elif ending in _TEXTS:
        about, said = typed_texts(path, options, folder)
    else:
        raise UserError(
            f"{path.name} ends in none of {', '.join((*_TEXTS, *_EXCEL, *_PARQUET))}.",
            f"Text in lines can be given another name first: {path.stem}.csv",
        )
    return _shown(path.name, frame_of(folder / "data.parquet"), about, said)


def _parquet(path: Path, folder: Path) -> OwnData:
    with readable(path.name, "Parquet", "Give a Parquet file, or a folder of them."):
        found = ds.dataset(path, format="parquet", partitioning="hive")
        if not found.files:
            raise UserError(f"The folder {path} holds no Parquet file.", "Give a Parquet file, or a folder of them.")
        finer = [one.name for one in found.schema if pa.types.is_timestamp(one.type) and one.type.unit == "ns"]
        # For Spark `a` and `A` are one name.
        twice = len({name.lower() for name in found.schema.names}) < len(found.schema)
        if not finer and not twice:
            return _shown(path.name, frame_of(path), [""] * len(found.schema), [])
        names, renamed = titles(found.schema.names) if twice else (found.schema.names, [])
        # Spark reads no nanoseconds.
        schema = pa.schema(
            (name, pa.timestamp("us", one.type.tz) if one.name in finer else one.type)
            for name, one in zip(names, found.schema, strict=True)
        )
        with pq.ParquetWriter(folder / "data.parquet", schema) as writer:
            for batch in found.to_batches():
                writer.write_table(pa.Table.from_batches([batch]).rename_columns(names).cast(schema, safe=False))
    about = ["cut to microseconds" if one.name in finer else "" for one in found.schema]
    return _shown(path.name, frame_of(folder / "data.parquet"), about, renamed)


def _table(name: str) -> OwnData:
    where = services.endpoints()
    properties = {**where.jdbc_properties, "preferTimestampNTZ": "true"}
    frame = guarded().read.jdbc(where.jdbc_url, named(name), properties=properties)
    return _shown(name, frame, [""] * len(frame.columns), [f"The table {name} of PostgreSQL, read when it is used."])


def _shown(title: str, frame: DataFrame, about: Sequence[str], said: Sequence[str]) -> OwnData:
    rows = [
        {"column": one.name, "type": one.dataType.simpleString(), "about": words or "-"}
        for one, words in zip(frame.schema.fields, about, strict=True)
    ]
    columns = pa.Table.from_pylist(rows, _COLUMN)
    page = answer(title, frame)
    blocks: list[Block] = [*map(Say, said), Show("Its columns", columns, len(rows)), *page.blocks]
    return OwnData(page.title, blocks, page.rows, page.start, page.table, page.more, frame, columns)
