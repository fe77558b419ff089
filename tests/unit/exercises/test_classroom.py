import re

import pytest

from helpers.core.errors import ExerciseBroken
from helpers.exercises.classroom import TABLES, schema, table, usual
from helpers.peak import relational


@pytest.mark.parametrize("name", list(relational.TABLES))
def test_columns_are_those_of_the_relational_world(name):
    columns = re.findall(
        r"(?:^|, )(?!primary|check)(\w+) (text|numeric|timestamptz|int|double)", relational.TABLES[name]
    )
    assert [column for column, _ in columns] == [column.name for column in table(name).columns]


def test_the_usual_data_keep_what_the_tables_declare():
    data = usual()
    for declared in TABLES:
        rows = data[declared.name]
        assert rows.schema == schema(declared.name)
        assert rows.num_rows > 0
        for column in declared.columns:
            assert column.nullable or rows[column.name].null_count == 0
        keys = list(zip(*(rows[name].to_pylist() for name in declared.key), strict=True))
        assert len(set(keys)) == len(keys)
        for reference in declared.references:
            there = set(data[reference.table][reference.target[0]].to_pylist())
            assert set(rows[reference.columns[0]].to_pylist()) - {None} <= there


def test_readings_are_genuine_gaps_and_negative_nights_included():
    kw = usual()["readings"]["kw"].to_pylist()
    assert None in kw
    assert min(value for value in kw if value is not None) < 0
    assert max(value for value in kw if value is not None) > 100


def test_an_unknown_table_is_named_with_those_there_are():
    with pytest.raises(ExerciseBroken, match=r"'planets'.*work_orders"):
        table("planets")
