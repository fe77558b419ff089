"""What a check answers: a value, never an exception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from helpers.compare import Difference
from helpers.exercises.model import Task
from helpers.spark.plan import Plan

Kind = Literal["not attempted", "error", "different", "over budget", "right"]


@dataclass(frozen=True)
class Verdict:
    """The one answer to an attempt.

    sentence: what is to be said first, plain text. family: which data broke it, None where none did. tables: the
    smallest input found on which the answer is wrong; yours, expected, difference: the results there, None for an
    answer that raises. minimal: False = time was up before `tables` was known to be the smallest. error_line: the
    learner's own line, as `line 3: return sites.join(...)`. instead: code that says in Spark what an answer that
    raises meant. misconception: the name of the listed wrong answer that it equals, "" for none. looked_at: on
    services, what `yours` and `expected` are about; met: what held there before. printed: what the answer printed.
    seed: makes the same data again. plan: of an answer whose rows are right, where the exercise has a budget.
    """

    kind: Kind
    exercise: Task
    sentence: str
    family: str | None = None
    tables: Mapping[str, pa.Table] | None = None
    yours: pa.Table | None = None
    expected: pa.Table | None = None
    difference: Difference | None = None
    minimal: bool = True
    error_line: str | None = None
    instead: str = ""
    misconception: str = ""
    looked_at: str = ""
    met: tuple[str, ...] = ()
    plan: Plan | None = None
    printed: str = ""
    seconds: float = 0.0
    seed: int = 1

    @property
    def right(self) -> bool:
        """True for an answer that may be counted as solved."""
        return self.kind == "right"


def not_attempted(exercise: Task) -> Verdict:
    """The verdict on a blank function."""
    sentence = f"Not attempted yet: fill in the body of {exercise.name} and run the cell again."
    return Verdict("not attempted", exercise, sentence)
