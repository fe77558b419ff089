"""The check: an answer in, a verdict out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from helpers.compare import Difference, difference
from helpers.core.errors import UserError
from helpers.exercises.attempt import MOST_ROWS, Attempt, NotAttempted, Refused
from helpers.exercises.catalogue import exercise as by_name
from helpers.exercises.cost import cost
from helpers.exercises.diagnosis import Outcome, outcome
from helpers.exercises.explain import explained, plain
from helpers.exercises.model import Answer, Exercise, Task
from helpers.exercises.service import ServiceExercise, Tell, judge_on_services
from helpers.exercises.session import held
from helpers.exercises.settings import classroom
from helpers.exercises.smallest import SECONDS as PATIENCE
from helpers.exercises.variants import SEED, Variant, variants
from helpers.exercises.verdict import Verdict, not_attempted
from helpers.spark.conf import quick
from helpers.spark.frames import collect_together
from helpers.spark.limits import TooLong, time_limit
from helpers.spark.logs import quiet
from helpers.spark.plan import plan_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SETS = (
    "Your function changes a setting of the session ({}), and with it every later query. It is undone now: say what "
    "you need in the query itself."
)
SECONDS = 20.0
"""How long an answer may take on all data of a check."""


def check(answer: Answer, spark: SparkSession | None, seed: int | None = None) -> Verdict:
    """The verdict on a function that is named like its exercise. Raises UserError where there is no such exercise."""
    name = getattr(answer, "__name__", "")
    if not callable(answer) or not name:
        raise UserError("A check takes a function that is named like its exercise.", "check(my_function)")
    return judge(answer, by_name(name), spark, seed)


def judge(
    answer: Answer | str,
    task: Task,
    spark: SparkSession | None,
    seed: int | None = None,
    seconds: float = SECONDS,
    patience: float = PATIENCE,
    tell: Tell = lambda words: None,
) -> Verdict:
    """The verdict on a function, or on Spark SQL text, as an answer to this exercise.

    It runs on the usual data, on made data, and on empty tables; the first on which it is wrong is told, by the
    smallest input that can be found. seed: of the made data. seconds: how long the answer may take; patience: how
    long the smallest input is looked for. tell: gets a sentence at each step of an exercise on services, which has
    its own limit of time. spark: None only for such a one that needs no Spark.
    Raises ExerciseBroken where the exercise itself is at fault, ServiceError where a service does not come up.
    """
    if isinstance(task, ServiceExercise):
        with held(spark) if spark else nullcontext(), classroom(spark) if spark else nullcontext():
            return judge_on_services(answer, task, spark, SEED if seed is None else seed, tell)
    assert isinstance(task, Exercise) and spark is not None, "a task on tables needs a session"
    begin = time.monotonic()
    attempt = Attempt(answer, task, spark)
    with quiet(), held(spark), classroom(spark):
        verdict = _verdict(attempt, SEED if seed is None else seed, seconds, patience)
    return replace(
        verdict,
        printed=attempt.printed,
        seconds=time.monotonic() - begin,
        seed=SEED if seed is None else seed,
    )


def _verdict(attempt: Attempt, seed: int, seconds: float, patience: float) -> Verdict:
    exercise = attempt.exercise
    right = variants(exercise, attempt.spark, seed)
    try:
        with time_limit(attempt.spark, seconds):
            with quick(attempt.spark) as undone:
                outcomes = _run(attempt, right)
                setting = undone()
            found = None if setting else _first_wrong(attempt, right, outcomes)
    except NotAttempted:
        return not_attempted(exercise)
    except TooLong:
        sentence = f"Your answer was stopped after {seconds:g} s: a loop, a wait, or a join that multiplies rows?"
        return Verdict("error", exercise, sentence)
    if setting:
        return Verdict("error", exercise, _SETS.format(setting))
    if found is None:
        return _right(attempt, right, seconds)
    at, wrong = found
    try:
        with time_limit(attempt.spark, seconds + patience), quick(attempt.spark):
            return explained(attempt, right[at], wrong, outcomes[at], outcomes, seed, patience)
    except TooLong:
        return plain(attempt, right[at], wrong, outcomes[at])


def _right(attempt: Attempt, right: Sequence[Variant], seconds: float) -> Verdict:
    """Right in its rows; the plan is judged where the exercise has a budget."""
    exercise = attempt.exercise
    sentence = f"Right, on {len(right)} sets of data."
    if exercise.budget is None:
        return Verdict("right", exercise, sentence, plan=plan_of(attempt.frame(right[0].tables), run=False))
    try:
        with time_limit(attempt.spark, seconds):
            found = cost(attempt, exercise.budget)
    except TooLong:
        return Verdict("over budget", exercise, f"Right, but on the full data it was stopped after {seconds:g} s.")
    except Refused as refused:
        sentence = f"Right on the small data, but on the full data: {refused.sentence}"
        return Verdict("error", exercise, sentence, error_line=refused.line, instead=refused.instead)
    if found.over:
        over = f"The rows are right. {found.over}"
        return Verdict("over budget", exercise, over, plan=found.plan, misconception=found.misconception)
    return Verdict("right", exercise, f"{sentence} Its plan keeps to the budget.", plan=found.plan)


def _first_wrong(
    attempt: Attempt, right: Sequence[Variant], outcomes: Sequence[Outcome]
) -> tuple[int, Difference | Refused] | None:
    for at, (variant, found) in enumerate(zip(right, outcomes, strict=False)):
        if wrong := _judged(attempt, variant, found):
            return at, wrong
    return None


def _run(attempt: Attempt, right: Sequence[Variant]) -> list[Outcome]:
    """The outcome on each variant, up to the first that raises."""
    try:
        return list(collect_together([attempt.frame(one.tables) for one in right]))
    except NotAttempted:
        raise
    except Exception:
        found: list[Outcome] = []
        for one in right:
            found.append(outcome(attempt, one.tables))
            if isinstance(found[-1], Refused):
                break
        return found


def _judged(attempt: Attempt, variant: Variant, found: Outcome) -> Difference | Refused | None:
    if isinstance(found, Refused):
        return found
    terms = attempt.exercise.contract.terms()
    if found.num_rows > MOST_ROWS:
        return Refused(f"Your result has {found.num_rows:,} rows; expected are {variant.expected.num_rows:,}.")
    if difference(found, variant.expected, terms) is None:
        return None
    # By itself, too: no answer is refused for how the check ran it.
    alone = outcome(attempt, variant.tables)
    return alone if isinstance(alone, Refused) else difference(alone, variant.expected, terms)
