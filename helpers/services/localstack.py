"""LocalStack without Docker: S3, CloudWatch, SNS, SQS, Logs. It keeps nothing, so we save the buckets."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import botocore.config
from botocore.exceptions import BotoCoreError, ClientError

from helpers.core.settings import child_environment, settings
from helpers.services.base import Service
from helpers.toolchain.localstack import ensure_localstack

KEPT = ("ContentType", "ContentEncoding", "Metadata")
"""What is saved of an object besides its body."""

FOREIGN = (
    "AWS_ENDPOINT_URL",
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
)
"""Variables of the user that would change what LocalStack itself does."""


def local_client(name: str, endpoint: str, region: str, **options: Any) -> Any:
    """A boto3 client of an explicit endpoint with the dummy keys test/test, and no proxy."""
    return boto3.client(
        name,  # type: ignore[call-overload]
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        config=botocore.config.Config(proxies={}, s3={"addressing_style": "path"}, **options),
    )


class LocalStack(Service):
    """The S3 service. A clean stop saves all buckets, the next start restores them; a kill saves nothing."""

    name = "s3"

    def usual_port(self) -> int:
        """S3_PORT, 4566."""
        return settings().s3_port

    def prepare(self, ports: dict[str, int]) -> None:
        """An empty working folder: what LocalStack left there cannot be used again."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)

    def command(self, ports: dict[str, int]) -> list[str]:
        """LocalStack's runtime in its own environment."""
        return [str(ensure_localstack()), "-m", "localstack.runtime.main"]

    def environment(self, ports: dict[str, int]) -> Mapping[str, str]:
        """Loopback only (hypercorn heeds the address, the default server does not); no downloads."""
        return child_environment(
            {
                "FILESYSTEM_ROOT": str(self.data),
                "GATEWAY_LISTEN": f"127.0.0.1:{ports['client']}",
                "GATEWAY_SERVER": "hypercorn",
                "SKIP_SSL_CERT_DOWNLOAD": "1",
                "DISABLE_EVENTS": "1",
                "DNS_ADDRESS": "0",
                "OVERRIDE_IN_DOCKER": "0",
                "LS_LOG": "warning",
            },
            drop=FOREIGN,
        )

    def answers(self, port: int) -> bool:
        """True if S3 lists its buckets."""
        try:
            limits = {
                "connect_timeout": 2,
                "read_timeout": 10,
                "retries": {"total_max_attempts": 1},
            }
            self._s3(port, **limits).list_buckets()
        except (BotoCoreError, ClientError):
            return False
        return True

    def client(self) -> Any:
        """A boto3 S3 client."""
        return self._s3(self.port())

    def after_start(self, port: int) -> None:
        """Restore the saved buckets."""
        restore(self._s3(port), self.saved)

    def before_stop(self, port: int) -> None:
        """Save all buckets."""
        save(self._s3(port), self.saved)

    @property
    def saved(self) -> Path:
        """Where the buckets are kept while the service is down."""
        return self.folder / "saved"

    def _s3(self, port: int, **options: Any) -> Any:
        return local_client("s3", f"http://127.0.0.1:{port}", settings().aws_region, **options)


def save(s3: Any, folder: Path) -> None:
    """Copy every bucket into `folder`; cut short at any moment, the previous copy is still there."""
    _settle(folder)
    fresh, old = folder.with_name("saved.new"), folder.with_name("saved.old")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "objects").mkdir(parents=True)
    buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    objects: list[dict[str, Any]] = []
    for bucket in buckets:
        for key in _keys(s3, bucket):
            found = s3.get_object(Bucket=bucket, Key=key)
            with (fresh / "objects" / str(len(objects))).open("wb") as body:
                shutil.copyfileobj(found["Body"], body)
            kept = {name: found[name] for name in KEPT if found.get(name)}
            objects.append({"bucket": bucket, "key": key, "kept": kept})
    manifest = json.dumps({"buckets": buckets, "objects": objects})
    (fresh / "manifest.json").write_text(manifest, encoding="utf-8")
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def restore(s3: Any, folder: Path) -> None:
    """Put the saved buckets back; does nothing if none were saved."""
    _settle(folder)
    if not (folder / "manifest.json").exists():
        return
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for bucket in manifest["buckets"]:
        s3.create_bucket(Bucket=bucket, **_placement(s3))
    for number, item in enumerate(manifest["objects"]):
        s3.upload_file(
            str(folder / "objects" / str(number)),
            item["bucket"],
            item["key"],
            ExtraArgs=item["kept"],
        )


def _settle(folder: Path) -> None:
    """Finish a save that was cut between its two renames; the manifest is written last, so it tells."""
    if folder.exists():
        return
    for name in ("saved.new", "saved.old"):
        if (folder.with_name(name) / "manifest.json").exists():
            folder.with_name(name).rename(folder)
            return


def _placement(s3: Any) -> dict[str, Any]:
    region = s3.meta.region_name
    # S3 refuses to be told its default region.
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}


def _keys(s3: Any, bucket: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            yield item["Key"]
