"""Objects on S3 as rows in pieces, and what goes wrong with them in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from deltalake.exceptions import DeltaError
from pyarrow.fs import S3FileSystem

from helpers.core.errors import UserError
from helpers.desk.playground.paged import Rows
from helpers.pipeline.stores import Stores

WITH_SPARK = "Read it with Spark: spark.read"
"""What helps where a file is sound and only this desk cannot read it."""
_BATCH = 1024
"""Rows that are decoded at a time."""


def rows(found: ds.Dataset, end: int | None, what: str, kind: str) -> Rows:
    """A dataset in pieces: of Parquet only the row groups that a page needs, of others what stands before it too.

    what, kind: for the UserError of what cannot be read.
    """

    def read(start: int, count: int) -> pa.Table:
        pieces: list[pa.RecordBatch] = []
        with readable(what, kind, WITH_SPARK):
            skip, left = start, count
            for batch in _batches(found, start):
                if isinstance(batch, int):
                    skip -= batch
                    continue
                part = range(min(skip, batch.num_rows), min(skip + left, batch.num_rows))
                skip, left = skip - part.start, left - len(part)
                if part:
                    # A slice would keep all that was decoded beside it.
                    pieces.append(batch.take(pa.array(part, pa.int64())))
                if not left:
                    break
        return pa.Table.from_batches(pieces, found.schema) if pieces else found.schema.empty_table()

    return Rows(read, end)


def _batches(found: ds.Dataset, skip: int) -> Iterator[pa.RecordBatch | int]:
    """The rows in small batches; a number stands for so many of the first ones that need not be read."""
    for fragment in found.get_fragments():
        if not isinstance(fragment, ds.ParquetFileFragment):
            yield from fragment.to_batches(schema=found.schema, batch_size=_BATCH)
            continue
        for group in fragment.row_groups:
            if group.num_rows <= skip:
                skip -= group.num_rows
                yield group.num_rows
            else:
                skip = 0
                yield from _of_group(fragment, group.id, found.schema)


def _of_group(fragment: ds.ParquetFileFragment, group: int, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of a row group. The dataset's own way decodes the whole group at once, so it is kept for casts."""
    file = pq.ParquetFile(fragment.open(), metadata=fragment.metadata)
    kept, partition = file.schema_arrow, ds.get_partition_keys(fragment.partition_expression)
    own = {one.name for one in schema if one.name in kept.names}
    if any(kept.get_field_index(name) < 0 or kept.field(name).type != schema.field(name).type for name in own):
        yield from fragment.subset(row_group_ids=[group]).to_batches(schema=schema, batch_size=_BATCH)
        return
    for batch in file.iter_batches(_BATCH, row_groups=[group], use_threads=False):
        columns = [
            batch.column(one.name)
            if one.name in own
            else pa.repeat(pa.scalar(partition.get(one.name), one.type), batch.num_rows)
            for one in schema
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


@contextmanager
def readable(what: str, kind: str, instead: str) -> Iterator[None]:
    """Inside, what a reader of files raises becomes a UserError: what cannot be read, as which kind, what to do."""
    try:
        yield
    except (pa.ArrowException, DeltaError, duckdb.Error, OSError) as error:
        first = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise UserError(f"{what} cannot be read as {kind}: {first}.", instead) from error


def filesystem() -> S3FileSystem:
    """The S3 of the settings, as Arrow reads it."""
    storage = Stores().lake.storage
    scheme, _, host = storage.get("AWS_ENDPOINT_URL", "").rpartition("://")
    return S3FileSystem(
        region=storage["AWS_REGION"],
        endpoint_override=host or None,
        scheme=scheme or "https",
        access_key=storage.get("AWS_ACCESS_KEY_ID"),
        secret_key=storage.get("AWS_SECRET_ACCESS_KEY"),
        session_token=storage.get("AWS_SESSION_TOKEN"),
    )
