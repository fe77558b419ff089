"""What runs on Spark, from what its page and its server tell; on Spark itself in tests/services/test_queries.py."""

from datetime import UTC, datetime, timedelta

import pytest

from helpers.core.errors import UserError
from helpers.desk.card import Card
from helpers.desk.playground import queries, spark_page
from helpers.desk.playground.panel import Panel

OWN, OTHER = "0" * 8 + "-0000-4000-8000-000000000000", "1" * 8 + "-0000-4000-8000-000000000000"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def told(number, operation, session=OWN, status="RUNNING", stages=(0,), tasks=4, done=1):
    """A job as Spark's page tells it."""
    return {
        "jobId": number,
        "jobTags": ["broadcast exchange", f"SparkConnect_OperationTag_User__Session_{session}_Operation_{operation}"],
        "status": status,
        "submissionTime": "2026-01-01T00:00:00.000GMT",
        "stageIds": list(stages),
        "numTasks": tasks,
        "numCompletedTasks": done,
    }


@pytest.fixture
def page(monkeypatch):
    """Called with jobs, with stages' tasks at work and with this session's operations: what runs by them."""

    def has(jobs=(), active=None, own=()):
        found = list(spark_page._jobs(jobs, active or {}))
        monkeypatch.setattr(spark_page, "jobs", lambda: found)
        monkeypatch.setattr(queries, "_own", lambda: (OWN, list(own)))
        monkeypatch.setattr(queries, "now_utc", lambda: BEGAN + timedelta(seconds=90))
        return queries.running()

    return has


def test_a_query_is_all_jobs_of_its_operation(page):
    found = page([told(1, OTHER, stages=[1]), told(0, OTHER, done=4, status="SUCCEEDED")], {1: 2}, [OTHER])
    (query,) = found.queries
    assert (query.name, query.whose, query.state, query.active, query.jobs) == (
        "11111111", "this notebook", "running", 2, (1,),
    )  # fmt: skip
    assert found.table.to_pylist()[0]["seconds"] == 90


def test_jobs_that_ended_and_jobs_of_no_query_are_left_out(page):
    stray = {**told(1, OTHER), "jobTags": []}
    assert not page([told(0, OTHER, status="SUCCEEDED"), told(2, OTHER, status="FAILED"), stray]).queries


def test_a_query_that_was_given_up_and_has_tasks_at_work_says_so(page):
    (query,) = page([told(0, OTHER, status="FAILED")], {0: 2}).queries
    assert (query.state, query.jobs) == ("stopped, its tasks go on", ())


def test_a_query_whose_jobs_were_given_up_is_not_running_whatever_its_server_says(page):
    assert not page([told(0, OTHER, status="FAILED")], own=[OTHER]).queries


def test_a_query_of_another_session_and_one_that_is_planned(page):
    found = page([told(0, OTHER, session=OTHER)], own=["2" * 36])
    assert [(one.name, one.whose) for one in found.queries] == [
        ("11111111", "another session"),
        ("22222222", "this notebook"),
    ]


def test_a_wrong_name_gets_the_near_ones(page):
    page([told(0, OTHER)], own=[OTHER])
    with pytest.raises(UserError, match="near it: 11111111"):
        queries.stop("1111111")


@pytest.fixture
def panel(page, monkeypatch):
    """A panel over one query, and the stops that were asked for."""
    page([told(0, OTHER)], own=[OTHER])
    asked = []
    monkeypatch.setattr(Panel, "_follow", lambda self: None)
    return Panel(queries.running, lambda query=None: asked.append(query) or Card("Stopped")), asked


def test_a_panel_stops_what_is_chosen_and_has_a_text_twin(panel):
    shown, asked = panel
    shown.one.click()
    shown.meter.stop.disabled = False
    shown.meter.stop.click()
    assert asked == ["11111111", None]
    assert "11111111" in shown.list.value
    assert "11111111 | this notebook | running" in shown._repr_mimebundle_()["text/plain"]
    assert {shown.one.tooltip, shown.again.tooltip, shown.meter.stop.tooltip} == {
        'stop("...")',
        "running()",
        "stop()",
    }


def test_a_bar_tells_how_far_a_query_is(panel):
    shown, _ = panel
    stage = type("Stage", (), {"num_tasks": 4, "num_completed_tasks": 1})()
    shown._progress([stage], 2, OTHER, False)
    assert (shown.meter.bar.value, shown.meter.stop.disabled) == (0.25, False)
    assert shown.meter.words.value == "query 11111111: 1 of 4 tasks, 2 at work"
    shown._progress([stage], 0, OTHER, True)
    assert (shown.meter.bar.value, shown.meter.stop.disabled) == (0.25, True)
