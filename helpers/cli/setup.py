"""`gridbridge setup` and `gridbridge lock-jars`: what has to be on the machine, and the lock it comes from."""

from __future__ import annotations

from typing import Annotated

import typer

from helpers.toolchain.apart import LOCALSTACK
from helpers.toolchain.archives import ensure_archive
from helpers.toolchain.jars import ensure_jars
from helpers.toolchain.java import java

WARM_UPS = {"kafka": "helpers.services.warmup", "spark": "helpers.spark.warmup"}
"""Class archive → the module that makes it."""


def setup(
    archives: Annotated[
        bool, typer.Option("--archives/--no-archives", help="Make the class archives that quicken every start.")
    ] = True,
) -> None:
    """Check Java, fetch the jars, make LocalStack's environment and the class archives; what is there is kept."""
    java()
    ensure_jars("kafka", "spark")
    LOCALSTACK.ensure()
    for name, module in WARM_UPS.items() if archives else ():
        if why := ensure_archive(name, module):
            typer.echo(f"No class archive for {name}: {why}. It starts more slowly; nothing else changes.", err=True)


def lock_jars(
    check: Annotated[bool, typer.Option("--check", help="Only say whether locks/jars.txt would change.")] = False,
) -> None:
    """Resolve locks/jars.toml again and write locks/jars.txt with the hash of every jar."""
    # Not at the top: the resolver would slow down every other command.
    from helpers.toolchain.jarlock import relock

    added, removed = relock(write=not check)
    for sign, paths in (("+", added), ("-", removed)):
        for path in paths:
            typer.echo(f"{sign} {path}")
    if not added and not removed:
        typer.echo("locks/jars.txt is as locks/jars.toml asks.")
    elif check:
        raise typer.Exit(1)
