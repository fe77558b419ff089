import pytest

from helpers.core.errors import ExerciseBroken
from helpers.exercises import Column, Contract, Lesson, Wrong
from tests.unit.exercises.sample import exercise, right, wrong


def test_a_name_and_a_signature_come_from_the_id_and_the_tables():
    one = exercise()
    assert (one.name, one.signature) == ("site_ids", "def site_ids(sites):")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "SiteIds"}, "id"),
        ({"task": " "}, "task is empty"),
        ({"remember": ""}, "remember is empty"),
        ({"hints": ("one", "two")}, "2 hints, at least 3"),
        ({"hints": ("one", "two", " ")}, "hint is empty"),
        ({"solutions": (right,)}, "1 solutions, at least 2"),
        ({"wrong": (Wrong("a", wrong, "words"),)}, "1 wrong, at least 4"),
        ({"wrong": tuple(Wrong("a", wrong, "words") for _ in range(4))}, "same name"),
        ({"solutions": (right, lambda assets: assets)}, "no function of sites"),
        ({"tables": ("sites", "sites")}, "each once"),
        ({"tables": ("sites", "planets")}, "no table 'planets'"),
        ({"rows": {"assets": []}}, "none of its tables"),
        ({"rows": {"sites": [("rsf", "a name")]}}, "6 values"),
        ({"equivalent": {"a became b": ""}}, "without a reason"),
        ({"wrong": tuple(Wrong(name, wrong, "words", over_budget=True) for name in "abcd")}, "and it has none"),
    ],
)
def test_what_is_badly_written_is_refused_with_its_reason(changes, words):
    with pytest.raises(ExerciseBroken, match=words):
        exercise(**changes)


def test_a_contract_that_contradicts_itself_is_refused():
    with pytest.raises(ExerciseBroken, match="key"):
        Contract("one row", (Column("a", "int"),), key=("b",))
    with pytest.raises(ExerciseBroken, match="grain"):
        Contract(" ", (Column("a", "int"),))


def test_terms_carry_all_that_a_comparison_needs():
    terms = Contract(
        "g", (Column("a", "int"), Column("b", "int")), key=("a",), order=("-b",), column_order=True
    ).terms()
    assert (terms.key, terms.order, terms.column_order) == (("a",), ("-b",), True)


def test_a_lesson_needs_a_title_and_numbers_from_one():
    with pytest.raises(ExerciseBroken):
        Lesson(number=0, title="x", minutes=30)
    with pytest.raises(ExerciseBroken):
        Lesson(number=1, title=" ", minutes=30)
