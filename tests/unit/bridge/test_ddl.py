import pytest

from helpers.bridge import Refusal, declared

TABLES = {
    "oracle": (
        """CREATE TABLE peak.orders (order_id NUMBER(10), cost NUMBER(10,2) NOT NULL, spread NUMBER, n INTEGER,
           title VARCHAR2(20 CHAR), opened DATE, closed TIMESTAMP WITH TIME ZONE, note CLOB,
           CONSTRAINT pk PRIMARY KEY (order_id)) TABLESPACE users""",
        {"order_id": "decimal(10,0)", "cost": "decimal(10,2)", "spread": "decimal(38,10)", "n": "decimal(38,0)",
         "title": "string", "opened": "timestamp", "closed": "timestamp", "note": "string"},
        ["order_id"],
    ),
    "mysql": (
        """CREATE TABLE `peak`.`orders` (order_id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, open TINYINT(1),
           level TINYINT, big BIGINT UNSIGNED, opened DATETIME(6), kind ENUM('a', 'b'), more JSON, KEY k (open))""",
        {"order_id": "bigint", "open": "boolean", "level": "tinyint", "big": "decimal(20,0)", "opened": "timestamp",
         "kind": "string", "more": "string"},
        ["order_id"],
    ),
    "tsql": (
        """CREATE TABLE [dbo].[orders] ([order_id] INT IDENTITY(1,1) NOT NULL, line TINYINT, open BIT, cost MONEY,
           title NVARCHAR(MAX), opened DATETIME2(7), share FLOAT, rate DECIMAL, PRIMARY KEY (order_id, line))""",
        {"order_id": "int", "line": "smallint", "open": "boolean", "cost": "decimal(19,4)", "title": "string",
         "opened": "timestamp", "share": "double", "rate": "decimal(18,0)"},
        ["order_id", "line"],
    ),
    "postgres": (
        """CREATE TABLE IF NOT EXISTS orders (order_id BIGSERIAL PRIMARY KEY, opened TIMESTAMPTZ, day DATE,
           cost NUMERIC, rate NUMERIC(8, 4), tags TEXT[], more JSONB, raw BYTEA, share REAL)""",
        {"order_id": "bigint", "opened": "timestamp", "day": "date", "cost": "decimal(38,18)", "rate": "decimal(8,4)",
         "tags": "array<string>", "more": "string", "raw": "binary", "share": "float"},
        ["order_id"],
    ),
    "spark": (
        "CREATE TABLE orders (order_id INT, spot STRUCT<x: INT, y: STRING>, seen TIMESTAMP_NTZ) USING delta",
        {"order_id": "int", "spot": "struct<x:int,y:string>", "seen": "timestamp_ntz"},
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("dialect", TABLES)
def test_a_tables_columns_get_the_types_that_spark_reads_them_as(dialect) -> None:
    text, columns, key = TABLES[dialect]
    found = declared(text, dialect)
    assert found.schema == {"orders": columns}
    assert found.keys.get("orders") == key


def test_other_statements_in_the_file_are_passed_over() -> None:
    text = "SET x = 1; CREATE TABLE a (n INT); CREATE INDEX i ON a (n); CREATE TABLE b (m INT); COMMIT;"
    assert list(declared(text, "postgres").schema) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("CREATE TABLE t (spot POINT)", "The column spot of t is not translated: Spark reads POINT as no type"),
        ("SELECT 1", "it has no CREATE TABLE with columns"),
        ("CREATE TABLE t (a INT", "it cannot be read as SQL"),
    ],
)
def test_what_declares_nothing_gets_a_sentence(text, words) -> None:
    with pytest.raises(Refusal, match=words):
        declared(text, "postgres")
