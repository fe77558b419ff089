"""A DataFrame played into a topic, in the background, until it ends or is stopped."""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from helpers import services
from helpers.core.errors import UserError
from helpers.desk.card import Card, Say
from helpers.desk.playground.broker import topic, topic_names
from helpers.desk.playground.meter import Meter
from helpers.desk.playground.naming import writable
from helpers.desk.playground.own.suspicions import quoted
from helpers.desk.playground.spark_rows import Answer, column_in, frame_in
from helpers.peak.sender import Sender
from helpers.peak.topics import CONFIG, PARTITIONS, WAIT, partition_of, silent, unreachable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_STEP = 0.2
"""Seconds between two looks at the time of the next message, and between two words on progress."""


@dataclass(frozen=True)
class _Pace:
    """speed: messages a second, or how many times faster than life where the rows have a time. None = at once."""

    speed: float | None
    by_time: bool

    def due(self, number: int, micros: int | None, first: int | None) -> float:
        """Seconds after the first message that this one is due."""
        if self.speed is None:
            return 0.0
        if not self.by_time:
            return number / self.speed
        return 0.0 if micros is None or first is None else (micros - first) / 1e6 / self.speed


class Replay:
    """Messages on their way into a topic. `.wait()` waits for the end, `.stop()` ends it; `str()` tells how far."""

    def __init__(self, rows: Generator[Any, None, None], total: int, name: str, partitions: int, pace: _Pace) -> None:
        self.name, self.total, self.sent = name, total, 0
        self.error: BaseException | None = None
        self._rows, self._partitions, self._pace = rows, partitions, pace
        self._stop = threading.Event()
        self._meters: list[Meter] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __str__(self) -> str:
        if self._thread.is_alive():
            return f"{self._far()}; .stop() ends it, .wait() waits for the end."
        return f"{self._far()}: {'it failed' if self.error else 'stopped' if self.sent < self.total else 'done'}."

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """A bar with a button that stops it, and the text for where no widget is shown."""
        meter = Meter(self.stop, ".stop()")
        self._meters.append(meter)
        self._tell()
        return meter.bundle(str(self))

    def stop(self) -> Card:
        """Sends no further message; what was sent is in the topic."""
        self._stop.set()
        return self.wait()

    def wait(self) -> Card:
        """Waits until the last message is in the topic. Interrupted, it stops the replay.

        Raises ServiceError where the broker went away, UserError for a message that is too large, Spark's own errors.
        """
        try:
            while self._thread.is_alive():
                self._thread.join(_STEP)
        except KeyboardInterrupt:
            self._stop.set()
            self._thread.join()
        if self.error is not None:
            raise self.error
        rest = "" if self.sent == self.total else f"; stopped, {self.total - self.sent:,} rows were left"
        return Card("Replayed", [Say(f"{self.sent:,} messages into {self.name}{rest}.")])

    def _run(self) -> None:
        try:
            self._send()
        except Exception as error:
            # Raised by wait(), in the cell that asks.
            self.error = error
        finally:
            self._tell(over=True)

    def _send(self) -> None:
        sender = Sender(services.endpoints().kafka_client_config)
        first, begun, told = None, monotonic(), 0.0
        try:
            for number, (key, value, micros) in enumerate(self._rows):
                first = micros if first is None else first
                if not self._until(sender, begun + self._pace.due(number, micros, first)):
                    break
                body = None if key is None else key.encode()
                place = number % self._partitions if body is None else partition_of(body, self._partitions)
                sender.send(number, self.name, place, body, value.encode())
                if monotonic() - told > _STEP:
                    told = monotonic()
                    self._count(sender)
        finally:
            # Else Spark goes on reading for a replay that was stopped.
            self._rows.close()
            sender.flush()
            self._count(sender)

    def _until(self, sender: Sender, due: float) -> bool:
        """Waits, serving what the broker says, until a message is due; False where it is not to be sent any more."""
        while not self._stop.is_set():
            now = monotonic()
            if due <= now:
                return True
            sender.wait(min(due, now + _STEP))
        return False

    def _count(self, sender: Sender) -> None:
        self.sent += len(sender.taken)
        sender.taken.clear()
        self._tell()

    def _far(self) -> str:
        return f"{self.sent:,} of {self.total:,} messages are in {self.name}"

    def _tell(self, over: bool = False) -> None:
        for meter in self._meters:
            meter.show(
                self.sent / self.total if self.total else 1.0, self._far(), over or not self._thread.is_alive()
            )


def replay(
    data: Answer | DataFrame,
    name: str,
    key: str | None = None,
    speed: float | None = None,
    time: str | None = None,
    new: bool = False,
) -> Replay:
    """Plays the rows of a DataFrame into a topic as JSON, in the background.

    key: the column whose value is the message's key, which chooses its partition. time: the column that orders them.
    speed: messages a second; with a time, how many times faster than life; None = as fast as it goes. new: make the
    topic where it is not there. Raises UserError for a wrong name, where the topic is not there, or where the desk is
    read-only.
    """
    from pyspark.sql import functions as F

    frame = frame_in(data, 'replay(df, "topic")')
    writable(f"replay into {name}")
    for column in filter(None, (key, time)):
        column_in(frame, column)
    if speed is not None and not speed > 0:
        raise UserError(f"A speed of {speed} is none.", "speed=10, or None for as fast as it goes")
    if new:
        _make(name)
    partitions = topic(name).partitions
    body = F.to_json(F.struct(*[F.col(quoted(one)) for one in frame.columns]), {"ignoreNullFields": "false"})
    wanted = frame.select(
        (F.col(quoted(key)).cast("string") if key else F.lit(None).cast("string")).alias("key"),
        body.alias("value"),
        (F.unix_micros(F.col(quoted(time)).cast("timestamp")) if time else F.lit(None).cast("bigint")).alias(
            "micros"
        ),
    )
    ordered = wanted.orderBy("micros") if time else wanted
    rows = cast("Generator[Any, None, None]", ordered.toLocalIterator())
    return Replay(rows, frame.count(), name, partitions, _Pace(speed, time is not None))


def _make(name: str) -> None:
    """The topic, where it is not there yet."""
    if name in topic_names():
        return
    try:
        admin = AdminClient(silent(services.endpoints().kafka_client_config))
        admin.create_topics([NewTopic(name, PARTITIONS, config=CONFIG)], request_timeout=WAIT)[name].result(WAIT)
    except KafkaException as error:
        raise unreachable(f"the topic {name} could not be made", error) from error
