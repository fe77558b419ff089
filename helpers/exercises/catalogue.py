"""Which lessons and exercises there are: found by looking into the lessons' folder, nothing is registered."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from helpers.core.errors import ExerciseBroken, GridbridgeError, UserError
from helpers.core.settings import ROOT
from helpers.exercises.model import Lesson, Task

FOLDER = ROOT / "lessons"


@dataclass(frozen=True)
class Entry:
    """A lesson's folder with what its exercises.py holds."""

    folder: Path
    lesson: Lesson
    exercises: tuple[Task, ...]

    @property
    def built(self) -> bool:
        """False for a lesson that is being written: `gridbridge author build` has not made its notebook yet."""
        return (self.folder / "lesson.ipynb").exists()


_read: dict[Path, tuple[int, Entry]] = {}


def lessons(folder: Path = FOLDER) -> list[Entry]:
    """Every lesson, by number. Raises ExerciseBroken for a folder that cannot be read, or a name there twice."""
    found = [_entry(path) for path in sorted(folder.glob("*/exercises.py"))]
    for what, names in (
        ("number", [str(entry.lesson.number) for entry in found]),
        ("exercise name", [one.name for entry in found for one in entry.exercises]),
    ):
        for name in names:
            if names.count(name) > 1:
                raise ExerciseBroken(f"Two lessons or exercises have the {what} {name}.", "Rename one of the two.")
    return sorted(found, key=lambda entry: entry.lesson.number)


def lesson(name: str, folder: Path = FOLDER) -> Entry:
    """A lesson by its folder's name, the topic in it, or its number. Raises UserError with the names there are."""
    known = lessons(folder)
    for entry in known:
        number, _, topic = entry.folder.name.partition("-")
        if name in (entry.folder.name, topic, number, str(entry.lesson.number)):
            return entry
    raise UserError(
        f"There is no lesson {name!r}.",
        f"Use one of: {', '.join(entry.folder.name for entry in known) or 'none yet'}.",
    )


def exercise(name: str, folder: Path = FOLDER) -> Task:
    """An exercise by its name or its id. Raises UserError with the nearest names."""
    known = {one.name: one for entry in lessons(folder) for one in entry.exercises}
    found = known.get(name) or next((one for one in known.values() if one.id == name), None)
    if found:
        return found
    near = get_close_matches(name.partition(".")[2] or name, known, n=3, cutoff=0.5) or sorted(known)[:3]
    raise UserError(
        f"There is no exercise {name!r}.", f"Did you mean {' or '.join(near)}?" if near else "No lesson is there yet."
    )


def _entry(path: Path) -> Entry:
    changed = path.stat().st_mtime_ns
    known = _read.get(path)
    if known is None or known[0] != changed:
        known = _read[path] = (changed, _load(path))
    return known[1]


def _load(path: Path) -> Entry:
    where = f"{path.parent.name}/{path.name}"
    module = _module(path, where)
    lesson, exercises = getattr(module, "LESSON", None), getattr(module, "EXERCISES", None)
    if not isinstance(lesson, Lesson) or not isinstance(exercises, tuple) or not exercises:
        raise ExerciseBroken(f"{where} needs LESSON, a Lesson, and EXERCISES, a tuple of exercises.")
    if strange := [one for one in exercises if not isinstance(one, Task)]:
        raise ExerciseBroken(f"{where} has {strange[0]!r} among its exercises.")
    if lesson.boss and lesson.boss not in {one.id for one in exercises}:
        raise ExerciseBroken(f"{where} names the boss fight {lesson.boss!r}, which is none of its exercises.")
    return Entry(path.parent, lesson, exercises)


def _module(path: Path, where: str) -> ModuleType:
    name = "gridbridge_lesson_" + path.parent.name.replace("-", "_")
    spec = spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None, "a file that ends with .py has a loader"
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except GridbridgeError as error:
        raise ExerciseBroken(f"{where}: {error.cause}", error.remedy) from error
    except Exception as error:
        raise ExerciseBroken(f"{where} cannot be read: {type(error).__name__}: {error}") from error
    return module
