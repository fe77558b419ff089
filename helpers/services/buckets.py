"""Keeps the buckets of an S3 service that forgets: save into a folder, restore from it.

The folder holds `manifest.json` and one file per saved object under `objects/`. A file's name is never used twice,
and the manifest is replaced as a whole when all its files are there: cut at any moment, the last save is still whole.
Kept are bodies, headers, user metadata and tags; not kept are older versions, unfinished uploads and what is set on
a whole bucket.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from botocore.exceptions import ClientError
from tqdm import tqdm

from helpers.core.clock import now_utc
from helpers.core.errors import ServiceError
from helpers.services.asking import asked

KEPT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Metadata",
    "StorageClass",
    "WebsiteRedirectLocation",
)
"""What is saved of an object besides its body, its tags and its Expires header."""

_THREADS = 8
_ROUNDS = 6
"""How often a save looks again before it says that somebody is still writing."""

Item = dict[str, Any]
"""One saved object: bucket, key, etag, size, modified, file, kept."""


def save(s3: Any, folder: Path) -> int:
    """Save every bucket as it is at one moment into `folder`; returns how many bodies had to be copied.

    An object whose ETag, size and time are those of the last save is not copied again, and its tags are not looked at
    again either. Raises ServiceError if somebody keeps writing meanwhile: that would be no save of one moment.
    """
    (folder / "objects").mkdir(parents=True, exist_ok=True)
    known = {_identity(item): item for item in _manifest(folder)["objects"]}
    copied = 0
    listed: list[Item] = []
    for turn in range(_ROUNDS):
        buckets, current = _listing(s3)
        missing = [item for item in current if _identity(item) not in known]
        # The first look tells what to copy, the next one that nothing moved while it was copied.
        if turn and current == listed and not missing:
            break
        listed = current
        for item in _in_threads(lambda it: _fetch(s3, it, folder), missing, "saving S3"):
            if item is not None:
                known[_identity(item)] = item
                copied += 1
    else:
        raise ServiceError(
            "The buckets cannot be saved while somebody is still writing to S3.",
            "Stop the run or the notebook that writes, then run the command again.",
        )
    _write(folder, buckets, [known[_identity(item)] for item in listed], now_utc().isoformat())
    return copied


def saved_at(folder: Path) -> datetime | None:
    """When the buckets in `folder` were last saved, None if never."""
    at = _manifest(folder)["saved_at"]
    return datetime.fromisoformat(at) if at else None


def restore(s3: Any, folder: Path) -> int:
    """Put the saved buckets back into an empty service; returns the number of objects, 0 if nothing was saved."""
    found = _manifest(folder)
    for bucket in found["buckets"]:
        s3.create_bucket(Bucket=bucket, **_placement(s3))
    for _ in _in_threads(lambda it: _put(s3, it, folder), found["objects"], "restoring S3"):
        pass
    if found["objects"]:
        # The times are new: without noting them the next save would take every object for changed.
        saved = {(item["bucket"], item["key"]): item for item in found["objects"]}
        buckets, current = _listing(s3)
        ours = [item for item in current if (item["bucket"], item["key"]) in saved]
        _write(folder, buckets, [{**saved[item["bucket"], item["key"]], **item} for item in ours], found["saved_at"])
    return len(found["objects"])


def _listing(s3: Any) -> tuple[list[str], list[Item]]:
    buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    return buckets, [item for bucket in buckets for item in _objects(s3, bucket)]


def _objects(s3: Any, bucket: str) -> Iterator[Item]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for one in page.get("Contents", []):
            yield {
                "bucket": bucket,
                "key": one["Key"],
                "etag": one["ETag"],
                "size": one["Size"],
                "modified": one["LastModified"].isoformat(),
            }


def _identity(item: Item) -> tuple[Any, ...]:
    return tuple(item[name] for name in ("bucket", "key", "etag", "size", "modified"))


def _fetch(s3: Any, item: Item, folder: Path) -> Item | None:
    """Copy one object to a new file; None if it is gone or is another one by now, which the next look shows."""
    try:
        found = s3.get_object(Bucket=item["bucket"], Key=item["key"], IfMatch=item["etag"])
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "NoSuchBucket", "PreconditionFailed"):
            return None
        raise
    file = uuid4().hex
    with (folder / "objects" / file).open("wb") as body:
        shutil.copyfileobj(found["Body"], body)
    kept = {name: found[name] for name in KEPT if found.get(name)}
    if found.get("ExpiresString"):
        kept["Expires"] = found["ExpiresString"]
    if found.get("TagCount"):
        tags = s3.get_object_tagging(Bucket=item["bucket"], Key=item["key"])["TagSet"]
        kept["Tagging"] = urlencode([(tag["Key"], tag["Value"]) for tag in tags])
    return {**item, "file": file, "kept": kept}


def _put(s3: Any, item: Item, folder: Path) -> None:
    from boto3.s3.transfer import TransferConfig

    path = str(folder / "objects" / item["file"])
    s3.upload_file(
        path, item["bucket"], item["key"], ExtraArgs=item["kept"], Config=TransferConfig(use_threads=False)
    )


def _in_threads(do: Callable[[Item], Any], items: list[Item], what: str) -> Iterable[Any]:
    """The results as they come; a bar on a terminal's stderr if it takes longer than two seconds."""
    with (
        tqdm(total=len(items), desc=what, unit="object", delay=2, leave=False, disable=None) as bar,
        ThreadPoolExecutor(_THREADS) as pool,
    ):
        try:
            for done in as_completed([pool.submit(do, item) for item in items]):
                yield done.result()
                bar.update()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _manifest(folder: Path) -> dict[str, Any]:
    """The last save. Raises ServiceError if it cannot be read: starting without it would forget it in silence."""
    try:
        found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for item in found["objects"]:
            _identity(item), item["file"], item["kept"]
        return {name: found[name] for name in ("saved_at", "buckets", "objects")}
    except FileNotFoundError:
        return {"saved_at": "", "buckets": [], "objects": []}
    except (ValueError, KeyError, TypeError):
        raise ServiceError(
            f"The saved buckets in {folder} cannot be read.",
            "Move that folder away and start again: the pipeline makes its lake anew from the broker.",
        ) from None


def _write(folder: Path, buckets: list[str], objects: list[Item], at: str) -> None:
    fresh = folder / "manifest.json.new"
    fresh.write_text(json.dumps({"saved_at": at, "buckets": buckets, "objects": objects}), encoding="utf-8")
    # After a power cut a renamed manifest must not speak of files that never reached the disk.
    os.sync()
    fresh.replace(folder / "manifest.json")
    wanted = {item["file"] for item in objects}
    for path in (folder / "objects").iterdir():
        if path.name not in wanted:
            path.unlink(missing_ok=True)


def ensure_bucket(s3: Any, bucket: str) -> bool:
    """Make a bucket where it is missing; True if this call made it. s3: a boto3 client. Raises ServiceError."""
    with asked(f"give the bucket {bucket}"):
        if _exists(s3, bucket):
            return False
        s3.create_bucket(Bucket=bucket, **_placement(s3))
        return True


def is_there(s3: Any, bucket: str) -> bool:
    """Whether there is a bucket of this name. s3: a boto3 client. Raises ServiceError where S3 does not say so."""
    with asked(f"tell whether there is a bucket {bucket}"):
        return _exists(s3, bucket)


def _exists(s3: Any, bucket: str) -> bool:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
            raise
        return False
    return True


def _placement(s3: Any) -> dict[str, Any]:
    region = s3.meta.region_name
    # S3 refuses to be told its default region.
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
