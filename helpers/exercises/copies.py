"""A learner's own copies of the lessons, under `work/`: nothing that somebody wrote is ever overwritten."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat

from helpers.core.settings import settings
from helpers.exercises.catalogue import Entry

_NAME = "lesson.ipynb"
_NOTEBOOK = re.compile(r"\]\((\.\./[^)]+\.ipynb)\)")


@dataclass(frozen=True)
class Copy:
    """The copy of one lesson. edited: something was written in it; newer: the lesson changed since."""

    entry: Entry
    path: Path
    edited: bool
    newer: bool


def copy_of(entry: Entry, folder: Path | None = None) -> Copy:
    """The learner's copy, made if there is none, renewed if the lesson is newer and nothing was written in it.

    folder: where copies lie, by default `lessons` of the learner's desk. A copy that cannot be read counts as edited.
    Notebooks beside the lessons that this one links to come along, to where the links of the copy lead.
    """
    path = (folder or settings().desk / "lessons") / entry.folder.name / _NAME
    original = nbformat.read(entry.folder / _NAME, as_version=4)
    for target in _linked(original):
        linked = (entry.folder / target).resolve()
        # Lessons are copied for themselves, from the map.
        if not linked.is_relative_to(entry.folder.parent.resolve()):
            _renewed(nbformat.read(linked, as_version=4), path.parent / target)
    edited, newer = _renewed(original, path)
    return Copy(entry, path, edited, newer)


def reset(entry: Entry, folder: Path | None = None) -> Path | None:
    """A fresh copy of the lesson. Returns where the old one lies now, under a dated name; None if there was none."""
    path = (folder or settings().desk / "lessons") / entry.folder.name / _NAME
    kept = None
    if path.exists():
        kept = _free(path.with_name(f"lesson-{datetime.now():%Y-%m-%d-%H%M%S}.ipynb"))
        path.rename(kept)
    copy_of(entry, folder)
    return kept


def _linked(original: Any) -> list[str]:
    texts = (cell.source for cell in original.cells if cell.cell_type == "markdown")
    return [target for text in texts for target in _NOTEBOOK.findall(text)]


def _renewed(original: Any, path: Path) -> tuple[bool, bool]:
    """Bring a copy up to date if nothing was written in it. Returns (edited, newer), as in `Copy`."""
    version = _version(original)
    if not path.exists():
        _write(original, version, path)
        return False, False
    try:
        mine = nbformat.read(path, as_version=4)
    except Exception:
        return True, False
    made_from = mine.metadata.get("gridbridge", {}).get("made_from", "")
    edited, newer = _version(mine) != made_from, made_from != version
    if newer and not edited:
        _write(original, version, path)
        newer = False
    return edited, newer


def _free(path: Path) -> Path:
    at = 1
    found = path
    while found.exists():
        at += 1
        found = path.with_stem(f"{path.stem}-{at}")
    return found


def _version(notebook: Any) -> str:
    """What people wrote, without outputs: equal for notebooks that were only run."""
    text = "\x00".join(f"{cell.cell_type}\x01{cell.source}" for cell in notebook.cells)
    return hashlib.sha256(text.encode()).hexdigest()


def _write(original: Any, version: str, path: Path) -> None:
    original.metadata["gridbridge"] = {"made_from": version}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    nbformat.write(original, part)
    part.replace(path)
