"""The pairs of statements: their form, and what the code leaves in Delta tables."""

from dataclasses import replace

import pytest

from helpers.bridge import translate, verify
from helpers.core.errors import UserError
from helpers.spark.conf import quick
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
    with connect_session() as session, quick(session):
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


GONE = "DELETE FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.a = t.a)"
RAISED = "UPDATE t SET b = b + 1 WHERE c > 5"


@pytest.mark.services
@pytest.mark.proof
@pytest.mark.timeout(600)
@pytest.mark.parametrize("sql", [GONE, RAISED, "INSERT INTO t (a, b) SELECT c, d FROM u WHERE d > 5"])
def test_code_that_leaves_the_same_is_told_so(session, sql: str) -> None:
    found = verify(translate(sql), session)
    assert found.verdict == "same rows" and found.good, found.sentence
    assert session.catalog.listDatabases("gridbridge_*") == []


@pytest.mark.services
@pytest.mark.proof
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("sql", "before", "after"),
    [
        (RAISED, " > 5", " >= 5"),
        (GONE, 'F.col("t.a").eqNullSafe(F.col("changes.a"))', 'F.col("t.a") == F.col("changes.a")'),
    ],
)
def test_a_slip_is_noticed_and_the_rows_that_show_it_are_told(session, sql: str, before: str, after: str) -> None:
    done = translate(sql)
    slip = replace(done, code=done.code.replace(before, after))
    assert slip.code != done.code
    found = verify(slip, session)
    assert found.verdict == "different" and found.inputs, found.sentence
    assert not found.yours.equals(found.expected)


@pytest.mark.services
@pytest.mark.proof
@pytest.mark.timeout(600)
def test_your_own_table_stays_as_it_is(session) -> None:
    session.sql("CREATE OR REPLACE TABLE t USING delta AS SELECT 7 AS c, 1 AS b")
    found = verify(translate(RAISED, schema={"t": {"c": "int", "b": "int"}}), session, {"t": session.table("t")})
    assert found.verdict == "same rows" and found.assumed == (), found.sentence
    assert [tuple(row) for row in session.table("t").collect()] == [(7, 1)]
    with pytest.raises(UserError, match="works on the table t"):
        verify(translate(RAISED), session, {})
