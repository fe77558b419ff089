"""One set-up at a time: two commands started together must not make the same thing twice, or into each other."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from helpers.core.settings import settings


@contextmanager
def alone(what: str) -> Iterator[None]:
    """Hold the lock `what` of the cache folder; the system lets go of it if the holder dies."""
    folder = settings().cache / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / what).open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
