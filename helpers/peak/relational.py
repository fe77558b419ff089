"""The relational side of PEAK, from a seed: sites, assets, assignments, tariffs, people and work orders.

Validity is half open, [valid_from, valid_to), in UTC; valid_to None = still valid. The traps are documented
in datasets/relational.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from random import Random
from typing import Any

from helpers.core.clock import seeded
from helpers.core.errors import UserError
from helpers.peak.recordings import Recording, catalogue, span

SITES: list[tuple[str, str, str, str, float, float]] = [
    ("rsf", "Research Support Facility", "rooftop", "America/Denver", 39.7406, -105.1775),
    ("serf-east", "SERF East", "rooftop", "America/Denver", 39.7420, -105.1727),
    ("serf-west", "SERF West", "rooftop", "America/Denver", 39.7421, -105.1730),
    ("mesa", "Mesa Tracker Field", "ground", "America/Denver", 39.7440, -105.1790),
    ("srrl", "Solar Radiation Laboratory", "laboratory", "America/Denver", 39.7423, -105.1802),
    ("rmis", "Reference Meteorology", "laboratory", "America/Denver", 39.7430, -105.1785),
    ("snowfield", "Snowfield", "ground", "America/Denver", 39.74, -105.17),
    ("system-4", "System 4", "rooftop", "America/Denver", 39.74, -105.17),
    ("system-15", "System 15", "rooftop", "America/Denver", 39.74, -105.17),
    ("system-50", "System 50", "rooftop", "America/Denver", 39.74, -105.17),
    ("thames", "Thames Works", "rooftop", "Europe/London", 51.49, 0.05),
    ("tejo", "Tejo Depot", "rooftop", "Europe/Lisbon", 38.72, -9.13),
    ("pune", "Pune Yard", "planned", "Asia/Kolkata", 18.52, 73.86),
    ("chatham", "Chatham Store", "planned", "Pacific/Chatham", -43.95, -176.55),
]
RATED_KW: dict[str, str | None] = {
    "rsf-meter": "408.000",
    "rsf-inv2": "125.000",
    "serf-east-inv1": "6.000",
    "serf-east-inv2": "5.000",
    "serf-west-inv": "6.000",
    "snowfield-inv1": "40.000",
    "system-50-inv": "3.200",
    "mesa-meter": None,  # planted: no rated power, so the site has no performance ratio
}
# A boundary in the midst of each producing site's recordings, at a quarter hour and never at an hour.
TARIFF_CHANGES: dict[str, list[str]] = {
    "rsf": ["2022-01-04T17:15"],
    "serf-east": ["2016-08-15T18:45", "2022-03-19T19:15"],
    "serf-west": ["2022-01-04T18:45"],
    "mesa": ["2010-06-28T17:15"],
    "snowfield": ["2022-01-08T19:45"],
    "system-50": ["2012-01-01T07:15", "2013-01-01T07:15"],
}
OLD_CHANNEL_UNTIL = datetime(2021, 11, 1, 7, 15, tzinfo=UTC)
SENSOR_SWAP = datetime(2021, 6, 1, 18, 15, tzinfo=UTC)
RETROFIT = datetime(2012, 7, 2, 18, 15, tzinfo=UTC)
INVERTER_SWAP = datetime(2020, 5, 4, 16, 30, tzinfo=UTC)
BEGINNING = datetime(2009, 1, 1, tzinfo=UTC)
TABLES: dict[str, str] = {
    "sites": "site_id text primary key, name text not null, kind text not null, time_zone text not null,"
    " latitude double precision, longitude double precision",
    "assets": "asset_id text, model text not null, kind text not null, parent_id text,"
    " site_id text not null references peak.sites, rated_kw numeric(12,3), valid_from timestamptz,"
    " valid_to timestamptz, primary key (asset_id, valid_from), check (valid_from < valid_to)",
    "meter_assignments": "source text, channel text, asset_id text not null, quantity text not null,"
    " unit text not null, interval_seconds int not null, feeds_gold text, valid_from timestamptz,"
    " valid_to timestamptz, primary key (source, channel, valid_from), check (valid_from < valid_to)",
    "tariffs": "tariff_id text primary key, site_id text not null references peak.sites,"
    " price_per_kwh numeric(12,6) not null, currency text not null, valid_from timestamptz not null,"
    " valid_to timestamptz, check (valid_from < valid_to)",
    "technicians": "technician_id text primary key, name text not null,"
    " manager_id text references peak.technicians deferrable initially deferred",
    "work_orders": "work_order_id text primary key, site_id text not null references peak.sites,"
    " asset_id text, technician_id text references peak.technicians, opened_at timestamptz not null,"
    " closed_at timestamptz, priority int not null, title text not null",
}

KEYS: dict[str, tuple[str, ...]] = {
    "sites": ("site_id",),
    "assets": ("asset_id", "valid_from"),
    "meter_assignments": ("source", "channel", "valid_from"),
    "tariffs": ("tariff_id",),
    "technicians": ("technician_id",),
    "work_orders": ("work_order_id",),
}
"""Each table's primary key."""


