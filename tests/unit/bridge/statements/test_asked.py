import pytest

from helpers.bridge.parse import parse
from helpers.bridge.plain import PlainSpark
from helpers.bridge.statements.asked import asked, written_table


@pytest.mark.parametrize(
    ("sql", "query"),
    [
        ("UPDATE t SET a = b + 1, c = d > 5",
         "SELECT CASE WHEN t.a = b + 1 THEN 1 END AS p0, CASE WHEN t.c = (d > 5) THEN 1 END AS p1 FROM t"),
        ("DELETE FROM p.t AS x WHERE x.a IN (SELECT a FROM u)",
         "SELECT 1 AS one FROM p.t AS x WHERE x.a IN (SELECT a FROM u)"),
        ("INSERT INTO t (a, b) SELECT c, d FROM u",
         "SELECT CASE WHEN t.a = new_rows.c THEN 1 END AS p0, CASE WHEN t.b = new_rows.d THEN 1 END AS p1 FROM t "
         "CROSS JOIN (SELECT c, d FROM u) AS new_rows"),
        ("INSERT INTO t REPLACE WHERE a > 5 SELECT b, 1 FROM u",
         "SELECT CASE WHEN t.a > 5 THEN 1 END AS p0, CASE WHEN t.b = new_rows.b THEN 1 END AS p1, "
         "CASE WHEN t.column_2 = 1 THEN 1 END AS p2 FROM t CROSS JOIN (SELECT b, 1 FROM u) AS new_rows"),
        ("INSERT INTO t (a, b) VALUES (1, DEFAULT)", "SELECT CASE WHEN t.a = 1 THEN 1 END AS p0 FROM t"),
        ("WITH n AS (SELECT a FROM u) MERGE INTO t USING n ON n.a = t.a WHEN MATCHED AND t.b > 5 THEN DELETE "
         "WHEN NOT MATCHED THEN INSERT (a) VALUES (n.a)",
         "WITH n AS (SELECT a FROM u) SELECT CASE WHEN t.b > 5 THEN 1 END AS p0, "
         "CASE WHEN t.a = n.a THEN 1 END AS p1 FROM t JOIN n ON n.a = t.a"),
        ("CREATE TABLE v AS SELECT a FROM t", "SELECT a FROM t"),
        ("TRUNCATE TABLE t", "SELECT 1 AS one FROM t"),
    ],
)  # fmt: skip
def test_a_statement_asks_its_tables(sql: str, query: str) -> None:
    assert asked(parse(sql)).sql(PlainSpark) == query


def test_the_written_table_is_the_statements_own() -> None:
    assert written_table(parse("INSERT INTO p.t (a) SELECT a FROM u")).sql() == "p.t"
    assert written_table(parse("TRUNCATE TABLE t")).name == "t"
    assert written_table(parse("SELECT a FROM t")) is None
