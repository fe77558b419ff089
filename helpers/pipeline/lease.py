"""The right to write one lake: a lease in its bucket, taken and renewed by conditional put.

What remains open: `check` proves that the lease was ours at that moment and for its `ttl` on. A process that is
paused between `check` and its table's commit for longer than that can still commit beside its successor: an S3
store cannot be told to refuse a commit by the lease's epoch. See docs/decisions/0002-one-writer.md.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import RetryError, Retrying, retry_if_result, stop_after_attempt, wait_random

from helpers.core.clock import now_utc
from helpers.core.errors import LeaseHeld, LeaseLost, ServiceError
from helpers.pipeline.claim import Claim, held, read_claim, write_claim

_LOG = logging.getLogger(__name__)
_given_up: set[str] = set()
"""Tokens of leases that this process let go of: S3 may not have been there to be told."""
_ASK = ".venv/bin/gridbridge services status"


class Lease:
    """One held lease, renewed by a thread every third of its time. A context manager; safe to use from threads."""

    def __init__(self, s3: Any, bucket: str, name: str, claim: Claim, etag: str, sure: float) -> None:
        """Not for callers: `acquire` makes leases. sure: when, by `_seconds`, the claim was certainly not yet old."""
        self._s3, self._bucket, self._key = s3, bucket, _key(name)
        self._claim, self._etag, self._sure = claim, etag, sure
        self._lost = ""
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._renewer = threading.Thread(target=self._keep, name=f"lease {name}", daemon=True)
        self._renewer.start()

    @classmethod
    def acquire(cls, s3_client: Any, bucket: str, name: str, run_id: str, ttl: float = 30.0) -> Lease:
        """Take the lease `name` of a bucket for `ttl` seconds, renewed until it is released.

        A released one, one that ran out, one whose holder is a dead process of this host, and one that this process
        let go of while S3 was away are taken over at once with the next epoch.
        Raises LeaseHeld naming the holder, ServiceError if S3 does not do it.
        """
        attempts = Retrying(
            stop=stop_after_attempt(8), wait=wait_random(0, 0.2), retry=retry_if_result(lambda taken: taken is None)
        )
        try:
            taken: Any = attempts(_take, s3_client, bucket, name, Claim.of_this_process(run_id, ttl))
        except RetryError:
            raise LeaseHeld(f"Others took the lease {name} of {bucket} again and again.", "Run it again.") from None
        except (BotoCoreError, ClientError) as error:
            raise ServiceError(f"S3 did not give the lease {name} of the bucket {bucket}: {error}.", _ASK) from error
        return cls(s3_client, bucket, name, *taken)

    @property
    def claim(self) -> Claim:
        """What the object said when this process last wrote it."""
        return self._claim

    @property
    def epoch(self) -> int:
        """How many times this lease was taken, this time included."""
        return self._claim.epoch

    def check(self) -> None:
        """Prove, right before a commit, that this process still holds the lease, and renew it by the same request.

        Raises LeaseLost if another took it, if it is gone, or if it was not renewed in time (a paused process), and
        once lost it stays lost; ServiceError if S3 does not answer.
        """
        with self._lock:
            try:
                self._renew()
            except (BotoCoreError, ClientError) as error:
                raise ServiceError(f"S3 did not confirm the lease {self._key}: {error}.", _ASK) from error
            if self._lost:
                raise LeaseLost(self._lost, "Nothing more was committed. Run the pipeline again.")

    def release(self) -> None:
        """Give the lease back if it is still ours; the object stays and says so, which keeps the epochs growing."""
        self._ended.set()
        _given_up.add(self._claim.token)
        with self._lock:
            if self._lost:
                return
            self._lost = f"The lease {self._key} was released."
            now = now_utc()
            claim = self._claim.model_copy(update={"renewed_at": now, "released_at": now})
            try:
                write_claim(self._s3, self._bucket, self._key, claim, IfMatch=self._etag)
            except (BotoCoreError, ClientError) as error:
                _LOG.warning("The lease %s was not released, it runs out by itself: %s.", self._key, error)

    def __enter__(self) -> Lease:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _keep(self) -> None:
        while not self._ended.wait(self._claim.ttl_seconds / 3):
            with self._lock:
                try:
                    self._renew()
                except (BotoCoreError, ClientError) as error:
                    _LOG.info("The lease %s was not renewed, trying again: %s.", self._key, error)
                if self._lost:
                    return

    def _renew(self) -> None:
        """Write the object once more on top of our own last version, or find out that the lease is lost."""
        for _ in range(3):
            if self._is_lost():
                return
            started, claim = _seconds(), self._claim.model_copy(update={"renewed_at": now_utc()})
            etag = write_claim(self._s3, self._bucket, self._key, claim, IfMatch=self._etag)
            if etag is not None:
                self._claim, self._etag, self._sure = claim, etag, started
                self._is_lost()
                return
            self._look()

    def _look(self) -> None:
        """After a refusal: another's object, none, or our own (an answer got lost and the client asked twice)."""
        found = read_claim(self._s3, self._bucket, self._key)
        if found is None:
            self._lost = f"The lease {self._key} is gone: the bucket {self._bucket} was emptied or made anew."
        elif found.claim.token != self._claim.token:
            self._lost = f"The lease {self._key} was taken over by {found.claim.who}."
        else:
            self._etag = found.etag

    def _is_lost(self) -> bool:
        late = _seconds() - self._sure
        if late > self._claim.ttl_seconds and not self._lost:
            self._lost = (
                f"The lease {self._key} ran out: this process or S3 stood still for {late:.0f} s, "
                f"and it lasts {self._claim.ttl_seconds:.0f} s."
            )
        return bool(self._lost)


def _key(name: str) -> str:
    return f"_lease/{name}.json"


def _take(s3: Any, bucket: str, name: str, fresh: Claim) -> tuple[Claim, str, float] | None:
    """One attempt: claim, ETag and start, or None if somebody else wrote the object meanwhile. Raises LeaseHeld."""
    found, started = read_claim(s3, bucket, _key(name)), _seconds()
    condition = {"IfNoneMatch": "*"}
    if found is not None:
        # Our own object: the answer to an earlier attempt got lost.
        ours = found.claim.token == fresh.token
        if not ours and found.claim.token not in _given_up and not found.claim.is_over(found.age):
            raise held(found, bucket, name)
        condition = {"IfMatch": found.etag}
        fresh = fresh.model_copy(update={"epoch": found.claim.epoch + (0 if ours else 1)})
    etag = write_claim(s3, bucket, _key(name), fresh, **condition)
    return None if etag is None else (fresh, etag, started)


def _seconds() -> float:
    # Unlike the monotonic clock of Linux this one goes on while the machine sleeps.
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
