"""Delta tables on S3: their rows, their versions, and what changed between two of them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.desk.playground.naming import known
from helpers.desk.playground.objects import WITH_SPARK, readable, rows
from helpers.desk.playground.paged import Page, page, whole
from helpers.pipeline.stores import Stores
from helpers.pipeline.tables import TABLES, rows_told

MOST = 1_000
"""How many changed rows are shown at most."""
_HISTORY = pa.schema(
    [
        ("version", pa.int64()),
        ("at", pa.string()),
        ("operation", pa.string()),
        ("rows", pa.string()),
        ("by", pa.string()),
    ]
)


def delta(name: str, bucket: str | None = None, version: int | None = None) -> Page:
    """A Delta table's rows, now or as of a version. bucket: the lake's, if None. Raises UserError."""
    table = _open(name, bucket, version)
    where = f"{bucket or settings().lake_bucket}/{name}"
    with _told(name):
        # By the table's log: no file is opened to count.
        found = rows(table.to_pyarrow_dataset(), rows_told(table), where, "Delta")
        return page(f"{where}, version {table.version()}", found)


def history(name: str, bucket: str | None = None) -> Page:
    """The versions of a Delta table, newest first: when, by which operation, how many rows. Raises UserError."""
    table = _open(name, bucket)
    found = [
        {
            "version": one["version"],
            "at": datetime.fromtimestamp(one["timestamp"] / 1000, UTC).isoformat(timespec="seconds"),
            "operation": one["operation"],
            "rows": _rows_of(one.get("operationMetrics") or {}),
            "by": one.get("engineInfo") or one.get("clientVersion") or "-",
        }
        for one in table.history()
    ]
    told = f'"{name}", {max(0, table.version() - 1)}, {table.version()}' + (f', "{bucket}"' if bucket else "")
    return whole(
        f"Versions of {name}", pa.Table.from_pylist(found, _HISTORY), f"changes({told}) compares two of them."
    )


def changes(name: str, old: int, new: int, bucket: str | None = None) -> Page:
    """The rows that one version of a Delta table has and another has not, at most 1,000 of each.

    Column `in`: "new" = added, "old" = gone; a changed row is both. Columns that only one version has are named below
    and not compared. Raises UserError where there is no such version.
    """
    with _told(name), duckdb.connect() as connection:
        data = {side: _open(name, bucket, at).to_pyarrow_dataset() for side, at in (("old", old), ("new", new))}
        columns = [one for one in data["new"].schema.names if one in data["old"].schema.names]
        quoted = ", ".join('"' + one.replace('"', '""') + '"' for one in columns)
        for side, other in (("old", "new"), ("new", "old")):
            connection.register(f"{side}_rows", _without(data[side], data[other]))
        found = []
        for side, other in (("new", "old"), ("old", "new")):
            only = f"SELECT {quoted} FROM {side}_rows EXCEPT ALL SELECT {quoted} FROM {other}_rows"
            query = f"SELECT '{side}' AS \"in\", * FROM ({only}) LIMIT {MOST + 1}"
            found.append(connection.execute(query).to_arrow_table())
        says = [
            f"Only version {at} has the columns {', '.join(alone)}."
            for side, at in (("old", old), ("new", new))
            if (alone := [one for one in data[side].schema.names if one not in columns])
        ]
    counts = [f"more than {MOST:,}" if one.num_rows > MOST else f"{one.num_rows:,}" for one in found]
    both = pa.concat_tables([one.slice(0, MOST) for one in found], promote_options="permissive")
    return whole(f"{name}: version {old} to {new}", both, f"{counts[0]} rows are new, {counts[1]} are gone.", *says)


def _without(data: ds.FileSystemDataset, other: ds.FileSystemDataset) -> ds.FileSystemDataset:
    """The files of one version that another does not have: rows of common files are in both, as often."""
    common = set(data.files) & set(other.files)
    own = [one for one in data.get_fragments() if one.path not in common]
    return ds.FileSystemDataset(own, data.schema, data.format, data.filesystem)


def _told(name: str) -> AbstractContextManager[None]:
    return readable(name, "Delta", WITH_SPARK)


def _open(name: str, bucket: str | None, version: int | None = None) -> DeltaTable:
    lake = Stores().lake if bucket is None else replace(Stores().lake, bucket=bucket)
    if version is not None and version < 0:
        raise UserError(f"Versions are counted from 0; there is no {version}.", f'history("{name}")')
    try:
        return lake.open(name, version)
    except TableNotFoundError as error:
        if bucket is None:
            known("Delta table", name, TABLES, 'bucket("name").browse("folder/")')
        raise UserError(
            f"No Delta table lies at {lake.bucket}/{name}.", f'bucket("{lake.bucket}").browse()'
        ) from error
    except (DeltaError, OSError) as error:
        with _told(name):
            newest = lake.open(name).version()
            if version is None or version <= newest:
                raise
        raise UserError(
            f"The table {name} has no version {version}; the newest is {newest}.", f'history("{name}")'
        ) from error


def _rows_of(metrics: dict[str, object]) -> str:
    named = {
        "numOutputRows": "written", "numTargetRowsInserted": "inserted", "numTargetRowsUpdated": "updated",
        "numTargetRowsDeleted": "deleted", "num_added_rows": "written", "num_deleted_rows": "deleted",
        "num_updated_rows": "updated", "numDeletedRows": "deleted", "numUpdatedRows": "updated",
    }  # fmt: skip
    told = {words: metrics[key] for key, words in named.items() if str(metrics.get(key, 0)) not in ("0", "None")}
    return ", ".join(f"{count} {words}" for words, count in told.items()) or "-"
