"""What a run used: processor seconds and memory of all its processes, services included, and disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil

from helpers import services
from helpers.core.settings import settings
from helpers.services import process, state


class Usage:
    """Counts from its making to `end`: this process, its children (Spark's JVM) and the embedded services."""

    def __init__(self) -> None:
        """Start counting; services that start later count from zero."""
        self._before = _seconds()

    def end(self) -> dict[str, Any]:
        """cpu_seconds since the start, memory_mb (resident, of all processes together) and disk_mb (of work/)."""
        after = _seconds()
        spent = sum(seconds - self._before.get(process, 0.0) for process, seconds in after.items())
        memory = 0
        for member in _members():
            try:
                memory += member.memory_info().rss
            except psutil.Error:
                continue
        return {
            "cpu_seconds": round(spent, 2),
            "memory_mb": round(memory / 1e6, 1),
            "disk_mb": round(_size(settings().work / "services") / 1e6, 1),
        }


def _members() -> list[psutil.Process]:
    own = psutil.Process()
    trees = [[own, *own.children(recursive=True)]]
    trees += [process.tree(state.record(name)) for name in services.SERVICES]
    return [member for tree in trees for member in tree]


def _seconds() -> dict[tuple[int, float], float]:
    """Processor seconds by (pid, start time); of a process that ended, its parent knows them."""
    found = {}
    for member in _members():
        try:
            times = member.cpu_times()
            # Children that ended and were waited for count with their parent.
            found[member.pid, member.create_time()] = sum(times[:4])
        except psutil.Error:
            continue
    return found


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size
        except OSError:
            continue
    return total
