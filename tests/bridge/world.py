"""Small tables that the pairs read: NULL in every column that may hold it, duplicates, keys without partners."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

SCHEMA: dict[str, dict[str, str]] = {
    "sites": {"site_id": "int", "name": "string", "region": "string", "opened": "date"},
    "meters": {
        "meter_id": "int", "site_id": "int", "kind": "string", "capacity": "decimal(10,2)", "tags": "array<string>",
        "attrs": "map<string,string>", "spot": "struct<lat:double,lon:double>", "installed": "date",
    },
    "readings": {"meter_id": "int", "at": "timestamp", "value": "double", "quality": "string", "n": "bigint"},
    "tariffs": {"region": "string", "price": "decimal(8,4)", "valid_from": "date", "valid_to": "date",
    "active": "boolean"},
}  # fmt: skip


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 1, day, hour, minute, tzinfo=UTC)


ROWS: dict[str, list[tuple[Any, ...]]] = {
    "sites": [
        (1, "North", "NO", date(2019, 3, 31)), (2, "South", "SO", date(2020, 2, 29)), (3, "East", "EA", None),
        (4, "West", None, date(2021, 12, 31)), (5, "Lone Hill", "NO", date(2022, 1, 1)), (6, None, "SO",
        date(2020, 2, 29)),
    ],
    "meters": [
        (10, 1, "pv", Decimal("12.50"), ["roof", "new"], {"make": "A", "firmware": "1.2"}, (59.1, 10.2),
        date(2019, 5, 1)),
        (11, 1, "wind", Decimal("250.00"), ["field"], {"make": "B"}, (59.2, None), date(2020, 5, 31)),
        (12, 2, "pv", None, [], None, None, None),
        (13, 2, "pv", Decimal("7.25"), None, {}, (48.0, 11.5), date(2020, 2, 29)),
        (14, 3, None, Decimal("0.00"), ["roof", None], {"make": "A"}, (50.0, 9.0), date(2023, 10, 29)),
        (15, None, "load", Decimal("-3.10"), ["shed"], {"make": None}, (0.0, 0.0), date(2024, 2, 29)),
        (16, 9, "wind", Decimal("12.50"), ["a", "b", "c"], {"make": "C"}, (1.0, 2.0), date(2019, 5, 1)),
    ],
    "readings": [
        (10, _at(1, 0), 1.5, "ok", 1), (10, _at(1, 1), 2.5, "ok", 2), (10, _at(1, 1), 2.5, "ok", 2), (10, _at(2,
        0), None, "bad", None),
        (11, _at(1, 0), 100.0, "ok", 7), (11, _at(1, 2, 30), -4.0, None, 3), (11, _at(3, 0), 0.0, "ok", 3),
        (12, _at(1, 0), None, None, None), (13, _at(1, 23, 59), 7.25, "ok", 10), (13, _at(2, 0), 7.25, "late", 11),
        (99, _at(1, 0), 3.0, "ok", 5), (None, _at(1, 0), 4.0, "ok", 6), (14, None, 5.0, "%odd_", 2147483648),
    ],
    "tariffs": [
        ("NO", Decimal("0.2500"), date(2019, 1, 1), date(2020, 12, 31), True), ("NO", Decimal("0.3100"),
        date(2021, 1, 1), None, True),
        ("SO", Decimal("0.1800"), date(2019, 1, 1), None, False), ("XX", None, None, None, None), ("EA",
        Decimal("0.2500"), None, date(2020, 1, 31), True),
    ],
}  # fmt: skip


def tables(spark: Any) -> dict[str, Any]:
    """The tables as DataFrames of that session, each a temporary view as well."""
    made = {}
    for name, columns in SCHEMA.items():
        frame = spark.createDataFrame(ROWS[name], ", ".join(f"`{one}` {kind}" for one, kind in columns.items()))
        frame.createOrReplaceTempView(name)
        made[name] = frame
    return made
