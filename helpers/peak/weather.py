"""The partner's weather drop: one CSV per station and UTC month, and the truth of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from botocore.exceptions import BotoCoreError, ClientError

from helpers.core.errors import ServiceError, UserError
from helpers.peak.events import Events, events
from helpers.peak.recordings import Recording
from helpers.peak.truth import TruthStore, truth_store
from helpers.services.buckets import ensure_bucket


@dataclass(frozen=True)
class Dropped:
    """files: those of the recordings; put: the ones that were absent or different; lines: their data lines."""

    files: int
    put: int
    lines: int


@dataclass(frozen=True)
class Drop:
    """The files of one recording: object key → bytes; and what the truth says of their data lines."""

    files: dict[str, bytes]
    messages: pa.Table
    readings: pa.Table


def weather_drop(recording: Recording) -> Drop:
    """The files of a weather recording, the same bytes each time. Raises UserError where it cannot be read.

    Header `station,time,<channel>,...`; one line per time, with the offset as recorded; an empty cell is a missing
    value. Lines count from 1 within a file; sequence counts over all of them from 0. seed is 0: nothing is planted.
    """
    found = events(recording)
    lines = _lines(found)
    months = np.datetime_as_string(found.times.astype("datetime64[us]"), unit="M")
    keys, firsts, counts = np.unique(months, return_index=True, return_counts=True)
    names = [f"weather/{recording.source}/{month}.csv" for month in keys.tolist()]
    header = ",".join(["station", "time", *(c.name for c in recording.channels)])
    files = {
        name: "\n".join([header, *lines[first : first + count], ""]).encode()
        for name, first, count in zip(names, firsts.tolist(), counts.tolist(), strict=True)
    }
    topics = np.repeat(np.array(names), counts)
    offsets = np.arange(len(lines)) - np.repeat(firsts, counts) + 1
    return Drop(files, _messages(found, lines, topics, offsets), _readings(found, topics, offsets))


def _lines(found: Events) -> list[str]:
    columns = {channel.name: position for position, channel in enumerate(found.recording.channels)}
    cells = np.full((len(found), len(columns)), "", object)
    rows = np.repeat(np.arange(len(found)), np.diff(found.starts))
    cells[rows, found.readings["channel"].map(columns).to_numpy()] = found.readings["value_text"].to_numpy()
    station = found.recording.source
    return [f"{station},{time},{','.join(row)}" for time, row in zip(found.time_texts, cells.tolist(), strict=True)]


def _messages(found: Events, lines: list[str], topics: np.ndarray, offsets: np.ndarray) -> pa.Table:
    raw = [line.encode() for line in lines]
    count, source = len(raw), found.recording.source
    odd = found.oddities
    return pa.table(
        {
            "topic": topics.tolist(),
            "partition": pa.repeat(0, count),
            "offset": offsets,
            "recording": pa.repeat(found.recording.file, count),
            "seed": pa.repeat(0, count),
            "send": pa.repeat(1, count),
            "sequence": np.arange(count),
            "event_id": [f"{source}/{time}" for time in found.time_texts],
            "source": pa.repeat(source, count),
            "event_time": pa.array(found.times).cast(pa.timestamp("us", "UTC")),
            "sent_at": pa.nulls(count, pa.timestamp("us", "UTC")),
            "sha256": [sha256(line).hexdigest() for line in raw],
            "bytes": [len(line) for line in raw],
            "fault": ["none" if reason is None else "oddity" for reason in odd],
            "expected": ["valid" if reason is None else "quarantine" for reason in odd],
            "reasons": pa.array([[] if reason is None else [reason] for reason in odd], pa.list_(pa.string())),
            "late": pa.repeat(False, count),
        }
    )


def _readings(found: Events, topics: np.ndarray, offsets: np.ndarray) -> pa.Table:
    owner = np.repeat(np.arange(len(found)), np.diff(found.starts))
    told = np.array([reason is None for reason in found.oddities])[owner]
    owner, kept = owner[told], found.readings[told]
    return pa.table(
        {
            "topic": topics[owner].tolist(),
            "partition": pa.repeat(0, len(owner)),
            "offset": offsets[owner],
            "source": pa.repeat(found.recording.source, len(owner)),
            "channel": kept["channel"].tolist(),
            "value_text": kept["value_text"].tolist(),
            "unit": kept["unit"].tolist(),
            "event_time": pa.array(found.times[owner]).cast(pa.timestamp("us", "UTC")),
        }
    )


def drop_weather(s3: Any, bucket: str, recordings: Sequence[Recording], store: TruthStore | None = None) -> Dropped:
    """Put the files of weather recordings where they are absent or different, and tell the truth of their lines once.

    s3: a boto3 client; the bucket is made if it is missing; recordings of other kinds are passed over; store: None =
    the truth of the settings' cluster. A lost bucket gets its files anew. Raises UserError, ServiceError.
    """
    drops = [(one.file, weather_drop(one)) for one in recordings if one.kind == "weather"]
    names = [name for _, drop in drops for name in drop.files]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise UserError(f"Two weather recordings make the file {twice[0]}.", "Give each a source of its own.")
    store = store or truth_store()
    with store.held():
        for file, drop in drops:
            _tell(store, file, drop)
        try:
            ensure_bucket(s3, bucket)
            put = sum(_put(s3, bucket, name, body) for _, drop in drops for name, body in drop.files.items())
        except (BotoCoreError, ClientError) as error:
            text = str(error).rstrip(".")
            raise ServiceError(
                f"The weather files could not be put: {text}.", "Run: .venv/bin/gridbridge services status"
            ) from error
    return Dropped(len(names), put, sum(drop.messages.num_rows for _, drop in drops))


def _tell(store: TruthStore, file: str, drop: Drop) -> None:
    known = store.messages(["topic", "offset", "sha256"], pc.field("topic").isin(list(drop.files)))
    if not known.num_rows:
        store.append(drop.messages, drop.readings)
        return
    order = [("topic", "ascending"), ("offset", "ascending")]
    if known.sort_by(order) != drop.messages.select(known.column_names).cast(known.schema).sort_by(order):
        raise UserError(
            f"The weather recording {file!r} was dropped before with other lines.", "Give it another source."
        )


def _put(s3: Any, bucket: str, name: str, body: bytes) -> bool:
    digest = sha256(body).hexdigest()
    try:
        if s3.head_object(Bucket=bucket, Key=name)["Metadata"].get("sha256") == digest:
            return False
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchKey"):
            raise
    s3.put_object(Bucket=bucket, Key=name, Body=body, ContentType="text/csv", Metadata={"sha256": digest})
    return True
