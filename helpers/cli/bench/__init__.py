"""`gridbridge bench`: what a pipeline run and the checks of the lessons cost on this machine."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import typer


class What(StrEnum):
    """What is measured."""

    PIPELINE = "pipeline"
    LESSONS = "lessons"
    ALL = "all"


def bench(
    what: Annotated[What, typer.Argument(help="What to measure.")] = What.ALL,
    recordings: Annotated[str, typer.Option(help="all, small, or files or sources separated by commas.")] = "all",
    lesson: Annotated[str | None, typer.Option(help="Folder, topic or number of one lesson; none = all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object.")] = False,
) -> None:
    """Measure a pipeline run on an empty lake and its repetition, and how long a learner waits in the lessons."""
    # Not at the top: pandas and the services' clients would slow down every other command.
    from helpers.cli.bench import lessons, pipeline

    found: dict[str, Any] = {}
    tell = (lambda words: None) if as_json else typer.echo
    if what != What.LESSONS:
        found["pipeline"] = pipeline.measured(recordings, tell)
        if not as_json:
            pipeline.show(found["pipeline"])
    if what != What.PIPELINE:
        found["lessons"] = lessons.measured(lesson, tell)
        if not as_json:
            lessons.show(found["lessons"])
    if as_json:
        typer.echo(json.dumps(found, indent=2))
