import pytest

from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.exercises import Verdict
from helpers.exercises.progress import State, progress
from tests.unit.exercises.sample import exercise


def test_the_journal_adds_up(tmp_path):
    mine = progress(tmp_path)
    for kind in ("not attempted", "different", "right", "error"):
        mine.checked(Verdict(kind, exercise(), "a sentence"))
    mine.hinted("sample.site_ids", 2)
    mine.shown("sample.site_ids")
    assert mine.fold() == {
        "sample.site_ids": State(solved=True, attempts=3, hints=2, solution_seen=True, last="error")
    }


def test_a_damaged_or_foreign_line_costs_that_line_only(tmp_path):
    mine = progress(tmp_path)
    mine.checked(Verdict("right", exercise(), "a sentence"))
    with mine.journal.path.open("a") as lines:
        lines.write('{"kind": "checked", "exercise": "sample.si\n[1]\n{"kind": "checked", "exercise": 7}\n')
        lines.write(
            '{"kind": "checked", "exercise": "x.y", "verdict": "splendid"}\n{"kind": "other", "exercise": "x.y"}\n'
        )
    mine.hinted("sample.site_ids", 1)
    assert mine.fold() == {"sample.site_ids": State(solved=True, attempts=1, hints=1, last="right")}


def test_after_a_line_that_was_cut_off_the_next_check_counts(tmp_path):
    mine = progress(tmp_path)
    mine.checked(Verdict("different", exercise(), "a sentence"))
    with mine.journal.path.open("a") as lines:
        lines.write('{"kind": "checked", "exercise": "sample.si')
    mine.checked(Verdict("right", exercise(), "a sentence"))
    assert mine.fold() == {"sample.site_ids": State(solved=True, attempts=2, last="right")}


@pytest.mark.parametrize("name", ["../ada", "a/b", " ", "a\nb"])
def test_a_name_that_leads_elsewhere_is_refused(monkeypatch, name):
    monkeypatch.setenv("GRIDBRIDGE_LEARNER", name)
    settings.cache_clear()
    with pytest.raises(UserError, match="GRIDBRIDGE_LEARNER"):
        settings()
    monkeypatch.undo()
    settings.cache_clear()
