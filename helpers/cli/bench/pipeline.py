"""What a pipeline run costs on this machine, measured in a work folder of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console
from rich.table import Table

from helpers.core.errors import PipelineError
from helpers.core.settings import ROOT, child_environment


def measured(recordings: str, tell: Callable[[str], None]) -> list[dict[str, Any]]:
    """A run on an empty lake, then again with nothing new: seconds by stage, processor seconds, memory in MB.

    recordings: as of `gridbridge pipeline run`. tell: gets a sentence before each. Raises PipelineError.
    """
    runs = []
    with tempfile.TemporaryDirectory(prefix="gridbridge-bench-") as folder:
        # PostgreSQL does not run as root and must reach its data all the same.
        Path(folder).chmod(0o755)
        for name in ("first", "again"):
            tell(f"The {name} run ...")
            runs.append(_measured(name, recordings, Path(folder)))
    return runs


def _measured(name: str, recordings: str, work: Path) -> dict[str, Any]:
    words = [sys.executable, "-m", "helpers", "pipeline", "run", "--recordings", recordings, "--run-id", name]
    started = monotonic()
    done = subprocess.run(
        words, cwd=ROOT, env=child_environment({"GRIDBRIDGE_WORK": str(work)}), capture_output=True, text=True
    )
    seconds = round(monotonic() - started, 1)
    if done.returncode:
        raise PipelineError(f"The {name} run failed: {done.stderr.strip()}")
    summary = json.loads((work / "runs" / name / "summary.json").read_text(encoding="utf-8"))
    kept = ("stage_seconds", "cpu_seconds", "events_per_cpu_second", "memory_mb", "freshness_seconds", "gold_hash")
    return {
        "run": name,
        "seconds": seconds,
        "messages": summary["bronze_rows"]["run"],
        **{key: summary[key] for key in kept},
    }


def show(runs: list[dict[str, Any]]) -> None:
    """The runs side by side, as a table."""
    table = Table("", *(f"{one['run']} run" for one in runs))
    for stage in runs[0]["stage_seconds"]:
        table.add_row(f"{stage}, s", *(f"{one['stage_seconds'][stage]:.1f}" for one in runs))
    table.add_section()
    table.add_row("the whole command, s", *(f"{one['seconds']:.1f}" for one in runs))
    for key, told in (("messages", "messages"), ("cpu_seconds", "processor seconds"), ("memory_mb", "memory, MB")):
        table.add_row(told, *(f"{one[key]:,}" for one in runs))
    table.add_row("messages per processor second", *(f"{one['events_per_cpu_second']:,}" for one in runs))
    Console().print(table)
