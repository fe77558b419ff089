"""The form of the dialect pairs, and how an answer is held against one."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.bridge.pairs import DIALECTS, KINDS, Pair, _typed, load

SHARE_REFUSED = 0.05
"""Declining counts against a translator, so few pairs may ask for it."""


@pytest.fixture(params=DIALECTS)
def dialect(request):
    return load(request.param)


def test_each_dialect_has_enough_pairs_and_each_its_own_id(dialect):
    assert len(dialect.pairs) >= 75
    assert [one for one, count in Counter(pair.id for pair in dialect.pairs).items() if count > 1] == []


def test_no_two_pairs_ask_the_same(dialect):
    texts = Counter(" ".join(pair.sql.split()).lower() for pair in dialect.pairs)
    assert [text for text, count in texts.items() if count > 1] == []


def test_each_pair_says_what_it_is_about_and_where_that_stands(dialect):
    assert [pair.id for pair in dialect.pairs if not (pair.about and pair.manual and pair.sql.strip())] == []
    assert dialect.product


def test_columns_have_known_kinds_and_names_of_their_own(dialect):
    for pair in dialect.pairs:
        assert set(pair.columns.values()) <= set(KINDS), pair.id
        assert len({name.lower() for name in pair.columns}) == len(pair.columns), pair.id


def test_an_order_is_claimed_only_where_the_query_gives_one(dialect):
    assert [pair.id for pair in dialect.pairs if pair.ordered and "order by" not in pair.sql.lower()] == []


def test_few_pairs_are_to_be_refused(dialect):
    refused = [pair.id for pair in dialect.pairs if pair.refuse is not None]
    assert 0 < len(refused) <= SHARE_REFUSED * len(dialect.pairs)


def test_the_dialects_speak_of_the_same_tables():
    shapes = [{table.name: table.spark for table in load(name).tables} for name in DIALECTS]
    assert all(shape == shapes[0] for shape in shapes)


def test_keys_hold(dialect):
    for table in dialect.tables:
        places = [list(table.spark).index(name) for name in table.key]
        keys = [tuple(row[place] for place in places) for row in table.rows]
        assert len(set(keys)) == len(keys), table.name
        assert not any(None in key for key in keys), table.name


def pair(ordered=False, dialect="mysql"):
    return Pair("p", dialect, "", "", "", {"N": "int", "at": "timestamp"}, (ROW, OTHER), ordered, None)


ROW, OTHER = (1, datetime(2024, 2, 29)), (None, datetime(2024, 2, 29, 12))


@pytest.mark.parametrize(
    ("names", "rows", "said"),
    [
        (["n", "AT"], [OTHER, (Decimal("1.00"), ROW[1])], None),
        (["n"], [], "the columns are n"),
        (["n", "at"], [ROW], "missing are"),
        (["n", "at"], [ROW, ROW, OTHER], "too many are"),
        (["n", "at"], [(True, ROW[1]), OTHER], "<True>"),
        (["n", "at"], [(1.001, ROW[1]), OTHER], "1.001"),
        (["n", "at"], [("1", ROW[1]), OTHER], "'1'"),
        (["n", "at"], [(1, date(2024, 2, 29)), OTHER], "2024-02-29"),
    ],
)
def test_an_answer_is_told_what_is_wrong_with_it(names, rows, said):
    found = pair().difference(names, rows)
    assert found is None if said is None else said in found


def test_an_order_counts_where_it_is_claimed():
    assert pair().difference(["n", "at"], [OTHER, ROW]) is None
    assert "order is not" in pair(ordered=True).difference(["n", "at"], [OTHER, ROW])


def test_midnight_is_its_day_in_oracle_only():
    assert pair(dialect="oracle").difference(["n", "at"], [(1, date(2024, 2, 29)), OTHER]) is None


@pytest.mark.parametrize(("kind", "cell"), [("int", "1"), ("int", True), ("decimal", 1.5), ("date", "29.2.2024")])
def test_a_cell_written_otherwise_is_an_error(kind, cell):
    with pytest.raises(ValueError):
        _typed(kind, cell)
