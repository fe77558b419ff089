from dataclasses import replace

import pytest

from helpers.cli.bench import lessons as bench
from helpers.core.errors import UserError
from helpers.exercises import lesson


@pytest.fixture
def draft(monkeypatch, tmp_path):
    """A lesson that is being written: it has no notebook yet."""
    entry = replace(lesson("01"), folder=tmp_path / "99-draft")
    monkeypatch.setattr(bench, "lesson", lambda which: entry)
    monkeypatch.setattr(bench, "lessons", lambda: [entry])


def test_a_lesson_without_a_notebook_is_passed_over(draft):
    assert bench.measured(None, print) == {}


def test_a_lesson_without_a_notebook_that_was_asked_for_is_named_with_what_to_run(draft):
    with pytest.raises(UserError, match="99-draft has no notebook yet"):
        bench.measured("99", print)
