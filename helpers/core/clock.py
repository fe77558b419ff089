"""Time in UTC and randomness from a seed, so that two runs of the same seed agree."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from hashlib import blake2b


def now_utc() -> datetime:
    """This instant, with the UTC zone attached."""
    return datetime.now(UTC)


def seeded(seed: int, *purpose: str) -> random.Random:
    """A generator of its own for one purpose, so that a new use elsewhere does not shift its numbers."""
    material = "/".join((str(seed), *purpose)).encode()
    return random.Random(int.from_bytes(blake2b(material, digest_size=8).digest(), "big"))
