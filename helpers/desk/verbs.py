"""What a learner calls in a notebook; each returns a card that shows itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from helpers.core.errors import ExerciseBroken, UserError
from helpers.desk.card import Block, Card, Say, Show
from helpers.desk.session import session
from helpers.desk.show import contract_card, solution_card, verdict_card
from helpers.desk.steps import steps
from helpers.exercises import Exercise, Task, exercise, judge, lessons, usual
from helpers.exercises import hints as ladder
from helpers.exercises.progress import State
from helpers.exercises.progress import progress as journal
from helpers.exercises.variants import SEED, families, inputs

Named = Callable[..., Any] | str


def check(answer: Named, sql: str | None = None, seed: int | None = None) -> Card:
    """Judge an answer: `check(my_function)`, or `check("its_name", "SELECT ...")` for Spark SQL.

    seed: of the made data, to repeat a verdict. Raises UserError where no exercise has that name, ExerciseBroken
    where the exercise itself is at fault.
    """
    found = find(answer)
    if isinstance(answer, str) and sql is None:
        raise UserError(
            "A name alone cannot be checked.", f'check({found.name}) or check("{found.name}", "SELECT ...")'
        )
    spark = session() if found.uses_spark else None
    try:
        with steps(found.title) as tell:
            verdict = judge(answer if sql is None else sql, found, spark, seed, tell=tell)
    except ExerciseBroken as broken:
        cause = f"This is the exercise's fault, not your answer's. {broken.cause}"
        raise ExerciseBroken(cause, broken.remedy or "Go on with another exercise, and tell its author.") from broken
    journal().checked(verdict)
    return verdict_card(verdict)


def hint(name: Named, number: int | None = None) -> Card:
    """The next hint of an exercise, or that of a number. Free; noted in the journal."""
    found = find(name)
    taken = journal().fold().get(found.id, State()).hints
    told = ladder.hint(found, taken + 1 if number is None else number)
    journal().hinted(found.id, told.number)
    rest = "" if told.number == told.of else f" There are {told.of - told.number} more."
    return Card(f"Hint {told.number} of {told.of}: {found.title}", [Say(told.text + rest)])


def solution(name: Named) -> Card:
    """The solutions of an exercise. Noted in the journal."""
    found = find(name)
    journal().shown(found.id)
    return solution_card(found, journal().fold()[found.id].solved)


def contract(name: Named) -> Card:
    """What an answer is held to: grain, columns, key, order, NULL."""
    return contract_card(find(name))


def data(name: Named, family: str = "usual", seed: int | None = None) -> Card:
    """A table of the classroom by its name, or the tables of an exercise in one family of its data.

    family: usual, or one of the made ones. Raises UserError naming the families there are.
    """
    if isinstance(name, str) and name in usual():
        return Card(name, [_show(name, usual()[name])])
    found = find(name)
    if not isinstance(found, Exercise):
        raise UserError(
            f"{found.name} works on services and has no tables.", f"contract({found.name!r}) says what it is given."
        )
    chosen = SEED if seed is None else seed
    known = {**{one.name: one.tables for one in families(found, chosen)}, **inputs(found, chosen)}
    if family not in known:
        raise UserError(f"{found.name} has no family {family!r}.", f"Use one of: {', '.join(known)}.")
    return Card(f"{found.title}: {family}", [_show(table, rows) for table, rows in known[family].items()])


def progress() -> Card:
    """What is solved, tried and left, lesson by lesson."""
    states = journal().fold()
    blocks: list[Block] = []
    for entry in lessons():
        rows = [(one, states.get(one.id, State())) for one in entry.exercises]
        table = pa.table(
            {
                "exercise": [one.name for one, _ in rows],
                "state": ["solved" if s.solved else s.last or "not attempted" for _, s in rows],
                "attempts": [s.attempts for _, s in rows],
                "hints": [s.hints for _, s in rows],
            }
        )
        solved = sum(state.solved for _, state in rows)
        title = f"{entry.lesson.number}. {entry.lesson.title}: {solved} of {len(rows)} solved"
        blocks.append(Show(title, table))
    return Card("Progress", blocks or [Say("No lesson is there yet.")])


def find(name: Named) -> Task:
    """The exercise of a name, or of a function with its name. Raises UserError where there is none."""
    return exercise(name if isinstance(name, str) else getattr(name, "__name__", repr(name)))


def _show(name: str, rows: pa.Table) -> Show:
    count = f"{rows.num_rows} row{'s' * (rows.num_rows != 1)}"
    return Show(f"{name}, {count}", rows)
