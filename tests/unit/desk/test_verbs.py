from types import SimpleNamespace

import pytest

from helpers.core.errors import ExerciseBroken, UserError
from helpers.desk import verbs
from helpers.exercises import Verdict, exercise
from helpers.exercises.progress import progress


def test_a_check_with_a_seed_is_judged_with_it_and_tells_it_back(monkeypatch):
    asked = []

    def judged(answer, task, spark, seed, tell):
        asked.append((answer, seed))
        return Verdict("different", task, "So.", family="ties", seed=seed)

    def size_class(assets): ...

    monkeypatch.setattr(verbs, "judge", judged)
    monkeypatch.setattr(verbs, "session", lambda: None)
    monkeypatch.setattr(verbs, "journal", lambda: SimpleNamespace(checked=lambda verdict: None))
    assert "check(size_class, seed=5)" in str(verbs.check(size_class, seed=5))
    assert "check(size_class, seed=7)" in str(verbs.check("size_class", "SELECT 1", seed=7))
    assert asked == [(size_class, 5), ("SELECT 1", 7)]


def test_an_exercise_at_fault_is_said_to_be_and_nothing_is_noted(monkeypatch):
    def judged(answer, task, spark, seed, tell):
        raise ExerciseBroken("The oracle fails.")

    def size_class(assets): ...

    monkeypatch.setattr(verbs, "judge", judged)
    monkeypatch.setattr(verbs, "session", lambda: None)
    monkeypatch.setattr(verbs, "journal", lambda: pytest.fail("the journal was asked for"))
    with pytest.raises(ExerciseBroken, match="the exercise's fault, not your answer's"):
        verbs.check(size_class)


@pytest.fixture
def noted(tmp_path, monkeypatch):
    """A journal with nothing in it."""
    journal = progress(tmp_path)
    monkeypatch.setattr(verbs, "journal", lambda: journal)
    return journal


def test_data_shows_a_table_of_the_classroom_and_the_usual_rows_of_an_exercise():
    assert "sites, " in str(verbs.data("sites"))
    shown = str(verbs.data("size_class"))
    assert f"{exercise('size_class').title}: usual" in shown
    assert "assets, " in shown


def test_data_of_a_family_is_the_same_for_a_seed_and_another_for_another():
    one, again, other = (str(verbs.data("size_class", "dense", seed=seed)) for seed in (1, 1, 2))
    assert ": dense" in one
    assert one == again
    assert one != other


def test_data_of_an_unknown_family_names_those_there_are():
    with pytest.raises(UserError, match="size_class has no family 'no such'") as told:
        verbs.data("size_class", "no such")
    assert "usual" in str(told.value)
    assert "skewed keys" in str(told.value)


def test_data_of_an_exercise_on_services_points_to_its_contract():
    with pytest.raises(UserError, match="works on services and has no tables") as told:
        verbs.data("newest_export")
    assert "contract('newest_export')" in str(told.value)


def test_hints_come_one_after_the_other_and_say_how_many_are_left(noted):
    hints = exercise("size_class").hints
    first, second = str(verbs.hint("size_class")), str(verbs.hint("size_class"))
    assert f"Hint 1 of {len(hints)}" in first
    assert f"There are {len(hints) - 1} more." in first
    assert f"Hint 2 of {len(hints)}" in second
    last = str(verbs.hint("size_class", 99))
    assert f"Hint {len(hints)} of {len(hints)}" in last
    assert "more." not in last.replace(hints[-1], "")
    assert noted.fold()["rows.size_class"].hints == len(hints)


@pytest.mark.parametrize("name", ["size_class", "newest_export"])
def test_a_solution_is_shown_and_noted(noted, name):
    found = exercise(name)
    assert f"def {found.name}" in str(verbs.solution(name))
    assert noted.fold()[found.id].solution_seen


def test_progress_counts_what_is_solved_in_each_lesson(noted):
    before = str(verbs.progress())
    noted.checked(Verdict("right", exercise("size_class"), "Right."))
    after = str(verbs.progress())
    count = len([one for one in before.splitlines() if " 0 of " in one])
    assert count >= 8
    assert len([one for one in after.splitlines() if " 0 of " in one]) == count - 1
    assert " 1 of " in after
