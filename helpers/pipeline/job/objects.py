"""The objects below a prefix, each told by its key and its bytes: which of them no run has seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from botocore.exceptions import ClientError

from helpers.services.asking import asked

_NO_BUCKET = ("NoSuchBucket", "404")


def unseen(s3: Any, where: tuple[str, str], seen: Collection[str]) -> list[str]:
    """The objects of a bucket below a prefix that are not among `seen`, each as "<key> <ETag>". Raises ServiceError.

    s3: a boto3 client; a bucket that is not there has none. Not told by its time: S3 that is restored gives all
    objects a new one. An object that is written again with other bytes is a new one; a key that ends in / marks a
    folder and is none.
    """
    bucket, prefix = where
    with asked(f"list s3://{bucket}/{prefix}"):
        try:
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            listed = [one for page in pages for one in page.get("Contents", [])]
        except ClientError as error:
            if error.response["Error"]["Code"] in _NO_BUCKET:
                return []
            raise
    found = [f"{one['Key']} {one['ETag']}".replace('"', "") for one in listed if not one["Key"].endswith("/")]
    return [one for one in found if one not in seen]


def rewritten(found: Iterable[str], seen: Iterable[str]) -> list[str]:
    """The keys among these objects that were seen with other bytes."""
    known = {one.rpartition(" ")[0] for one in seen}
    return [key for key in (one.rpartition(" ")[0] for one in found) if key in known]
