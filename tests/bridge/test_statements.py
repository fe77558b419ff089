"""The pairs of statements: their form, and what the code leaves in Delta tables."""

import pytest

from tests.bridge.changed import Tables
from tests.bridge.pairs import DIALECTS
from tests.bridge.statements import load
from tests.conftest import connect_session

RIGHT = {"postgres": 40, "mysql": 34, "oracle": 31, "tsql": 33}
"""So many are right at least, those that are to be refused included; it may only grow."""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_there_are_enough_statements_and_each_is_told_apart(dialect: str) -> None:
    found = load(dialect).statements
    assert len(found) >= 30
    for name in ("id", "sql"):
        assert len({" ".join(getattr(one, name).split()) for one in found}) == len(found)


@pytest.fixture(scope="module")
def session(running):
    with connect_session() as session:
        yield session


@pytest.mark.services
@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_code_leaves_the_expected_rows(session, dialect: str) -> None:
    tables = Tables(session, load(dialect))
    told = {one.id: tables.outcome(one) for one in tables.found.statements}
    right, refused = (sum(word == found for found in told.values()) for word in ("right", "refused"))
    print(f"{dialect}: {right} right, {refused} refused of {len(told)}")
    assert {name: found for name, found in told.items() if found not in ("right", "refused")} == {}
    assert right >= RIGHT[dialect]
