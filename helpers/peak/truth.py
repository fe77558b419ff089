"""The truth in Parquet: what was sent where, what must become of it by itself, which readings it carries."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from helpers.core.clock import now_utc
from helpers.core.journal import Journal
from helpers.core.settings import settings
from helpers.peak.topics import cluster_id
from helpers.services.endpoints import endpoints
from helpers.services.state import locked

_INSTANT = pa.timestamp("us", "UTC")
MESSAGES = pa.schema(
    {
        "topic": pa.string(),
        "partition": pa.int32(),
        "offset": pa.int64(),
        "recording": pa.string(),
        "seed": pa.int64(),
        "send": pa.int32(),
        "sequence": pa.int64(),
        "event_id": pa.string(),
        "source": pa.string(),
        "event_time": _INSTANT,
        "sent_at": _INSTANT,
        "sha256": pa.string(),
        "bytes": pa.int64(),
        "fault": pa.string(),
        "expected": pa.string(),
        "reasons": pa.list_(pa.string()),
        "late": pa.bool_(),
    }
)
"""One row per message sent. seed, send, sequence: which message of which plan (send 1 = first, 2.. = resends).

event_id, event_time, sent_at: as far as the body still tells them; sha256: hex, of the body, NULL for a tombstone.
fault: 'none', 'oddity' or what was planted; expected: 'valid' or 'quarantine', judged by itself; reasons: sorted.
"""

READINGS = pa.schema(
    {
        "topic": pa.string(),
        "partition": pa.int32(),
        "offset": pa.int64(),
        "source": pa.string(),
        "channel": pa.string(),
        "value_text": pa.string(),
        "unit": pa.string(),
        "event_time": _INSTANT,
    }
)
"""One row per reading of every message whose expected is 'valid'; value_text is the number as it was sent."""


class TruthStore:
    """A folder of `messages-*.parquet` and `readings-*.parquet`, and a journal of what was begun.

    Readings are written before their messages, and a file of readings counts only beside its file of messages: so
    a kill between the two leaves nothing half told.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def journal(self) -> Journal:
        """What was begun and settled, so that a killed replay can be made whole."""
        return Journal(self.folder / "journal.jsonl")

    def held(self) -> AbstractContextManager[None]:
        """A lock that one writer holds at a time; a second one waits, a dead one lets go."""
        return locked(self.folder.parent / f"{self.folder.name}.lock")

    def tidy(self) -> None:
        """Remove what a killed writer left half told. The writer's lock must be held."""
        told = {path.name.removeprefix("messages-") for path in self._files("messages")}
        half = [path for path in self._files("readings") if path.name.removeprefix("readings-") not in told]
        for path in (*half, *self.folder.glob("*.new")):
            path.unlink()

    def append(self, messages: pa.Table, readings: pa.Table) -> None:
        """Add rows (columns of MESSAGES and READINGS), all or nothing, also if this process is killed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.tidy()
        number = max((int(path.stem.split("-")[1]) for path in self._files("messages")), default=0) + 1
        for name, table, schema in (("readings", readings, READINGS), ("messages", messages, MESSAGES)):
            path = self.folder / f"{name}-{number:06d}.parquet"
            fresh = path.with_suffix(".new")
            with fresh.open("wb") as file:
                pq.write_table(table.select(schema.names).cast(schema), file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)

    def messages(
        self, columns: Iterable[str] = tuple(MESSAGES.names), where: pc.Expression | None = None
    ) -> pa.Table:
        """Rows of MESSAGES; some columns, some rows."""
        return self._load("messages", MESSAGES, list(columns), where)

    def readings(
        self, columns: Iterable[str] = tuple(READINGS.names), where: pc.Expression | None = None
    ) -> pa.Table:
        """Rows of READINGS; some columns, some rows."""
        return self._load("readings", READINGS, list(columns), where)

    def sent(self, recording: str, seed: int, send: int = 1) -> np.ndarray:
        """The sequences of a recording's plan that were sent, rising."""
        chosen = (pc.field("recording") == recording) & (pc.field("seed") == seed) & (pc.field("send") == send)
        return np.sort(self.messages(["sequence"], chosen)["sequence"].to_numpy())

    def last_send(self, recording: str, seed: int) -> int:
        """The number of the last send that was begun; 0 = none."""
        chosen = (pc.field("recording") == recording) & (pc.field("seed") == seed)
        return pc.max(self.messages(["send"], chosen)["send"]).as_py() or 0

    def offsets(self) -> dict[tuple[str, int], np.ndarray]:
        """(topic, partition) → the offsets that the truth knows, rising."""
        table = self.messages(["topic", "partition", "offset"])
        grouped = table.group_by(["topic", "partition"]).aggregate([("offset", "list")]).to_pylist()
        return {(row["topic"], row["partition"]): np.sort(np.array(row["offset_list"])) for row in grouped}

    def set_aside(self, lost: Iterable[str]) -> Path:
        """Move the truth away because topics were made anew, but keep what it says of others. Returns where to."""
        kept = ~pc.field("topic").isin(list(lost))
        messages, readings = self.messages(where=kept), self.readings(where=kept)
        aside = self.folder.with_name(f"{self.folder.name}-until-{now_utc():%Y%m%dT%H%M%S.%fZ}")
        self.folder.rename(aside)
        if messages.num_rows:
            self.append(messages, readings)
        return aside

    def _files(self, name: str) -> list[Path]:
        return sorted(self.folder.glob(f"{name}-*.parquet"))

    def _load(self, name: str, schema: pa.Schema, columns: list[str], where: pc.Expression | None) -> pa.Table:
        told = [path.name.removeprefix("messages-") for path in self._files("messages")]
        paths = [str(self.folder / f"{name}-{rest}") for rest in told]
        if not paths:
            return schema.empty_table().select(columns)
        return ds.dataset(paths, schema=schema).to_table(columns=columns, filter=where)


def truth_store(config: Mapping[str, object] | None = None) -> TruthStore:
    """The truth of the cluster and topic prefix that the settings name. Raises ServiceError."""
    identity = cluster_id(endpoints().kafka_client_config if config is None else config)
    return TruthStore(settings().work / "telemetry" / identity / settings().topic_prefix / "truth")
