"""Over Spark Connect nothing is proved, and the verdict says so; differences are found all the same."""

from dataclasses import replace

import pytest

from helpers.bridge import translate, verify
from helpers.services.answers import postgres_answers
from tests.conftest import connect_session

pytestmark = [pytest.mark.services, pytest.mark.proof]

SQL = "SELECT a, sum(b) AS s FROM t JOIN u USING (a) WHERE b > 5 GROUP BY a ORDER BY s DESC"


@pytest.fixture(scope="module")
def session(running):
    with connect_session() as session:
        yield session


def test_the_best_verdict_is_same_operators_and_same_rows(session) -> None:
    found = verify(translate(SQL), session)
    assert found.verdict == "same operators and same rows", found.sentence
    assert "over Spark Connect plans cannot be proved the same" in found.sentence
    assert found.plans()["query"].joins == found.plans()["code"].joins != ()


def test_a_difference_is_shown_on_few_rows(session) -> None:
    done = translate(SQL)
    slip = replace(done, code=done.code.replace('F.col("b") > 5', 'F.col("b") >= 5'))
    assert slip.code != done.code
    found = verify(slip, session)
    assert found.verdict == "different", found.sentence
    assert sum(rows.num_rows for rows in found.inputs.values()) <= 4
    assert found.yours is not None and found.expected is not None


def test_what_spark_refuses_is_a_verdict_here_too(session) -> None:
    assert verify(translate("SELECT a + DATE '2024-01-01' + DATE '2024-01-01' AS x FROM t"), session).verdict == (
        "refused by Spark"
    )
    stopped = replace(translate("SELECT a FROM t"), code='result = t.select("nowhere")\n')
    assert verify(stopped, session).verdict == "code fails"


DIALECT = "SELECT asset_id / 2 AS half, kind FROM assets WHERE kind <> 'pv'"
SCHEMA = {"assets": {"asset_id": "int", "kind": "string"}}


def test_postgresql_itself_is_asked(session) -> None:
    tables = {"assets": session.createDataFrame([(7, "wind")], "asset_id int, kind string")}
    found = verify(translate(DIALECT, "postgres", SCHEMA), session, tables, origin=postgres_answers())
    assert found.verdict == "same operators and same rows", found.sentence
    assert "PostgreSQL itself gives the same rows on 8 sets of tables." in found.sentence


def test_what_both_sides_get_wrong_postgresql_tells(session) -> None:
    done = translate(DIALECT, "postgres", SCHEMA)
    assert "DIV 2" in done.spark_sql
    code = done.code.replace('F.call_function("div", F.col("asset_id"), F.lit(2))', '(F.col("asset_id") / 2)')
    assert code != done.code
    slip = replace(done, spark_sql=done.spark_sql.replace("DIV 2", "/ 2"), code=code)
    tables = {"assets": session.createDataFrame([(7, "wind")], "asset_id int, kind string")}
    found = verify(slip, session, tables, origin=postgres_answers())
    assert found.verdict == "different", found.sentence
    assert found.sentence.startswith("PostgreSQL itself gives other rows")
    assert not found.yours.equals(found.expected)
