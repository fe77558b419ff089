import pyarrow as pa
import pytest

from helpers.bridge.parse import parse
from helpers.bridge.verification.ending import Ending, ending, fits, is_ordered

ROWS = pa.table({"name": ["a", "b", "c", "d"], "n": [1, 2, 2, 3]})
BY_N = Ending("", 2, (1,), 0)


@pytest.mark.parametrize(
    ("sql", "columns", "keys", "hidden"),
    [
        ("SELECT a, b FROM t ORDER BY b DESC, 1", ["a", "b"], (1, 0), ""),
        ("SELECT a AS x FROM t ORDER BY X LIMIT 3", ["x"], (0,), ""),
        ("SELECT a, sum(b) AS s FROM t GROUP BY a ORDER BY sum(b)", ["a", "s"], (1,), ""),
        ("SELECT a FROM t ORDER BY b + 1", ["a"], (1,), ", b + 1 AS `key of the order 0`"),
        ("SELECT a, b FROM t ORDER BY ALL", ["a", "b"], (0, 1), ""),
        ("SELECT a FROM t UNION SELECT b FROM u ORDER BY a LIMIT 2", ["a"], (0,), ""),
        ("SELECT a FROM t LIMIT 2", ["a"], (), ""),
    ],
)
def test_sort_keys_are_columns_of_the_result_or_hidden_ones_behind_them(sql, columns, keys, hidden) -> None:
    found = ending(parse(sql), columns)
    assert (found.keys, found.width) == (keys, len(columns))
    assert "LIMIT" not in found.sql
    assert (hidden or "key of the order") in found.sql or not hidden
    assert ("key of the order" in found.sql) is bool(hidden)


def test_keys_that_cannot_be_told_leave_the_sequence_open() -> None:
    assert ending(parse("SELECT DISTINCT a FROM t ORDER BY upper(a)"), ["a"]) is None
    assert ending(parse("SELECT a FROM t ORDER BY a LIMIT 3 OFFSET 1 + 1"), ["a"]) is None


def test_only_the_last_order_and_limit_count() -> None:
    assert is_ordered(parse("SELECT a FROM t ORDER BY a"))
    assert is_ordered(parse("SELECT a FROM t LIMIT 1"))
    assert not is_ordered(parse("SELECT a FROM (SELECT a FROM t ORDER BY a LIMIT 1) AS d"))


def test_ties_come_in_any_order_and_nothing_else_does() -> None:
    assert fits(ROWS.take([0, 2, 1, 3]), ROWS, BY_N)
    assert not fits(ROWS.take([1, 0, 2, 3]), ROWS, BY_N)
    assert not fits(ROWS.take([0, 1, 1, 3]), ROWS, BY_N)


def test_a_limit_takes_any_of_the_rows_that_tie_at_its_edge() -> None:
    assert fits(ROWS.take([0, 1]), ROWS, BY_N)
    assert fits(ROWS.take([0, 2]), ROWS, BY_N)
    assert not fits(ROWS.take([0, 3]), ROWS, BY_N)
    assert not fits(pa.concat_tables([ROWS, ROWS]), ROWS, BY_N)


def test_an_offset_leaves_out_the_first_rows() -> None:
    behind = Ending("", 2, (1,), 2)
    assert fits(ROWS.take([1, 3]), ROWS, behind)
    assert not fits(ROWS.take([0, 3]), ROWS, behind)
    assert fits(ROWS.slice(0, 0), ROWS, Ending("", 2, (1,), 9))


def test_without_a_key_any_rows_will_do() -> None:
    assert fits(ROWS.take([3, 0]), ROWS, Ending("", 2, (), 0))
    assert not fits(ROWS.take([3, 3]), ROWS, Ending("", 2, (), 0))
