"""The two topics of telemetry: made, checked, measured and read back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from helpers.core.errors import ServiceError, UserError

LARGEST = 8 * 1024 * 1024
"""Bytes of the largest message that a topic takes."""
PARTITIONS = 2
CONFIG = {
    "max.message.bytes": str(LARGEST),
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    "message.timestamp.type": "LogAppendTime",
}
"""Nothing is ever dropped, for the lake is rebuilt from here; a message's time is its arrival."""
WAIT = 30.0
"""Seconds that one question to the broker may take."""


def topic_names(prefix: str) -> dict[str, str]:
    """Kind of recording → topic."""
    return {kind: f"{prefix}.{kind}" for kind in ("scada", "iot")}


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key: given explicitly with each message, so that a plan knows it beforehand."""
    return crc32(key) % partitions


def silent(config: Mapping[str, Any]) -> dict[str, Any]:
    """Client settings under which librdkafka prints nothing: what went wrong is raised instead."""
    return {**config, "log_level": 0}


def unreachable(what: str, error: object) -> ServiceError:
    """The error of a broker that did not do what was asked."""
    text = error.args[0].str() if isinstance(error, KafkaException) else str(error)
    return ServiceError(f"Kafka: {what}: {text.rstrip('.')}.", "Run: .venv/bin/gridbridge services status")


def cluster_id(config: Mapping[str, Any]) -> str:
    """The identity of the broker's cluster; another one has other offsets. Raises ServiceError."""
    try:
        return str(AdminClient(silent(config)).list_topics(timeout=WAIT).cluster_id)
    except KafkaException as error:
        raise unreachable("the broker did not answer", error) from error


def ensure_topics(config: Mapping[str, Any], prefix: str) -> dict[str, int]:
    """Make `<prefix>.scada` and `<prefix>.iot` where absent, check them where present: topic → partitions.

    Raises ServiceError where the broker does not answer, UserError where a topic has other settings.
    """
    admin = AdminClient(silent(config))
    names = list(topic_names(prefix).values())
    there = make_topics(config, names)
    try:
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in there]
        for resource, future in admin.describe_configs(resources, request_timeout=WAIT).items() if resources else ():
            _check(resource.name, {name: entry.value for name, entry in future.result(WAIT).items()})
    except KafkaException as error:
        raise unreachable(f"the settings of {' and '.join(names)} could not be asked for", error) from error
    return {name: there.get(name, PARTITIONS) for name in names}


def make_topics(
    config: Mapping[str, Any],
    names: Sequence[str],
    partitions: int = PARTITIONS,
    settings: Mapping[str, str] = CONFIG,
) -> dict[str, int]:
    """Make topics where they are absent; those that were there before: topic → partitions. Raises ServiceError."""
    there = present(config, names)
    missing = [NewTopic(name, partitions, config=dict(settings)) for name in names if name not in there]
    # Kept until the end: what it was asked for ends with it.
    admin = AdminClient(silent(config))
    try:
        for future in admin.create_topics(missing, request_timeout=WAIT).values() if missing else ():
            _done(future)
    except KafkaException as error:
        raise unreachable(f"the topics {' and '.join(names)} could not be made", error) from error
    return there


def present(config: Mapping[str, Any], names: Sequence[str]) -> dict[str, int]:
    """Which of these topics are there: topic → partitions. Raises ServiceError."""
    try:
        found = AdminClient(silent(config)).list_topics(timeout=WAIT).topics
    except KafkaException as error:
        raise unreachable("the topics could not be listed", error) from error
    return {name: len(found[name].partitions) for name in names if name in found}


def _done(future: Any) -> None:
    try:
        future.result(WAIT)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:  # somebody else was faster
            raise


def _check(topic: str, found: Mapping[str, str | None]) -> None:
    for name, wanted in CONFIG.items():
        value = found.get(name)
        large = name == "max.message.bytes" and int(value or 0) >= LARGEST
        if value != wanted and not large:
            raise UserError(
                f"The topic {topic} has {name}={value}, but {wanted} is needed.",
                f"Set it with kafka-configs, or choose another prefix: TOPIC_PREFIX={topic.rsplit('.', 1)[0]}-2",
            )


def extent(config: Mapping[str, Any], topics: Mapping[str, int]) -> dict[tuple[str, int], tuple[int, int]]:
    """(topic, partition) → its first offset and the one that comes next. Raises ServiceError."""
    consumer = _consumer(config)
    places = [(topic, partition) for topic, partitions in topics.items() for partition in range(partitions)]
    try:
        return {place: _watermarks(consumer, *place) for place in places}
    except KafkaException as error:
        raise unreachable("the topics' ends could not be asked for", error) from error
    finally:
        consumer.close()


# A topic made a moment ago may not have reached every part of the broker.
@retry(retry=retry_if_exception_type(KafkaException), stop=stop_after_delay(10), wait=wait_fixed(0.2), reraise=True)
def _watermarks(consumer: Consumer, topic: str, partition: int) -> tuple[int, int]:
    low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=WAIT)
    return low, high


def read_back(
    config: Mapping[str, Any], topic: str, partition: int, ranges: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, bytes | None, bytes | None]]:
    """(offset, key, body) of the messages in half-open ranges of offsets, all of which exist. Raises ServiceError."""
    consumer = _consumer(config)
    try:
        for begin, end in ranges:
            consumer.assign([TopicPartition(topic, partition, begin)])
            at = begin
            while at < end:
                batch = consumer.consume(min(1000, end - at), timeout=WAIT)
                if not batch:
                    raise unreachable(f"{topic} was silent", f"offset {at} of partition {partition} did not come")
                for message in batch:
                    if message.error():
                        raise unreachable(f"{topic} could not be read", message.error())
                    offset = int(message.offset() or 0)
                    at = offset + 1
                    if offset < end:
                        yield offset, message.key(), message.value()
    except KafkaException as error:
        raise unreachable(f"{topic} could not be read", error) from error
    finally:
        consumer.close()


def _consumer(config: Mapping[str, Any]) -> Consumer:
    # No group is joined and nothing committed: the truth alone knows what was read.
    settings = {"group.id": "gridbridge-maker", "enable.auto.commit": False, "auto.offset.reset": "error"}
    return Consumer({**silent(config), **settings, "fetch.message.max.bytes": LARGEST})
