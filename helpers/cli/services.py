"""`gridbridge services`: start, stop and look at the embedded services."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from helpers import services

app = typer.Typer(no_args_is_help=True, help="Kafka, S3 (LocalStack), PostgreSQL and Spark Connect on this machine.")

ToStart = Annotated[list[str] | None, typer.Argument(help="kafka, s3, postgres, connect; none = all but connect")]
ToStop = Annotated[list[str] | None, typer.Argument(help="kafka, s3, postgres, connect; none = all")]


@app.command()
def up(names: ToStart = None) -> None:
    """Start services that are not up, wait until they answer, and show the table."""
    started = services.ensure(*(names or ()))
    found = services.status()
    _show(found)
    console = Console()
    for one in found:
        if one.note:
            console.print(f"{one.name}: {one.note}", markup=False, highlight=False)
    console.print(f"Started: {', '.join(started)}." if started else "Everything was up already.")


@app.command()
def down(names: ToStop = None) -> None:
    """Stop services cleanly; S3 saves its buckets first."""
    ended = services.down(names or None)
    Console().print(f"Stopped: {', '.join(ended)}." if ended else "Nothing was running.")


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON list.")] = False,
) -> None:
    """Show every service: state, port, pid, memory, since when, data folder."""
    found = services.status()
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        _show(found)


@app.command()
def logs(
    name: Annotated[str, typer.Argument(help="kafka, s3, postgres or connect")],
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many.")] = 50,
) -> None:
    """Show the last lines of a service's log."""
    for line in services.service(name).logs(lines):
        typer.echo(line)


def _show(found: list[services.ServiceStatus]) -> None:
    table = Table()
    for name in ("service", "state", "port", "pid", "MB", "since (UTC)"):
        table.add_column(name, no_wrap=True)
    table.add_column("data", overflow="fold")
    for one in found:
        cells = (one.port, one.pid, one.memory_mb, _time(one.since), _short(one.data))
        table.add_row(one.name, one.state, *("–" if cell is None else str(cell) for cell in cells))
    Console().print(table)


def _time(since: str | None) -> str | None:
    return f"{datetime.fromisoformat(since):%m-%d %H:%M:%S}" if since else None


def _short(data: str | None) -> str | None:
    """Relative to the folder the user stands in, where that is shorter."""
    here = str(Path.cwd())
    return data.removeprefix(here).lstrip("/") if data and data.startswith(here + "/") else data
