"""A recording as the events that its plant or sensor sends when nothing goes wrong: one per time."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import pandas as pd

from helpers.core.errors import UserError
from helpers.peak.recordings import Recording, read

EPOCH = np.datetime64(0, "us")
DELAY = 9
"""Seconds at most between a reading and its sending, when nothing goes wrong."""


@dataclass(frozen=True)
class Events:
    """One event per time of a recording, in order of time. All lists and arrays are of one length but the readings'.

    ids: a digest of source, file and time; times: event time in microseconds since the epoch; time_texts: the same
    with the recorded offset; sent_at: seconds since the epoch; oddities: the reason expected, or None.
    readings: channel, value_text (the number as sent), value, unit; those of event i are rows starts[i]:starts[i+1].
    """

    recording: Recording
    ids: list[str]
    times: np.ndarray
    time_texts: list[str]
    sent_at: np.ndarray
    oddities: list[str | None]
    readings: pd.DataFrame
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)


def events(recording: Recording) -> Events:
    """The events of a recording. Raises UserError where it cannot be read or its oddities are not as reviewed."""
    long = read(recording)
    if long.empty:
        raise UserError(f"The file {recording.file!r} holds no reading.", "Check the file.")
    instants = long["event_time"].dt.tz_localize(None).to_numpy("datetime64[us]")
    # The readings come in order of time, so each event's readings lie together.
    first = np.flatnonzero(np.r_[True, instants[1:] != instants[:-1]])
    times = (instants[first] - EPOCH).astype(np.int64)
    ids, delays = [], np.empty(len(first), np.int64)
    for number, micros in enumerate(times.tolist()):
        digest = blake2b(f"{recording.source}/{recording.file}/{micros}".encode(), digest_size=16)
        text = digest.hexdigest()
        ids.append(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")
        delays[number] = 1 + digest.digest()[0] % DELAY
    values = long["value"].to_numpy(np.float64)
    readings = pd.DataFrame(
        {"channel": long["channel"], "value_text": numbers(values), "value": values, "unit": long["unit"]}
    )
    return Events(
        recording,
        ids,
        times,
        time_texts(instants[first], long["offset"].to_numpy()[first]),
        times // 1_000_000 + delays,
        _oddities(recording, long, first),
        readings,
        np.r_[first, len(long)],
    )


def numbers(values: np.ndarray) -> list[str]:
    """The shortest text of each float64 that reads back as the same number, as JSON carries it."""
    return orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].decode().split(",")


def time_texts(instants: np.ndarray, offsets: np.ndarray) -> list[str]:
    """ISO 8601 of each UTC instant at its recorded offset; whole seconds unless the recording has finer ones."""
    shifts = {o: int(f"{o[0]}1") * (int(o[1:3]) * 60 + int(o[4:])) for o in set(offsets.tolist())}
    minutes = np.array([shifts[o] for o in offsets.tolist()], "timedelta64[m]")
    unit: Any = "us" if (instants.astype(np.int64) % 1_000_000).any() else "s"
    local = np.datetime_as_string(instants + minutes, unit=unit)
    return [text + offset for text, offset in zip(local.tolist(), offsets.tolist(), strict=True)]


def _oddities(recording: Recording, long: pd.DataFrame, first: np.ndarray) -> list[str | None]:
    found: list[str | None] = [None] * len(first)
    for oddity in recording.oddities:
        odd = long["channel"] == oddity.channel
        for given, holds in (
            (oddity.above, lambda limit: long["value"] > limit),
            (oddity.below, lambda limit: long["value"] < limit),
            (oddity.since, lambda limit: long["event_time"] >= limit),
            (oddity.until, lambda limit: long["event_time"] < limit),
        ):
            odd &= holds(given) if given is not None else True
        hits = np.searchsorted(first, np.flatnonzero(odd), side="right") - 1
        if len(hits) != oddity.messages:
            raise UserError(
                f"An oddity of {recording.file!r}, channel {oddity.channel!r}, is to be in {oddity.messages} messages"
                f" and is in {len(hits)}.",
                "Look at the readings, then correct datasets/oddities.toml or the mapping.",
            )
        for hit in hits.tolist():
            found[hit] = oddity.reason
    return found


def bodies(found: Events) -> list[bytes]:
    """The body of each event: SCADA {event_id, plant, event_time, sent_at, channels}, IoT {event_id, sensor, ...}."""
    wide = found.recording.kind == "scada"
    columns = (found.readings[name].tolist() for name in ("channel", "value_text", "unit"))
    if wide:
        cells = [f'"{c}":{{"value":{v},"unit":"{u}"}}' for c, v, u in zip(*columns, strict=True)]
        starts = found.starts.tolist()
        payload = [f'"channels":{{{",".join(cells[a:b])}}}' for a, b in pairwise(starts)]
    else:
        payload = [f'"quantity":"{c}","value":{v},"unit":"{u}"' for c, v, u in zip(*columns, strict=True)]
    sender = f'","{"plant" if wide else "sensor"}":"{found.recording.source}","event_time":"'
    sent = np.datetime_as_string(found.sent_at.astype("datetime64[s]")).tolist()
    rows = zip(found.ids, found.time_texts, sent, payload, strict=True)
    return [f'{{"event_id":"{i}{sender}{t}","sent_at":"{s}Z",{p}}}'.encode() for i, t, s, p in rows]
