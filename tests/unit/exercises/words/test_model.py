import pytest

from helpers.exercises.words.facts import Facts, facts, plain
from helpers.exercises.words.model import DIALECTS, Entry
from helpers.exercises.words.query import Query


def spark(condition, **parameters):
    return Facts("AnalysisException", condition, parameters)


def test_a_class_covers_its_subclasses_and_nothing_that_only_begins_alike():
    entry = Entry("x", "words", conditions=("UNRESOLVED_COLUMN",))
    assert entry.matches(spark("UNRESOLVED_COLUMN.WITH_SUGGESTION"))
    assert entry.matches(spark("UNRESOLVED_COLUMN"))
    assert not entry.matches(spark("UNRESOLVED_COLUMN_AMONG_FIELD_NAMES"))


def test_pythons_own_class_counts_only_where_spark_gives_none():
    entry = Entry("x", "words", errors=("TypeError",))
    assert entry.matches(Facts("TypeError"))
    assert not entry.matches(Facts("TypeError", "NOT_ITERABLE"))
    assert not entry.matches(Facts("ValueError"))


def test_parameters_and_a_test_narrow_it_down():
    entry = Entry("x", "words", conditions=("A",), given={"name": ("dual",)}, test=lambda f: f.operator == "")
    assert entry.matches(spark("A", name="DUAL"))
    assert not entry.matches(spark("A", name="sites"))
    assert not entry.matches(spark("A"))


def test_each_database_hears_its_own_words_or_the_common_ones():
    entry = Entry("x", "common {name}", "code {name}", oracle="yours {name} {home}")
    told = {dialect: entry.explanation(spark("A", name="n"), dialect) for dialect in DIALECTS}
    assert told["oracle"].sentence == "yours n Oracle"
    assert {told[one].sentence for one in ("sqlserver", "postgresql", "mysql")} == {"common n"}
    assert {one.instead for one in told.values()} == {"code n"}


def test_a_parameter_that_is_not_there_and_a_very_long_one_do_no_harm():
    entry = Entry("x", "{gone} {long}")
    sentence = entry.explanation(spark("A", long="{y}" + "z" * 500), "oracle").sentence
    assert sentence.startswith("… {y}zzz")
    assert len(sentence) < 150


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("`s`.`name`", "s.name"),
        ("'5'", "5"),
        ("'\"sites\"'", '"sites"'),
        ("''", ""),
        ('"INT"', "INT"),
        ('["DATE", "INT"]', "DATE, INT"),
        ('"NUMERIC" or "ANSI INTERVAL"', "NUMERIC or ANSI INTERVAL"),
        ("'", "'"),
        ("", ""),
    ],
)
def test_parameters_are_told_without_quotes(written, told):
    assert plain(written) == told


def test_the_unknown_routine_is_found_wherever_it_is_named():
    assert spark("UNRESOLVED_ROUTINE", routineName="GETDATE").routine == "getdate"
    assert spark("UNRESOLVED_COLUMN.WITH_SUGGESTION", objectName="SYSDATE").routine == "sysdate"
    assert spark("UNRESOLVABLE_TABLE_VALUED_FUNCTION", name="UNNEST").routine == "unnest"
    assert Facts("NameError", missing="sysdate").routine == "sysdate"
    assert Facts("AttributeError", missing="getdate", holder="functions").routine == "getdate"
    assert Facts("AttributeError", missing="upper", holder="str").routine == ""


def test_an_error_of_python_has_no_class_of_spark():
    try:
        "name".desc()
    except AttributeError as error:
        found = facts(error)
    assert (found.error, found.condition, found.missing, found.holder) == ("AttributeError", "", "desc", "str")
    assert found.query == Query()


def test_a_java_error_that_is_not_sparks_has_no_class():
    class Java:
        def getCondition(self):
            raise RuntimeError("there is no such method")

    class Py4JJavaError(Exception):
        java_exception = Java()

    assert facts(Py4JJavaError("x")).condition == ""
