"""The sets of tables that an answer is run on, with the right answer to each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING

import pyarrow as pa

from helpers.adversary.schema import Table
from helpers.compare import TermsBroken, difference
from helpers.core.errors import ExerciseBroken, GridbridgeError
from helpers.exercises.answers import stored
from helpers.exercises.classroom import schema, table, usual
from helpers.exercises.model import Exercise
from helpers.spark.conf import quick
from helpers.spark.frames import frames, query

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from helpers.adversary.families import Family

SEED = 1
"""The seed of a check that names none: a verdict is the same today and tomorrow."""


@dataclass(frozen=True)
class Variant:
    """One set of input tables (those of the exercise) and the oracle's answer on it."""

    name: str
    tables: dict[str, pa.Table]
    expected: pa.Table


_families: dict[tuple[str, int], tuple[list[Family], list[Family]]] = {}
_variants: dict[tuple[str, int], list[Variant]] = {}


def declared(exercise: Exercise) -> list[Table]:
    """The exercise's tables, with those references that lead to one of them."""
    found = [table(name) for name in exercise.tables]
    return [replace(one, references=tuple(r for r in one.references if r.table in exercise.tables)) for one in found]


def families(exercise: Exercise, seed: int = SEED) -> list[Family]:
    """The small sets of made data, a trap each; the author's rows are one of them. Raises ExerciseBroken."""
    return _made(exercise, seed)[0]


def inputs(exercise: Exercise, seed: int = SEED) -> dict[str, dict[str, pa.Table]]:
    """The tables of each variant by its name: usual, then the fused families, then empty. Raises ExerciseBroken."""
    world = {name: usual()[name] for name in exercise.tables}
    return {"usual": world, **{one.name: one.tables for one in _made(exercise, seed)[1]}}


def variants(exercise: Exercise, spark: SparkSession, seed: int = SEED) -> list[Variant]:
    """Every variant with the oracle's answer, which Spark computes once per machine.

    Raises ExerciseBroken where the oracle fails or contradicts the contract.
    """
    key = (fingerprint(exercise), seed)
    if key not in _variants:
        with quick(spark):
            _variants[key] = [
                Variant(name, tables, stored(exercise, tables, partial(right_answer, exercise, spark, tables)))
                for name, tables in inputs(exercise, seed).items()
            ]
    return _variants[key]


def right_answer(exercise: Exercise, spark: SparkSession, tables: dict[str, pa.Table]) -> pa.Table:
    """The oracle's answer on these tables. Raises ExerciseBroken where it fails or contradicts the contract."""
    from pyspark.errors import PySparkException

    try:
        found = query(spark, exercise.oracle, frames(spark, tables)).toArrow()
        difference(found, found, exercise.contract.terms())
    except PySparkException as error:
        raise ExerciseBroken(f"The oracle of {exercise.id} fails: {str(error).splitlines()[0]}") from error
    except TermsBroken as error:
        raise ExerciseBroken(f"The oracle of {exercise.id} contradicts its contract: {error.cause}") from error
    return found


def fingerprint(exercise: Exercise) -> str:
    """Changes with whatever an answer's judgement depends on, so that an edited exercise is computed anew."""
    parts = (exercise.id, exercise.oracle, exercise.tables, exercise.rows, exercise.contract)
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _made(exercise: Exercise, seed: int) -> tuple[list[Family], list[Family]]:
    key = (fingerprint(exercise), seed)
    if key not in _families:
        # The SQL parser behind it is not what the first cell of a lesson should wait for.
        from helpers.adversary.families import families as all_families
        from helpers.adversary.fuse import fuse

        try:
            made = all_families(exercise.oracle, declared(exercise), seed, exercise.rows)
            _families[key] = ([typed(one) for one in made], [typed(one) for one in fuse(made)])
        except ExerciseBroken:
            raise
        except GridbridgeError as error:
            raise ExerciseBroken(f"No data can be made for {exercise.id}: {error.cause}", error.remedy) from error
    return _families[key]


def typed(family: Family) -> Family:
    """The family with the very schema of the classroom: what may be NULL is part of what a learner sees."""
    return replace(family, tables={name: rows.cast(schema(name)) for name, rows in family.tables.items()})
