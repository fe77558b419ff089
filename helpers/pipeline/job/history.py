"""What a job's append-only journal tells: its runs, which objects they saw, whether it is running now."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from helpers.core.journal import Journal
from helpers.pipeline.prototype.place import Place
from helpers.services.state import running

ONCE = "once"
"""When a job is due that makes one run and ends."""


@dataclass
class Past:
    """One run of a job. state: running, succeeded, failed, interrupted, or cut off where nobody wrote its end."""

    run_id: str
    why: str
    at: datetime
    state: str = "running"
    seconds: float | None = None
    cause: str = ""


@dataclass
class History:
    """A job's journal, work/pipelines/<name>/job.jsonl, folded as often as it is asked."""

    place: Place
    journal: Journal = field(init=False)

    def __post_init__(self) -> None:
        self.journal = Journal(self.place.runs / "job.jsonl")

    def begin(self, when: str) -> None:
        """The job starts, in this process."""
        this = psutil.Process()
        own = {"pid": os.getpid(), "born": this.create_time(), "host": socket.gethostname()}
        self.journal.append("job", state="started", when=when, **own)

    def end(self) -> None:
        """The job ends."""
        self.journal.append("job", state="ended")

    def run_begins(self, run_id: str, why: str) -> None:
        """A run begins. why: as in "every 15 minutes"."""
        self.journal.append("run", state="started", run_id=run_id, why=why)

    def run_ends(self, run_id: str, state: str, **facts: Any) -> None:
        """A run ends. facts: seconds; cause and remedy of a failed one; objects: those that it saw."""
        self.journal.append("run", state=state, run_id=run_id, **facts)

    def runs(self) -> list[Past]:
        """The runs, the newest last."""
        found: dict[str, Past] = {}
        for event in self._of("run"):
            run_id = str(event.get("run_id", ""))
            if event.get("state") == "started":
                found[run_id] = Past(run_id, str(event.get("why", "")), datetime.fromisoformat(event["at"]))
            elif run_id in found:
                one = found[run_id]
                one.state, one.seconds, one.cause = event["state"], event.get("seconds"), str(event.get("cause", ""))
        alive = self.alive()
        for one in found.values():
            if one.state == "running" and not (alive and one is list(found.values())[-1]):
                one.state = "cut off"
        return list(found.values())

    def seen(self) -> set[str]:
        """The objects that runs saw to their end. Those of an interrupted or cut off run are seen anew."""
        ended = [event for event in self._of("run") if event.get("state") in ("succeeded", "failed")]
        return {one for event in ended for one in event.get("objects", ())}

    def when(self) -> str:
        """When its runs are due, as it was last started; empty where it never was."""
        told = (str(one["when"]) for one in reversed(self._of("job")) if one.get("when", ONCE) != ONCE)
        return next(told, "")

    def alive(self) -> bool:
        """Whether the process that last started it still runs; of another host's nobody can tell, and it counts."""
        told = self._of("job")
        if not told or told[-1].get("state") != "started":
            return False
        last = told[-1]
        return last.get("host") != socket.gethostname() or running(int(last["pid"]), float(last["born"])) is not None

    def prune(self, keep: int) -> list[Path]:
        """Delete the folders of all runs but the newest `keep`; returns them. The journal keeps its lines."""
        old = [self.place.runs / one.run_id for one in self.runs()[:-keep]]
        gone = [folder for folder in old if folder.is_dir()]
        for folder in gone:
            shutil.rmtree(folder, ignore_errors=True)
        return gone

    def _of(self, kind: str) -> list[dict[str, Any]]:
        """The events of a kind; a line that somebody changed by hand is passed over, as a damaged one is."""
        fields = _FIELDS[kind]
        return [event for event in self.journal.events() if event["kind"] == kind and _sound(event, fields)]


_FIELDS: dict[str, dict[str, tuple[type, ...]]] = {
    "run": {"at": (str,), "state": (str,), "run_id": (str,)},
    "job": {"at": (str,), "state": (str,)},
}
"""What each event of a kind must have, and of which type."""
_STARTED: dict[str, tuple[type, ...]] = {"pid": (int,), "born": (int, float), "host": (str,)}
"""What a job that started has besides."""


def _sound(event: Mapping[str, Any], fields: Mapping[str, tuple[type, ...]]) -> bool:
    if event["kind"] == "job" and event.get("state") == "started":
        fields = {**fields, **_STARTED}
    objects, seconds = event.get("objects", []), event.get("seconds")
    return (
        all(isinstance(event.get(name), kinds) for name, kinds in fields.items())
        and isinstance(objects, list)
        and all(isinstance(one, str) for one in objects)
        and (seconds is None or isinstance(seconds, int | float))
        and _instant(event["at"])
    )


def _instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
