"""An append-only journal of events, one JSON object a line, that people can read and programs can fold."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.core.clock import now_utc


@dataclass(frozen=True)
class Journal:
    """A file of events. Appending is atomic per line; a damaged line costs that line only."""

    path: Path

    def append(self, kind: str, **fields: Any) -> None:
        """Add one event: `kind`, the time in UTC (ISO 8601) as `at`, and `fields` (JSON values)."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"at": now_utc().isoformat(), "kind": kind, **fields}, default=str) + "\n"
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            # What a kill or a full disk cut off ends here: it must not take this event with it.
            cut = os.pread(descriptor, 1, max(0, os.fstat(descriptor).st_size - 1)) not in (b"", b"\n")
            os.write(descriptor, b"\n" * cut + line.encode())
        finally:
            os.close(descriptor)

    def events(self) -> Iterator[dict[str, Any]]:
        """Every readable event in order; lines that are no JSON object with a kind are passed over."""
        if not self.path.exists():
            return
        with self.path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    event = json.loads(line)
                except ValueError:
                    continue
                if isinstance(event, dict) and "kind" in event:
                    yield event
