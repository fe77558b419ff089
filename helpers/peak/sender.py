"""An idempotent producer that remembers where each message went."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from time import monotonic
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from helpers.core.errors import ServiceError, UserError
from helpers.core.settings import settings
from helpers.peak.topics import LARGEST, silent, unreachable

_CONFIG = {
    "enable.idempotence": True,
    "acks": "all",
    "message.max.bytes": LARGEST,
    "compression.type": "lz4",
    "linger.ms": 20,
    "queue.buffering.max.messages": 200_000,
}


class Sender:
    """Sends messages; `taken`: (number, offset) of each that the broker acknowledged, `failed`: the first error."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        patience = {"message.timeout.ms": int(settings().service_timeout * 1000)}
        self._producer = Producer({**silent(config), **_CONFIG, **patience})
        self.taken: list[tuple[int, int]] = []
        self.failed: KafkaError | None = None

    def send(self, number: int, topic: str, partition: int, key: bytes | None, body: bytes | None) -> None:
        """Hand one message over. Raises UserError if it is too large for the topic, ServiceError if it cannot go."""
        report = partial(self._report, number)
        while True:
            try:
                self._producer.produce(topic, body, key, partition, on_delivery=report)
                return
            except BufferError:  # the queue is full: let it run
                self._producer.poll(1.0)
            except KafkaException as error:
                if error.args[0].code() == KafkaError.MSG_SIZE_TOO_LARGE:
                    raise UserError(
                        f"A message of {len(body or b''):,} bytes is too large for {topic}, which takes {LARGEST:,}.",
                        "Send it in parts.",
                    ) from None
                raise unreachable(f"nothing can be sent to {topic}", error) from error

    def wait(self, until: float) -> None:
        """Serve delivery reports until a time of the monotonic clock."""
        left = until - monotonic()
        self._producer.poll(0)
        while left > 0:
            self._producer.poll(left)
            left = until - monotonic()

    def flush(self) -> None:
        """Wait until each message is acknowledged or given up. Raises ServiceError naming the first that failed."""
        # A short wait at a time, so that Ctrl-C is heard.
        while self._producer.flush(0.5):
            pass
        if self.failed is not None:
            raise ServiceError(
                f"Kafka did not take a message: {self.failed.str().rstrip('.')}.",
                "Run: .venv/bin/gridbridge services up kafka",
            )

    def _report(self, number: int, error: KafkaError | None, message: Any) -> None:
        if error is None:
            self.taken.append((number, message.offset()))
        elif self.failed is None:
            self.failed = error
