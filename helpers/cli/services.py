"""`gridbridge services`: start, stop and look at the embedded services."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from helpers import services

app = typer.Typer(no_args_is_help=True, help="Kafka, S3 (LocalStack) and PostgreSQL on this machine.")

Names = Annotated[list[str] | None, typer.Argument(help="kafka, s3, postgres; none = all")]


@app.command()
def up(names: Names = None) -> None:
    """Start services that are not up, and wait until they answer."""
    started = services.ensure(*(names or ()))
    console = Console()
    console.print(f"Started: {', '.join(started)}." if started else "Everything was up already.")
    for one in services.status():
        if one.note and one.name in started:
            console.print(f"{one.name}: {one.note}", markup=False, highlight=False)


@app.command()
def down(names: Names = None) -> None:
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
        return
    table = Table("service", "state", "port", "pid", "memory MB", "since", "data")
    for one in found:
        cells = (one.port, one.pid, one.memory_mb, one.since, one.data)
        table.add_row(one.name, one.state, *("–" if cell is None else str(cell) for cell in cells))
    Console().print(table)


@app.command()
def logs(
    name: Annotated[str, typer.Argument(help="kafka, s3 or postgres")],
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many.")] = 50,
) -> None:
    """Show the last lines of a service's log."""
    for line in services.service(name).logs(lines):
        typer.echo(line)
