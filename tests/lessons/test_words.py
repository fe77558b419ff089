"""Errors in the learner's language: every entry of the phrase book explains a real error of real Spark.

As learners have it: over Spark Connect. tests/services/test_words.py does the same in a session of its own.
"""

import pytest
from pyspark.errors import AnalysisException

from helpers.core.settings import settings
from helpers.desk.show import verdict_card
from helpers.exercises import judge
from helpers.exercises.words import ENTRIES, explained, settle
from tests.lessons.sample import ORDERS, left_join
from tests.lessons.slips import SLIPS, assert_explained, with_views

OF = {entry.name: entry for entry in ENTRIES}


@pytest.fixture(scope="module")
def learners(spark):
    with with_views(spark):
        yield spark


def test_every_entry_has_a_slip():
    assert {slip.entry for slip in SLIPS} == set(OF)


def test_there_are_at_least_40_entries_each_with_a_name_of_its_own():
    assert len(OF) == len(ENTRIES) >= 40


@pytest.mark.parametrize("slip", [slip for slip in SLIPS if slip.only != "classic"], ids=lambda slip: slip.entry)
def test_a_real_error_is_explained_in_the_words_of_each_database(learners, slip):
    assert_explained(slip, learners)


def test_a_query_known_only_by_its_call_is_read_from_there(learners):
    with pytest.raises(AnalysisException) as caught:
        learners.sql("SELECT latitude * 2 AS twice FROM sites WHERE twice > 5").collect()
    assert explained(caught.value).name == "alias in where"


def test_what_nobody_listed_is_not_explained(learners):
    assert explained(ZeroDivisionError("division by zero")) is None
    assert explained(KeyError("x")) is None


def test_a_verdict_tells_line_words_class_and_what_to_write_instead(spark):
    def answer(sites, work_orders):
        urgent = work_orders.where((work_orders.priority == 1) and (work_orders.site_id != ""))
        return left_join(sites, urgent)

    verdict = judge(answer, ORDERS, spark)
    assert verdict.kind == "error"
    assert verdict.error_line.startswith("line 2: urgent = work_orders.where((")
    assert verdict.sentence.startswith("Python's and and or cannot join conditions on columns.")
    assert verdict.sentence.endswith(" [CANNOT_CONVERT_COLUMN_INTO_BOOL]")
    shown = str(verdict_card(verdict))
    places = [
        shown.index(part) for part in ("line 2: urgent", "Python's and", "CANNOT_CONVERT", verdict.instead[:20])
    ]
    assert places == sorted(places)


def test_an_answer_in_sql_is_explained_from_its_own_text(spark):
    sql = "SELECT s.site_id, 2 AS orders FROM sites s WHERE orders > 1"
    assert judge(sql.replace("2 AS", "s.latitude AS"), ORDERS, spark).sentence.startswith(
        "orders is a name that SELECT"
    )
    top = judge("-- TOP\nSELECT TOP 5 site_id FROM sites", ORDERS, spark)
    assert top.sentence == (
        "Spark has no TOP: the number of rows goes to the end of the query, as LIMIT. [PARSE_SYNTAX_ERROR]"
    )
    assert "limit(5)" in top.instead
    assert judge("SELEC site_id FROM sites", ORDERS, spark).sentence.startswith("Spark's parser does not know SELEC")


def test_a_verdict_speaks_the_language_that_was_chosen(spark, tmp_path, monkeypatch):
    monkeypatch.setenv("GRIDBRIDGE_WORK", str(tmp_path))
    settings.cache_clear()
    try:
        settle("sqlserver")
        told = judge("SELECT TOP 5 site_id FROM sites", ORDERS, spark).sentence
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert told.startswith("Your TOP is Spark's LIMIT")
