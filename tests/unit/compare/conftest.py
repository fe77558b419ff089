"""Tables and terms from short texts: "id int; x double" and rows as tuples."""

import pyarrow as pa
import pytest

from helpers.compare import Column, Terms, arrow_type


def make_table(columns, rows):
    named = [
        part.strip().rsplit(" ", 1) if "<" not in part else part.strip().split(" ", 1) for part in columns.split(";")
    ]
    arrays = [pa.array([row[at] for row in rows], arrow_type(kind)) for at, (_, kind) in enumerate(named)]
    return pa.Table.from_arrays(arrays, names=[name for name, _ in named])


def make_terms(columns, **more):
    schema = make_table(columns, []).schema
    spelled = [part.strip().split(" ", 1)[1] for part in columns.split(";")]
    return Terms(tuple(Column(name, kind) for name, kind in zip(schema.names, spelled, strict=True)), **more)


@pytest.fixture(scope="session")
def table():
    return make_table


@pytest.fixture(scope="session")
def terms():
    return make_terms
