from types import SimpleNamespace

import pytest

from helpers.core.errors import ExerciseBroken
from helpers.desk import verbs
from helpers.exercises import Verdict


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
