"""A learner's own copies of the lessons, under `work/`: nothing that somebody wrote is ever overwritten."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat

from helpers.core.settings import settings
from helpers.exercises.catalogue import Entry

_NAME = "lesson.ipynb"


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
    """
    path = (folder or settings().desk / "lessons") / entry.folder.name / _NAME
    original = nbformat.read(entry.folder / _NAME, as_version=4)
    version = _version(original)
    if not path.exists():
        _write(original, version, path)
        return Copy(entry, path, edited=False, newer=False)
    try:
        mine = nbformat.read(path, as_version=4)
    except Exception:
        return Copy(entry, path, edited=True, newer=False)
    made_from = mine.metadata.get("gridbridge", {}).get("made_from", "")
    edited, newer = _version(mine) != made_from, made_from != version
    if newer and not edited:
        _write(original, version, path)
        newer = False
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
