"""`gridbridge doctor`: one line per check, and the command that mends what failed."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

_COLOURS = {"ok": "green", "warning": "yellow", "failed": "bold red"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON list.")] = False,
    with_services: Annotated[
        bool, typer.Option("--services/--no-services", help="Use the real services too; starts and stops them.")
    ] = True,
) -> None:
    """Look at Java, Python, memory, disk, ports, locks and services. Exit code 1 if a check failed."""
    # Not at the top: the services' clients would slow down every other command.
    from rich.console import Console
    from rich.text import Text

    from helpers.services.doctor import examine

    console = Console(highlight=False)
    found = []
    for finding in examine(with_services):
        found.append(finding)
        if not as_json:
            line = Text.assemble(
                (f"{finding.state:<8}", _COLOURS[finding.state]), f"{finding.name:<18}{finding.told}"
            )
            if finding.remedy:
                line.append(f"  Next: {finding.remedy}", "bold")
            console.print(line, soft_wrap=True)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=2))
    if any(one.state == "failed" for one in found):
        raise typer.Exit(1)
