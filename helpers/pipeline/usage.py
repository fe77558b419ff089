"""What a run used: processor seconds and memory of all its processes, services included, and disk."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psutil

from helpers import services
from helpers.core.settings import settings
from helpers.services import process, state


class Usage:
    """Counts to `end` what a run used: Python, Spark's JVM, papermill where it executes the run, the services.

    It counts from its making, and from papermill's own start where that executes the run; services that were up
    before count from its making.
    """

    def __init__(self) -> None:
        """Start counting; services that start later count from zero."""
        executor = _executor()
        self._root = executor or psutil.Process()
        since = executor.create_time() if executor else time.time()
        self._before = {member: spent for member, spent in self._seconds().items() if member.create_time() < since}

    def end(self) -> dict[str, Any]:
        """cpu_seconds since the start, memory_mb (resident, of all processes together) and disk_mb (of work/)."""
        spent = sum(seconds - self._before.get(member, 0.0) for member, seconds in self._seconds().items())
        memory = 0
        for member in self._members():
            try:
                memory += member.memory_info().rss
            except psutil.Error:
                continue
        return {
            "cpu_seconds": round(spent, 2),
            "memory_mb": round(memory / 1e6, 1),
            "disk_mb": round(_size(settings().work / "services") / 1e6, 1),
        }

    def _members(self) -> set[psutil.Process]:
        trees = [[self._root, *self._root.children(recursive=True)]]
        trees += [process.tree(state.record(name)) for name in services.SERVICES]
        # A service that the run started is in two trees.
        return {member for tree in trees for member in tree}

    def _seconds(self) -> dict[psutil.Process, float]:
        """Processor seconds by process; of one that ended, its parent knows them."""
        found = {}
        for member in self._members():
            try:
                # Children that ended and were waited for count with their parent.
                found[member] = sum(member.cpu_times()[:4])
            except psutil.Error:
                continue
        return found


def _executor() -> psutil.Process | None:
    """The process that executes this notebook by papermill: its own command, or ours; None in Lab and in a script."""
    parent = psutil.Process().parent()
    try:
        words = parent.cmdline() if parent else []
    except psutil.Error:
        return None
    ours = {"pipeline", "run"} <= set(words)
    return parent if ours or any(Path(word).name == "papermill" for word in words) else None


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size
        except OSError:
            continue
    return total
