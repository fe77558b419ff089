"""How far the consumer groups have read, as far as one may know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from helpers.peak.topics import WAIT, silent, unreachable

PATIENCE = WAIT + 5
"""Seconds until an answer is given up: after the client itself gives up, whose error says more."""
_DENIED = (
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
)


@dataclass(frozen=True)
class Committed:
    """offsets: (group, topic, partition) → the offset that the group reads next; says: what was denied."""

    offsets: Mapping[tuple[str, str, int], int]
    says: tuple[str, ...] = ()


def committed(config: dict[str, Any]) -> Committed:
    """The offsets that all groups have committed, those left out that are denied. Raises ServiceError."""
    from confluent_kafka import ConsumerGroupTopicPartitions

    admin = AdminClient(silent(config))
    found: dict[tuple[str, str, int], int] = {}
    refused: list[str] = []
    try:
        listed = admin.list_consumer_groups(request_timeout=WAIT).result(PATIENCE)
        errors = [one for one in listed.errors or [] if not denied(one)]
        if errors:
            raise errors[0]
        # The client takes one group at a time: all are asked before the first answer is awaited.
        answers = {
            one.group_id: admin.list_consumer_group_offsets(
                [ConsumerGroupTopicPartitions(one.group_id)], request_timeout=WAIT
            )[one.group_id]
            for one in listed.valid or []
        }
        for group, answer in answers.items():
            try:
                places = answer.result(PATIENCE).topic_partitions or []
            except KafkaException as error:
                if not denied(error):
                    raise
                refused.append(group)
                continue
            found |= {(group, one.topic, one.partition): one.offset for one in places if one.offset >= 0}
    except (KafkaException, TimeoutError) as error:
        if not denied(error):
            raise unreachable("the groups could not be listed", error) from error
        return Committed({}, ("Which groups there are is denied.",))
    says = ("Of some brokers, which groups they have is denied.",) if listed.errors else ()
    return Committed(found, (*says, *([f"Denied: how far {', '.join(sorted(refused))} read."] if refused else ())))


def denied(error: object) -> bool:
    """Whether a broker has refused what one has no right to."""
    return isinstance(error, KafkaException) and error.args[0].code() in _DENIED
