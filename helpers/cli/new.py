"""`gridbridge new`: begin a pipeline of one's own."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Begin something of one's own. Its sister for lessons: author new.")

Source = StrEnum("Source", ["kafka", "s3", "postgres"])
Sink = StrEnum("Sink", ["delta", "postgres", "kafka"])


@app.callback()
def new() -> None:
    """Begin something of one's own."""


@app.command(
    epilog="Examples:\n\n.venv/bin/gridbridge new pipeline meter_check\n\n"
    ".venv/bin/gridbridge new pipeline roofs --source kafka --source s3 --sink delta --sink postgres"
)
def pipeline(
    name: Annotated[str, typer.Argument(help="Small letters, digits and _, as in meter_check.")],
    source: Annotated[list[Source], typer.Option(help="Where rows come from; can be given again.")] = [Source.kafka],  # noqa: B006
    sink: Annotated[list[Sink], typer.Option(help="Where readings go; can be given again.")] = [Sink.delta],  # noqa: B006
) -> None:
    """Make pipelines/NAME: a notebook, a layer with rules, and tests. It runs, and passes `make test`, as it is."""
    # Not at the top: pandas and the services' clients would slow down every other command.
    from helpers.core.settings import ROOT
    from helpers.pipeline.draft import draft

    place = draft(name, [one.value for one in source], [one.value for one in sink])
    where = place.relative_to(ROOT) if place.is_relative_to(ROOT) else place
    print(f"Made {where}: pipeline.ipynb, layers.py and test_pipeline.py, to be changed. Then run:")
    print(f"  .venv/bin/pytest {where}\n  .venv/bin/gridbridge job {name} --once\n  make lab")
