"""Why an answer is wrong: its diagnosis, and the smallest input that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pyarrow as pa

from helpers.compare import Difference, difference
from helpers.core.errors import ExerciseBroken
from helpers.exercises.attempt import Attempt, Refused
from helpers.exercises.diagnosis import Outcome, misconception, outcome
from helpers.exercises.smallest import Smallest, smallest_difference, smallest_error
from helpers.exercises.variants import Variant, right_answer
from helpers.exercises.verdict import Verdict


def plain(attempt: Attempt, variant: Variant, found: Difference | Refused, yours: Outcome) -> Verdict:
    """The verdict without more ado: the whole variant is shown, labelled as not the smallest."""
    if isinstance(found, Refused) or isinstance(yours, Refused):
        sentence = found.sentence
        line, instead = (found.line, found.instead) if isinstance(found, Refused) else (None, "")
        return Verdict("error", attempt.exercise, sentence, family=variant.name, error_line=line, instead=instead)
    return Verdict(
        "different",
        attempt.exercise,
        found.sentence,
        family=variant.name,
        tables=variant.tables,
        yours=yours,
        expected=variant.expected,
        difference=found,
        minimal=False,
    )


def explained(
    attempt: Attempt,
    variant: Variant,
    found: Difference | Refused,
    yours: Outcome,
    outcomes: Sequence[Outcome],
    seed: int,
    patience: float,
) -> Verdict:
    """The verdict with its diagnosis, and the smallest input that `patience` seconds can find (0 = none is sought).

    variant: the first on which the answer is wrong; found: how; yours: its outcome there. outcomes: on the variants,
    as far as it ran.
    """
    if isinstance(found, Refused):
        return _error(attempt, variant, found, outcomes, seed, patience)
    exercise, spark = attempt.exercise, attempt.spark
    if patience <= 0:
        verdict = plain(attempt, variant, found, yours)
        wrong = misconception(exercise, spark, outcomes, None, seed)
        return replace(verdict, sentence=wrong.words, misconception=wrong.name) if wrong else verdict
    solution = Attempt(exercise.solutions[0], exercise, spark)
    small = smallest_difference(attempt, solution, variant, found, seed, patience)
    yours, expected, told = _results(attempt, small)
    if told is None:
        return plain(attempt, variant, found, outcome(attempt, variant.tables))
    wrong = misconception(exercise, spark, outcomes, (small.tables, yours), seed)
    return Verdict(
        "different",
        exercise,
        wrong.words if wrong else told.sentence,
        family="usual" if variant.name == "usual" else small.family,
        tables=small.tables,
        yours=yours,
        expected=expected,
        difference=told,
        minimal=small.minimal,
        misconception=wrong.name if wrong else "",
    )


def _results(attempt: Attempt, small: Smallest) -> tuple[pa.Table, pa.Table, Difference | None]:
    none = pa.table({})
    with suppress(Refused, ExerciseBroken):
        expected = right_answer(attempt.exercise, attempt.spark, small.tables)
        yours = attempt.table(small.tables)
        return yours, expected, difference(yours, expected, attempt.exercise.contract.terms())
    return none, none, None


def _error(
    attempt: Attempt, variant: Variant, found: Refused, outcomes: Sequence[Outcome], seed: int, patience: float
) -> Verdict:
    exercise, spark = attempt.exercise, attempt.spark
    wrong = misconception(exercise, spark, outcomes, None, seed) if found.condition else None
    verdict = Verdict(
        "error",
        exercise,
        f"{wrong.words} ({found.sentence})" if wrong else found.sentence,
        family=variant.name,
        error_line=found.line,
        instead=found.instead,
        misconception=wrong.name if wrong else "",
    )
    if variant.name == "usual" or not found.condition or patience <= 0:
        # No data is needed to see it.
        return verdict
    small = smallest_error(attempt, variant, found.condition, seed, patience)
    expected = None
    with suppress(ExerciseBroken):
        expected = right_answer(exercise, spark, small.tables)
    return replace(verdict, family=small.family, tables=small.tables, expected=expected, minimal=small.minimal)
