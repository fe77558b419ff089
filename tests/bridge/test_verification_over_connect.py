"""Over Spark Connect nothing is proved, and the verdict says so; differences are found all the same."""

from dataclasses import replace

import pytest

from helpers.bridge import translate, verify
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
