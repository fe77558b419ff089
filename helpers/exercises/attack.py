"""An attack on what an exercise lists as equivalent: on no random tables may it differ from the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

import pyarrow as pa

from helpers.adversary.families import Family, families
from helpers.adversary.fuse import fuse
from helpers.adversary.mutants import Mutant, mutants
from helpers.exercises.author import mutant_outcomes, told_apart
from helpers.exercises.model import Exercise
from helpers.exercises.variants import Variant, declared, right_answer, typed, variants
from helpers.spark.conf import quick
from helpers.spark.logs import quiet

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TABLES = 1_000
_AT_ONCE = 500
_FIRST_SEED = 1_000


def attack(exercise: Exercise, spark: SparkSession, tables: int = TABLES) -> list[str]:
    """A sentence for each listed mutant that differs from the oracle on seeded random tables; none = all hold.

    tables: at least so many sets of them are made, of seeds that no proof uses, and many are judged by one query:
    their rows stand together with keys of their own, as in the fused sets of a check. Raises ExerciseBroken as a
    check does.
    """
    found: dict[str, str] = {}
    with quick(spark), quiet():
        lives = _survivors(exercise, spark)
        for name, rows in _together(exercise, tables) if lives else ():
            known = [Variant(name, rows, right_answer(exercise, spark, rows))]
            for mutant in lives:
                if wrong := told_apart(exercise, mutant_outcomes(mutant, spark, known), known):
                    found.setdefault(
                        mutant.sentence, f"{mutant.sentence}: not equivalent on {name}. {wrong.sentence}"
                    )
    return list(found.values())


def _survivors(exercise: Exercise, spark: SparkSession) -> list[Mutant]:
    """The listed mutants that live on a check's data: a slip that is harmless at one place may die at another."""
    known = variants(exercise, spark)
    listed = [one for one in mutants(exercise.oracle, declared(exercise)) if one.sentence in exercise.equivalent]
    return [one for one in listed if not told_apart(exercise, mutant_outcomes(one, spark, known), known)]


def _together(exercise: Exercise, tables: int) -> Iterator[tuple[str, dict[str, pa.Table]]]:
    """Sets of tables, each of which holds some hundred random ones, with the seeds that made them."""
    seeds = count(_FIRST_SEED)
    done = 0
    while done < tables:
        made: dict[int, list[Family]] = {}
        while sum(map(len, made.values())) < min(_AT_ONCE, tables - done):
            seed = next(seeds)
            made[seed] = families(exercise.oracle, declared(exercise), seed, exercise.rows)
        done += sum(map(len, made.values()))
        for family in fuse([one for some in made.values() for one in some]):
            yield f"{family.name}, seeds {min(made)} to {max(made)}", typed(family).tables
