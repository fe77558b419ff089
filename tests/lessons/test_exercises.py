"""Every exercise of every lesson folder: blank, solutions and wrong answers on the fused data of one seed."""

from itertools import groupby
from operator import attrgetter

import pytest

from helpers.exercises import Exercise, Verdict, judge, lessons
from helpers.exercises.attack import attack
from helpers.exercises.attempt import Refused
from helpers.exercises.author import SEEDS, prove, told_apart
from helpers.exercises.diagnosis import wrong_outcomes
from helpers.exercises.variants import SEED, variants
from helpers.spark.conf import quick

dear = attrgetter("over_budget")


def _first_of_each_kind(exercise):
    """Its first wrong answer whose rows are wrong, and its first that is too dear."""
    return [next(kind) for _, kind in groupby(sorted(exercise.wrong, key=dear), dear)]


EXERCISES = [exercise for entry in lessons() for exercise in entry.exercises]
TABLED = [one for one in EXERCISES if isinstance(one, Exercise)]
SQL_ALLOWED = [one for one in TABLED if one.sql_allowed]
# On services a trial takes seconds: one solution and one wrong answer of each here, all of them in its proof below.
SOLUTIONS = [(one, answer) for one in EXERCISES for answer in one.solutions[: None if one in TABLED else 1]]
JUDGED = [(one, wrong) for one in EXERCISES for wrong in _first_of_each_kind(one)]
LISTED = [one for one in TABLED if one.equivalent]
LEAST_MUTANTS = 5
"""What the smallest query exceeds by one: below it most slips were not tried, or Spark refused them."""


def test_there_are_lessons():
    assert EXERCISES, "no folder under lessons/ has an exercises.py"


def blank(): ...


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.id)
def test_a_blank_answer_is_not_attempted(spark, exercise):
    assert judge(blank, exercise, spark).kind == "not attempted"


@pytest.mark.parametrize(("exercise", "solution"), SOLUTIONS, ids=lambda one: getattr(one, "__name__", ""))
def test_a_solution_is_right(spark, exercise, solution):
    verdict = judge(solution, exercise, spark)
    assert verdict.kind == "right", verdict.sentence


@pytest.mark.proof
@pytest.mark.parametrize("exercise", SQL_ALLOWED, ids=lambda one: one.id)
def test_the_oracle_itself_is_right_where_sql_is_allowed(spark, exercise):
    assert judge(exercise.oracle, exercise, spark).kind == "right"


@pytest.mark.parametrize(("exercise", "wrong"), JUDGED, ids=lambda one: getattr(one, "name", ""))
def test_a_wrong_answer_gets_its_words(spark, exercise, wrong):
    # Without patience for the smallest input: that it is found is proved by `author check`.
    verdict: Verdict = judge(wrong.answer, exercise, spark, patience=0)
    assert verdict.kind in (("over budget",) if wrong.over_budget else ("different", "error"))
    assert wrong.words in verdict.sentence


@pytest.mark.parametrize("exercise", TABLED, ids=lambda one: one.id)
def test_no_wrong_answer_agrees_with_the_oracle(spark, exercise):
    """On the fused data of one seed; those that are too dear do agree, for only their cost is wrong."""
    known = variants(exercise, spark)
    with quick(spark):
        made = wrong_outcomes(exercise, spark, SEED)
    for wrong, outcomes in zip(exercise.wrong, made, strict=True):
        told = any(isinstance(one, Refused) for one in outcomes) or told_apart(exercise, outcomes, known) is not None
        assert told != wrong.over_budget, wrong.name


@pytest.mark.proof
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.id)
def test_an_exercise_is_proved(spark, exercise):
    """All families and seeds, on services one seed; each wrong answer by its smallest input; no mutant lives."""
    proof = prove(exercise, spark, SEEDS if isinstance(exercise, Exercise) else SEEDS[:1])
    assert proof.problems == ()
    if isinstance(exercise, Exercise):
        assert proof.mutants > LEAST_MUTANTS
        assert proof.killed > 0
        assert proof.score == 1.0
    assert proof.own * 2 >= len(exercise.wrong)


@pytest.mark.proof
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("exercise", LISTED, ids=lambda one: one.id)
def test_what_is_listed_as_equivalent_stands_a_thousand_random_tables(spark, exercise):
    assert attack(exercise, spark) == []
