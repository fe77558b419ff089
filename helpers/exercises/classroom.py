"""The tables that lessons use: small ones of the PEAK world, and some hundred genuine readings."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd
import pyarrow as pa

from helpers.adversary.schema import Reference, Table
from helpers.compare import Column, arrow_type
from helpers.core.errors import ExerciseBroken
from helpers.peak.recordings import catalogue, read
from helpers.peak.relational import world

_SITE = Reference(("site_id",), "sites", ("site_id",))


def _text(name: str, nullable: bool = True) -> Column:
    return Column(name, "string", nullable)


def _time(name: str, nullable: bool = True) -> Column:
    return Column(name, "timestamp", nullable)


TABLES: tuple[Table, ...] = (
    Table(
        "sites",
        (
            *(_text(name, False) for name in ("site_id", "name", "kind", "time_zone")),
            Column("latitude", "double", False),
            Column("longitude", "double", False),
        ),
        key=("site_id",),
    ),
    Table(
        "assets",
        (
            *(_text(name, False) for name in ("asset_id", "model", "kind")),
            _text("parent_id"),
            _text("site_id", False),
            Column("rated_kw", "decimal(12,3)"),
            _time("valid_from", False),
            _time("valid_to"),
        ),
        key=("asset_id", "valid_from"),
        references=(_SITE,),
    ),
    Table(
        "meter_assignments",
        (
            *(_text(name, False) for name in ("source", "channel", "asset_id", "quantity", "unit")),
            Column("interval_seconds", "int", False),
            _text("feeds_gold"),
            _time("valid_from", False),
            _time("valid_to"),
        ),
        key=("source", "channel", "valid_from"),
    ),
    Table(
        "tariffs",
        (
            _text("tariff_id", False),
            _text("site_id", False),
            Column("price_per_kwh", "decimal(12,6)", False),
            _text("currency", False),
            _time("valid_from", False),
            _time("valid_to"),
        ),
        key=("tariff_id",),
        references=(_SITE,),
    ),
    Table(
        "technicians",
        (_text("technician_id", False), _text("name", False), _text("manager_id")),
        key=("technician_id",),
        references=(Reference(("manager_id",), "technicians", ("technician_id",)),),
    ),
    Table(
        "work_orders",
        (
            _text("work_order_id", False),
            _text("site_id", False),
            _text("asset_id"),
            _text("technician_id"),
            _time("opened_at", False),
            _time("closed_at"),
            Column("priority", "int", False),
            _text("title", False),
        ),
        key=("work_order_id",),
        references=(_SITE, Reference(("technician_id",), "technicians", ("technician_id",))),
    ),
    Table(
        "readings",
        (
            _text("site_id", False),
            _text("channel", False),
            _time("event_time", False),
            Column("kw", "decimal(12,3)"),
        ),
        key=("site_id", "channel", "event_time"),
    ),
)
"""What lessons may use, in the words of `adversary`: columns, keys, what is NOT NULL, and references."""

# One day each (UTC) of the recordings: a winter's day, negative power at night, a day with gaps.
_DAYS = {"rsf": "2022-01-04", "serf-west": "2022-01-04", "mesa-meter": "2010-06-27", "snowfield": "2022-01-06"}
TO_KW = {"W": Decimal("0.001"), "kW": Decimal(1)}
"""Units of power in the recordings, and how many kW one of each is."""


def table(name: str) -> Table:
    """The declaration of a table. Raises ExerciseBroken naming the tables there are."""
    for found in TABLES:
        if found.name == name:
            return found
    raise ExerciseBroken(f"The classroom has no table {name!r}; it has {', '.join(t.name for t in TABLES)}.")


def schema(name: str) -> pa.Schema:
    """A table's columns as Arrow has them."""
    return pa.schema([pa.field(c.name, arrow_type(c.type), c.nullable) for c in table(name).columns])


@cache
def usual(seed: int = 7) -> dict[str, pa.Table]:
    """Every table of the classroom, in TABLES' columns and types; the same seed gives the same rows.

    readings: one day of power at four sites, genuine; a quarter hour of that day for which the recording has no value
    has NULL. Raises UserError where the recordings cannot be read.
    """
    rows: dict[str, list[tuple[Any, ...]]] = {**world(seed), "readings": _readings()}
    return {found.name: _arrow(found.name, rows[found.name]) for found in TABLES}


def _arrow(name: str, rows: list[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True))
    wanted = schema(name)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, wanted, strict=True)], schema=wanted
    )


@cache
def _readings() -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for source, day in _DAYS.items():
        found = next(one for one in catalogue() if one.source == source)
        unit = next(channel.unit for channel in found.channels if channel.name == "ac_power")
        long = read(found)
        power = long[long["channel"] == "ac_power"].set_index("event_time")["value"]
        # serf-west's clock stands a minute past each quarter.
        past = power.index[0] - power.index[0].floor("15min")
        for at in pd.date_range(f"{day}T00:00:00Z", periods=96, freq="15min") + past:
            value = power.get(at)
            kw = None if value is None else kilowatts(value, unit)
            rows.append((found.site, "ac_power", at.to_pydatetime(), kw))
    return rows


def kilowatts(value: float, unit: str) -> Decimal:
    """A recorded power in kW, to the watt; unit: one of TO_KW."""
    return (Decimal(str(value)) * TO_KW[unit]).quantize(Decimal("0.001"))
