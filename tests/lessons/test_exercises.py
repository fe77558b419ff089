"""Every exercise of every lesson folder: blank, solutions and wrong answers on the fused data of one seed."""

import pytest

from helpers.exercises import Exercise, Verdict, judge, lessons
from helpers.exercises.attack import attack
from helpers.exercises.author import prove

EXERCISES = [exercise for entry in lessons() for exercise in entry.exercises]
SQL_ALLOWED = [one for one in EXERCISES if isinstance(one, Exercise) and one.sql_allowed]
SOLUTIONS = [(one, solution) for one in EXERCISES for solution in one.solutions]
# On services a trial takes seconds: one wrong answer of each such exercise here, all of them in its proof below.
WRONG = [(one, wrong) for one in EXERCISES for wrong in (one.wrong if isinstance(one, Exercise) else one.wrong[:1])]
LISTED = [one for one in EXERCISES if isinstance(one, Exercise) and one.equivalent]


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


@pytest.mark.parametrize("exercise", SQL_ALLOWED, ids=lambda one: one.id)
def test_the_oracle_itself_is_right_where_sql_is_allowed(spark, exercise):
    assert judge(exercise.oracle, exercise, spark).kind == "right"


@pytest.mark.parametrize(("exercise", "wrong"), WRONG, ids=lambda one: getattr(one, "name", ""))
def test_a_wrong_answer_gets_its_words(spark, exercise, wrong):
    # Without patience for the smallest input: that it is found is proved by `author check`.
    verdict: Verdict = judge(wrong.answer, exercise, spark, patience=0)
    assert verdict.kind in (("over budget",) if wrong.over_budget else ("different", "error"))
    assert wrong.words in verdict.sentence


@pytest.mark.proof
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.id)
def test_an_exercise_is_proved(spark, exercise):
    """All families and two seeds; each wrong answer by its smallest input; every mutant of the oracle dies."""
    proof = prove(exercise, spark, (1, 2) if isinstance(exercise, Exercise) else (1,))
    assert proof.problems == ()
    assert proof.score == 1.0
    assert proof.own * 2 >= len(exercise.wrong)


@pytest.mark.proof
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("exercise", LISTED, ids=lambda one: one.id)
def test_what_is_listed_as_equivalent_stands_a_thousand_random_tables(spark, exercise):
    assert attack(exercise, spark) == []
