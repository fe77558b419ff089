"""Objects on S3 as rows in pieces, and what goes wrong with them in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake.exceptions import DeltaError
from pyarrow.fs import S3FileSystem

from helpers.core.errors import UserError
from helpers.desk.playground.paged import Rows
from helpers.pipeline.stores import Stores

WITH_SPARK = "Read it with Spark: spark.read"
"""What helps where a file is sound and only this desk cannot read it."""


def rows(found: ds.Dataset, end: int | None, what: str, kind: str) -> Rows:
    """A dataset in pieces: of Parquet only the row groups that a page needs, of others what stands before it too.

    what, kind: for the UserError of what cannot be read.
    """

    def read(start: int, count: int) -> pa.Table:
        pieces: list[pa.Table] = []
        at, left = 0, count
        with readable(what, kind, WITH_SPARK):
            for size, load in _pieces(found):
                if at + size > start and left:
                    pieces.append(load().slice(max(0, start - at), left))
                    left -= pieces[-1].num_rows
                at += size
                if not left:
                    break
        return pa.concat_tables(pieces) if pieces else found.schema.empty_table()

    return Rows(read, end)


def _pieces(found: ds.Dataset) -> Iterator[tuple[int, Callable[[], pa.Table]]]:
    """The rows in pieces: how many, and what reads them."""
    for fragment in found.get_fragments():
        if isinstance(fragment, ds.ParquetFileFragment):
            for group in fragment.row_groups:
                part = fragment.subset(row_group_ids=[group.id])
                yield group.num_rows, partial(part.to_table, schema=found.schema)
        else:
            for batch in fragment.to_batches(schema=found.schema, batch_size=1024):
                yield batch.num_rows, partial(pa.Table.from_batches, [batch])


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