def world(seed: int = 7, extra: Sequence[Recording] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Every table's rows, in the order of its columns in TABLES. The same seed gives the same world.

    extra: a user's own recordings; they add their sites, assets and assignments, and change nothing else.
    Raises UserError where one of them claims a channel that is assigned already.
    """
    technicians = _technicians(seeded(seed, "technicians"))
    assets = _assets(seeded(seed, "assets"))
    rows: dict[str, list[tuple[Any, ...]]] = {
        "sites": list(SITES),
        "assets": assets,
        "meter_assignments": _assignments(),
        "tariffs": _tariffs(seeded(seed, "tariffs")),
        "technicians": technicians,
        "work_orders": _work_orders(seeded(seed, "work orders"), assets, technicians),
    }
    for found in extra:
        _add(rows, found)
    return rows


def _add(rows: dict[str, list[tuple[Any, ...]]], found: Recording) -> None:
    """A user's recording: valid for ever, for nothing is known of its history but that a clock at 1970 is not set."""
    always = (datetime(1971, 1, 1, tzinfo=UTC), None)
    if found.site not in {row[0] for row in rows["sites"]}:
        zone = "UTC" if found.time_zone[0] in "+-e" else found.time_zone
        rows["sites"].append((found.site, found.site, "own", zone, None, None))
    taken = {row[:2] for row in rows["meter_assignments"]}
    for c in found.channels:
        if (found.source, c.name) in taken:
            raise UserError(
                f"The file {found.file!r} maps column {c.column!r} to the channel {c.name!r} of"
                f" {found.source!r}, which is assigned already.",
                "Choose another source in the mapping.",
            )
        known = [row for row in rows["assets"] if row[0] == c.asset]
        if not known:
            rows["assets"].append((c.asset, "unknown", asset_kind(c.asset), None, found.site, None, *always))
        elif known[0][4] != found.site or known[0][6] > always[0]:
            raise UserError(
                f"The file {found.file!r} maps column {c.column!r} to the asset {c.asset!r}, which PEAK has.",
                "Choose another asset in the mapping.",
            )
        rows["meter_assignments"].append(
            (found.source, c.name, c.asset, c.quantity, c.unit, found.interval_seconds, c.feeds_gold, *always)
        )


def asset_kind(asset_id: str) -> str:
    """The kind that an asset's name ends with: plant, plant_meter, inverter, weather_station or sensor."""
    ending = asset_id.rsplit("-", 1)[-1]
    for prefix, kind in (
        ("plant", "plant"),
        ("meter", "plant_meter"),
        ("inv", "inverter"),
        ("station", "weather_station"),
    ):
        if ending.startswith(prefix):
            return kind
    return "sensor"


def _assets(random: Random) -> list[tuple[Any, ...]]:
    owner = {c.asset: r.site for r in catalogue() for c in r.channels}
    owner |= {"system-15-sensor2": "system-15", "rsf-meter0": "rsf"}
    rows: list[tuple[Any, ...]] = []
    for site_id, *_ in SITES:
        rows.append((f"{site_id}-plant", "PEAK site", "plant", None, site_id, None, BEGINNING, None))
    for asset, site_id in sorted(owner.items()):
        kind = asset_kind(asset)
        model = f"{random.choice(('Alta', 'Boreal', 'Cirrus'))} {kind[:3].upper()}-{random.randint(100, 999)}"
        start, rated = BEGINNING + timedelta(days=random.randint(0, 360)), RATED_KW.get(asset)
        spans: list[tuple[str, Decimal | None, datetime, datetime | None]] = [
            (model, Decimal(rated) if rated else None, start, None)
        ]
        if asset == "system-50-inv":
            spans = [
                (model, Decimal("3.200"), start, RETROFIT),
                (model + "R", Decimal("3.500"), RETROFIT, None),
            ]
        elif asset == "serf-east-inv1":
            spans = [(model, Decimal("6.000"), start, INVERTER_SWAP)]
        elif asset == "rsf-meter0":
            spans = [(model, Decimal("408.000"), start, OLD_CHANNEL_UNTIL)]
        elif asset == "system-15-sensor1":
            spans = [(model, None, start, SENSOR_SWAP)]
        elif asset == "system-15-sensor2":
            spans = [(model, None, SENSOR_SWAP, None)]
        for name, kw, begin, end in spans:
            rows.append((asset, name, kind, f"{site_id}-plant", site_id, kw, begin, end))
    return rows


@cache
def _spans() -> dict[str, tuple[datetime, datetime]]:
    """Each site's first and last reading."""
    spans: dict[str, tuple[datetime, datetime]] = {}
    for found in catalogue():
        first, last = span(found)
        known = spans.get(found.site, (first, last))
        spans[found.site] = (min(first, known[0]), max(last, known[1]))
    return spans


def _assignments() -> list[tuple[Any, ...]]:
    """One assignment per channel from 2010, except where a meter, sensor or interval changed."""
    start = BEGINNING + timedelta(days=365)
    rows: list[tuple[Any, ...]] = []
    for r in catalogue():
        for c in r.channels:
            spans: list[tuple[str, datetime, datetime | None]] = [(c.asset, start, None)]
            if c.asset == "serf-east-inv1":
                spans = [(c.asset, start, INVERTER_SWAP)]
            elif c.asset == "serf-east-inv2":
                spans = [(c.asset, INVERTER_SWAP, None)]
            elif c.asset == "rsf-meter":
                spans = [("rsf-meter0", start, OLD_CHANNEL_UNTIL), (c.asset, OLD_CHANNEL_UNTIL, None)]
            elif c.asset == "system-15-sensor1":
                spans = [(c.asset, start, SENSOR_SWAP), ("system-15-sensor2", SENSOR_SWAP, None)]
            for asset, begin, end in spans:
                rows.append(
                    (
                        r.source,
                        c.name,
                        asset,
                        c.quantity,
                        c.unit,
                        r.interval_seconds,
                        c.feeds_gold,
                        begin,
                        end,
                    )
                )
    return rows


def _tariffs(random: Random) -> list[tuple[Any, ...]]:
    currencies = {"Europe/London": "GBP", "Europe/Lisbon": "EUR", "Asia/Kolkata": "INR"}
    rows: list[tuple[Any, ...]] = []
    for site_id, _, kind, zone, *_ in SITES:
        if kind == "laboratory":
            continue  # planted: a laboratory sells nothing and has no tariff
        changes = [datetime.fromisoformat(f"{t}:00+00:00") for t in TARIFF_CHANGES.get(site_id, [])]
        bounds: list[datetime | None] = [BEGINNING, *changes, None]
        for number, (begin, end) in enumerate(pairwise(bounds), start=1):
            price = Decimal(random.randint(60_000, 240_000)) / 1_000_000
            rows.append((f"{site_id}-t{number}", site_id, price, currencies.get(zone, "USD"), begin, end))
    return rows


def _technicians(random: Random) -> list[tuple[Any, ...]]:
    names = ["Ada", "Bo", "Chidi", "Dana", "Eve", "Farid", "Grete", "Hana", "Ivo", "José", "Kai", "Lena"]
    random.shuffle(names)
    # A tree: the first has no manager, every later one reports to somebody before them.
    return [(f"tech-{i:02d}", name, f"tech-{random.randrange(i):02d}" if i else None) for i, name in enumerate(names)]


def _work_orders(
    random: Random, assets: list[tuple[Any, ...]], technicians: list[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    titles = ("Clean modules", "Replace fuse", "Inspect wiring", "Calibrate sensor", "Update firmware")
    spans = _spans()
    rows: list[tuple[Any, ...]] = []
    for site_id in sorted(set(spans) - {"srrl", "tejo"}):  # planted: sites without any work order
        first, last = spans[site_id]
        for number in range(random.randint(3, 9)):
            minutes = random.randrange(max(1, int((last - first).total_seconds() // 60)))
            opened = (first + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
            if number == 1:
                opened = rows[-1][4]  # planted: a tie that ORDER BY opened_at leaves open
            valid = [a[0] for a in assets if a[4] == site_id and a[6] <= opened and (a[7] is None or opened < a[7])]
            closed = None if random.random() < 0.25 else opened + timedelta(minutes=random.randint(20, 9000))
            who = None if random.random() < 0.1 else random.choice(technicians)[0]
            asset = None if random.random() < 0.15 else random.choice(valid)
            order = f"wo-{len(rows) + 1:04d}"
            rows.append((order, site_id, asset, who, opened, closed, random.randint(1, 4), random.choice(titles)))
    return rows
