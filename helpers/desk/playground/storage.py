"""Buckets: browse by prefix with counts and sizes, preview what an object holds, upload."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from helpers import services
from helpers.core.errors import ServiceError, UserError
from helpers.desk.card import Card, Say
from helpers.desk.playground import preview
from helpers.desk.playground.naming import known, writable
from helpers.desk.playground.paged import Page, whole
from helpers.desk.playground.versions import delta
from helpers.services.asking import asked, denied
from helpers.services.buckets import is_there

MOST_KEYS = 50_000
"""How many keys below a prefix are counted; a listing of more says so."""
_LISTED = pa.schema([("name", pa.string()), ("objects", pa.int64()), ("bytes", pa.int64()), ("newest", pa.string())])


def buckets() -> Page:
    """The buckets, with the count of their objects and their bytes. Raises ServiceError where no S3 answers."""
    rows = [_row(name) for name in _names()]
    return whole("Buckets", pa.Table.from_pylist(rows, _LISTED), 'bucket("name") opens one.')


def _row(name: str) -> dict[str, Any]:
    try:
        counted, complete = _count(name, "")
    except ServiceError as error:
        if not denied(error):
            raise
        return {"name": f"{name} (denied)"}
    row: dict[str, Any] = {"name": name, "objects": 0, "bytes": 0, "newest": None}
    for one in counted.values():
        row["objects"] += one["objects"]
        row["bytes"] += one["bytes"]
        row["newest"] = max(filter(None, (row["newest"], one["newest"])))
    return {**row, "name": name if complete else f"{name} (more than is counted)"}


def bucket(name: str) -> Bucket:
    """One bucket: `.browse(prefix)`, `.preview(key)`, `.upload(file, key)`.

    Raises UserError with the near names where there is none of this name, ServiceError where no S3 answers.
    """
    try:
        known("bucket", name, _names(), "buckets()")
    except ServiceError as error:
        if not denied(error):
            raise
        # Who may not list the buckets may know of some.
        if not is_there(services.aws("s3"), name):
            raise UserError(
                f"There is no bucket {name!r}; the others are not yours to list.", "Ask who runs S3 for its name."
            ) from None
    first = Bucket("", [], name).browse()
    return Bucket(first.title, first.blocks, name)


@dataclass(frozen=True, repr=False)
class Bucket(Card):
    """A bucket; what is shown is as of when it was opened."""

    name: str = ""

    def browse(self, prefix: str = "") -> Page:
        """What lies below a prefix: folders, with how many objects and bytes they hold, and objects.

        Raises UserError with the near names where nothing lies there.
        """
        counted, complete = _count(self.name, prefix)
        if not counted and prefix:
            folder = prefix.rstrip("/").rpartition("/")[0]
            above, _ = _count(self.name, f"{folder}/" if folder else "")
            known("prefix", prefix, above, f'bucket("{self.name}").browse("{folder}")')
        rows = [{"name": name, **counted[name]} for name in sorted(counted)]
        says = [] if complete else [f"More than {MOST_KEYS:,} keys lie here: the counts are of the first ones."]
        return whole(f"{self.name}/{prefix}", pa.Table.from_pylist(rows, _LISTED), *says)

    def preview(self, key: str) -> Page:
        """The rows of a Parquet, CSV or JSON object, or of a Delta table's folder, page by page; else its text.

        Raises UserError where there is no such key, or nothing in it can be shown.
        """
        folder = key.rstrip("/")
        if _first_key(self.name, f"{folder}/_delta_log/"):
            return delta(folder, self.name)
        self._known(key)
        return preview.preview(self.name, key)

    def text(self, key: str) -> Page:
        """The lines of an object, whatever its name ends in. Raises UserError where there is none, or no text."""
        self._known(key)
        return preview.text(self.name, key)

    def _known(self, key: str) -> None:
        folder = key.rstrip("/")
        if not key or _first_key(self.name, key) != key:
            above = folder.rpartition("/")[0]
            beside, _ = _count(self.name, f"{above}/" if above else "")
            names = [one for one in beside if one != key]
            known("object", key, names, f'bucket("{self.name}").browse("{above}")')

    def upload(self, file: str | Path, key: str | None = None) -> Card:
        """Puts a file of this machine into the bucket; in pieces where it is large. key: its name there."""
        writable(f"upload to {self.name}")
        path = Path(file).expanduser()
        if not path.is_file():
            raise UserError(f"There is no file {path}.", "Give the path of a file on this machine.")
        name = key or path.name
        with asked(f"upload to {self.name}"):
            services.aws("s3").upload_file(str(path), self.name, name)
        return Card("Uploaded", [Say(f"{self.name}/{name}, {path.stat().st_size:,} bytes.")])


def _names() -> list[str]:
    with asked("list the buckets"):
        return sorted(one["Name"] for one in services.aws("s3").list_buckets()["Buckets"])


def _first_key(name: str, prefix: str) -> str | None:
    """The first of all keys that begin like this, which is the key of that name where there is one."""
    with asked(f"list {name}"):
        found = services.aws("s3").list_objects_v2(Bucket=name, Prefix=prefix, MaxKeys=1).get("Contents")
    return str(found[0]["Key"]) if found else None


def _count(name: str, prefix: str) -> tuple[dict[str, dict[str, Any]], bool]:
    """What lies right below a prefix, with objects, bytes and newest, and whether all was counted."""
    found: dict[str, dict[str, Any]] = {}
    with asked(f"list {name}/{prefix}"):
        for at, item in enumerate(_keys(name, prefix)):
            if at == MOST_KEYS:
                return found, False
            first, slash, _ = item["Key"].removeprefix(prefix).partition("/")
            one = found.setdefault(prefix + first + slash, {"objects": 0, "bytes": 0, "newest": ""})
            one["objects"] += 1
            one["bytes"] += item["Size"]
            one["newest"] = max(one["newest"], item["LastModified"].isoformat(timespec="seconds"))
    return found, True


def _keys(name: str, prefix: str) -> Iterator[dict[str, Any]]:
    for part in services.aws("s3").get_paginator("list_objects_v2").paginate(Bucket=name, Prefix=prefix):
        yield from part.get("Contents", [])
