import json
from datetime import timedelta

import pytest

from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.exercises import pair
from helpers.exercises.progress import progress


@pytest.fixture
def learner(monkeypatch, tmp_path):
    def named(name):
        monkeypatch.setenv("GRIDBRIDGE_WORK", str(tmp_path))
        monkeypatch.setenv("GRIDBRIDGE_LEARNER", name)
        settings.cache_clear()

    yield named
    monkeypatch.undo()
    settings.cache_clear()


def test_the_first_begins_and_swap_changes_seats(learner):
    learner("Ada & Edgar")
    first = pair.turn()
    assert (first.driver, first.navigator) == ("Ada", "Edgar")
    assert timedelta(minutes=14) < first.left <= timedelta(minutes=pair.MINUTES)
    second = pair.swap()
    assert (second.driver, second.navigator) == ("Edgar", "Ada")
    assert (pair.turn().driver, pair.swap().driver) == ("Edgar", "Ada")


def test_a_turn_ends_and_is_read_from_the_journal(learner):
    learner("Ada & Edgar")
    path = progress().journal.path
    path.parent.mkdir(parents=True)
    path.write_text('{"at": "2026-01-05T08:00:00+00:00", "kind": "drives", "driver": "Edgar"}\n')
    assert (pair.turn().driver, pair.turn().left) == ("Edgar", timedelta())


@pytest.mark.parametrize("at", ["soon", 5, None, "2026-01-05T08:00:00"])
def test_a_turn_without_a_readable_time_is_passed_over(learner, at):
    learner("Ada & Edgar")
    assert pair.turn().driver == "Ada"
    with progress().journal.path.open("a") as journal:
        journal.write(json.dumps({"at": at, "kind": "drives", "driver": "Edgar"}) + "\n")
        journal.write('{"kind": "drives", "driver": ["Edgar"]}\n')
    assert pair.turn().driver == "Ada"


def test_a_pairs_copies_and_progress_are_its_own(learner, tmp_path):
    learner("Ada & Edgar")
    assert settings().desk == tmp_path / "pairs" / "ada-edgar"
    assert progress().journal.path == tmp_path / "progress" / "Ada & Edgar.jsonl"
    learner("me")
    assert settings().desk == tmp_path


@pytest.mark.parametrize("name", ["me", "Ada", "Ada & Ada", "Ada &", "Ada & Edgar & Jim"])
def test_who_is_no_pair_is_told_how_to_begin(learner, name):
    with pytest.raises(UserError) as told:
        pair.people(name)
    assert "make lab PAIR=" in told.value.remedy
