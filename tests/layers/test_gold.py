"""Gold by hand: about ten rows per measure with the arithmetic beside them, and scopes that agree with the whole."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pyarrow as pa
import pytest

from helpers.pipeline.layers import gold, months
from helpers.pipeline.proof.recompute import compare_gold, recompute
from helpers.pipeline.tables import TABLES

READINGS = (
    "site_id STRING, source STRING, channel STRING, quantity STRING, event_time TIMESTAMP, value DECIMAL(18,6),"
    " interval_seconds INT, feeds_gold STRING"
)
ASSETS = "asset_id STRING, site_id STRING, rated_kw DECIMAL(12,3), valid_from TIMESTAMP, valid_to TIMESTAMP"
ASSIGNMENTS = (
    "source STRING, channel STRING, asset_id STRING, site_id STRING, quantity STRING, interval_seconds INT,"
    " feeds_gold STRING, valid_from TIMESTAMP, valid_to TIMESTAMP"
)
TARIFFS = "site_id STRING, price_per_kwh DECIMAL(12,6), currency STRING, valid_from TIMESTAMP, valid_to TIMESTAMP"
START = datetime(2020, 1, 1, tzinfo=UTC)
KW = {"energy": "ac_power", "poa": "poa_irradiance", "ghi": "ghi"}


def at(text):
    """'06:15' is of 2022-01-01, in UTC."""
    return datetime.fromisoformat(text if "T" in text else f"2022-01-01T{text}").replace(tzinfo=UTC)


def reading(site, time, value, channel="m", kind="energy", seconds=900):
    feeds = "energy" if kind == "energy" else "irradiance"
    return (site, site, channel, KW[kind], at(time), Decimal(value), seconds, feeds)


def meter(site, asset="meter", channel="m", begin=START, end=None):
    return (site, channel, f"{site}-{asset}", site, "ac_power", 900, "energy", begin, end)


def rated(site, kw, asset="meter", begin=START, end=None):
    return (f"{site}-{asset}", site, None if kw is None else Decimal(kw), begin, end)


class World:
    """Readings and dimensions of many small sites, computed together: a Spark job costs more than its rows."""

    def __init__(self):
        self.readings, self.zones, self.assets, self.assignments, self.tariffs = [], {}, [], [], []

    def frames(self, spark):
        return [
            spark.createDataFrame(rows, ddl)
            for rows, ddl in ((self.assets, ASSETS), (self.assignments, ASSIGNMENTS), (self.tariffs, TARIFFS))
        ]


def energy_case(world):
    world.zones["sum"] = "UTC"
    world.assignments.append(meter("sum"))
    world.readings += [
        reading("sum", "00:00", "10"),
        reading("sum", "00:15", "0.000001"),
        reading("sum", "00:30", "0.000002"),
        reading("sum", "00:45", "-0.000002"),
        reading("sum", "01:00", "-1.433"),
        reading("sum", "01:15:30", "8"),
        reading("sum", "01:30", "4"),
        reading("sum", "01:45", "6", seconds=60),
        reading("sum", "01:46", "12", seconds=60),
        reading("sum", "02:00", "5", seconds=1800),
        reading("sum", "02:31", "9", seconds=1800),
        reading("sum", "03:15:00.900000", "4"),
    ]


ENERGY = {  # kWh = sum(kW * seconds) / 3600
    "00:00": "2.500000",  # 10 * 900 / 3600
    "00:15": "0.000000",  # 0.000001 * 900 / 3600 = 0.00000025
    "00:30": "0.000001",  # 0.000002 * 900 / 3600 = 0.0000005, a half goes up
    "00:45": "-0.000001",  # -0.0000005: away from zero
    "01:00": "-0.358250",  # -1.433 / 4: the night's own consumption counts
    "01:15": "1.933333",  # 8 * 870 / 3600: the reading begins at 01:15:30
    "01:30": "1.066667",  # (8 * 30 + 4 * 900) / 3600 = 3840 / 3600
    "01:45": "0.300000",  # (6 * 60 + 12 * 60) / 3600
    "02:00": "1.250000",  # 5 * 900 / 3600: a 30-minute reading covers two quarters
    "02:15": "1.250000",
    "02:30": "2.100000",  # 9 * 840 / 3600: at :31 it covers three
    "02:45": "2.250000",  # 9 * 900 / 3600
    "03:00": "0.150000",  # 9 * 60 / 3600
    "03:15": "1.000000",  # 4 * 900 / 3600: the time is floored to the second, so 03:30 has no row
}


def availability_case(world):
    world.zones["avail"] = "UTC"
    world.assignments += [
        meter("avail", channel="a"),
        meter("avail", channel="b", end=at("01:00")),
        meter("avail", channel="c", begin=at("01:00")),
    ]
    rows = [
        ("00:00", "ab", 900),
        ("00:15", "a", 900),
        ("00:30", "b", 60),
        ("00:45", "a", 900),
        ("00:45", "a", 900),
        ("01:00", "ac", 900),
        ("01:15", "c", 300),
        ("01:30", "acd", 900),
        ("01:45", "d", 450),
        ("02:00", "ac", 600),
    ]
    world.readings += [
        reading("avail", time, "1", channel, seconds=seconds)
        for time, channels, seconds in rows
        for channel in channels
    ]


AVAILABILITY = {  # sum of min(900, seconds) per channel / (900 * n)
    "00:00": "1.000000",  # (900 + 900) / (900 * 2); a and b are assigned
    "00:15": "0.500000",  # 900 / 1800
    "00:30": "0.033333",  # 60 / 1800
    "00:45": "0.500000",  # min(900, 1800) / 1800: two readings of one channel do not stand in for another
    "01:00": "1.000000",  # a and c are assigned from now on
    "01:15": "0.166667",  # 300 / 1800 = 0.16666...
    "01:30": "1.000000",  # 2700 / (900 * 3): d is assigned nowhere, yet seen
    "01:45": "0.250000",  # 450 / (900 * max(2 assigned, 1 seen))
    "02:00": "0.666667",  # (600 + 600) / 1800
}


def irradiation_case(world):
    world.zones["sun"] = "UTC"
    world.assignments.append(meter("sun"))
    world.assets.append(rated("sun", "10"))
    world.readings += [
        reading("sun", f"{minutes // 60:02d}:{minutes % 60:02d}", "0") for minutes in range(0, 135, 15)
    ]
    world.readings += [
        reading("sun", "00:00", "800", "p1", "poa"),
        reading("sun", "00:00", "400", "p2", "poa"),
        reading("sun", "00:00", "100", "g", "ghi"),
        reading("sun", "00:15", "800", "p1", "poa"),
        reading("sun", "00:30", "1000", "g", "ghi"),
        reading("sun", "01:00", "-1.5", "p1", "poa"),
        reading("sun", "01:15", "0.000002", "p1", "poa"),
        reading("sun", "01:30", "600", "g", "ghi", 1800),
        reading("sun", "02:00", "500", "p1", "poa", 300),
        reading("sun", "02:05", "200", "p1", "poa", 600),
        reading("sun", "05:00", "500", "p1", "poa"),
    ]


IRRADIATION = {  # kWh/m2 = sum(W/m2 * seconds) / (3600000 * channels)
    "00:00": ("0.150000000", "POA"),  # (800 + 400) * 900 / (3600000 * 2); GHI does not count beside POA
    "00:15": ("0.200000000", "POA"),  # 800 * 900 / 3600000: p2 is silent and not counted
    "00:30": ("0.250000000", "GHI"),  # 1000 * 900 / 3600000
    "00:45": (None, None),
    "01:00": ("-0.000375000", "POA"),  # -1.5 * 900 / 3600000: a pyranometer at night
    "01:15": ("0.000000001", "POA"),  # 0.000002 * 900 / 3600000 = 5e-10, a half goes up
    "01:30": ("0.150000000", "GHI"),  # 600 * 900 / 3600000, twice from one reading
    "01:45": ("0.150000000", "GHI"),
    "02:00": ("0.075000000", "POA"),  # (500 * 300 + 200 * 600) / 3600000
    # 05:00 has no energy, hence no row
}


def change_case(world):
    world.zones["change"] = "UTC"
    world.assignments += [
        meter("change", "m1", "a", at("00:00")),
        meter("change", "m1", "b", at("18:00")),
        meter("change", "m2", "c", at("18:00")),
        meter("change", "m3", "d", at("20:00")),
    ]
    world.assets += [
        rated("change", "5", "m1", end=at("06:07")),
        rated("change", "6", "m1", at("06:07")),
        rated("change", "2", "m2"),
        rated("change", None, "m3"),
    ]
    world.tariffs += [
        ("change", Decimal("0.1"), "EUR", START, at("12:15")),
        ("change", Decimal("0.2"), "GBP", at("12:15"), at("22:00")),
    ]
    world.readings += [
        reading("change", time, value, "a")
        for time, value in [
            ("2021-12-31T23:45", "4"),
            ("00:00", "0.00002"),
            ("06:00", "4"),
            ("06:15", "4"),
            ("12:00", "8"),
            ("12:15", "8"),
            ("12:30", "-0.000008"),
            ("18:00", "1"),
            ("20:00", "1"),
            ("21:45", "-0.00001"),
            ("22:00", "1"),
        ]
    ]


CHANGE = {  # rated kW, price, currency, value = kWh * price
    "2021-12-31T23:45": (None, "0.1", "EUR", "0.100000"),  # no meter is assigned yet; 4 / 4 * 0.1
    "00:00": ("5", "0.1", "EUR", "0.000001"),  # 0.000005 kWh * 0.1 = 0.0000005, a half goes up
    "06:00": ("5", "0.1", "EUR", "0.100000"),  # the retrofit at 06:07 counts from the next quarter on
    "06:15": ("6", "0.1", "EUR", "0.100000"),
    "12:00": ("6", "0.1", "EUR", "0.200000"),  # 2 kWh * 0.1
    "12:15": ("6", "0.2", "GBP", "0.400000"),  # 2 kWh * 0.2: the boundary belongs to the new tariff alone
    "12:30": ("6", "0.2", "GBP", "0.000000"),  # -0.000002 * 0.2 = -0.0000004
    "18:00": ("8", "0.2", "GBP", "0.050000"),  # 6 + 2: m1 has two channels and counts once
    "20:00": (None, "0.2", "GBP", "0.050000"),  # m3's power is unknown, so the sum is
    "21:45": (None, "0.2", "GBP", "-0.000001"),  # -0.0000025 → -0.000003 kWh * 0.2 = -0.0000006
    "22:00": (None, None, None, None),  # no tariff
}


def ratio_case(world):
    for site, kw in (("pr", None), ("norated", None), ("noirr", "10"), ("nosun", "10"), ("weak", "10")):
        world.zones[site] = "UTC"
        world.assignments.append(meter(site))
        if site != "pr":
            world.assets.append(rated(site, kw))
    world.assets += [rated("pr", "10", end=at("00:45")), rated("pr", "20", begin=at("00:45"))]
    world.readings += [
        reading("pr", "00:00", "4"),
        reading("pr", "00:00", "800", "p", "poa"),
        reading("pr", "00:15", "8"),
        reading("pr", "00:15", "1000", "p", "poa"),
        reading("pr", "00:30", "6"),
        reading("pr", "00:45", "12"),
        reading("pr", "00:45", "800", "p", "poa"),
        reading("norated", "00:00", "4"),
        reading("norated", "00:00", "800", "p", "poa"),
        reading("noirr", "00:00", "4"),
        reading("noirr", "00:30", "800", "p", "poa"),
        reading("nosun", "00:00", "-1"),
        reading("nosun", "00:00", "-0.5", "p", "poa"),
        reading("nosun", "00:15", "0"),
        reading("nosun", "00:15", "0.5", "p", "poa"),
        reading("weak", "00:00", "-0.04"),
        reading("weak", "00:00", "8", "p", "poa"),
    ]


DAYS = {  # energy, availability, irradiation, basis, performance ratio, reason
    # 1 + 2 + 1.5 + 3 kWh; 4 of 96 quarters; 0.2 + 0.25 + 0.2 kWh/m2; the third quarter has no irradiation, so
    # (1 + 2 + 3) / (10 * 0.2 + 10 * 0.25 + 20 * 0.2) = 6 / 8.5: the retrofit's rating counts from 00:45 on
    "pr": ("7.500000", "0.041667", "0.650000000", "POA", "0.705882", None),
    "norated": ("1.000000", "0.010417", "0.200000000", "POA", None, "NO_RATED_POWER"),
    "noirr": ("1.000000", "0.010417", None, None, None, "NO_IRRADIANCE"),
    # 10 * (-0.000125 + 0.000125) = 0
    "nosun": ("-0.250000", "0.020833", "0.000000000", "POA", None, "NO_SUN"),
    # -0.01 / (10 * 0.002): a plant that only consumes has a negative ratio
    "weak": ("-0.010000", "0.010417", "0.002000000", "POA", "-0.500000", None),
    # nine quarters with energy; both bases occur: 0.15 + 0.2 + 0.25 - 0.000375 + 0.000000001 + 0.3 + 0.075;
    # 0 kWh / (10 * 0.974625001)
    "sun": ("0.000000", "0.093750", "0.974625001", "MIXED", "0.000000", None),
}

CLOCKS = {  # a local day's first quarter in UTC, its number of quarters, one quarter's share of the day
    ("America/Denver", date(2021, 3, 14)): ("2021-03-14T07:00", 92, "0.010870"),  # 1 / 92 = 0.01086956...
    ("America/Denver", date(2021, 6, 1)): ("2021-06-01T06:00", 96, "0.010417"),  # 1 / 96 = 0.01041666...
    ("America/Denver", date(2021, 11, 7)): ("2021-11-07T06:00", 100, "0.010000"),
    # Midnight itself is skipped here, and happens twice there.
    ("Africa/Cairo", date(2024, 4, 26)): ("2024-04-25T22:00", 92, "0.010870"),
    ("Atlantic/Azores", date(2021, 10, 31)): ("2021-10-31T00:00", 100, "0.010000"),
    # The offset is 13:45 in summer and 12:45 in winter.
    ("Pacific/Chatham", date(2021, 4, 4)): ("2021-04-03T10:15", 100, "0.010000"),
}


def clock_case(world):
    for number, (zone, _) in enumerate(CLOCKS):
        world.zones[f"clock{number}"] = zone
        world.assignments.append(meter(f"clock{number}"))
    for number, (first, quarters, _) in enumerate(CLOCKS.values()):
        site, begin = f"clock{number}", at(first)
        # The whole day, less its second quarter, and the last quarter of the day before.
        steps = [-1, 0, *range(2, quarters + 1)]
        world.readings += [reading(site, (begin + timedelta(minutes=15 * s)).isoformat()[:16], "4") for s in steps]


@pytest.fixture(scope="module")
def computed(spark):
    world = World()
    for case in (energy_case, availability_case, irradiation_case, change_case, ratio_case, clock_case):
        case(world)
    readings = spark.createDataFrame(world.readings, READINGS)
    energy = gold.energy(readings, *world.frames(spark)).localCheckpoint()
    return energy, gold.daily(energy, world.zones)


@pytest.fixture(scope="module")
def quarters(computed):
    """site → quarter ('06:15' or with its date) → row."""
    found = defaultdict(dict)
    for row in computed[0].collect():
        text = row.quarter.isoformat()[:16]
        found[row.site_id][text.removeprefix("2022-01-01T")] = row
    return found


@pytest.fixture(scope="module")
def day_rows(computed):
    return {(row.site_id, row.local_date): row for row in computed[1].collect()}


def test_the_columns_are_those_of_the_lake(computed):
    for frame, name in zip(computed, ("gold/energy", "gold/daily"), strict=True):
        assert ", ".join(f"{c.name} {c.dataType.simpleString().upper()}" for c in frame.schema) == TABLES[name].ddl


def test_energy_by_hand(quarters):
    assert {time: str(row.energy_kwh) for time, row in quarters["sum"].items()} == ENERGY
    assert {row.month for row in quarters["sum"].values()} == {"2022-01"}


def test_availability_by_hand(quarters):
    assert {time: str(row.availability) for time, row in quarters["avail"].items()} == AVAILABILITY


def test_irradiation_by_hand(quarters):
    found = {time: (row.irradiation_kwh_m2, row.irradiation_basis) for time, row in quarters["sun"].items()}
    assert {time: (None if i is None else f"{i:.9f}", basis) for time, (i, basis) in found.items()} == IRRADIATION


def test_rated_power_price_and_value_by_hand(quarters):
    def number(text):
        return None if text is None else Decimal(text)

    expected = {
        time: (number(kw), number(price), currency, number(value))
        for time, (kw, price, currency, value) in CHANGE.items()
    }
    found = {
        time: (row.rated_kw, row.price_per_kwh, row.currency, row.value) for time, row in quarters["change"].items()
    }
    assert found == expected


@pytest.mark.parametrize("site", DAYS)
def test_a_day_by_hand(day_rows, site):
    row = day_rows[site, date(2022, 1, 1)]
    found = (
        row.energy_kwh,
        row.availability,
        row.irradiation_kwh_m2,
        row.irradiation_basis,
        row.performance_ratio,
        row.performance_reason,
    )
    assert found == tuple(Decimal(cell) if cell is not None and cell[-1].isdigit() else cell for cell in DAYS[site])


@pytest.mark.parametrize(("number", "zone", "day"), [(n, *key) for n, key in enumerate(CLOCKS)])
def test_a_local_day_has_92_96_or_100_quarter_hours(day_rows, number, zone, day):
    _, quarters, share = CLOCKS[zone, day]
    one, after, before = (day_rows[f"clock{number}", day + timedelta(days=d)] for d in (0, 1, -1))
    # All quarters but one have a reading of 4 kW, which is 1 kWh.
    assert one.energy_kwh == quarters - 1
    assert one.availability == 1 - Decimal(share)
    assert (before.energy_kwh, after.energy_kwh) == (1, 1)


def random_readings(random):
    """Four days around the end of a month: other intervals, gaps, odd seconds, signs and sixth decimals."""
    rows = []
    for channel, kind, seconds in (
        ("a", "energy", 900),
        ("b", "energy", 1800),
        ("p", "poa", 300),
        ("g", "ghi", 1800),
        ("h", "ghi", 3600),
    ):
        begin = datetime(2021, 3, 30, 22, random.randrange(60), random.randrange(60))
        for step in range(4 * 86400 // seconds):
            if random.random() < 0.8:
                value = Decimal(random.randrange(-2_000_000, 900_000_000)) / 1_000_000
                time = (begin + timedelta(seconds=seconds * step)).isoformat()
                rows.append(reading("den", time, value, channel, kind, seconds))
    return rows


@pytest.fixture(scope="module")
def den(spark):
    world = World()
    world.zones["den"] = "America/Denver"
    swap = at("2021-04-01T10:20:00")
    world.assignments += [meter("den", "m1", "a"), meter("den", "m2", "b", begin=swap)]
    world.assets += [rated("den", "7", "m1", end=swap), rated("den", "8.5", "m1", swap), rated("den", "3", "m2")]
    world.tariffs += [
        ("den", Decimal("0.123457"), "USD", START, swap),
        ("den", Decimal("0.2"), "USD", swap, None),
    ]
    return world.zones, [frame.localCheckpoint() for frame in world.frames(spark)]


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.proof), pytest.param(3, marks=pytest.mark.proof)]
)
def test_gold_in_pieces_is_gold_in_one_and_as_computed_outside_spark(spark, den, seed):
    random = Random(seed)
    rows = random_readings(random)
    zones, frames = den
    whole = spark.createDataFrame(rows, READINGS).repartition(5).localCheckpoint()
    energy = gold.energy(whole, *frames).localCheckpoint()
    daily = gold.daily(energy, zones).localCheckpoint()

    # Any order, cut anywhere: each batch replaces the months that it can change.
    random.shuffle(rows)
    cut = random.randrange(1, len(rows))
    state = {}
    for begin, end in ((0, cut), (cut, len(rows))):
        wanted = months.of_readings(spark.createDataFrame(rows[begin:end], READINGS))
        part = gold.energy(spark.createDataFrame(rows[:end], READINGS).coalesce(1), *frames)
        kept = {quarter: row for quarter, row in state.items() if row.month not in wanted}
        state = kept | {row.quarter: row for row in part.collect() if row.month in wanted}
    assert state == {row.quarter: row for row in energy.collect()}
    assert {row.month for row in state.values()} == {"2021-03", "2021-04"}

    sites = pa.table({"site_id": list(zones), "time_zone": list(zones.values())})
    expected = recompute(whole.toArrow(), sites, *(frame.toArrow() for frame in frames))
    actual = {"energy": energy.toArrow(), "daily": daily.toArrow()}
    assert compare_gold(expected, actual).different == 0
