"""PySpark's own log of failed queries, and silence."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


def silence() -> None:
    """From now on PySpark's log of failed queries, a screenful of JSON above each error, is not shown."""
    for log in _query_logs():
        log.disabled = True


@contextmanager
def quiet() -> Iterator[None]:
    """In this block failed queries are not logged: what they mean is told by the verdict."""
    before = [log.disabled for log in _query_logs()]
    silence()
    try:
        yield
    finally:
        for log, disabled in zip(_query_logs(), before, strict=True):
            log.disabled = disabled


def _query_logs() -> list[logging.Logger]:
    from pyspark.logger import PySparkLogger

    # By PySpark's own call: a plain logger of that name would break every error that it logs afterwards.
    return [PySparkLogger.getLogger(f"{kind}QueryContextLogger") for kind in ("DataFrame", "SQL")]
