"""LocalStack without Docker: S3, CloudWatch, SNS, SQS, Logs. It keeps nothing, so we save the buckets."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from helpers.core.settings import child_environment, settings
from helpers.services import localstack_main
from helpers.services.base import Service
from helpers.services.buckets import restore, save, saved_at
from helpers.toolchain.apart import LOCALSTACK

FOREIGN = (
    "AWS_ENDPOINT_URL",
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
)
"""Variables of the user that would change what LocalStack itself does."""


CATALOG = """\
import sys
from localstack.aws import spec
spec.build_service_index_cache(sys.argv[1] + "/" + spec._get_catalog_filename())
"""
"""Without this index of all AWS services LocalStack makes it at its first request; then it holds 490 MB, not 150."""


def local_client(name: str, endpoint: str, region: str, **options: Any) -> Any:
    """A boto3 client of an explicit endpoint with the dummy keys test/test, and no proxy."""
    # With the first client, not with this module: what needs none should not wait for it.
    import boto3
    from botocore.config import Config

    return boto3.client(
        name,  # type: ignore[call-overload]
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        config=Config(proxies={}, s3={"addressing_style": "path"}, **options),
    )


class LocalStack(Service):
    """The S3 service. A clean stop saves all buckets, the next start restores them; a kill saves nothing."""

    name = "s3"
    # Now and then LocalStack does not end at all; by then its buckets are saved.
    grace = 3.0

    def usual_port(self) -> int:
        """S3_PORT, 4566."""
        return settings().s3_port

    def prepare(self, ports: dict[str, int]) -> None:
        """An empty working folder, for what LocalStack left there cannot be used again, and the index it reads."""
        shutil.rmtree(self.data, ignore_errors=True)
        index = self.data / "var" / "lib" / "localstack" / "cache"
        shutil.copytree(self._catalog(), index)

    def command(self, ports: dict[str, int]) -> list[str]:
        """LocalStack's runtime in its own environment."""
        # -P: the folder of that file must not become a place to import from.
        return [str(LOCALSTACK.ensure()), "-P", localstack_main.__file__, str(self.data / "objects")]

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

    def recovery(self) -> str:
        """What became of the buckets after a kill."""
        at = saved_at(self.saved)
        return f"its buckets are those saved at {at:%Y-%m-%d %H:%M} UTC" if at else "its buckets are gone"

    def endpoint(self) -> str | None:
        """URL of the S3 API that the settings mean, this service or a remote one; None = AWS itself."""
        known = settings()
        if known.embedded_s3:
            return f"http://127.0.0.1:{self.port()}"
        return None if known.aws_endpoint_url == "aws" else known.aws_endpoint_url

    def rollback(self) -> str:
        """The note of the running S3 if it came up after an unclean end, else an empty text."""
        found = self.record()
        return found.note if found is not None and found.unclean else ""

    def _s3(self, port: int, **options: Any) -> Any:
        return local_client("s3", f"http://127.0.0.1:{port}", settings().aws_region, **options)

    def _catalog(self) -> Path:
        """The folder with LocalStack's index of services, made once per LocalStack (about 5 s)."""
        python = LOCALSTACK.ensure()
        lock = hashlib.sha256(LOCALSTACK.lock.read_bytes()).hexdigest()[:12]
        folder = settings().cache / "localstack" / f"catalog-{lock}"
        if not folder.exists():
            fresh = Path(tempfile.mkdtemp(prefix="catalog.", dir=folder.parent))
            self.preparation([str(python), "-P", "-c", CATALOG, str(fresh)], "Making LocalStack's index of services")
            with contextlib.suppress(OSError):  # another one was quicker
                fresh.rename(folder)
            shutil.rmtree(fresh, ignore_errors=True)
        return folder
