import pytest

from tests.bridge.fixtures import Pair, pairs

PAIRS = pairs()


@pytest.mark.parametrize("pair", PAIRS, ids=lambda one: f"{one.topic}: {one.title}")
def test_a_query_becomes_its_pair_and_holds_no_sql(pair: Pair) -> None:
    assert pair.got() == pair.expected
    for word in ("spark.sql(", "expr(", "selectExpr(", "F.expr"):
        assert word not in pair.got()


def test_titles_of_a_topic_are_told_apart() -> None:
    titles = [(one.topic, one.title) for one in PAIRS]
    assert len(titles) == len(set(titles)) > 0
