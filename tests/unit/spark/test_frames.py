import pytest

from helpers.spark.frames import query


class Spark:
    """Keeps what it is asked, as Spark would format it."""

    def sql(self, text, **tables):
        return text.format(**tables)


@pytest.mark.parametrize(
    ("sql", "asked"),
    [
        ("SELECT 1", "WITH sites AS (SELECT * FROM T) SELECT 1"),
        ("with x AS (SELECT 2) SELECT 1", "WITH sites AS (SELECT * FROM T), x AS (SELECT 2) SELECT 1"),
        ("WITH RECURSIVE x AS (y) z", "WITH RECURSIVE sites AS (SELECT * FROM T), x AS (y) z"),
        ("-- so\n/* and */ WITH x AS (y) z", "-- so\n/* and */ WITH sites AS (SELECT * FROM T), x AS (y) z"),
        ("SELECT '{0}' AS without_with", "WITH sites AS (SELECT * FROM T) SELECT '{0}' AS without_with"),
    ],
)
def test_a_query_sees_the_tables_whatever_it_begins_with(sql, asked):
    assert query(Spark(), sql, {"sites": "T"}) == asked
