"""The `gridbridge` command: one thin command per verb."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from helpers.cli.services import app as services_app
from helpers.core.errors import GridbridgeError
from helpers.toolchain.jars import ensure_jars
from helpers.toolchain.java import java
from helpers.toolchain.localstack import ensure_localstack

commands = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
commands.add_typer(services_app, name="services")


@commands.callback()
def gridbridge() -> None:
    """Gridbridge: from SQL to Spark, Kafka and S3."""


@commands.command()
def setup() -> None:
    """Check Java, fetch the jars and make LocalStack's environment; what is there is kept."""
    java()
    ensure_jars("kafka", "spark")
    ensure_localstack()


def app() -> None:
    """Entry point: our errors become one clear sentence and an exit code, never a traceback."""
    errors = Console(stderr=True)
    try:
        commands()
    except GridbridgeError as error:
        errors.print(error.cause, style="bold red", markup=False, highlight=False)
        if error.remedy:
            errors.print(f"Next: {error.remedy}", markup=False, highlight=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        errors.print("Interrupted.", markup=False)
        sys.exit(130)
