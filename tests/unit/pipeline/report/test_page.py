"""The report: what it says of a run, that it stands alone, and that nothing missing breaks it."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.pipeline import report
from helpers.pipeline.report import charts

SUMMARY = {
    "run_id": "r-1",
    "status": "succeeded",
    "started_at": "2026-11-12T10:15:00+00:00",
    "seed": 7,
    "recordings": ["rsf", "mesa"],
    "events_sent": {"run": 4321, "total": 8765},
    "bronze_rows": {"run": 4311, "total": 8711},
    "silver_rows": {"run": 5001, "total": 5002},
    "duplicates": {"run": 31, "total": 4032},
    "late_rows": {"run": 41, "total": 42},
    "quarantined_rows": {"run": 51, "total": 52},
    "quarantined": {"EMPTY": {"run": 1, "total": 12}, "OUT_OF_RANGE": {"run": 50, "total": 61}},
    "gold_rows": {"run": 1001, "total": 1002},
    "events": 8765,
    "right": 8765,
    "missing": 0,
    "duplicated": 0,
    "misfiled": 0,
    "wrong": 0,
    "foreign": 0,
    "accuracy": 1.0,
    "examples": [],
    "freshness_seconds": {"p50": 20.44, "p95": 31.0, "p99": 33.25},
    "stage_seconds": {"prepare": 60.0, "bronze": 31.5},
    "cpu_seconds": 140.2,
    "events_per_cpu_second": 30.8,
    "memory_mb": 2100.0,
    "disk_mb": 310.5,
    "lag_messages": 3,
    "tables": {"gold/energy": "s3a://peak-lake/gold/energy"},
    "gold_hash": "ab12" * 16,
    "quality": {"stale": {"precision": 0.9125, "recall": None}},
    "site_days": {"with_ratio": 5, "total": 7},
    "gold_cells": {"compared": 9900, "different": 0},
    "served": {"energy": {"rows": 990, "written": 1, "deleted": 0}},
    "notes": [],
}
DAYS = [date(2022, 1, 1) + timedelta(days=n) for n in range(3)]
FRAMES = {
    "energy_by_site": pd.DataFrame(
        {
            "site_id": ["mesa", "rsf"],
            "quarter_hours": [96, 480],
            "energy_kwh": [Decimal("-1.25"), Decimal("3696.637400")],
            "value": [None, Decimal("556.42")],
            "currency": [None, "USD"],
        }
    ),
    "daily": pd.DataFrame(
        {
            "site_id": ["rsf"] * 3 + ["mesa"],
            "local_date": [*DAYS, DAYS[0]],
            "performance_ratio": [Decimal("0.75"), Decimal("2.5"), None, None],
            "performance_reason": [None, None, "NO_SUN", "NO_RATED_POWER"],
        }
    ),
    "quality": pd.DataFrame(
        {
            "source": ["rsf", "rsf"],
            "channel": ["ac_power", "poa_irradiance"],
            "local_date": DAYS[:2],
            "readings": [96, 95],
            "stuck": [3, 1],
            "spike": [0, 1],
            "interpolated": [0, 0],
            "drift": [True, False],
            "score": [Decimal("0.958333"), Decimal("0.978947")],
        }
    ),
}
FAILED = {
    "run_id": "r-2",
    "status": "failed",
    "stage_seconds": {"prepare": 12.0},
    "error": {"stage": "replay", "cause": "Kafka did not answer.", "remedy": "gridbridge services logs kafka"},
}


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text as a person reads it."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.words, self.open = [], [], []
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "path", "rect", "link", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    def all(self, *tags):
        return [attrs for tag, attrs in self.elements if tag in tags]


def page(summary=SUMMARY, frames=FRAMES):
    return Page(report.render(summary, frames))


def test_the_verdict_stands_on_top_with_the_key_figures():
    text = page().text
    top = text[: text.index("Flow")]
    for told in ("Every event is where it belongs: accuracy 100 %.", "4,321", "8,765", "1 min 32 s", "ab12" * 16):
        assert told in top


@pytest.mark.parametrize(
    ("changes", "state", "told"),
    [
        ({}, "good", "accuracy 100 %"),
        ({"accuracy": 0.9999999}, "doubtful", "Accuracy 99.9999 %, above"),
        ({"accuracy": 0.9989}, "bad", "Accuracy 99.8900 %, below"),
        ({"gold_cells": {"compared": 9, "different": 2}}, "bad", "2 cells of gold differ"),
        ({"accuracy": None}, "doubtful", "Nothing was ever sent"),
        ({"status": "failed", "error": {"stage": "gold"}}, "bad", "failed in the stage gold"),
    ],
)
def test_the_verdict_is_told_in_words_a_sign_and_a_colour(changes, state, told):
    found = page(SUMMARY | changes)
    assert told in found.text
    assert f"verdict {state}" in [attrs.get("class") for attrs in found.all("section")]
    assert {"good": "✓", "doubtful": "!", "bad": "✗"}[state] in found.text


def test_a_run_that_was_not_reconciled_claims_no_accuracy():
    summary = {name: value for name, value in SUMMARY.items() if name != "accuracy"}
    assert "not reconciled" in page(summary).text


def test_the_flow_shows_this_runs_counts():
    html = report.render(SUMMARY, FRAMES)
    flow = Page(re.search(r'<svg class="flow".*?</svg>', html, re.S)[0]).text
    for title, run, total in (
        ("SCADA, IoT sensors, weather", 4321, 8765),
        ("Bronze", 4311, 8711),
        ("Silver", 5001, 5002),
        ("Quarantine", 51, 52),
        ("Duplicates", 31, 4032),
        ("Gold", 1001, 1002),
    ):
        assert f"{title} +{run:,} {total:,} in all" in flow
    assert "PostgreSQL 990 rows in 1 tables" in flow


def test_every_section_tells_its_figures():
    text = page().text
    for told in (
        "Half within 20.4 s",
        "99 % within 33.2 s",
        "of which late readings 41 42",
        "OUT_OF_RANGE 61 50 EMPTY 12 1",
        "rsf 480 3,696.6 556.42 USD",
        "mesa 96 -1.2 – no tariff",
        "It exists for 5 of 7 site-days.",
        "rsf 3 2 1.62 NO_SUN on 1",
        "mesa 1 0 – NO_RATED_POWER on 1",
        "stale 0.912 –",
        "rsf 2 191 4 1 0 1 0.969",
        "prepare ✓ done 60.0",
        "silver – not reached –",
        "gold/energy s3a://peak-lake/gold/energy",
        "Messages not yet read 3",
    ):
        assert told in text


def test_offending_events_are_listed_where_there_are_any():
    row = {
        "class": "wrong",
        "topic": "peak.iot",
        "partition": 1,
        "offset": 9,
        "event_id": None,
        "expected": "a",
        "found": "b",
    }
    text = page(SUMMARY | {"examples": [row] * 30}).text
    assert text.count("peak.iot:1:9") == 20
    assert "Events that are not right" not in page().text


def test_a_failed_run_tells_stage_cause_and_remedy():
    text = page(FAILED, {}).text
    for told in (
        "This run failed in the stage replay.",
        "Cause: Kafka did not answer.",
        "Remedy: gridbridge services logs kafka",
        "prepare ✓ done 12.0",
        "replay ✗ failed –",
        "bronze – not reached –",
    ):
        assert told in text


def test_nothing_is_fetched_and_nothing_is_run():
    html = report.render(SUMMARY, FRAMES)
    found = Page(html)
    assert not found.all("script", "link", "iframe", "object", "embed", "img")
    assert not [attrs for _, attrs in found.elements if {"src", "href", "srcset"} & set(attrs)]
    assert "@import" not in html
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", html))


def test_headings_are_in_order_and_start_with_the_title():
    levels = [int(tag[1]) for tag, _ in page().elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_tables_have_captions_and_header_cells_with_a_scope():
    found = page()
    assert len(found.all("table")) == len(found.all("caption")) >= 8
    assert {attrs.get("scope") for attrs in found.all("th")} == {"col", "row"}


def test_every_drawing_has_words_for_those_who_do_not_see_it():
    drawings = page().all("svg")
    assert len(drawings) == 2
    assert {attrs["role"] for attrs in drawings} == {"img"}
    assert all(attrs.get("aria-label") or attrs.get("aria-labelledby") for attrs in drawings)
    assert "median 2.50, lowest 0.75, highest 2.50" in drawings[1]["aria-label"]


def test_both_themes_and_small_screens_are_served():
    html = report.render(SUMMARY, FRAMES)
    assert "prefers-color-scheme: dark" in html
    assert 'name="viewport" content="width=device-width' in html


def test_text_from_outside_is_never_markup():
    evil = '<script>alert(1)</script>"&'
    frames = {name: frame.copy() for name, frame in FRAMES.items()}
    for name, column in (("energy_by_site", "site_id"), ("daily", "site_id"), ("quality", "source")):
        frames[name][column] = evil
    summary = SUMMARY | {
        "run_id": evil,
        "status": "failed",
        "error": {"stage": evil, "cause": evil, "remedy": evil},
        "quarantined": {evil: {"run": 1, "total": 1}},
        "tables": {evil: evil},
        "notes": [evil],
        "recordings": [evil],
        "quality": {evil: {"precision": 1, "recall": 1}},
        "stage_seconds": {evil: 1.0},
        "examples": [{"class": evil, "event_id": evil, "expected": evil, "found": evil}],
    }
    html = report.render(summary, frames)
    assert "<script" not in html
    assert html.count("alert(1)") >= 15


def test_the_same_run_gives_the_same_report():
    assert report.render(SUMMARY, FRAMES) == report.render(SUMMARY, FRAMES)


@given(st.dictionaries(st.sampled_from(sorted(SUMMARY)), st.booleans()), st.sets(st.sampled_from(sorted(FRAMES))))
@settings(max_examples=60, deadline=None)
def test_whatever_is_missing_is_left_out(changes, gone):
    """True: the key is there but None, as where nothing was sent; False: the key is missing."""
    summary = {name: None if name in changes else value for name, value in SUMMARY.items() if changes.get(name, True)}
    frames = {
        name: frame.iloc[:0] if name == "quality" else frame for name, frame in FRAMES.items() if name not in gone
    }
    found = page(summary, frames)
    assert found.all("h1")
    assert "None" not in found.text
    assert "nan" not in found.text


def test_a_run_without_anything_has_a_report_too():
    assert "Pipeline run" in page({}, {}).text
    assert "This run had no new readings." in page({"freshness_seconds": None}, {}).text


def dots(points):
    drawn = re.search(r'd="([^"]*)" class="dots (\w+)"', charts.daily_ratio("S", points))
    return [tuple(map(float, dot)) for dot in re.findall(r"M(\S+) (\S+)h0", drawn[1])], drawn[2]


def test_a_dot_a_day_between_the_edges():
    where, size = dots(list(zip(DAYS, [0.0, 1.0, 2.0], strict=True)))
    bottom, top = charts.HEIGHT - charts.BOTTOM, charts.TOP
    left, right = charts.LEFT, charts.WIDTH - charts.RIGHT
    assert where == [(left, bottom), ((left + right) / 2, (bottom + top) / 2), (right, top)]
    assert size == "few"


def test_a_ratio_beyond_the_edges_is_drawn_at_the_edge_and_told():
    (low, high), _ = dots([(DAYS[0], -7.0), (DAYS[1], 99.0)])
    assert (low[1], high[1]) == (charts.HEIGHT - charts.BOTTOM, charts.TOP)
    assert "outside of 0 to 2: 1." in page().text


def test_one_day_alone_stands_in_the_middle():
    (dot,), _ = dots([(DAYS[0], 1.0)])
    assert dot[0] == (charts.LEFT + charts.WIDTH - charts.RIGHT) / 2


def test_many_days_get_small_dots():
    assert dots([(DAYS[0] + timedelta(days=n), 0.8) for n in range(400)])[1] == "many"
