import sys

import pytest

from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.desk import dialect, why
from helpers.desk.show import verdict_card
from helpers.exercises import Verdict
from tests.unit.exercises.sample import exercise


@pytest.fixture(autouse=True)
def work(tmp_path, monkeypatch):
    monkeypatch.setenv("GRIDBRIDGE_WORK", str(tmp_path))
    monkeypatch.delattr(sys, "last_value", raising=False)
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def caught(function):
    with pytest.raises(Exception) as found:
        function()
    return found.value


def test_the_last_error_of_the_notebook_is_explained(monkeypatch):
    monkeypatch.setattr(sys, "last_value", caught(lambda: "name".desc()), raising=False)
    told = str(why())
    places = [
        told.index(part) for part in ('"name".desc()', "A text in quotes is Python's", "[AttributeError", "Instead:")
    ]
    assert places == sorted(places)


def test_a_line_that_python_cannot_read_is_shown_too():
    told = str(why(caught(lambda: compile("x = 1\ndf.where(kind = 'a' AND b)", "<cell>", "exec"))))
    assert "line 2: df.where(kind = 'a' AND b)" in told
    assert "This is SQL" in told


def test_an_error_of_ours_tells_its_remedy_and_an_unlisted_one_itself():
    assert "Next: do this" in str(why(UserError("It was so.", "do this")))
    assert "ZeroDivisionError: division by zero" in str(why(caught(lambda: 1 / 0)))


def test_without_an_error_there_is_nothing_to_explain():
    assert "No cell has failed yet" in str(why())


def test_what_the_learner_wrote_is_escaped():
    shown = why(caught(lambda: exec("<b>", {})))._repr_html_()
    assert "<b>" not in shown


def test_the_database_is_said_once_and_told_on_a_card():
    assert str(dialect()).startswith("You come from Oracle")
    assert str(dialect("sqlserver")).startswith("You come from SQL Server")
    assert str(dialect()).startswith("You come from SQL Server")
    with pytest.raises(UserError, match="no words for 'db2'"):
        dialect("db2")


def test_a_verdict_shows_the_line_first_then_the_words_then_what_to_write_instead():
    verdict = Verdict("error", exercise(), "So it is. [CLASS]", error_line="line 2: x", instead="write y")
    told = str(verdict_card(verdict))
    places = [told.index(part) for part in ("line 2: x", "So it is.", "Instead:", "write y")]
    assert places == sorted(places)
