"""Delta tables on S3: their rows, their versions, and what changed between two of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.desk.playground.naming import known
from helpers.desk.playground.objects import rows
from helpers.desk.playground.paged import Page, page, whole
from helpers.pipeline.stores import Stores
from helpers.pipeline.tables import TABLES

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
    data = table.to_pyarrow_dataset()
    title = f"{bucket or settings().lake_bucket}/{name}, version {table.version()}"
    return page(title, rows(data, data.count_rows()))


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
    return whole(
        f"Versions of {name}", pa.Table.from_pylist(found, _HISTORY), f'changes("{name}", 0, 1) compares two of them.'
    )


def changes(name: str, old: int, new: int, bucket: str | None = None) -> Page:
    """The rows that one version of a Delta table has and another has not, at most 1,000 of each.

    Column `in`: "new" = added, "old" = gone; a changed row is both. Raises UserError where there is no such version.
    """
    sides = {"old": _open(name, bucket, old), "new": _open(name, bucket, new)}
    with duckdb.connect() as connection:
        for side, table in sides.items():
            connection.register(f"{side}_rows", table.to_pyarrow_dataset())
        found = []
        for side, other in (("new", "old"), ("old", "new")):
            only = f"SELECT * FROM {side}_rows EXCEPT ALL SELECT * FROM {other}_rows"
            found.append(
                connection.execute(f"SELECT '{side}' AS \"in\", * FROM ({only}) LIMIT {MOST + 1}").to_arrow_table()
            )
    counts = ["more than 1,000" if one.num_rows > MOST else f"{one.num_rows:,}" for one in found]
    both = pa.concat_tables([one.slice(0, MOST) for one in found], promote_options="default")
    says = f"{counts[0]} rows are new, {counts[1]} are gone."
    return whole(f"{name}: version {old} to {new}", both, says)


def _open(name: str, bucket: str | None, version: int | None = None) -> DeltaTable:
    lake = Stores().lake if bucket is None else replace(Stores().lake, bucket=bucket)
    try:
        return lake.open(name, version)
    except TableNotFoundError as error:
        if bucket is None:
            known("Delta table", name, TABLES, 'bucket("name").browse("folder/")')
        raise UserError(
            f"No Delta table lies at {lake.bucket}/{name}.", f'bucket("{lake.bucket}").browse()'
        ) from error
    except Exception as error:
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
