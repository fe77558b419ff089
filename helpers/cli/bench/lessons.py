"""How long a learner waits: for verdicts, once Spark is warm, and for the first result of a lesson."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median, quantiles
from time import monotonic
from typing import TYPE_CHECKING, Any

import nbformat
from rich.console import Console
from rich.table import Table

from helpers.core.errors import UserError
from helpers.exercises import Answer, Entry, Exercise, Task, judge, lesson, lessons, teaching_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def measured(which: str | None, tell: Callable[[str], None]) -> dict[str, Any]:
    """Seconds of every check of every solution and listed wrong answer, by lesson and kind of verdict.

    Keys of a lesson: `right`, `refused` (the search for the smallest input included), each with p50, p95 and count;
    `first word`, until an exercise on services says something; `opening`, from the start of a kernel to the first
    result, with `bare`, the same of one that only computes 1, each the median of OPENINGS. Of more than one lesson on
    tables there is TOGETHER too: all their checks as one. which: a lesson; None = all. An answer on tables is judged
    twice, and the second time counts. Raises UserError for a lesson that is unknown or not built.
    """
    found: dict[str, Any] = {}
    tables: list[Seconds] = []
    for entry in [lesson(which)] if which else [one for one in lessons() if one.built]:
        if not entry.built:
            raise UserError(f"{entry.folder.name} has no notebook yet.", f".venv/bin/gridbridge author build {which}")
        tell(f"Lesson {entry.lesson.number}, {entry.lesson.title} ...")
        session = teaching_session() if any(one.uses_spark for one in entry.exercises) else None
        seconds = _checks(entry.exercises, session)
        if not seconds["first word"]:
            tables.append(seconds)
        found[entry.folder.name] = {**_spreads(seconds), "opening": _opening(entry)}
    if len(tables) > 1:
        found[TOGETHER] = _spreads({kind: [one for each in tables for one in each[kind]] for kind in tables[0]})
    return found


Seconds = dict[str, list[float]]
TOGETHER = "on tables, together"
OPENING, OPENINGS = 4.0, 3
LIMITS = {
    "tables": {("right", "p50"): 0.5, ("right", "p95"): 1.5, ("refused", "p95"): 3.5},
    "services": {("right", "p95"): 20.0, ("refused", "p95"): 20.0, ("first word", "p95"): 2.0},
}
"""What a learner is to wait at most, in seconds, when Spark is up and the machine has nothing else to do."""


def over(found: dict[str, Any]) -> list[str]:
    """A sentence for each measurement that is over its limit: those of services where a first word was measured.

    Checks on tables are measured together, where more than one lesson was.
    """
    said = []
    for name, one in found.items():
        kind_of = "services" if "first word" in one else "tables"
        limits = LIMITS[kind_of] if kind_of == "services" or name == TOGETHER or TOGETHER not in found else {}
        for (kind, key), limit in {**limits, ("opening", "seconds"): OPENING}.items():
            if kind in one and one[kind][key] > limit:
                said.append(f"{name}: {kind} {key} took {one[kind][key]:.2f} s, and {limit} s is the limit.")
    return said


def show(found: dict[str, Any]) -> None:
    """The measurements as a table, a row for each lesson, and which of them are over their limits."""
    table = Table("lesson, s", "right p50", "p95", "refused p50", "p95", "first word", "opening", "x bare kernel")
    for name, one in found.items():
        shown = [f"{one[kind][key]:.2f}" for kind in ("right", "refused") for key in ("p50", "p95")]
        shown.append(f"{one['first word']['p95']:.2f}" if "first word" in one else "")
        if opening := one.get("opening"):
            shown += [f"{opening['seconds']:.1f}", f"{opening['seconds'] / opening['bare']:.1f}"]
        table.add_row(name, *shown)
    console = Console()
    console.print(table)
    for sentence in over(found) or ["All within their limits."]:
        console.print(sentence, soft_wrap=True, highlight=False)


def _checks(exercises: Iterable[Task], session: SparkSession | None) -> Seconds:
    seconds: Seconds = {"right": [], "refused": [], "first word": []}
    for task in exercises:
        for answer in (*task.solutions, *(wrong.answer for wrong in task.wrong)):
            if isinstance(task, Exercise):
                # The first check of an exercise computes what the next ones know.
                _timed(answer, task, session)
            for kind, took in _timed(answer, task, session).items():
                seconds[kind].append(took)
    return seconds


def _spreads(seconds: Seconds) -> dict[str, Any]:
    return {kind: _spread(values) for kind, values in seconds.items() if len(values) > 1}


def _timed(answer: Answer, task: Task, session: SparkSession | None) -> dict[str, float]:
    """The seconds of one check by its kind of verdict, and those until its first word, if it said any."""
    words: list[float] = []
    started = monotonic()
    verdict = judge(answer, task, session, tell=lambda _: words.append(monotonic() - started))
    took = {"right" if verdict.right else "refused": monotonic() - started}
    return {**took, "first word": words[0]} if words else took


def _spread(values: list[float]) -> dict[str, float]:
    cuts = quantiles(values, n=20, method="inclusive")
    return {"p50": cuts[9], "p95": cuts[18], "count": len(values)}


def _opening(entry: Entry) -> dict[str, float]:
    stored = nbformat.read(entry.folder / "lesson.ipynb", as_version=4)
    codes = [cell for cell in stored.cells if cell.cell_type == "code"]
    shown = next((at for at, cell in enumerate(codes, start=1) if cell.outputs), len(codes))
    bare = [nbformat.v4.new_code_cell("1")]
    # In turns: what else the machine does meets both.
    taken = [(_seconds(codes[:shown], entry.folder), _seconds(bare, entry.folder)) for _ in range(OPENINGS)]
    return {kind: median(one) for kind, one in zip(("seconds", "bare"), zip(*taken, strict=True), strict=True)}


def _seconds(codes: list[Any], folder: Path) -> float:
    """From the start of a kernel to the end of the last cell; for the kernel's own end nobody waits."""
    from nbclient import NotebookClient

    ended: list[float] = []
    client = NotebookClient(
        nbformat.v4.new_notebook(cells=codes),
        kernel_name="python3",
        extra_arguments=["--log-level=40"],
        resources={"metadata": {"path": str(folder)}},
        on_cell_executed=lambda **_: ended.append(monotonic()),
    )
    started = monotonic()
    client.execute()
    return ended[-1] - started
