"""What objects on S3 hold, page by page: Parquet, CSV and JSON as rows, anything else as text."""

from __future__ import annotations

from itertools import islice

import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow.fs import S3FileSystem

from helpers import services
from helpers.core.errors import UserError
from helpers.desk.playground.paged import Page, Rows, page, whole
from helpers.pipeline.stores import Stores

_FORMATS = {".parquet": "parquet", ".csv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json"}
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
    try:
        found = ds.dataset(f"{bucket}/{key}", format=kind, filesystem=_filesystem())
        # Parquet tells its number of rows in its footer; the others would have to be read for it.
        return page(f"{bucket}/{key}", rows(found, found.count_rows() if kind == "parquet" else None))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise UserError(
            f"{bucket}/{key} cannot be read as {kind}: {str(error).splitlines()[0].rstrip('.')}.",
            f'bucket("{bucket}").text("{key}")',
        ) from error


def text(bucket: str, key: str) -> Page:
    """The lines of an object's beginning, whatever its name ends in. Raises UserError where it is no text."""
    answer = services.aws("s3").get_object(Bucket=bucket, Key=key)
    body, size = answer["Body"].read(_PLAIN), answer["ContentLength"]
    try:
        lines = body.decode(errors="strict" if size <= _PLAIN else "ignore").splitlines()
    except UnicodeDecodeError as error:
        raise UserError(
            f"{bucket}/{key} is no text, and its name ends in none of {', '.join(_FORMATS)}.",
            f'bucket("{bucket}").browse("{key.rpartition("/")[0]}")',
        ) from error
    says = [] if size <= _PLAIN else [f"The first {_PLAIN:,} of {size:,} bytes."]
    return whole(f"{bucket}/{key}", pa.table({"line": list(islice(lines, 10_000))}), *says)


def rows(found: ds.Dataset, end: int | None) -> Rows:
    """A dataset in pieces; of what has no index the rows before are read past, never kept."""

    def read(start: int, count: int) -> pa.Table:
        if end is not None:
            return found.take(pa.array(range(start, min(start + count, end)), pa.int64()))
        kept: list[pa.RecordBatch] = []
        at = 0
        for batch in found.to_batches(batch_size=1024):
            if at + batch.num_rows > start:
                kept.append(batch.slice(max(0, start - at), count - sum(one.num_rows for one in kept)))
            at += batch.num_rows
            if sum(one.num_rows for one in kept) == count:
                break
        return pa.Table.from_batches(kept, found.schema)

    return Rows(read, end)


def _filesystem() -> S3FileSystem:
    storage = Stores().lake.storage
    scheme, _, host = storage.get("AWS_ENDPOINT_URL", "").rpartition("://")
    return S3FileSystem(
        region=storage["AWS_REGION"],
        endpoint_override=host or None,
        scheme=scheme or "https",
        access_key=storage.get("AWS_ACCESS_KEY_ID"),
        secret_key=storage.get("AWS_SECRET_ACCESS_KEY"),
    )
