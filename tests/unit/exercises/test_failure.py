import pytest
from pyspark.errors import AnalysisException, StreamingQueryException

from helpers.exercises.failure import failure


def test_a_listed_error_is_told_in_plain_words_with_its_class_in_brackets(monkeypatch):
    monkeypatch.setattr("helpers.exercises.failure.home", lambda: "sqlserver")
    error = AnalysisException(
        "x", errorClass="TABLE_OR_VIEW_NOT_FOUND", messageParameters={"relationName": "`dbo`.`sites`"}
    )
    found = failure(error)
    assert found.sentence.startswith("There is no table dbo.sites: Spark has no dbo.")
    assert found.sentence.endswith(" [TABLE_OR_VIEW_NOT_FOUND]")
    assert (found.condition, found.instead) == ("TABLE_OR_VIEW_NOT_FOUND", "SELECT name FROM sites")


def test_an_error_of_python_has_its_own_text_in_the_brackets():
    found = failure(TypeError("object of type 'DataFrame' has no len()"))
    assert found.sentence.endswith(" [TypeError: object of type 'DataFrame' has no len()]")
    assert found.condition == "TypeError"


def test_what_nobody_listed_stays_as_it_is():
    found = failure(ZeroDivisionError("division by zero"))
    assert (found.sentence, found.condition) == ("ZeroDivisionError: division by zero", "ZeroDivisionError")
    error = AnalysisException("Something odd. SQLSTATE: 42000", errorClass="SOMETHING_ODD", messageParameters={})
    found = failure(error)
    assert (found.sentence, found.condition) == ("Spark says SOMETHING_ODD: Something odd.", "SOMETHING_ODD")


IN_PYTHON = """[PYTHON_EXCEPTION] [session: 1] Found error inside foreachBatch Python process: \
Traceback (most recent call last):
  File "<cell>", line 2, in save
    {}["x"]
    ~~^^^^^
KeyError: 'x'
 SQLSTATE: 38000"""
IN_SPARK = "[DIVIDE_BY_ZERO] Division by zero. SQLSTATE: 22012\n== SQL (line 1) ==\n1/(a-a)"


@pytest.mark.parametrize(
    ("cause", "told"),
    [(IN_PYTHON, "in the function of foreachBatch, KeyError: 'x'"), (IN_SPARK, "[DIVIDE_BY_ZERO] Division by zero.")],
)
def test_a_failed_stream_is_told_by_its_cause_without_ids_and_traces(cause, told):
    text = f"Query [id = 1, runId = 2] terminated with exception: {cause}\n=== Streaming Query ===\nIdentifier: 1"
    found = failure(StreamingQueryException(text, errorClass="STREAM_FAILED", messageParameters={}))
    assert (found.sentence, found.condition) == (f"The streaming query failed: {told}", "STREAM_FAILED")


def test_a_failed_stream_without_a_cause_stays_as_it_is():
    found = failure(StreamingQueryException("Odd.", errorClass="STREAM_FAILED", messageParameters={}))
    assert found.sentence == "The streaming query failed: [STREAM_FAILED] Odd."
