"""The verification against Spark itself: each verdict, what it shows, and that slips do not escape it."""

from dataclasses import replace

import pyarrow as pa
import pytest

from helpers import spark as room
from helpers.bridge import translate
from helpers.bridge.verification import verify
from helpers.core.errors import UserError
from tests.bridge.fixtures import pairs
from tests.bridge.slips import slips
from tests.bridge.world import SCHEMA

JOINED = (
    "SELECT s.name, count(*) AS n, sum(r.value) AS total FROM sites s LEFT JOIN readings r ON r.site_id = s.site_id "
    "WHERE s.opened >= DATE '2024-01-01' GROUP BY s.name ORDER BY total DESC LIMIT 3"
)


@pytest.fixture(scope="module")
def session(jvm):
    return room.session("teaching", room.Endpoints("http://127.0.0.1:1", "us-east-1"), app="bridge")


def wrong(sql: str, before: str, after: str):
    """A translation with a slip in its code."""
    done = translate(sql)
    assert before in done.code
    return replace(done, code=done.code.replace(before, after))


def test_the_same_plan_is_a_proof(session) -> None:
    found = verify(translate(JOINED), session)
    assert found.verdict == "proved"
    assert found.good and found.inputs is None
    assert found.plans()["query"].joins == found.plans()["code"].joins != ()
    assert found.assumed == (
        "sites has the columns name string, site_id int, opened date, all may be NULL, no key.",
        "readings has the columns value decimal(12,2), site_id int, all may be NULL, no key.",
    )


@pytest.mark.parametrize(
    ("before", "after", "most"),
    [('"left"', '"inner"', 2), (">= F", "> F", 2), ("limit(3)", "limit(2)", 8), (".desc()", "", 8)],
)
def test_what_differs_is_shown_on_few_rows(session, before: str, after: str, most: int) -> None:
    code = translate(JOINED).code
    before = next(one for one in (before, ">=") if one in code)
    found = verify(wrong(JOINED, before, after if before != ">=" else ">"), session)
    assert found.verdict == "different" and not found.good
    assert 0 < sum(rows.num_rows for rows in found.inputs.values()) <= most
    assert not found.yours.equals(found.expected)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('"n"', '"N"', "Column 2 is named 'N' by the code, 'n' by the query."),
        ("F.sum(", "F.max(", "Column 3, total, is decimal(12,2) in the code's result, decimal(22,2) in the query's."),
    ],
)
def test_names_and_types_are_told_apart_before_any_row(session, before: str, after: str, words: str) -> None:
    found = verify(wrong(JOINED, before, after), session)
    assert (found.verdict, found.sentence, found.inputs) == ("different", words, None)


def test_rows_alone_say_less_than_rows_and_operators(session) -> None:
    sql = "SELECT a FROM t WHERE a > 5"
    moved = verify(wrong(sql, 'F.col("a") > 5', 'F.col("a") * 2 > 10'), session)
    assert moved.verdict == "same operators and same rows"
    assert "not proved, for the optimised plans are not the same" in moved.sentence
    more = verify(wrong(sql, '.select("a")', '.select("a").crossJoin(spark.range(1)).select("a")'), session)
    assert more.verdict == "same rows"
    assert "the code's plan has" in more.sentence


def test_rows_that_tie_may_come_in_any_order(session) -> None:
    sql = "SELECT a, b FROM t WHERE b > 2 ORDER BY a LIMIT 4"
    assert verify(wrong(sql, 'orderBy("a")', 'orderBy("a", F.col("b").desc())'), session).good
    assert verify(wrong(sql, 'orderBy("a")', 'orderBy("b")'), session).verdict == "different"
    hidden = "SELECT a FROM t ORDER BY b"
    assert verify(wrong(hidden, 'orderBy("b")', 'orderBy("b", "a")'), session).good
    assert verify(wrong(hidden, 'orderBy("b")', 'orderBy("a")'), session).verdict == "different"


def test_given_tables_are_tried_too_and_kept_to(session) -> None:
    given = {"T": session.createDataFrame(pa.table({"a": [1, 2, 777], "b": ["x", None, "odd one"]}))}
    slip = wrong("SELECT a FROM t WHERE a > 0", 'F.col("a") > 0', '(F.col("a") > 0) & (F.col("a") != 777)')
    found = verify(slip, session, given)
    assert found.verdict == "different"
    assert found.inputs["t"].to_pylist() == [{"a": 777, "b": "odd one"}]
    assert (found.yours.num_rows, found.expected.num_rows) == (0, 1)
    assert found.assumed == ()


def test_tables_without_rows_prove_nothing(session) -> None:
    """Of an empty local table Spark knows that any filter of it is empty: two plans alike, on these rows only."""
    empty = {"t": session.createDataFrame(pa.table({"a": pa.array([], pa.int32())}))}
    found = verify(wrong("SELECT a FROM t WHERE a > 0", 'F.col("a") > 0', 'F.col("a") > 1'), session, empty)
    assert found.verdict == "different"
    assert found.inputs["t"].to_pylist() == [{"a": 1}]


def test_a_table_that_is_not_given_is_named(session) -> None:
    with pytest.raises(UserError, match="reads the table u, which is not among those given"):
        verify(translate("SELECT a FROM t JOIN u USING (a)"), session, {"t": session.range(1).toDF("a")})


def test_a_query_that_spark_refuses_and_code_that_stops_are_verdicts(session) -> None:
    refused = verify(translate("SELECT a + DATE '2024-01-01' + DATE '2024-01-01' AS x FROM t"), session)
    assert refused.verdict == "refused by Spark"
    assert refused.sentence.startswith("Spark refuses the query itself: [DATATYPE_MISMATCH")
    stopped = verify(wrong("SELECT a FROM t", '.select("a")', '.select("nowhere")'), session)
    assert stopped.verdict == "code fails"
    assert "[UNRESOLVED_COLUMN" in stopped.sentence and "\n" not in stopped.sentence
    slip = verify(replace(translate("SELECT a FROM t"), code="result = 1 / 0\n"), session)
    assert slip.sentence == "The code stops before it reads a row: ZeroDivisionError: division by zero"


def test_code_that_stops_where_the_query_does_not_is_different(session) -> None:
    found = verify(wrong("SELECT a FROM t WHERE a > 5", '"a") > 5', '"a") / F.lit(0) > 5'), session)
    assert found.verdict == "different"
    assert found.sentence.startswith("The code stops, the query does not: [DIVIDE_BY_ZERO]")
    assert found.yours is None and found.expected is not None


def test_an_answer_of_chance_is_undecided(session) -> None:
    found = verify(translate("SELECT rand() AS r FROM t WHERE x > 5"), session)
    assert found.verdict == "undecided"
    assert "not the same twice" in found.sentence


@pytest.mark.proof
def test_a_sample_of_slips_is_noticed(session) -> None:
    wanted = {"joins/left and where null", "grouping/having", "predicates/between", "subqueries/exists"}
    drawn = [one for one in pairs() if f"{one.topic}/{one.title}" in wanted]
    found = [slip for one in drawn for slip in slips(f"{one.topic}/{one.title}", one.sql, SCHEMA, session, most=5)]
    assert sum(slip.noticed is True for slip in found) >= 12
    assert not [f"{slip.query}: {slip.mutant.sentence}: {slip.told}" for slip in found if slip.noticed is False]
