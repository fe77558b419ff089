"""What a learner did, as an append-only journal that they can read, and what it adds up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from helpers.core.journal import Journal
from helpers.core.settings import settings
from helpers.exercises.verdict import Verdict

_KINDS = ("not attempted", "error", "different", "over budget", "right")


@dataclass(frozen=True)
class State:
    """One exercise so far. attempts: checks of more than a blank answer; last: the last verdict's kind, or ""."""

    solved: bool = False
    attempts: int = 0
    hints: int = 0
    solution_seen: bool = False
    last: str = ""


@dataclass(frozen=True)
class Progress:
    """One learner's, or one pair's, journal."""

    journal: Journal

    def checked(self, verdict: Verdict) -> None:
        """Note a verdict."""
        self.journal.append(
            "checked",
            exercise=verdict.exercise.id,
            verdict=verdict.kind,
            misconception=verdict.misconception,
            seconds=round(verdict.seconds, 3),
        )

    def hinted(self, exercise_id: str, number: int) -> None:
        """Note that a hint was taken."""
        self.journal.append("hinted", exercise=exercise_id, number=number)

    def shown(self, exercise_id: str) -> None:
        """Note that the solution was asked for."""
        self.journal.append("solution", exercise=exercise_id)

    def fold(self) -> dict[str, State]:
        """Each exercise's state by its id. A damaged or foreign line costs that line only."""
        return _folded(self.journal.events())


def progress(folder: Path | None = None) -> Progress:
    """The journal of the learner, or the pair, that the settings name; folder: by default `work/progress`."""
    return Progress(Journal((folder or settings().work / "progress") / f"{settings().learner}.jsonl"))


def _folded(events: Iterable[dict[str, Any]]) -> dict[str, State]:
    states: dict[str, State] = {}
    for event in events:
        name = event.get("exercise")
        if isinstance(name, str) and (after := _after(states.get(name, State()), event)):
            states[name] = after
    return states


def _after(state: State, event: dict[str, Any]) -> State | None:
    kind, verdict, number = event.get("kind"), event.get("verdict"), event.get("number")
    if kind == "checked" and verdict in _KINDS:
        attempts = state.attempts + (verdict != "not attempted")
        return replace(state, solved=state.solved or verdict == "right", attempts=attempts, last=str(verdict))
    if kind == "hinted" and isinstance(number, int):
        return replace(state, hints=max(state.hints, number))
    if kind == "solution":
        return replace(state, solution_seen=True)
    return None
