"""Rows of the classroom's tables that an author writes by hand: only what matters is said."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from helpers.core.errors import ExerciseBroken
from helpers.exercises.classroom import table

START = datetime(2022, 1, 4, 12, tzinfo=UTC)
"""The instant that rows count from: noon of a day for which the classroom has readings."""

_FILL: dict[str, Any] = {
    "site_id": "a",
    "name": "Plant",
    "kind": "rooftop",
    "time_zone": "Europe/Berlin",
    "latitude": 52.5,
    "longitude": 13.4,
    "asset_id": "a-1",
    "model": "Inverter 100",
    "source": "a",
    "channel": "ac_power",
    "quantity": "power",
    "unit": "kW",
    "interval_seconds": 900,
    "tariff_id": "t-1",
    "price_per_kwh": Decimal("0.150000"),
    "currency": "EUR",
    "technician_id": "tech-1",
    "work_order_id": "wo-1",
    "priority": 2,
    "title": "Replace fuse",
    "valid_from": START,
    "opened_at": START,
    "event_time": START,
}


def row(name: str, /, **values: Any) -> tuple[Any, ...]:
    """A row of that table, in the order of its columns: these values, NULL where a column may be, else some value.

    Raises ExerciseBroken for a column that the table has not.
    """
    columns = table(name).columns
    if strange := values.keys() - {column.name for column in columns}:
        raise ExerciseBroken(f"{name} has no column {', '.join(sorted(strange))}.")
    return tuple(values.get(c.name, None if c.nullable else _FILL[c.name]) for c in columns)
