import pytest

from helpers.bridge import translate
from helpers.bridge.verification.assume import assumed
from helpers.bridge.verification.sides import Sides


def made(sql: str) -> dict[str, dict[str, str]]:
    schemas, told = assumed(Sides(translate(sql), None))
    assert len(told) == len(schemas)
    return {name: {one.name: one.dataType.simpleString() for one in schema} for name, schema in schemas.items()}


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT a FROM t WHERE b > 5 AND c = 'x'", {"t": {"a": "string", "b": "int", "c": "string"}}),
        (
            "SELECT a FROM t WHERE b > 0.5 OR d >= DATE '2024-01-01'",
            {"t": {"a": "string", "b": "decimal(12,2)", "d": "date"}},
        ),
        (
            "SELECT sum(a) AS s FROM t WHERE d < '2024-02-03' GROUP BY k",
            {"t": {"a": "decimal(12,2)", "d": "date", "k": "string"}},
        ),
        ("SELECT upper(a) AS a FROM t WHERE ok", {"t": {"a": "string", "ok": "boolean"}}),
        ("SELECT 1 AS one FROM t", {"t": {"id": "int"}}),
        (
            "SELECT s.name FROM sites s JOIN meters m ON s.site_id = m.site_id WHERE m.code LIKE 'a%'",
            {"sites": {"name": "string", "site_id": "int"}, "meters": {"site_id": "int", "code": "string"}},
        ),
        (
            "SELECT v FROM t JOIN u USING (a) WHERE u.b > 5",
            {"t": {"a": "string", "v": "string"}, "u": {"a": "string", "b": "int"}},
        ),
        # A column without its table's name goes to the table with columns, or a name, like it.
        (
            "SELECT o_total FROM customer, orders WHERE c_id = o_cust AND c_name = 'x'",
            {
                "customer": {"c_id": "int", "c_name": "string"},
                "orders": {"o_total": "decimal(12,2)", "o_cust": "int"},
            },
        ),
        # Through a derived table, and a type that the other side of a comparison tells.
        (
            "SELECT d.x FROM (SELECT a AS x, b FROM t) AS d JOIN u ON u.y = d.x WHERE u.y > '2024-01-01 00:00:00'",
            {"t": {"a": "timestamp", "b": "string"}, "u": {"y": "timestamp"}},
        ),
        (
            "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.b = t.c)",
            {"t": {"a": "string", "c": "string"}, "u": {"b": "string"}},
        ),
    ],
)
def test_columns_and_their_types_come_from_their_use(sql: str, tables) -> None:
    found = made(sql)
    assert {name: sorted(columns.items()) for name, columns in found.items()} == {
        name: sorted(columns.items()) for name, columns in tables.items()
    }
