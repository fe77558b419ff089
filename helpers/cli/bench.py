"""`gridbridge bench`: what a pipeline run costs on this machine, measured in a work folder of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer

from helpers.core.errors import PipelineError
from helpers.core.settings import ROOT, child_environment


def bench(
    recordings: Annotated[str, typer.Option(help="all, small, or files or sources separated by commas.")] = "all",
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON list of the runs.")] = False,
) -> None:
    """Run the pipeline on an empty lake, then again with nothing new: seconds by stage, processor seconds, memory."""
    runs = []
    with tempfile.TemporaryDirectory(prefix="gridbridge-bench-") as folder:
        # PostgreSQL does not run as root and must reach its data all the same.
        Path(folder).chmod(0o755)
        for name in ("first", "again"):
            if not as_json:
                typer.echo(f"The {name} run ...")
            runs.append(_measured(name, recordings, Path(folder)))
    if as_json:
        typer.echo(json.dumps(runs, indent=2))
    else:
        _show(runs)


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


def _show(runs: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("", *(f"{one['run']} run" for one in runs))
    for stage in runs[0]["stage_seconds"]:
        table.add_row(f"{stage}, s", *(f"{one['stage_seconds'][stage]:.1f}" for one in runs))
    table.add_section()
    table.add_row("the whole command, s", *(f"{one['seconds']:.1f}" for one in runs))
    for key, told in (("messages", "messages"), ("cpu_seconds", "processor seconds"), ("memory_mb", "memory, MB")):
        table.add_row(told, *(f"{one[key]:,}" for one in runs))
    table.add_row("messages per processor second", *(f"{one['events_per_cpu_second']:,}" for one in runs))
    Console().print(table)
