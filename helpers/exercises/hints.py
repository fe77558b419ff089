"""The ladder of hints: free, in order, from a question to nearly the answer."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.exercises.model import Task


@dataclass(frozen=True)
class Hint:
    """One step of the ladder: the number of the step, how many there are, and its text."""

    exercise: Task
    number: int
    of: int
    text: str


def hint(exercise: Task, number: int) -> Hint:
    """The hint of that number, from 1; below the first it is the first, past the last the last."""
    found = min(max(1, number), len(exercise.hints))
    return Hint(exercise, found, len(exercise.hints), exercise.hints[found - 1])
