import pytest

from helpers.core.errors import ExerciseBroken
from helpers.exercises import TABLES
from helpers.exercises.rows import START, row


@pytest.mark.parametrize("table", TABLES, ids=lambda one: one.name)
def test_a_row_of_every_table_has_a_value_wherever_none_is_forbidden(table):
    made = row(table.name)
    assert len(made) == len(table.columns)
    assert [c.name for c, value in zip(table.columns, made, strict=True) if value is None] == [
        c.name for c in table.columns if c.nullable
    ]


def test_what_is_said_stands_in_its_column():
    assert row("readings", site_id="x", kw=3) == ("x", "ac_power", START, 3)


def test_a_column_that_is_not_there_is_the_authors_error():
    with pytest.raises(ExerciseBroken, match="readings has no column watts"):
        row("readings", watts=3)


def test_a_column_may_be_called_name():
    assert row("sites", site_id="x", name="Yard")[:2] == ("x", "Yard")
