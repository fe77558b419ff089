import pytest

from helpers.core.errors import ExerciseBroken
from helpers.exercises import Wrong
from helpers.exercises.classroom import schema
from helpers.exercises.variants import declared, families, fingerprint, inputs
from tests.unit.exercises.sample import exercise


def orders(work_orders):
    return work_orders


ROW = ("home", "Home", "rooftop", "UTC", 0.0, 0.0)
WRONG = tuple(Wrong(name, orders, name) for name in "abcd")


def test_variants_are_usual_made_and_empty_in_the_classrooms_types():
    found = inputs(exercise())
    assert next(iter(found)) == "usual"
    assert list(found)[-1] == "empty"
    assert found["usual"]["sites"].num_rows == 14
    assert found["empty"]["sites"].num_rows == 0
    assert all(tables["sites"].schema == schema("sites") for tables in found.values())


def test_the_authors_rows_are_a_family_and_reach_the_fused_data():
    one = exercise(rows={"sites": [ROW]})
    author = next(family for family in families(one) if family.name == "author")
    assert "Home" in author.tables["sites"]["name"].to_pylist()
    assert any(
        "Home" in tables["sites"]["name"].to_pylist() for name, tables in inputs(one).items() if name != "usual"
    )


def test_the_same_seed_makes_the_same_data():
    again = {family.name: family.tables for family in families(exercise(title="Other"), 5)}
    assert {family.name: family.tables for family in families(exercise(), 5)} == again


def test_an_edited_exercise_is_another_one_for_what_is_kept():
    assert fingerprint(exercise()) == fingerprint(exercise(title="Other"))
    assert fingerprint(exercise()) != fingerprint(exercise(oracle="SELECT site_id FROM sites LIMIT 1"))
    assert fingerprint(exercise()) != fingerprint(exercise(rows={"sites": [ROW]}))


def test_references_to_tables_that_the_exercise_lacks_are_left_out():
    one = exercise(tables=("work_orders",), solutions=(orders, orders), wrong=WRONG)
    assert declared(one)[0].references == ()


def test_an_oracle_that_is_no_query_is_the_authors_error():
    with pytest.raises(ExerciseBroken, match="No data can be made"):
        families(exercise(oracle="DROP TABLE sites"))
