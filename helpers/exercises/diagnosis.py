"""Which listed wrong answer an attempt equals, so that its misconception can be named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from helpers.compare import Column, Terms, TermsBroken, difference, spark_type
from helpers.core.errors import UserError
from helpers.exercises.attempt import Attempt, NotAttempted, Refused
from helpers.exercises.model import Contract, Exercise, Wrong
from helpers.exercises.variants import fingerprint, inputs
from helpers.spark.frames import Tables, collect_together

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Outcome: TypeAlias = pa.Table | Refused
_known: dict[tuple[str, int], list[list[Outcome]]] = {}


def misconception(
    exercise: Exercise,
    spark: SparkSession,
    outcomes: Sequence[Outcome],
    smallest: tuple[Tables, Outcome] | None = None,
    seed: int = 1,
) -> Wrong | None:
    """The listed wrong answer with the same outcomes on the variants, else the only one with the same on `smallest`.

    outcomes: of the attempt on the first variants, in their order. smallest: an input, and its outcome there.
    """
    listed = wrong_outcomes(exercise, spark, seed)
    for wrong, theirs in zip(exercise.wrong, listed, strict=True):
        if all(same_outcome(one, other, exercise.contract) for one, other in zip(outcomes, theirs, strict=False)):
            return wrong
    if smallest is None:
        return None
    tables, outcome = smallest
    results = _outcomes(exercise, spark, exercise.wrong, [tables])
    alike = [
        wrong
        for wrong, result in zip(exercise.wrong, results, strict=True)
        if same_outcome(outcome, result[0], exercise.contract)
    ]
    return alike[0] if len(alike) == 1 else None


def wrong_outcomes(exercise: Exercise, spark: SparkSession, seed: int) -> list[list[Outcome]]:
    """For each listed wrong answer its outcome on every variant; computed once per process."""
    key = (fingerprint(exercise) + repr([wrong.name for wrong in exercise.wrong]), seed)
    if key not in _known:
        _known[key] = _outcomes(exercise, spark, exercise.wrong, list(inputs(exercise, seed).values()))
    return _known[key]


def same_outcome(one: Outcome, other: Outcome, contract: Contract) -> bool:
    """True for the same error class, or for the same rows, in the same order where the contract has one."""
    if isinstance(one, Refused) or isinstance(other, Refused):
        return isinstance(one, Refused) and isinstance(other, Refused) and one.condition == other.condition != ""
    if one.equals(other):
        return True
    if one.num_rows != other.num_rows or one.column_names != other.column_names:
        return False
    try:
        terms = Terms(tuple(Column(field.name, spark_type(field.type)) for field in other.schema))
        if difference(one, other, terms) is not None:
            return False
    except (TermsBroken, UserError):
        return False
    return _same_order(one, other, contract)


def _same_order(one: pa.Table, other: pa.Table, contract: Contract) -> bool:
    if contract.total:
        return bool(one.equals(other))
    names = [item.name for item in contract.terms().order_items if item.name in one.column_names]
    return not names or bool(one.select(names).equals(other.select(names)))


def _outcomes(
    exercise: Exercise, spark: SparkSession, wrong: Sequence[Wrong], data: Sequence[Tables]
) -> list[list[Outcome]]:
    return [all_outcomes(Attempt(one.answer, exercise, spark), data) for one in wrong]


def all_outcomes(attempt: Attempt, data: Sequence[Tables]) -> list[Outcome]:
    """What an answer makes of each input, by one job where none of them raises."""
    try:
        return list(collect_together([attempt.frame(tables, one_partition=True) for tables in data]))
    except Exception:
        return [outcome(attempt, tables) for tables in data]


def outcome(attempt: Attempt, tables: Tables) -> Outcome:
    """What an answer makes of these tables: its rows, or why there are none."""
    try:
        return attempt.table(tables)
    except Refused as error:
        return error
    except NotAttempted:
        return Refused("Nothing was attempted.")
