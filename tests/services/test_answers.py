"""PostgreSQL's own answers to queries over tables that are given with them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pyarrow as pa
import pytest

from helpers import services
from helpers.services.answers import postgres_answers
from helpers.services.registry import POSTGRES

pytestmark = pytest.mark.services

TABLES = {
    "Sites": pa.table(
        {
            "site_id": pa.array([1, 2], pa.int32()),
            "kw": pa.array([Decimal("2.50"), None], pa.decimal128(12, 2)),
            "at": pa.array([datetime(2024, 1, 1, 8, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
            "opened": pa.array([date(2024, 2, 29), None]),
            "tags": pa.array([["a", "b"], None], pa.list_(pa.string())),
        }
    )
}


def test_rows_of_each_type_come_back_and_nothing_stays(running):
    asked = postgres_answers()
    assert asked("SELECT site_id / 2 AS h, kw, at, opened, tags FROM sites ORDER BY 1", TABLES) == [
        (0, Decimal("2.50"), datetime(2024, 1, 1, 8), date(2024, 2, 29), ["a", "b"]),
        (1, None, None, None, None),
    ]
    with psycopg.connect(services.endpoints().postgres_dsn) as connection:
        assert connection.execute("SELECT to_regclass('sites')").fetchone() == (None,)


@pytest.mark.parametrize(
    ("sql", "tables", "said"),
    [
        ("SELECT 1 / 0", {}, "division by zero"),
        ("SELECT * FROM nowhere", {}, 'relation "nowhere" does not exist'),
        ("SELECT 1", {"t": pa.table({"x": pa.array([{"a": 1}])})}, "no type like"),
    ],
)
def test_why_there_are_no_rows_is_a_sentence(running, sql, tables, said):
    assert said in postgres_answers()(sql, tables)


def test_nobody_is_asked_where_it_is_not_up(monkeypatch):
    monkeypatch.setattr(POSTGRES, "record", lambda: None)
    assert postgres_answers() is None
