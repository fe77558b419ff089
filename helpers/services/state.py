"""The state file: which processes are ours, told by pid and start time together."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from helpers.core.settings import settings

CLOCK_SLACK = 2.0
"""Seconds by which a start time may seem to move when the system clock is corrected."""


@dataclass(frozen=True)
class Record:
    """One started service: times in seconds since the epoch (create_time) and ISO 8601 UTC (since)."""

    pid: int
    create_time: float
    ports: dict[str, int]
    since: str
    data: str
    complete: bool = False
    """True once the service answered and its first-start work (restoring buckets) was done."""
    note: str = ""
    """What a person should know, such as who holds the usual port."""
    unclean: bool = False
    """True if the run before this one was not stopped cleanly: killed, or the machine went down."""

    @property
    def port(self) -> int:
        """The port that clients use."""
        return self.ports["client"]


@dataclass(frozen=True)
class _Paths:
    work: Path = field(default_factory=lambda: settings().work)

    @property
    def file(self) -> Path:
        return self.work / "services.json"

    @property
    def lock(self) -> Path:
        return self.work / "services.lock"


def service_folder(name: str) -> Path:
    """The folder of one service (log, lock, data), made if it is missing."""
    folder = settings().work / "services" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file; the system lets go of it if the holder dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def records() -> dict[str, Record]:
    """Every recorded service by name; an unreadable file counts as empty."""
    try:
        stored = json.loads(_Paths().file.read_text(encoding="utf-8"))
        return {name: Record(**values) for name, values in stored.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}


def record(name: str) -> Record | None:
    """The record of one service, alive or not, or None."""
    return records().get(name)


def store(name: str, value: Record | None) -> None:
    """Write one service's record (None removes it): whole file, under a lock, by rename."""
    paths = _Paths()
    with locked(paths.lock):
        current = records()
        if value is None:
            current.pop(name, None)
        else:
            current[name] = value
        fresh = paths.file.with_suffix(".json.new")
        stored = {key: asdict(one) for key, one in current.items()}
        fresh.write_text(json.dumps(stored, indent=2), encoding="utf-8")
        fresh.replace(paths.file)


def running(pid: int, create_time: float) -> psutil.Process | None:
    """The process of that pid and start time (seconds since the epoch), None if it ended or the pid is another's."""
    if pid <= 0:
        return None
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - create_time) < CLOCK_SLACK
        return process if same and not ended(process) else None
    except psutil.Error:
        return None


def ended(process: psutil.Process) -> bool:
    """True if it is over: gone, or a zombie (nobody asked about its end) whose last thread let go of its ports."""
    try:
        return not process.is_running() or (process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1)
    except psutil.Error:
        return True


def process_of(value: Record | None) -> psutil.Process | None:
    """The recorded process if it still runs; None if it ended or its pid belongs to another one."""
    return None if value is None else running(value.pid, value.create_time)


def alive(value: Record | None) -> bool:
    """True if the recorded process, and not a later one with the same pid, is running."""
    return process_of(value) is not None


def unclean(value: Record | None) -> bool:
    """True if a run is on record that ended without a clean stop, or that came up after such a one.

    To be asked of a run that is over: a complete one that still runs is on record too.
    """
    return value is not None and (value.unclean or (value.complete and value.pid > 0))
