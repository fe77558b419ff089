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


def spread(p50, p95):
    return {"p50": p50, "p95": p95, "count": 4}


def test_what_takes_longer_than_its_limit_is_named_with_both():
    on_tables = {"right": spread(0.4, 1.6), "refused": spread(1.0, 3.0), "opening": {"seconds": 4.1, "bare": 1.0}}
    on_services = {"right": spread(9.0, 12.0), "refused": spread(9.0, 21.0), "first word": spread(0.1, 0.2)}
    assert bench.over({"01-rows": on_tables, "07-kafka": on_services}) == [
        "01-rows: right p95 took 1.60 s, and 1.5 s is the limit.",
        "01-rows: opening seconds took 4.10 s, and 4.0 s is the limit.",
        "07-kafka: refused p95 took 21.00 s, and 20.0 s is the limit.",
    ]
    late = {**on_services, "refused": spread(9.0, 12.0), "first word": spread(0.1, 2.1)}
    assert bench.over({"07-kafka": late}) == ["07-kafka: first word p95 took 2.10 s, and 2.0 s is the limit."]
    both = {"01-rows": on_tables, bench.TOGETHER: {"right": spread(0.6, 1.4), "refused": spread(1.0, 3.0)}}
    assert bench.over(both) == [
        "01-rows: opening seconds took 4.10 s, and 4.0 s is the limit.",
        f"{bench.TOGETHER}: right p50 took 0.60 s, and 0.5 s is the limit.",
    ]
