"""The start page: the map of lessons, where one was, and what is up."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_output

from helpers import services
from helpers.core.settings import ROOT, settings
from helpers.desk.card import Block, Card, Say
from helpers.exercises import Entry, lesson, lessons
from helpers.exercises import copies as copies_of
from helpers.exercises.copies import Copy, copy_of
from helpers.exercises.notebook import notebook
from helpers.exercises.progress import State
from helpers.exercises.progress import progress as journal

_PAGE = """\
# %% [markdown]
# # Start
#
# Open a lesson below. Run the cell (Shift+Enter) to bring the map up to date.
# A lesson that should be as new: `reset("02")`; your answers are kept under a dated name.

# %%
from helpers.desk import reset, start

start()
"""
_PLAYGROUND = ROOT / "notebooks" / "playground.ipynb"
_PIPELINES = ROOT / "pipelines"
_HEAD = ("lesson", "week", "minutes to read", "before it", "state")
_TIME = "The exercises of a lesson take about as long again as reading it."


@dataclass(frozen=True)
class Map:
    """Lessons in a table, each a link to the learner's copy."""

    rows: tuple[tuple[str, ...], ...]
    links: tuple[str, ...]

    def text(self) -> str:
        """A line of headings, and one for each lesson with the file to open."""
        lines = [(*_HEAD, "file"), *((*row, link) for row, link in zip(self.rows, self.links, strict=True))]
        return "\n".join(" | ".join(line) for line in lines)

    def html(self) -> str:
        """A table; the first cell of each row is a link."""
        head = "".join(f'<th scope="col" style="text-align:left">{name}</th>' for name in _HEAD)
        body = "".join(
            f'<tr><th scope="row" style="text-align:left"><a href="{escape(link)}">{escape(row[0])}</a></th>'
            + "".join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in row[1:])
            + "</tr>"
            for row, link in zip(self.rows, self.links, strict=True)
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


@dataclass(frozen=True)
class Link:
    """A way to another page of the desk, with words behind it."""

    name: str
    path: str
    words: str

    def text(self) -> str:
        """Name, words and the file to open."""
        return f"{self.name}: {self.words} | {self.path}"

    def html(self) -> str:
        """The name is the link."""
        return f'<p><a href="{escape(self.path)}">{escape(self.name)}</a>: {escape(self.words)}</p>'


def start() -> Card:
    """The map of the lessons with what is solved, where to go on, and the services. Copies are made on the way."""
    states = journal().fold()
    entries = [entry for entry in lessons() if entry.built]
    mine = [copy_of(entry) for entry in entries]
    rows = tuple(_row(entry, states) for entry in entries)
    links = tuple(_link(one.path) for one in mine)
    blocks: list[Block] = [Say(_next(entries, states), strong=True), Map(rows, links), Say(_TIME)]
    blocks += [Say(_newer(one)) for one in mine if one.newer]
    blocks.append(Link("Playground", _link(_playground()), "SQL, topics, buckets and tables, to try things on"))
    blocks += _pipelines()
    blocks.append(Say(f"Services: {', '.join(_service(one) for one in services.status())}."))
    return Card("Gridbridge: from SQL to Spark, Kafka and S3", blocks)


def reset(name: str) -> Card:
    """A fresh copy of a lesson, by its number or folder; the old copy is kept under a dated name.

    Raises UserError where there is no such lesson.
    """
    entry = lesson(name)
    kept = copies_of.reset(entry)
    words = f"Your old copy is {_link(kept)}." if kept else "There was no copy yet."
    return Card(
        f"{entry.lesson.title} is as new", [Say(words), Say("If it is open, close its tab and open it again.")]
    )


def write_page() -> Path:
    """Make `start.ipynb` on the learner's desk, with its outputs and trusted, so that it shows without being run."""
    page = notebook(_PAGE)
    page.cells[1].execution_count = 1
    page.cells[1].outputs = [new_output("execute_result", data=start()._repr_mimebundle_(), execution_count=1)]
    path = settings().desk / "start.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(page, path)
    try:
        # Where its folder cannot be written to, Lab shows the page after one run of its cell.
        NotebookNotary().sign(nbformat.read(path, as_version=4))
    except OSError:
        pass
    return path


def _playground() -> Path:
    """The learner's own copy, made once: what was tried there stays."""
    mine = settings().desk / _PLAYGROUND.name
    if not mine.exists():
        mine.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_PLAYGROUND, mine)
    return mine


def _pipelines() -> list[Block]:
    if not _PIPELINES.is_dir():
        return []
    # Not at the top: it brings Spark, and most people have no pipeline of their own yet.
    from helpers.pipeline.prototype.place import notebook, pipelines

    words = "your own; .venv/bin/gridbridge job {} runs it by the clock"
    return [Link(f"Pipeline {name}", _link(notebook(name)), words.format(name)) for name in pipelines()]


def _row(entry: Entry, states: Mapping[str, State]) -> tuple[str, ...]:
    known, about = [states.get(one.id, State()) for one in entry.exercises], entry.lesson
    solved, tried = sum(one.solved for one in known), any(one.attempts for one in known)
    state = "solved" if solved == len(known) else f"{solved} of {len(known)}" if solved or tried else "not begun"
    before = ", ".join(need.partition("-")[0] for need in about.needs) or "nothing"
    return (f"{about.number}. {about.title}", str(about.week), str(about.minutes), before, state)


def _next(entries: list[Entry], states: Mapping[str, State]) -> str:
    begun = any(state.attempts for state in states.values())
    for entry in entries:
        for one in entry.exercises:
            if not states.get(one.id, State()).solved:
                where = f"lesson {entry.lesson.number}, {entry.lesson.title}: {one.title}"
                return f"Continue where you were: {where}." if begun else f"Begin with {where}."
    return "Every exercise is solved."


def _newer(copy: Copy) -> str:
    number = copy.entry.folder.name.partition("-")[0]
    return (
        f'Lesson {copy.entry.lesson.title} has a newer version: reset("{number}") brings it and keeps your answers.'
    )


def _service(status: Any) -> str:
    return f"{status.name} {status.state}" + (f" on port {status.port}" if status.port else "")


def _link(path: Path) -> str:
    # Relative to the page, which lies on the learner's desk.
    return Path(os.path.relpath(path, settings().desk)).as_posix()
