"""What the desk shows of a query: its cost, its picture, and its twin in the other language."""

import re

import pytest
from pyspark.sql import functions as F

from helpers.core.errors import UserError
from helpers.desk import cost, full, plan, rosetta
from helpers.exercises.progress import progress


@pytest.fixture
def readings(spark, monkeypatch):
    for room in ("plans", "translation"):
        monkeypatch.setattr(f"helpers.desk.{room}.session", lambda: spark)
    return full("readings")["readings"]


@pytest.fixture
def journal(tmp_path, monkeypatch):
    kept = progress(tmp_path)
    monkeypatch.setattr("helpers.desk.translation.journal", lambda: kept)
    return kept


def test_a_cost_tells_what_was_read_and_moved(readings):
    told = str(cost(readings.where("site_id = 'rsf' AND kw > 0").agg(F.max("kw")), tree=True))
    for part in ("files     4, ", "columns: kw", "left out by site_id", "pushed into the scan: kw", "└─ Exchange"):
        assert part in told


def test_several_are_told_in_a_table(readings):
    lines = str(cost(few=readings.where("site_id = 'rsf'"), all=readings)).splitlines()
    (few,), (every,) = ([line.split("|") for line in lines if line.startswith(name)] for name in ("few", "all"))
    assert (int(few[1]), int(every[1])) == (4, 24)


def test_what_a_subquery_reads_is_told_and_not_counted(readings):
    asked = readings.where("site_id = 'rsf'").where(readings.agg(F.count("kw")).scalar() > 0)
    told = str(cost(asked)).splitlines()
    assert [line.split(";")[0].strip() for line in told if "files  " in line] == [
        "files     4, 1,440 rows",
        "files     read by a subquery, and not counted",
    ]
    assert not any("subquery" in line for line in told if "left out by" in line)
    (row,) = [line.split("|") for line in str(cost(asked=asked)).splitlines() if line.startswith("asked")]
    assert [row[1].strip(), row[2].strip()] == ["4", "1,440 + subquery"]


def test_a_picture_has_each_plan_under_its_name(readings):
    by_site = readings.groupBy("site_id").count()
    shown = plan(before=by_site, after=by_site.where("site_id = 'rsf'"))._repr_mimebundle_()
    assert shown["text/vnd.mermaid"].count("subgraph") == 2
    assert shown["text/plain"].startswith("before\nHashAggregate")
    assert "#" not in shown["text/plain"]


def test_a_picture_of_what_ran_tells_rows_and_bytes_in_both_its_forms(readings):
    of_a_site = readings.where("site_id = 'rsf'").groupBy("channel").agg(F.max("kw"))
    ran, planned = (plan(of_a_site, run=run)._repr_mimebundle_() for run in (True, False))
    for form, joint in (("text/vnd.mermaid", "<br/>"), ("text/plain", "; ")):
        (scan,) = [line for line in ran[form].splitlines() if "Scan parquet" in line]
        assert re.search(rf"Scan parquet{joint}1,440 rows{joint}4 files, \d+ kB{joint}PartitionFilters", scan)
        (shuffle,) = [line for line in ran[form].splitlines() if "Exchange" in line]
        assert re.search(rf"Exchange{joint}\d+ rows{joint}\d+ kB", shuffle)
        assert not re.search(r" rows| kB", planned[form])
    assert re.search(r'\{\{"Exchange', ran["text/vnd.mermaid"])


def test_one_frame_or_several_with_names(readings):
    with pytest.raises(UserError, match="with names"):
        cost()
    with pytest.raises(UserError, match="with names"):
        cost(readings, other=readings)


def counts(readings):
    return readings.groupBy("site_id").agg(F.count("*").alias("n"))


def known(readings):
    return counts(readings.where("kw IS NOT NULL"))


SQL = "SELECT site_id, count(*) AS n FROM readings GROUP BY site_id"


def test_the_same_query_in_both_languages_has_one_plan_and_the_same_rows(readings):
    told = str(rosetta(SQL, counts))
    for part in (
        "GROUP BY site_id",
        "def counts(readings):",
        "The plan of both: 1 scan, 1 shuffle",
        "the same 6 rows",
    ):
        assert part in told


def test_another_query_has_its_own_plan_and_the_difference_is_told(readings):
    told = str(rosetta(SQL + " HAVING count(*) > 5000", known))
    for part in ("The plan of SQL: 1 scan", "The plan of DataFrame: 1 scan", "The DataFrame differs."):
        assert part in told


def test_of_an_exercise_the_solution_is_shown_and_noted(readings, journal):
    assert "def site_coverage_grouped" in str(rosetta("site_coverage"))
    assert [state.solution_seen for state in journal.fold().values()] == [True]


def test_what_has_no_table_or_no_sql_is_said(readings, journal):
    with pytest.raises(UserError, match="rows is no table of the classroom"):
        rosetta(SQL, lambda rows: rows)
    with pytest.raises(UserError, match="has no SQL"):
        rosetta("land_alarms")
