"""The objects below a prefix, each told by its key and its bytes: which of them no run has seen."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from helpers.core.errors import ServiceError


def unseen(s3: Any, where: tuple[str, str], seen: Collection[str]) -> list[str]:
    """The objects of a bucket below a prefix that are not among `seen`, each as "<key> <ETag>". Raises ServiceError.

    s3: a boto3 client; a bucket that is not there has none. Not told by its time: S3 that is restored gives all
    objects a new one. An object that is written again with other bytes is a new one; a key that ends in / marks a
    folder and is none.
    """
    bucket, prefix = where
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        listed = [one for page in pages for one in page.get("Contents", [])]
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchBucket", "404"):
            return []
        raise _silent(where, error) from error
    except BotoCoreError as error:
        raise _silent(where, error) from error
    found = [f"{one['Key']} {one['ETag']}".replace('"', "") for one in listed if not one["Key"].endswith("/")]
    return [one for one in found if one not in seen]


def _silent(where: tuple[str, str], error: Exception) -> ServiceError:
    return ServiceError(
        f"S3 did not list s3://{'/'.join(where)}: {str(error).rstrip('.')}.", ".venv/bin/gridbridge services status"
    )
