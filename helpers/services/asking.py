"""What AWS's client raises, as one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from helpers.core.errors import ServiceError


@contextmanager
def asked(deed: str) -> Iterator[None]:
    """Inside, an error of S3's client becomes a ServiceError. deed: what was asked, as in "list the buckets"."""
    try:
        yield
    except Exception as error:
        # Not at the top: who asks nothing need not wait for boto3.
        from boto3.exceptions import Boto3Error

        if not isinstance(error, BotoCoreError | ClientError | Boto3Error):
            raise
        raise ServiceError(
            f"S3 did not {deed}: {str(error).rstrip('.')}.", ".venv/bin/gridbridge services status"
        ) from error


def denied(error: ServiceError) -> bool:
    """Whether S3 has refused what these keys have no right to; keys that it does not know are another matter."""
    cause = error.__cause__
    return isinstance(cause, ClientError) and cause.response["Error"]["Code"] in ("AccessDenied", "403", "Forbidden")
