import json
import os
import socket

import psutil
import pytest

from helpers.pipeline.job import History
from helpers.pipeline.prototype.place import Place

_HOST = socket.gethostname()


@pytest.fixture
def history(own_work):
    return History(Place("roofs"))


def made(history, run_id, state="succeeded", **facts):
    history.run_begins(run_id, "every 15 minutes")
    (history.place.runs / run_id).mkdir(parents=True)
    if state:
        history.run_ends(run_id, state, seconds=2.5, **facts)


def test_a_job_that_never_ran_has_no_past(history):
    assert (history.runs(), history.seen(), history.when(), history.alive()) == ([], set(), "", False)


def test_runs_are_told_with_their_end(history):
    history.begin("every 15 minutes")
    made(history, "a")
    made(history, "b", "failed", cause="No rule.")
    history.run_begins("c", "1 new object")
    assert [(one.run_id, one.state, one.seconds, one.cause) for one in history.runs()] == [
        ("a", "succeeded", 2.5, ""),
        ("b", "failed", 2.5, "No rule."),
        ("c", "running", None, ""),
    ]
    assert history.alive()


def test_a_run_whose_process_is_gone_was_cut_off(history):
    history.begin("every 15 minutes")
    born = psutil.Process().create_time()
    made(history, "a", state="")
    history.journal.append("job", state="started", when="once", pid=os.getpid(), born=born - 100, host=_HOST)
    assert [one.state for one in history.runs()] == ["cut off"]
    assert not history.alive()
    assert history.when() == "every 15 minutes"


def test_of_a_job_that_was_started_again_only_the_newest_run_can_be_running(history):
    history.begin("every 15 minutes")
    made(history, "a", state="")
    history.begin("every 15 minutes")
    made(history, "b", state="")
    assert [one.state for one in history.runs()] == ["cut off", "running"]


def test_objects_of_a_run_without_its_end_are_not_seen(history):
    made(history, "a", objects=["in/1 e1"])
    made(history, "b", "failed", objects=["in/2 e2"])
    made(history, "c", "interrupted", objects=["in/3 e3"])
    made(history, "d", state="")
    assert history.seen() == {"in/1 e1", "in/2 e2"}


def test_only_the_folders_of_the_newest_runs_are_kept_and_every_line_of_the_journal(history):
    for name in "abcd":
        made(history, name)
    stranger = history.place.runs / "by-hand"
    stranger.mkdir()
    assert [one.name for one in history.prune(2)] == ["a", "b"]
    assert sorted(one.name for one in history.place.runs.iterdir() if one.is_dir()) == ["by-hand", "c", "d"]
    assert [one.run_id for one in history.runs()] == ["a", "b", "c", "d"]
    assert history.prune(2) == []


@pytest.mark.parametrize(
    "odd",
    [
        {"kind": "run", "state": "started", "run_id": "x"},
        {"kind": "run", "state": "started", "run_id": "x", "at": "yesterday"},
        {"kind": "run", "state": "started", "run_id": "x", "at": "2026-11-30T12:00:00"},
        {"kind": "run", "run_id": "a", "at": "2026-11-30T12:00:00+00:00"},
        {"kind": "run", "run_id": "a", "state": "failed", "at": "2026-11-30T12:00:00+00:00", "objects": None},
        {"kind": "run", "run_id": "a", "state": "failed", "at": "2026-11-30T12:00:00+00:00", "objects": [1, {}]},
        {"kind": "run", "run_id": "a", "state": "failed", "at": "2026-11-30T12:00:00+00:00", "seconds": "long"},
        {"kind": "job", "state": "started", "at": "2026-11-30T12:00:00+00:00", "host": _HOST},
        {"kind": "job", "state": "started", "at": "2026-11-30T12:00:00+00:00", "host": _HOST, "pid": "x", "born": 1},
        {"kind": "job", "at": "2026-11-30T12:00:00+00:00"},
    ],
)
def test_a_line_with_a_wrong_or_missing_field_costs_that_line_only(history, odd):
    history.begin("every 15 minutes")
    made(history, "a", objects=["in/1 e1"])
    with history.journal.path.open("a") as file:
        file.write(json.dumps(odd) + "\n")
    assert [(one.run_id, one.state, one.seconds) for one in history.runs()] == [("a", "succeeded", 2.5)]
    assert (history.seen(), history.when(), history.alive()) == ({"in/1 e1"}, "every 15 minutes", True)
