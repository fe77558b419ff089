"""The `gridbridge` command: one thin command per verb."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from helpers.cli.author import app as author_app
from helpers.cli.bench import bench
from helpers.cli.doctor import doctor
from helpers.cli.job import app as job_app
from helpers.cli.lab import lab
from helpers.cli.new import app as new_app
from helpers.cli.pipeline import app as pipeline_app
from helpers.cli.services import app as services_app
from helpers.cli.setup import lock_jars, setup
from helpers.cli.translate import translate
from helpers.core.errors import GridbridgeError

commands = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
commands.command()(setup)
commands.command()(doctor)
commands.command()(bench)
commands.command()(lab)
commands.command()(translate)
commands.command("lock-jars")(lock_jars)
commands.add_typer(services_app, name="services")
commands.add_typer(pipeline_app, name="pipeline")
commands.add_typer(new_app, name="new")
commands.add_typer(job_app, name="job")
commands.add_typer(author_app, name="author")


@commands.callback()
def gridbridge() -> None:
    """Gridbridge: from SQL to Spark, Kafka and S3."""


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
