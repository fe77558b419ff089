import pytest

from helpers.core.errors import UserError
from helpers.desk import translation
from helpers.desk.translation import rosetta
from helpers.exercises import Verdict
from helpers.exercises.progress import progress
from tests.unit.exercises.sample import exercise

HELD = exercise(withhold=True)


def test_a_withheld_query_is_not_translated_before_the_exercise_is_solved(own_work, monkeypatch):
    monkeypatch.setattr(translation, "exercise", lambda name: HELD)
    with pytest.raises(UserError, match="shown once your own answer is right") as caught:
        rosetta("site_ids")
    assert "solution('site_ids')" in str(caught.value)
    assert progress().fold() == {}


def test_it_is_translated_once_the_exercise_is_solved(own_work, monkeypatch):
    class Reached(Exception): ...

    def session():
        raise Reached

    monkeypatch.setattr(translation, "exercise", lambda name: HELD)
    monkeypatch.setattr(translation, "session", session)
    progress().checked(Verdict("right", HELD, "Right."))
    with pytest.raises(Reached):
        rosetta("site_ids")
