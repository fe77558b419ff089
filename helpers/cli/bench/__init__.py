"""`gridbridge bench`: what a pipeline run and the checks of the lessons cost here, and the bridge beside others."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import typer


class What(StrEnum):
    """What is measured."""

    PIPELINE = "pipeline"
    LESSONS = "lessons"
    BRIDGE = "bridge"
    ALL = "all"


def bench(
    what: Annotated[What, typer.Argument(help="What to measure.")] = What.ALL,
    recordings: Annotated[str, typer.Option(help="all, small, or files or sources separated by commas.")] = "all",
    lesson: Annotated[str | None, typer.Option(help="Folder, topic or number of one lesson; none = all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object.")] = False,
) -> None:
    """Measure a pipeline run and its repetition, how long a learner waits, and the bridge beside other tools."""
    # Not at the top: pandas and the services' clients would slow down every other command.
    from helpers.cli.bench import bridge, lessons, pipeline

    found: dict[str, Any] = {}
    tell = (lambda words: None) if as_json else typer.echo
    if what in (What.PIPELINE, What.ALL):
        found["pipeline"] = pipeline.measured(recordings, tell)
        if not as_json:
            pipeline.show(found["pipeline"])
    if what in (What.LESSONS, What.ALL):
        found["lessons"] = lessons.measured(lesson, tell)
        if not as_json:
            lessons.show(found["lessons"])
    if what in (What.BRIDGE, What.ALL):
        found["bridge"] = bridge.measured(tell)
        if not as_json:
            bridge.show(found["bridge"])
    if as_json:
        typer.echo(json.dumps(found, indent=2))
