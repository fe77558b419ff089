"""The proof of an exercise: right is right, wrong is wrong, and every one-slip query is told from the oracle."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from helpers.adversary.mutants import Mutant, mutants
from helpers.adversary.near import keeps_references
from helpers.compare import Difference, TermsBroken, difference
from helpers.core.errors import ExerciseBroken
from helpers.exercises.attempt import Attempt, Refused
from helpers.exercises.check import judge
from helpers.exercises.diagnosis import Outcome, all_outcomes, same_outcome, wrong_outcomes
from helpers.exercises.model import Exercise, Task, Wrong
from helpers.exercises.service import ServiceExercise
from helpers.exercises.smallest import differs
from helpers.exercises.variants import Variant, declared, families, right_answer, variants
from helpers.exercises.verdict import Verdict
from helpers.spark.conf import quick
from helpers.spark.frames import collect_together, frames, query
from helpers.spark.logs import quiet

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Proof:
    """What was tried on one exercise, and what failed.

    mutants: how many one-slip queries Spark accepts; killed: those that the data tells from the oracle; equivalent:
    survivors that the exercise lists; refused: how many more Spark did not accept. own: how many of the wrong answers
    no mutant makes. problems: a sentence each; none = proved, which a query without a killed mutant never is. An
    exercise on services has no query to slip in: no mutants, and all wrong answers are its own.
    """

    exercise: Task
    seeds: tuple[int, ...]
    mutants: int
    killed: int
    equivalent: int
    own: int
    problems: tuple[str, ...]
    seconds: float
    refused: int = 0

    @property
    def score(self) -> float:
        """The share of the mutants that died, of those that are not listed as equivalent; 0 where there are none."""
        mortal = self.mutants - self.equivalent
        return self.killed / mortal if mortal else 0.0


def prove(exercise: Task, spark: SparkSession | None, seeds: Sequence[int] = SEEDS) -> Proof:
    """Try the blank answer, every solution, every wrong answer and every mutant of the oracle.

    On all variants and families of each seed; mutants, which only have to die once, seed by seed until they do.
    An exercise on services: solutions with each seed, wrong answers with the first. spark: None only where none of
    it uses Spark.
    """
    begin = time.monotonic()
    if isinstance(exercise, ServiceExercise):
        found = tuple(_on_services(exercise, spark, seeds))
        return Proof(exercise, tuple(seeds), 0, 0, 0, len(exercise.wrong), found, time.monotonic() - begin)
    assert isinstance(exercise, Exercise) and spark is not None, "a task on tables needs a session"
    problems: list[str] = []
    try:
        for seed in seeds:
            problems += _right(exercise, spark, seed)
        problems += _refused(exercise, spark, seeds[0])
        tried, killed, listed, own, refused, alive = _mutants(exercise, spark, seeds)
        problems += alive
        if not killed:
            problems.append(f"No mutant of the oracle was killed: of {tried + refused} Spark refused {refused}.")
    except ExerciseBroken as error:
        return Proof(exercise, tuple(seeds), 0, 0, 0, 0, (*problems, error.cause), time.monotonic() - begin)
    found = tuple(problems)
    return Proof(exercise, tuple(seeds), tried, killed, listed, own, found, time.monotonic() - begin, refused)


def table(proofs: Sequence[Proof]) -> list[tuple[str, ...]]:
    """A head and a row per exercise, as texts.

    wrong: the listed wrong answers; own: those of them that no mutant makes; listed: mutants listed as equivalent;
    refused: one-slip queries that Spark does not accept, and that count for nothing.
    """
    head = ("exercise", "wrong", "own", "mutants", "killed", "listed", "refused", "s", "state")
    return [
        head,
        *(
            (
                proof.exercise.id,
                str(len(proof.exercise.wrong)),
                str(proof.own),
                str(proof.mutants),
                str(proof.killed),
                str(proof.equivalent),
                str(proof.refused),
                f"{proof.seconds:.0f}",
                f"{len(proof.problems)} wrong" if proof.problems else "proved",
            )
            for proof in proofs
        ),
    ]


def _on_services(exercise: ServiceExercise, spark: SparkSession | None, seeds: Sequence[int]) -> Iterator[str]:
    if (verdict := judge(_blank, exercise, spark)).kind != "not attempted":
        yield f"The blank answer counts as {verdict.kind}."
    for solution in exercise.solutions:
        for seed in seeds:
            verdict = judge(solution, exercise, spark, seed)
            if not verdict.right:
                name = getattr(solution, "__name__", repr(solution))
                yield f"The solution {name} is {verdict.kind} with seed {seed}: {verdict.sentence}"
    for wrong in exercise.wrong:
        verdict = judge(wrong.answer, exercise, spark, seeds[0])
        yield from _unrefused(wrong, verdict)
        if wrong.right_table and wrong.right_table not in verdict.met:
            met = ", ".join(verdict.met) or "nothing"
            yield f"The wrong answer {wrong.name!r} does not meet {wrong.right_table!r} before: {met} held."


def _unrefused(wrong: Wrong, verdict: Verdict) -> Iterator[str]:
    if verdict.kind not in (("over budget",) if wrong.over_budget else ("different", "error")):
        yield f"The wrong answer {wrong.name!r} counts as {verdict.kind}."
    elif wrong.words not in verdict.sentence:
        like = f", like {verdict.misconception!r}" if verdict.misconception else ""
        yield f"The wrong answer {wrong.name!r} does not get its words{like}: {verdict.sentence}"


def _blank() -> None: ...


def _right(exercise: Exercise, spark: SparkSession, seed: int) -> Iterator[str]:
    """The blank answer is not attempted, and each solution is right on every variant and every family."""
    if (verdict := judge(_blank, exercise, spark, seed)).kind != "not attempted":
        yield f"The blank answer counts as {verdict.kind}."
    data = [one.tables for one in families(exercise, seed)]
    with quick(spark):
        expected = [right_answer(exercise, spark, tables) for tables in data]
    for solution in exercise.solutions:
        name = getattr(solution, "__name__", repr(solution))
        verdict = judge(solution, exercise, spark, seed, seconds=60)
        if verdict.kind != "right":
            yield f"The solution {name} is {verdict.kind} with seed {seed} on {verdict.family}: {verdict.sentence}"
            continue
        with quick(spark):
            found = all_outcomes(Attempt(solution, exercise, spark), data)
        for family, one, other in zip(families(exercise, seed), found, expected, strict=True):
            if isinstance(one, Refused) or difference(one, other, exercise.contract.terms()):
                yield f"The solution {name} is wrong with seed {seed} on the family {family.name}."


def _refused(exercise: Exercise, spark: SparkSession, seed: int) -> Iterator[str]:
    """Each wrong answer gets its words, on an input from which no row can go."""
    for wrong in exercise.wrong:
        verdict = judge(wrong.answer, exercise, spark, seed, seconds=60, patience=60)
        if problems := list(_unrefused(wrong, verdict)):
            yield from problems
        elif not verdict.minimal:
            yield f"The smallest input for the wrong answer {wrong.name!r} was not found in time."
        elif can_shrink(Attempt(wrong.answer, exercise, spark), verdict):
            yield f"A row of the smallest input for the wrong answer {wrong.name!r} can go."


def can_shrink(attempt: Attempt, verdict: Verdict) -> bool:
    """Whether the answer is still wrong without some row of the verdict's smallest input, references kept.

    It leaves out each row by itself and asks the oracle, without the search that found the input.
    """
    laws, terms = declared(attempt.exercise), attempt.exercise.contract.terms()
    smaller = [tables for tables in _less_a_row(verdict.tables or {}) if keeps_references(tables, laws)]
    if not smaller:
        return False
    with quick(attempt.spark):
        yours = all_outcomes(attempt, smaller)
        if verdict.kind == "error":
            return any(isinstance(one, Refused) for one in yours)
        asked = [frames(attempt.spark, tables, one_partition=True) for tables in smaller]
        right = collect_together([query(attempt.spark, attempt.exercise.oracle, one) for one in asked])
        return any(
            not isinstance(one, Refused) and differs(one, other, terms)
            for one, other in zip(yours, right, strict=True)
        )


def _less_a_row(tables: Mapping[str, pa.Table]) -> Iterator[dict[str, pa.Table]]:
    for name, table in tables.items():
        for row in range(table.num_rows):
            yield {**tables, name: pa.concat_tables([table.slice(0, row), table.slice(row + 1)])}


def _mutants(
    exercise: Exercise, spark: SparkSession, seeds: Sequence[int]
) -> tuple[int, int, int, int, int, list[str]]:
    tried = killed = listed = refused = 0
    problems: list[str] = []
    survivors: set[str] = set()
    made: list[tuple[Mutant, Outcome]] = []
    known = variants(exercise, spark, seeds[0])
    with quick(spark), quiet():
        for mutant in mutants(exercise.oracle, declared(exercise)):
            # Most die on the first data.
            first = mutant_outcomes(mutant, spark, known[:1])
            if first is None:
                refused += 1
                continue
            tried += 1
            made.append((mutant, first[0]))
            if told_apart(exercise, first, known) or _dies(exercise, spark, mutant, seeds):
                killed += 1
                continue
            survivors.add(mutant.sentence)
            if mutant.sentence in exercise.equivalent:
                listed += 1
            else:
                problems.append(f"A mutant lives: {mutant.sentence} (in {mutant.place}).")
        theirs = wrong_outcomes(exercise, spark, seeds[0])
        # No slip in a query makes the same rows dearer.
        own = sum(
            wrong.over_budget or not _is_made(exercise, spark, outcomes, made, known)
            for wrong, outcomes in zip(exercise.wrong, theirs, strict=True)
        )
    for sentence in exercise.equivalent.keys() - survivors:
        problems.append(f"Listed as equivalent, but no such mutant lives: {sentence}.")
    return tried, killed, listed, own, refused, problems


def _is_made(
    exercise: Exercise,
    spark: SparkSession,
    outcomes: Sequence[Outcome],
    made: Sequence[tuple[Mutant, Outcome]],
    known: Sequence[Variant],
) -> bool:
    """Whether a mutant gives what this wrong answer gives, on every variant."""
    for mutant, first in made:
        if same_outcome(outcomes[0], first, exercise.contract):
            rest = mutant_outcomes(mutant, spark, known[1:])
            if rest and all(map(partial(same_outcome, contract=exercise.contract), outcomes[1:], rest)):
                return True
    return False


def _dies(exercise: Exercise, spark: SparkSession, mutant: Mutant, seeds: Sequence[int]) -> bool:
    for seed in seeds:
        known = variants(exercise, spark, seed)
        if told_apart(exercise, mutant_outcomes(mutant, spark, known), known):
            return True
    return False


def told_apart(exercise: Exercise, results: Sequence[Outcome] | None, known: Sequence[Variant]) -> Difference | None:
    """How a mutant's answers differ from the oracle's, on the first variant where they do; None where none does."""
    for result, variant in zip(results or (), known, strict=False):
        try:
            if found := difference(result, variant.expected, exercise.contract.terms()):
                return found
        except TermsBroken as error:
            raise ExerciseBroken(error.cause) from error
    return None


def mutant_outcomes(mutant: Mutant, spark: SparkSession, known: Sequence[Variant]) -> list[Outcome] | None:
    """The mutant's answers; None where Spark refuses it, for its types or its values: nobody keeps such a query."""
    from pyspark.errors import PySparkException

    try:
        given = [frames(spark, variant.tables, one_partition=True) for variant in known]
        return list(collect_together([query(spark, mutant.sql, one) for one in given]))
    except PySparkException:
        return None
