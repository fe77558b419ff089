"""A limit on how long a block of work may take, after which the session lives on."""

from __future__ import annotations

import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

from helpers.spark.classic import is_classic

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


_AGAIN = 1.0
"""Seconds until it rings again."""


class TooLong(BaseException):
    """The time was up. No Exception, so that an answer's own `except Exception` does not swallow it."""


@contextmanager
def time_limit(spark: SparkSession | None, seconds: float) -> Iterator[None]:
    """Raises TooLong where the block takes longer: its Spark jobs are cancelled, its Python code is interrupted.

    What runs by `stoppable` is interrupted until it ends, even where it catches everything, again and again.
    Python code that runs in another thread than the main one is not interrupted; its Spark jobs are.
    """
    with job_limit(spark, seconds) as over:
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


def stoppable(work: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    """What a function returns for these arguments; while it runs, a time limit rings until it ends."""
    return work(**arguments)


@contextmanager
def job_limit(spark: SparkSession | None, seconds: float) -> Iterator[threading.Event]:
    """Cancels the block's Spark jobs after so long, and sets the event that it gives.

    A cancelled job ends with an error of Spark's. Python code is left alone: interrupted while it waits for the JVM
    of a classic session, it would take that answer for the next one's.
    """
    tag = f"limit-{uuid.uuid4().hex}"
    over = threading.Event()
    add, remove, interrupt = _tags(spark)

    def cancel() -> None:
        over.set()
        with suppress(Exception):
            interrupt(tag)

    timer = threading.Timer(seconds, cancel)
    timer.daemon = True
    add(tag)
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()
        remove(tag)


def _tags(spark: SparkSession | None) -> tuple[Callable[[str], Any], ...]:
    """How this thread's jobs get a tag, lose it again, and are cancelled by it."""
    if spark is None:
        return (lambda tag: None,) * 3
    if is_classic(spark):
        # A classic session's own tags do not reach the jobs of `toArrow`.
        context = spark.sparkContext
        return context.addJobTag, context.removeJobTag, context.cancelJobsWithTag
    return spark.addTag, spark.removeTag, spark.interruptTag


def _may_be_stopped(frame: FrameType | None) -> bool:
    while frame is not None and frame.f_code is not stoppable.__code__:
        frame = frame.f_back
    return frame is not None


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    rung = 0

    def ring(number: int, frame: FrameType | None) -> None:
        nonlocal rung
        rung += 1
        if rung > 1:
            if not _may_be_stopped(frame):
                # What is on its way out is left to clean up.
                return
            # Swallowed: it has to ring once more in the microsecond between two tries, whichever that is.
            signal.setitimer(signal.ITIMER_REAL, (1 + rung % 20) * 1e-6, _AGAIN)
        raise TooLong

    begin = time.monotonic()
    before = signal.signal(signal.SIGALRM, ring)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left:
            # Somebody else's alarm (a test runner's) goes on as if ours had not been.
            signal.setitimer(signal.ITIMER_REAL, max(0.001, left - (time.monotonic() - begin)), interval)
