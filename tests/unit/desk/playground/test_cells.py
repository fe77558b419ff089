import pytest

from helpers.core.errors import UserError
from helpers.desk.playground.cells import _reads, _words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", ("spark", "")),
        ("postgres", ("postgres", "")),
        ("orders", ("spark", "orders")),
        ("postgres orders", ("postgres", "orders")),
    ],
)
def test_a_line_names_the_engine_and_the_answer(line, words):
    assert _words(line) == words


@pytest.mark.parametrize("line", ["postgres a b", "two words", "4x"])
def test_another_line_is_refused(line):
    with pytest.raises(UserError, match="does not know"):
        _words(line)


@pytest.mark.parametrize("line", ["mysql", "Oracle orders", "postgre", "postgresql"])
def test_another_engine_is_no_name(line):
    with pytest.raises(UserError, match="runs on spark or postgres"):
        _words(line)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("SELECT 1", True),
        ("WITH x AS (SELECT 1) SELECT * FROM x", True),
        ("SHOW TABLES", True),
        ("EXPLAIN SELECT 1", True),
        ("DESCRIBE sites", True),
        ("INSERT INTO t SELECT 1", False),
        ("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", False),
        ("DROP TABLE t", False),
        ("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE", False),
        ("OPTIMIZE t", False),
        ("no SQL at all (", False),
    ],
)
def test_a_query_changes_nothing_and_anything_else_may(text, reads):
    assert _reads(text) == reads
