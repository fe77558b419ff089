from pyspark.errors import AnalysisException

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
