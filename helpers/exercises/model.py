"""What a lesson and an exercise are: plain values that refuse, when they are made, what cannot be meant."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from helpers.compare import Column, Terms, TermsBroken
from helpers.core.errors import ExerciseBroken
from helpers.exercises.budget import Budget
from helpers.exercises.classroom import table

Answer = Callable[..., Any]
"""A plain function. In an `Exercise`: of tables (Spark DataFrames, by the tables' names), and it returns one."""

LEAST_HINTS, LEAST_SOLUTIONS, LEAST_WRONG = 3, 2, 4
_ID = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Lesson:
    """One lesson of the course.

    minutes: to read and run it, without its exercises; needs: folders of the lessons it builds on; week: where it
    stands in the course; boss: the id of its last exercise; next: the folder of the lesson that follows, or None.
    """

    number: int
    title: str
    minutes: int
    needs: tuple[str, ...] = ()
    week: int = 1
    boss: str = ""
    next: str | None = None

    def __post_init__(self) -> None:
        if self.number < 1 or self.minutes < 1 or self.week < 1 or not self.title.strip():
            raise ExerciseBroken(f"The lesson {self.title!r} needs a title, and number, minutes and week from 1.")


@dataclass(frozen=True)
class Contract:
    """What an answer is held to, shown before any code is written.

    grain: what one row is, as in "one row per site". columns, key, order, total, column_order, tolerance: as in
    `compare.Terms`. nulls: a sentence on NULLs, or "".
    """

    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    order: tuple[str, ...] | None = None
    total: bool = False
    column_order: bool = False
    nulls: str = ""
    tolerance: float = 1e-9

    def __post_init__(self) -> None:
        if not self.grain.strip():
            raise ExerciseBroken("A contract needs its grain: what one row is.")
        try:
            self.terms()
        except TermsBroken as error:
            raise ExerciseBroken(error.cause, error.remedy) from None

    def terms(self) -> Terms:
        """What `compare.difference` judges by."""
        return Terms(
            self.columns,
            key=self.key,
            order=self.order,
            total=self.total,
            column_order=self.column_order,
            tolerance=self.tolerance,
        )


@dataclass(frozen=True)
class Wrong:
    """A wrong answer that people really write.

    name: the misconception. answer: a function as a learner writes it. words: what the learner must read, a sentence
    or two on the misconception; shown where a learner's result equals this answer's. over_budget: its rows are right,
    and its words are shown where a learner's plan costs the same. right_table: on services, it leaves or returns
    what is right and is refused for how it came to that: which of the trial's expectations this meets before.
    right_until: the same where the trial cannot show it: what must come for its result to be wrong.
    """

    name: str
    answer: Answer
    words: str
    over_budget: bool = False
    right_table: str = ""
    right_until: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.words.strip():
            raise ExerciseBroken(f"The wrong answer {self.name!r} needs a name and the words the learner must see.")


@dataclass(frozen=True, kw_only=True)
class Task:
    """What every exercise has, whatever judges it.

    id: `topic.name`, stable; `name` is what the learner's function is called.
    hints: from a question to nearly the answer; solutions, wrong: at least LEAST_SOLUTIONS and LEAST_WRONG.
    Raises ExerciseBroken with the exercise's id and what is wrong.
    """

    id: str
    title: str
    task: str
    hints: tuple[str, ...]
    solutions: tuple[Answer, ...]
    wrong: tuple[Wrong, ...]
    remember: str

    def __post_init__(self) -> None:
        if reason := next(self._reasons(), ""):
            raise ExerciseBroken(f"The exercise {self.id!r} is badly written: {reason}.")

    @property
    def name(self) -> str:
        """The part of the id after the dot, and the name of the learner's function."""
        return self.id.partition(".")[2]

    @property
    def parameters(self) -> tuple[str, ...]:
        """What the learner's function may ask for, by name."""
        raise NotImplementedError

    @property
    def uses_spark(self) -> bool:
        """Whether an answer needs a Spark session."""
        return True

    @property
    def signature(self) -> str:
        """How the learner's function begins: `def name(assets, sites):`."""
        return f"def {self.name}({', '.join(self.parameters)}):"

    def _reasons(self) -> Iterator[str]:
        if not _ID.fullmatch(self.id):
            yield "its id is not like topic.name in small letters"
        for part in ("title", "task", "remember"):
            if not getattr(self, part).strip():
                yield f"its {part} is empty"
        for part, least in (("hints", LEAST_HINTS), ("solutions", LEAST_SOLUTIONS), ("wrong", LEAST_WRONG)):
            if len(getattr(self, part)) < least:
                yield f"it has {len(getattr(self, part))} {part}, at least {least} are needed"
        if any(not hint.strip() for hint in self.hints):
            yield "a hint is empty"
        names = [wrong.name for wrong in self.wrong]
        if len(set(names)) < len(names):
            yield "two wrong answers have the same name"
        if not self.parameters or len(set(self.parameters)) < len(self.parameters):
            yield "its function needs parameters, each once"
        for answer in (*self.solutions, *(wrong.answer for wrong in self.wrong)):
            if not callable(answer) or not set(inspect.signature(answer).parameters) <= set(self.parameters):
                yield f"{answer!r} is no function of {', '.join(self.parameters)}"


@dataclass(frozen=True, kw_only=True)
class Exercise(Task):
    """A task on tables: the answer is a table, and its rows are judged.

    tables: of the classroom; the function's parameters are among them.
    oracle: Spark SQL over these tables, the right answer.
    rows: the author's own rows by table, in the order of the table's columns.
    equivalent: the sentence of a mutant that no data can tell from the oracle -> why.
    sql_allowed: an answer may be Spark SQL text. withhold: the oracle is not shown before the exercise is solved.
    budget: what a right answer may cost on the full data.
    """

    tables: tuple[str, ...]
    oracle: str
    contract: Contract
    rows: Mapping[str, Sequence[tuple[Any, ...]]] = field(default_factory=dict)
    equivalent: Mapping[str, str] = field(default_factory=dict)
    sql_allowed: bool = True
    withhold: bool = False
    budget: Budget | None = None

    @property
    def parameters(self) -> tuple[str, ...]:
        """The tables."""
        return self.tables

    def _reasons(self) -> Iterator[str]:
        yield from super()._reasons()
        if not self.oracle.strip():
            yield "its oracle is empty"
        if self.budget is None and any(wrong.over_budget for wrong in self.wrong):
            yield "a wrong answer is over its budget, and it has none"
        if any(not reason.strip() for reason in self.equivalent.values()):
            yield "a mutant is listed as equivalent without a reason"
        for name, rows in self.rows.items():
            if name not in self.tables:
                yield f"it has rows for {name}, which is none of its tables"
            elif any(len(row) != len(table(name).columns) for row in rows):
                yield f"a row of {name} has not the table's {len(table(name).columns)} values"
        for name in self.tables:
            table(name)
