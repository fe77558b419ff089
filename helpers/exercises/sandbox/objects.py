"""The S3 side of a sandbox: a bucket that nobody else knows, clients whose requests are counted, what lies there."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from helpers import services


class Objects:
    """Buckets of one trial on the running S3; `close` deletes them with all that is in them."""

    def __init__(self) -> None:
        self._buckets: list[str] = []

    def bucket(self) -> str:
        """A new, empty bucket. Raises ServiceError where S3 is not up."""
        name = f"lesson-{uuid.uuid4().hex[:12]}"
        services.aws("s3").create_bucket(Bucket=name)
        self._buckets.append(name)
        return name

    def client(self) -> tuple[Any, Counter[str]]:
        """A boto3 client of S3, and how often each operation was asked for through it (`PutObject` -> 3)."""
        client, asked = services.aws("s3"), Counter[str]()

        def count(model: Any, **rest: Any) -> None:
            asked[model.name] += 1

        client.meta.events.register("before-call.s3", count)
        return client, asked

    def put(self, bucket: str, key: str, body: bytes, **options: Any) -> None:
        """Store an object; options as of boto3's put_object."""
        services.aws("s3").put_object(Bucket=bucket, Key=key, Body=body, **options)

    def get(self, bucket: str, key: str) -> bytes:
        """An object's bytes. Raises boto3's error where there is none."""
        return bytes(services.aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read())

    def sizes(self, bucket: str, prefix: str = "") -> dict[str, int]:
        """Every object under a prefix: key -> size in bytes, in the order of the keys."""
        pages = services.aws("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return {one["Key"]: one["Size"] for page in pages for one in page.get("Contents", [])}

    def uploads(self, bucket: str) -> list[str]:
        """Keys of multipart uploads that were begun and neither completed nor aborted."""
        found = services.aws("s3").list_multipart_uploads(Bucket=bucket)
        return [one["Key"] for one in found.get("Uploads", [])]

    def close(self) -> None:
        """Delete the buckets."""
        s3 = services.aws("s3")
        for bucket in self._buckets:
            drop_bucket(s3, bucket)
        self._buckets.clear()


def drop_bucket(s3: Any, bucket: str) -> None:
    """Delete a bucket with its objects, in all their versions, and its unfinished uploads."""
    for upload in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if keys := [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
    s3.delete_bucket(Bucket=bucket)
