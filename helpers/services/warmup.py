"""A broker that does once what brokers do here, so that a class archive can be made of it.

`python -m helpers.services.warmup ARCHIVE`; run by `gridbridge setup`, which gives it a work folder of its own.
"""

from __future__ import annotations

import sys

import psutil
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import NewTopic

from helpers.core.errors import ServiceError
from helpers.services import process, state
from helpers.services.kafka import Kafka
from helpers.toolchain.archives import recording_flags
from helpers.toolchain.kafka import kafka_java_command

_DUMP = 300.0  # seconds to end in, the archive's writing included
_TOPIC = "warm-up"


class _Recorded(Kafka):
    """The broker of the project, which writes an archive when it ends."""

    def __init__(self, archive: str) -> None:
        self._archive = archive

    def usual_port(self) -> int:
        """Any: the usual one may be in use."""
        return 0

    def command(self, ports: dict[str, int]) -> list[str]:
        """As always, and recording."""
        return [*kafka_java_command(recording_flags(self._archive)), "kafka.Kafka", str(self.properties)]


def main(archive: str) -> None:
    """Start a broker, send and read a few messages, and wait until it wrote the archive. Raises ServiceError."""
    broker = _Recorded(archive)
    broker.up()
    _work(broker)
    _end(broker)


def _work(broker: Kafka) -> None:
    config = {"bootstrap.servers": f"127.0.0.1:{broker.port()}", "broker.address.family": "v4", "log_level": 0}
    admin = broker.client()
    admin.create_topics([NewTopic(_TOPIC, 2, 1)])[_TOPIC].result(60)
    producer = Producer({**config, "enable.idempotence": True})
    for number in range(1000):
        producer.produce(_TOPIC, str(number).encode())
    if producer.flush(60):
        raise ServiceError("The broker of the warm-up took no messages.")
    reader = Consumer({**config, "group.id": _TOPIC, "auto.offset.reset": "earliest"})
    reader.subscribe([_TOPIC])
    reader.consume(1000, timeout=60)
    reader.close()


def _end(broker: Kafka) -> None:
    running = process.tree(state.record(broker.name))
    running[0].terminate()
    _, left = psutil.wait_procs(running, timeout=_DUMP)
    if left:
        raise ServiceError(f"The broker of the warm-up did not end within {_DUMP:.0f} s.")


if __name__ == "__main__":
    main(sys.argv[1])
