"""The plan of one recording: every message that its replay sends, in order, and the truth about each.

It depends on the recording, the seed and the fault rate alone: not on what else is replayed, nor on when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from helpers.core.clock import seeded
from helpers.core.errors import UserError
from helpers.peak.deal import deal
from helpers.peak.events import Events, bodies, events, numbers
from helpers.peak.faults import REASONS, SPOIL, conflicting
from helpers.peak.recordings import Recording

INSTANT = pa.timestamp("us", "UTC")
_UNREADABLE = ("malformed_json", "not_utf8", "empty", "tombstone")


@dataclass(frozen=True)
class Plan:
    """The messages of one recording; row and place in `bodies` are a message's sequence.

    due: when the replay's clock sends it, seconds since the epoch, rising; bodies: bytes, None for a tombstone.
    messages: what the truth says of each, without its place (event_id, source, event_time, sent_at, sha256, bytes,
    fault, expected, reasons, late). readings: of valid messages, in order: channel, value_text, unit, event_time;
    those of message i are rows starts[i]:starts[i+1].
    """

    recording: Recording
    seed: int
    fault_rate: float
    due: np.ndarray
    bodies: list[bytes | None]
    messages: pa.Table
    readings: pa.Table
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.bodies)

    @property
    def key(self) -> bytes:
        """The Kafka key of every message: the plant or sensor, whatever the body claims."""
        return self.recording.source.encode()

    @cached_property
    def digest(self) -> str:
        """sha256 over the bodies' digests: two plans with the same one send the same bytes in the same order."""
        column = self.messages["sha256"].to_pylist()
        return sha256("".join(one or "-" for one in column).encode()).hexdigest()

    def truth(self, sequences: np.ndarray) -> tuple[pa.Table, pa.Table, np.ndarray]:
        """Rows of `messages` and of `readings` of some messages; and for each reading, which of them it is of."""
        counts = self.starts[sequences + 1] - self.starts[sequences]
        rows = np.repeat(self.starts[sequences] - np.r_[0, np.cumsum(counts)[:-1]], counts) + np.arange(counts.sum())
        owner = np.repeat(np.arange(len(sequences)), counts)
        return self.messages.take(pa.array(sequences)), self.readings.take(pa.array(rows)), owner


def plan(recording: Recording, seed: int, fault_rate: float = 0.02) -> Plan:
    """The plan of a SCADA or IoT recording. Raises UserError for a rate outside [0, 1] or an unreadable file."""
    if not 0 <= fault_rate <= 1:
        raise UserError(
            f"The fault rate {fault_rate} is no share of events.", "Choose one from 0 to 1, such as 0.02."
        )
    found = events(recording)
    random = seeded(seed, "faults", recording.file)
    dealt = deal(found, random, fault_rate)
    draft = _Draft(found)
    for index, kind in dealt.kinds.items():
        body = draft.bodies[index]
        event = orjson.loads(body or b"")
        if kind == "duplicate":
            draft.add(index, kind, body, dealt.due[index])
        elif kind == "conflict":
            body, channel, value = conflicting(event, recording, random)
            draft.altered[draft.add(index, kind, body, dealt.due[index])] = (channel, value)
        elif kind in SPOIL:
            draft.spoil(index, kind, SPOIL[kind](event, recording, random))
        else:
            sent = dealt.due[index]
            event["sent_at"] = str(np.datetime64(sent, "s")) + "Z"
            draft.resend(index, kind, orjson.dumps(event), sent)
    return draft.finish(seed, fault_rate)


