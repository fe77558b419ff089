"""The lease object in the lake's bucket: what it says, and reading and writing it conditionally."""

from __future__ import annotations

import socket
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from uuid import uuid4

import psutil
from botocore.exceptions import ClientError
from pydantic import BaseModel, ValidationError

from helpers.core.clock import now_utc
from helpers.core.errors import LeaseHeld, ServiceError
from helpers.services.state import running

_REFUSED = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409", "404")


class Claim(BaseModel, frozen=True):
    """Who holds a lease. Times are UTC; `process_started` is in seconds since the epoch, as psutil tells it."""

    holder: str
    """user@host pid N."""
    run_id: str
    token: str
    """One per acquisition: an epoch can come twice where a lake was made anew."""
    epoch: int
    since: datetime
    renewed_at: datetime
    released_at: datetime | None = None
    ttl_seconds: float
    host: str
    pid: int
    process_started: float

    @classmethod
    def of_this_process(cls, run_id: str, ttl: float) -> Claim:
        """A first claim (epoch 1) of this process, now."""
        this, host, now = psutil.Process(), socket.gethostname(), now_utc()
        return cls(
            holder=f"{this.username()}@{host} pid {this.pid}",
            run_id=run_id,
            token=uuid4().hex,
            epoch=1,
            since=now,
            renewed_at=now,
            ttl_seconds=ttl,
            host=host,
            pid=this.pid,
            process_started=this.create_time(),
        )

    @property
    def who(self) -> str:
        """The holder and its run, for a sentence."""
        return f"{self.holder} (run {self.run_id})"

    @property
    def of_this_host(self) -> bool:
        """True if the holder's process can be looked up here."""
        return self.host == socket.gethostname()

    def is_over(self, age: float) -> bool:
        """True if nobody can hold it any more; age: seconds since the object was written."""
        if self.released_at is not None:
            return True
        if self.of_this_host and running(self.pid, self.process_started) is None:
            return True
        # S3 tells whole seconds, so an age may be one too many.
        return age > self.ttl_seconds + 1


class Found(NamedTuple):
    """A lease object as read: its claim, its ETag, and its age in seconds by the clock of S3."""

    claim: Claim
    etag: str
    age: float


def read_claim(s3: Any, bucket: str, key: str) -> Found | None:
    """The lease object, None if there is none. Raises ServiceError if the object is something else."""
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
    except s3.exceptions.NoSuchKey:
        return None
    try:
        claim = Claim.model_validate_json(answer["Body"].read())
    except ValidationError:
        raise ServiceError(f"s3://{bucket}/{key} is no lease.", "Delete that object if no run is going on.") from None
    # Both times are S3's own: the clocks of two hosts may differ.
    said = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    now = parsedate_to_datetime(said) if said else now_utc()
    return Found(claim, answer["ETag"], (now - answer["LastModified"]).total_seconds())


def write_claim(s3: Any, bucket: str, key: str, claim: Claim, **condition: str) -> str | None:
    """Write the object if the condition holds (IfMatch or IfNoneMatch); its new ETag, or None if it does not hold."""
    body = claim.model_dump_json(indent=2).encode()
    try:
        answer = s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json", **condition)
    except ClientError as error:
        if error.response["Error"]["Code"] in _REFUSED:
            return None
        raise
    return str(answer["ETag"])


def held(found: Found, bucket: str, name: str) -> LeaseHeld:
    """The error for somebody who comes second: who holds the lease since when, and what to do."""
    claim, rest = found.claim, max(0.0, found.claim.ttl_seconds + 1 - found.age)
    stop = f"end the process {claim.pid}" if claim.of_this_host else f"stop it on {claim.host}"
    return LeaseHeld(
        f"The lease {name} of the bucket {bucket} is held by {claim.who} since {claim.since:%Y-%m-%d %H:%M:%S} UTC "
        f"(renewed {found.age:.0f} s ago, epoch {claim.epoch}).",
        f"Wait until that run ends, or {stop}, then run the command again; "
        f"if nobody renews it, the lease runs out in {rest:.0f} s.",
    )
