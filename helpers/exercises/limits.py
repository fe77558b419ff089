"""A limit on how long an answer may take, after which the session lives on."""

from __future__ import annotations

import signal
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class TooLong(BaseException):
    """The time was up. No Exception, so that an answer's own `except Exception` does not swallow it."""


@contextmanager
def time_limit(spark: SparkSession | None, seconds: float) -> Iterator[None]:
    """Raises TooLong where the block takes longer: its Spark jobs are cancelled, its Python code is interrupted.

    Python code that runs in another thread than the main one is not interrupted; its Spark jobs are.
    """
    tag = f"answer-{uuid.uuid4().hex}"
    over = threading.Event()

    def cancel() -> None:
        over.set()
        with suppress(Exception):
            if spark is not None:
                spark.interruptTag(tag)

    timer = threading.Timer(seconds, cancel)
    timer.daemon = True
    if spark is not None:
        spark.addTag(tag)
    timer.start()
    try:
        with _alarm(seconds + 0.5):
            yield
        if over.is_set():
            # The cancelled job's error was taken for the answer's own.
            raise TooLong
    except Exception:
        if over.is_set():
            raise TooLong from None
        raise
    finally:
        timer.cancel()
        if spark is not None:
            spark.removeTag(tag)


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise TooLong

    begin = time.monotonic()
    before = signal.signal(signal.SIGALRM, ring)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left:
            # Somebody else's alarm (a test runner's) goes on as if ours had not been.
            signal.setitimer(signal.ITIMER_REAL, max(0.001, left - (time.monotonic() - begin)), interval)