class _Draft:
    """A plan in the making: one column a list, the first rows being the events as they are."""

    def __init__(self, found: Events) -> None:
        self.found = found
        count = len(found)
        self.event = list(range(count))
        self.due: list[int] = found.sent_at.tolist()
        self.bodies: list[bytes | None] = list(bodies(found))
        self.ids: list[str | None] = list(found.ids)
        self.times: list[int | None] = found.times.tolist()
        self.sent: list[int | None] = (found.sent_at * 1_000_000).tolist()
        self.faults = ["none" if odd is None else "oddity" for odd in found.oddities]
        self.reasons: list[tuple[str, ...]] = [() if odd is None else (odd,) for odd in found.oddities]
        self.altered: dict[int, tuple[str, float]] = {}

    def add(self, index: int, kind: str, body: bytes | None, due: int) -> int:
        """A further message of an event; returns its row."""
        self.event.append(index)
        self.due.append(due)
        self.bodies.append(body)
        self.ids.append(self.ids[index])
        self.times.append(self.times[index])
        self.sent.append(self.sent[index])
        self.faults.append(kind)
        self.reasons.append(REASONS[kind])
        return len(self.bodies) - 1

    def resend(self, index: int, kind: str, body: bytes, sent: int) -> None:
        """The event, sent at another time."""
        self.bodies[index], self.due[index], self.sent[index] = body, sent, sent * 1_000_000
        self.faults[index], self.reasons[index] = kind, REASONS[kind]

    def spoil(self, index: int, kind: str, body: bytes | None) -> None:
        """The event with another body; the truth keeps of id and times what that body still says."""
        self.bodies[index], self.faults[index], self.reasons[index] = body, kind, REASONS[kind]
        if body is None or self.found.ids[index].encode() not in body:
            self.ids[index] = None
        said = {} if kind in _UNREADABLE else orjson.loads(body or b"")
        self.times[index], self.sent[index] = _instant(said.get("event_time")), _instant(said.get("sent_at"))

    def finish(self, seed: int, fault_rate: float) -> Plan:
        """Everything in the order of sending; ties in the order of events."""
        due, event = np.array(self.due, np.int64), np.array(self.event, np.int64)
        order = np.lexsort((np.arange(len(due)), event, due))
        recording = self.found.recording
        ordered = order.tolist()
        sent_bodies = [self.bodies[row] for row in ordered]
        messages = pa.table(
            {
                "event_id": pa.array([self.ids[row] for row in ordered], pa.string()),
                "source": pa.array([recording.source] * len(ordered), pa.string()),
                "event_time": pa.array([self.times[row] for row in ordered], pa.int64()).cast(INSTANT),
                "sent_at": pa.array([self.sent[row] for row in ordered], pa.int64()).cast(INSTANT),
                "sha256": pa.array([None if b is None else sha256(b).hexdigest() for b in sent_bodies], pa.string()),
                "bytes": pa.array([0 if b is None else len(b) for b in sent_bodies], pa.int64()),
                "fault": pa.array([self.faults[row] for row in ordered], pa.string()),
                "expected": pa.array(
                    ["quarantine" if self.reasons[row] else "valid" for row in ordered], pa.string()
                ),
                "reasons": pa.array([self.reasons[row] for row in ordered], pa.list_(pa.string())),
                "late": pa.array([self.faults[row] == "late" for row in ordered], pa.bool_()),
            }
        )
        readings, starts = self._readings(event[order], ordered)
        return Plan(recording, seed, fault_rate, due[order], sent_bodies, messages, readings, starts)

    def _readings(self, event: np.ndarray, ordered: list[int]) -> tuple[pa.Table, np.ndarray]:
        starts = self.found.starts
        valid = np.array([not self.reasons[row] for row in ordered])
        counts = np.where(valid, starts[event + 1] - starts[event], 0)
        ends = np.cumsum(counts)
        rows = np.repeat(starts[event] - (ends - counts), counts) + np.arange(counts.sum())
        chosen = self.found.readings.iloc[rows]
        texts, channels = chosen["value_text"].tolist(), chosen["channel"].tolist()
        for sequence, row in enumerate(ordered) if self.altered else ():
            if row in self.altered:
                channel, value = self.altered[row]
                begin, end = int(ends[sequence] - counts[sequence]), int(ends[sequence])
                texts[channels.index(channel, begin, end)] = numbers(np.array([value]))[0]
        times = pa.array(np.repeat(self.found.times[event], counts)).cast(INSTANT)
        table = {
            "channel": pa.array(channels, pa.string()),
            "value_text": pa.array(texts, pa.string()),
            "unit": pa.array(chosen["unit"].tolist(), pa.string()),
            "event_time": times,
        }
        return pa.table(table), np.r_[0, ends]


def _instant(text: Any) -> int | None:
    """Microseconds since the epoch of an ISO 8601 time with offset, None for anything else."""
    try:
        time = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return None if time.tzinfo is None else round(time.timestamp() * 1_000_000)
