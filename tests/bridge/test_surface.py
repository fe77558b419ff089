"""The list of Spark's own SQL: its form, what it reaches, and that Spark gives one answer to each statement."""

import re
from collections import Counter

import pytest

from helpers import spark as room
from tests.bridge.pairs import load
from tests.bridge.surface import statements
from tests.bridge.views import make_views

REACHED = {
    "scalar subquery": r"\(SELECT (max|count|avg)\(",
    "IN subquery": r"\bIN \(SELECT\b",
    "EXISTS": r"\bEXISTS \(SELECT\b",
    "lateral": r"\bLATERAL \(SELECT\b",
    "grouping sets": r"\bGROUPING SETS\b",
    "rollup": r"\bROLLUP\b",
    "cube": r"\bCUBE\b",
    "pivot": r"\bPIVOT\b",
    "unpivot": r"\bUNPIVOT\b",
    "frame of rows": r"\bROWS (BETWEEN|UNBOUNDED)",
    "frame of a range": r"\bRANGE BETWEEN\b",
    "EXCEPT": r"\bEXCEPT\b",
    "INTERSECT": r"\bINTERSECT\b",
    "UNION": r"\bUNION\b",
    "interval": r"\bINTERVAL\b",
    "lambda": r"->",
    "struct": r"struct\(",
    "map": r"\bmap\(",
    "array": r"\barray\(",
    "generator": r"\bexplode",
    "LATERAL VIEW": r"\bLATERAL VIEW\b",
    "TABLESAMPLE": r"\bTABLESAMPLE\b",
    "VALUES": r"\bVALUES\b",
    "QUALIFY": r"\bQUALIFY\b",
    "FILTER": r"\bFILTER \(WHERE\b",
    "WITHIN GROUP": r"\bWITHIN GROUP\b",
    "pipe": r"\|>",
    "named argument": r"=>",
}
"""What the list must reach, each by at least two statements."""


def test_there_are_enough_statements_and_each_has_its_own_id_and_text():
    assert len(statements()) >= 150
    for name in ("id", "sql"):
        counts = Counter(" ".join(getattr(one, name).split()) for one in statements())
        assert [value for value, count in counts.items() if count > 1] == []


def test_every_construct_is_reached():
    assert [
        name
        for name, pattern in REACHED.items()
        if sum(bool(re.search(pattern, one.sql)) for one in statements()) < 2
    ] == []


def test_an_order_is_claimed_only_where_the_statement_gives_one():
    assert [one.id for one in statements() if one.ordered and "order by" not in one.sql.lower()] == []


@pytest.fixture(scope="module")
def answers(jvm):
    """Each statement's columns and rows twice: from tables in one part, and from shuffled ones."""
    spark = room.session("teaching", room.Endpoints("http://127.0.0.1:1", "us-east-1"), app="surface")
    found = []
    for partitions in (1, 3):
        make_views(spark, load("postgres").tables, partitions)
        found.append({one.id: _answer(spark, one.sql) for one in statements()})
    return found


def _answer(spark, sql):
    frame = spark.sql(sql)
    return frame.columns, [repr(row) for row in frame.collect()]


@pytest.mark.proof
def test_spark_takes_each_statement_and_gives_the_same_answer_whatever_the_partitions(answers):
    one_part, shuffled = answers
    differing = []
    for one in statements():
        (names, rows), (again, more) = one_part[one.id], shuffled[one.id]
        same = rows == more if one.ordered else Counter(rows) == Counter(more)
        if names != again or not same:
            differing.append(one.id)
    assert differing == []


@pytest.mark.proof
def test_hardly_a_statement_answers_nothing(answers):
    """An empty answer tells little about a translation."""
    assert [name for name, (_, rows) in answers[0].items() if not rows] == ["not-in-with-null"]
