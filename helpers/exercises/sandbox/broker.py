"""The Kafka side of a sandbox: topics and groups that nobody else knows, and what is in the broker."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, NewTopic

from helpers import services
from helpers.peak.topics import LARGEST, WAIT, silent, unreachable


@dataclass(frozen=True)
class Record:
    """One record of a topic as the broker has it; key and value are None where there is none."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Broker:
    """Topics and groups of one trial on the running broker; `close` deletes them."""

    def __init__(self) -> None:
        self._topics: dict[str, int] = {}
        self._groups: list[str] = []

    @property
    def config(self) -> dict[str, Any]:
        """Settings for confluent_kafka's clients: where the broker is. Raises ServiceError where it is not up."""
        return silent(services.endpoints().kafka_client_config)

    @property
    def consumer(self) -> dict[str, Any]:
        """The same for a consumer, which is missed 1.5 s after its death: its partitions wait no longer than that."""
        return {**self.config, "session.timeout.ms": 1500, "heartbeat.interval.ms": 300}

    def topic(self, label: str = "readings", partitions: int = 1, **config: str) -> str:
        """A new, empty topic; config as Kafka names it, with _ for each dot. Raises ServiceError."""
        name = f"lesson.{label}.{uuid.uuid4().hex[:10]}"
        settings = {key.replace("_", "."): value for key, value in config.items()}
        try:
            made = self._admin.create_topics([NewTopic(name, partitions, config=settings)], request_timeout=WAIT)
            made[name].result(WAIT)
        except KafkaException as error:
            raise unreachable(f"the topic {name} could not be made", error) from error
        self._topics[name] = partitions
        return name

    def group(self) -> str:
        """The name of a consumer group that has read nothing yet."""
        name = f"lesson-{uuid.uuid4().hex[:10]}"
        self._groups.append(name)
        return name

    def send(self, topic: str, rows: Iterable[tuple[bytes | None, bytes | None]]) -> None:
        """Produce (key, value) in their order; the broker has them all when this returns."""
        producer = Producer({**self.config, "enable.idempotence": True})
        for key, value in rows:
            producer.produce(topic, key=key, value=value)
        if producer.flush(WAIT):
            raise unreachable(f"records for {topic} were not acknowledged", f"{WAIT:g} s")

    def records(self, topic: str) -> list[Record]:
        """Everything that is in a topic, by partition and offset; some offsets may be gone, as after compaction."""
        partitions = self._partitions(topic)
        reader = {"group.id": "gridbridge-lesson", "enable.auto.commit": False, "enable.partition.eof": True}
        consumer = Consumer({**self.config, **reader, "fetch.message.max.bytes": LARGEST})
        found: list[Record] = []
        try:
            consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(partitions)])
            ended = 0
            while ended < partitions:
                message = consumer.poll(WAIT)
                if message is None:
                    raise unreachable(f"{topic} was silent", f"its end did not come within {WAIT:g} s")
                error = message.error()
                if error is None:
                    place = int(message.partition() or 0), int(message.offset() or 0)
                    found.append(Record(*place, message.key(), message.value()))
                elif error.code() == KafkaError._PARTITION_EOF:
                    ended += 1
                else:
                    raise unreachable(f"{topic} could not be read", error)
        finally:
            consumer.close()
        return sorted(found, key=lambda record: (record.partition, record.offset))

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """Partition -> the offset from which the group would go on; partitions without a commit are left out."""
        parts = [TopicPartition(topic, number) for number in range(self._partitions(topic))]
        asked = self._admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group, parts)])
        with suppress(KafkaException):  # a group that never committed is unknown to the broker
            found = asked[group].result(WAIT).topic_partitions
            return {one.partition: one.offset for one in found if one.offset >= 0}
        return {}

    def close(self) -> None:
        """Delete the topics and the groups."""
        with suppress(KafkaException):
            for future in (
                *(self._admin.delete_topics(list(self._topics)).values() if self._topics else ()),
                *(self._admin.delete_consumer_groups(self._groups).values() if self._groups else ()),
            ):
                with suppress(KafkaException):  # a group that was never used does not exist
                    future.result(WAIT)
        self._topics.clear()
        self._groups.clear()

    @cached_property
    def _admin(self) -> AdminClient:
        # Kept: what it was asked for ends with it.
        return AdminClient(self.config)

    def _partitions(self, topic: str) -> int:
        return self._topics.get(topic) or len(self._admin.list_topics(topic, timeout=WAIT).topics[topic].partitions)
