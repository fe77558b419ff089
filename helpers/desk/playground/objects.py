"""What objects on S3 hold, page by page: Parquet, CSV and JSON as rows, anything else as text."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake.exceptions import DeltaError
from pyarrow.fs import S3FileSystem

from helpers import services
from helpers.core.errors import UserError
from helpers.desk.playground.paged import Page, Rows, page, whole
from helpers.pipeline.stores import Stores
from helpers.services.asking import asked

_FORMATS = {".parquet": "parquet", ".csv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json"}
WITH_SPARK = "Read it with Spark: spark.read"
"""What helps where a file is sound and only this desk cannot read it."""
_PLAIN = 100_000
"""Bytes of a text object that are read."""


def preview(bucket: str, key: str) -> Page:
    """The rows of an object by what its name ends in, or the lines of its text.

    Raises UserError where it does not hold what its name says, or holds no text.
    """
    ending = key[key.rfind(".") :].lower() if "." in key.rpartition("/")[2] else ""
    kind = _FORMATS.get(ending)
    if kind is None:
        return text(bucket, key)
    with readable(f"{bucket}/{key}", kind, f'bucket("{bucket}").text("{key}")'):
        found = ds.dataset(f"{bucket}/{key}", format=kind, filesystem=_filesystem())
        # Parquet tells its number of rows in its footer; the others would have to be read for it.
        end = found.count_rows() if kind == "parquet" else None
        return page(f"{bucket}/{key}", rows(found, end, f"{bucket}/{key}", kind))


def text(bucket: str, key: str) -> Page:
    """The lines of an object's beginning, whatever its name ends in. Raises UserError where it is no text."""
    with asked(f"give {bucket}/{key}"):
        answer = services.aws("s3").get_object(Bucket=bucket, Key=key)
        body, size = answer["Body"].read(_PLAIN), answer["ContentLength"]
    try:
        # The decoder holds back a character that the cut went through.
        lines = getincrementaldecoder("utf-8")().decode(body, final=size <= _PLAIN).splitlines()
    except UnicodeDecodeError as error:
        raise UserError(
            f"{bucket}/{key} is no text, and its name ends in none of {', '.join(_FORMATS)}.",
            f'bucket("{bucket}").browse("{key.rpartition("/")[0]}")',
        ) from error
    says = [] if size <= _PLAIN else [f"The first {_PLAIN:,} of {size:,} bytes."]
    return whole(f"{bucket}/{key}", pa.table({"line": lines}), *says)


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


def _filesystem() -> S3FileSystem:
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
