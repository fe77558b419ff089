"""What one replay takes from each plan: which send of it, which messages, in which common order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from helpers.peak.plan import Plan
from helpers.peak.topics import partition_of, topic_names


@dataclass(frozen=True)
class Share:
    """The messages of a plan that one send of it still owes: `owed` holds their sequences, rising."""

    plan: Plan
    send: int
    owed: np.ndarray
    topic: str
    partition: int


def share(plan: Plan, send: int, sent: np.ndarray, prefix: str, topics: dict[str, int]) -> Share:
    """What a send owes after `sent` sequences went out. topics: topic → partitions."""
    owed = np.setdiff1d(np.arange(len(plan)), sent, assume_unique=True)
    topic = topic_names(prefix)[plan.recording.kind]
    return Share(plan, send, owed, topic, partition_of(plan.key, topics[topic]))


def merge(shares: Sequence[Share]) -> tuple[np.ndarray, np.ndarray]:
    """(share, sequence) of every message owed, in the order of sending; ties by the recordings' names."""
    if not shares:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    names = sorted({one.plan.recording.file for one in shares})
    owner = np.repeat(np.arange(len(shares)), [len(one.owed) for one in shares])
    rank = np.repeat([names.index(one.plan.recording.file) for one in shares], [len(one.owed) for one in shares])
    sequence = np.concatenate([one.owed for one in shares])
    due = np.concatenate([one.plan.due[one.owed] for one in shares])
    order = np.lexsort((sequence, rank, due))
    return owner[order], sequence[order]


def truth_rows(shares: Sequence[Share], placed: Iterable[tuple[int, int, int]]) -> tuple[pa.Table, pa.Table]:
    """The truth's messages and readings for (share, sequence, offset) of messages that the broker took."""
    table = np.array(list(placed), np.int64).reshape(-1, 3)
    messages, readings = [], []
    for number in np.unique(table[:, 0]).tolist():
        mine, one = table[table[:, 0] == number], shares[number]
        told, values, owner = one.plan.truth(mine[:, 1])
        place = {"topic": one.topic, "partition": one.partition}
        origin = {"recording": one.plan.recording.file, "seed": one.plan.seed, "send": one.send}
        messages.append(_with(told, {**place, **origin}, {"offset": mine[:, 2], "sequence": mine[:, 1]}))
        readings.append(_with(values, {**place, "source": one.plan.recording.source}, {"offset": mine[owner, 2]}))
    return pa.concat_tables(messages), pa.concat_tables(readings)


def _with(table: pa.Table, constant: dict[str, str | int], columns: dict[str, np.ndarray]) -> pa.Table:
    for name, value in constant.items():
        table = table.append_column(name, pa.repeat(pa.scalar(value), table.num_rows))
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values, pa.int64()))
    return table
