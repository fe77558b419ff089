"""Gold recomputed on a few rows; every expected number is worked out by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from helpers.pipeline.proof.difference import compare
from helpers.pipeline.proof.expectation import connect
from helpers.pipeline.proof.recompute import Gold, compare_gold, recompute

T10 = datetime(2022, 1, 2, 10, tzinfo=UTC)
ALWAYS = (datetime(2010, 1, 1, tzinfo=UTC), None)
TEXT, INSTANT = pa.string(), pa.timestamp("us", "UTC")
VALIDITY = {"valid_from": INSTANT, "valid_to": INSTANT}
SCHEMAS = {
    "readings": {
        **dict.fromkeys(("site_id", "source", "channel", "quantity", "feeds_gold"), TEXT),
        "event_time": INSTANT,
        "value": pa.decimal128(18, 6),
        "interval_seconds": pa.int32(),
    },
    "sites": {"site_id": TEXT, "time_zone": TEXT},
    "assets": {"asset_id": TEXT, "rated_kw": pa.decimal128(12, 3), **VALIDITY},
    "assignments": {**dict.fromkeys(("source", "channel", "asset_id", "site_id", "feeds_gold"), TEXT), **VALIDITY},
    "tariffs": {"site_id": TEXT, "price_per_kwh": pa.decimal128(12, 6), "currency": TEXT, **VALIDITY},
}
METER = ("m", "ac", "INV", "S", "energy", *ALWAYS)


def power(value, time=T10, interval=900, channel="ac", site="S"):
    return site, "m", channel, "ac_power", "energy", time, Decimal(value), interval


def sun(value, time=T10, interval=900, source="w", quantity="poa_irradiance", site="S"):
    return site, source, quantity, quantity, "irradiance", time, Decimal(value), interval


def gold(
    readings,
    assignments=(METER,),
    assets=(("INV", Decimal(10), *ALWAYS),),
    tariffs=(("S", Decimal("0.1"), "EUR", *ALWAYS),),
    zone="UTC",
):
    tables = {
        "readings": readings,
        "sites": [("S", zone)],
        "assets": assets,
        "assignments": assignments,
        "tariffs": tariffs,
    }
    made = recompute(
        **{
            name: pa.Table.from_pylist(
                [dict(zip(SCHEMAS[name], row, strict=True)) for row in rows],
                schema=pa.schema(list(SCHEMAS[name].items())),
            )
            for name, rows in tables.items()
        }
    )
    return made.energy.to_pylist(), made.daily.to_pylist()


def column(rows, name):
    return [row[name] for row in rows]


def test_a_reading_is_spread_over_the_quarters_it_stands_for():
    # 12 kW from 10:05 to 10:35: 600 s, 900 s and 300 s; kWh = 12 * s / 3600.
    energy, _ = gold([power(12, T10 + timedelta(minutes=5), 1800)])
    assert column(energy, "quarter") == [T10, T10 + timedelta(minutes=15), T10 + timedelta(minutes=30)]
    assert column(energy, "energy_kwh") == [Decimal(2), Decimal(3), Decimal(1)]
    assert column(energy, "availability") == [Decimal("0.666667"), Decimal(1), Decimal("0.333333")]


def test_a_reading_at_a_quarters_end_belongs_to_the_next():
    energy, _ = gold([power(4, T10 + timedelta(minutes=15))])
    assert [(r["quarter"], r["energy_kwh"]) for r in energy] == [(T10 + timedelta(minutes=15), Decimal(1))]


def test_a_fraction_of_a_second_is_dropped():
    # From 10:00:01 (not 10:00:01.9): 899 s in the first quarter, 1 s in the second.
    energy, _ = gold([power(3600, T10 + timedelta(seconds=1.9))])
    assert column(energy, "energy_kwh") == [Decimal(899), Decimal(1)]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_half_is_rounded_away_from_zero_once(sign):
    # 0.000002 kW * 900 s / 3600 = 0.0000005 kWh; two of them are summed before rounding: 0.000001, not 0.000002.
    one, _ = gold([power(sign * Decimal("0.000002"))])
    two, _ = gold([power(sign * Decimal("0.000002")), power(sign * Decimal("0.000002"), channel="ac2")])
    assert column(one, "energy_kwh") == column(two, "energy_kwh") == [sign * Decimal("0.000001")]


def test_value_is_rounded_half_away_from_zero():
    # 10 kW * 900 s = 2.5 kWh; 2.5 * 0.000001 = 0.0000025.
    cheap = [("S", Decimal("0.000001"), "EUR", *ALWAYS)]
    for sign in (1, -1):
        (row,), _ = gold([power(sign * 10)], tariffs=cheap)
        assert row["value"] == sign * Decimal("0.000003")


def test_ten_rows_of_one_quarter():
    # Seven readings of a minute at 6 kW, the first at 10:00, one of them twice as large: (6*6 + 12) kW * 60 s / 3600
    # = 0.8 kWh; 7 of 15 minutes covered. POA by two sensors for 15 minutes: (800 + 600) * 900 / (3.6e6 * 2) = 0.175.
    # A GHI reading counts nothing beside POA. 10 kW * 0.175 h = 1.75 kWh; 0.8 / 1.75 = 0.457143. 0.8 * 0.1 = 0.08.
    minutes = [power(12 if n == 3 else 6, T10 + timedelta(minutes=n), 60) for n in range(7)]
    (row,), (day,) = gold([*minutes, sun(800), sun(600, source="w2"), sun(5, quantity="ghi")])
    assert row == {
        "site_id": "S",
        "quarter": T10,
        "energy_kwh": Decimal("0.8"),
        "availability": Decimal("0.466667"),
        "irradiation_kwh_m2": Decimal("0.175"),
        "irradiation_basis": "POA",
        "rated_kw": Decimal(10),
        "price_per_kwh": Decimal("0.1"),
        "currency": "EUR",
        "value": Decimal("0.08"),
        "month": "2022-01",
    }
    assert day == {
        "site_id": "S",
        "local_date": date(2022, 1, 2),
        "energy_kwh": Decimal("0.8"),
        "availability": Decimal("0.004861"),  # 0.466667 / 96
        "irradiation_kwh_m2": Decimal("0.175"),
        "irradiation_basis": "POA",
        "performance_ratio": Decimal("0.457143"),
        "performance_reason": None,
        "month": "2022-01",
    }


def test_availability_counts_every_meter_that_is_assigned_then():
    noon = T10 + timedelta(hours=2)
    second = ("m", "ac2", "INV2", "S", "energy", ALWAYS[0], noon)
    unrelated = [("m", "temp", "TMP", "S", None, *ALWAYS), ("x", "ac", "X", "elsewhere", "energy", *ALWAYS)]
    energy, _ = gold([power(1), power(1, noon)], [METER, second, *unrelated])
    assert column(energy, "availability") == [Decimal("0.5"), Decimal(1)]


def test_availability_counts_a_channel_that_is_seen_beyond_its_assignment():
    # The reading begins under the assignment and lasts beyond it; the first channel is silent.
    ended = ("m", "ac2", "INV2", "S", "energy", ALWAYS[0], T10 + timedelta(minutes=10))
    energy, _ = gold([power(1, T10 + timedelta(minutes=5), channel="ac2")], [ended])
    assert column(energy, "availability") == [Decimal("0.666667"), Decimal("0.333333")]
    assert column(energy, "rated_kw") == [None, None]


def test_a_channel_covers_no_more_than_the_quarter():
    (row,), _ = gold([power(1), power(1)], [METER, ("m", "ac2", "INV2", "S", "energy", *ALWAYS)])
    assert (row["energy_kwh"], row["availability"]) == (Decimal("0.5"), Decimal("0.5"))


def test_irradiation_falls_back_to_ghi_and_stays_null_without_any():
    energy, (day,) = gold(
        [
            power(4),
            power(4, T10 + timedelta(minutes=15)),
            power(4, T10 + timedelta(minutes=30)),
            sun(400),
            sun(40, T10 + timedelta(minutes=15), quantity="ghi"),
            sun(1000, T10 + timedelta(hours=5)),
            sun(1000, site="other"),
        ]
    )
    assert column(energy, "irradiation_kwh_m2") == [Decimal("0.1"), Decimal("0.01"), None]
    assert column(energy, "irradiation_basis") == ["POA", "GHI", None]
    # Only the quarters with irradiation: 2 kWh / (10 kW * 0.11 h) = 1.818182
    assert (day["irradiation_basis"], day["performance_ratio"]) == ("MIXED", Decimal("1.818182"))
    assert day["energy_kwh"] == 3


def test_irradiation_is_rounded_to_its_ninth_digit():
    # 0.000002 W/m2 * 900 s / 3.6e6 = 5e-10 kWh/m2
    (row,), _ = gold([power(1), sun("-0.000002")])
    assert row["irradiation_kwh_m2"] == Decimal("-1e-9")


def test_rated_power_is_that_of_the_distinct_assets_then_and_null_if_one_is_unknown():
    swap = T10 + timedelta(minutes=15)
    assignments = [METER, ("m", "ac2", "INV", "S", "energy", *ALWAYS), ("m", "ac3", "NEW", "S", "energy", swap, None)]
    assets = [("INV", Decimal("10.125"), ALWAYS[0], swap), ("INV", Decimal(12), swap, None)]
    readings = [power(1), power(1, swap)]
    energy, _ = gold(readings, assignments, [*assets, ("NEW", Decimal(3), *ALWAYS)])
    assert column(energy, "rated_kw") == [Decimal("10.125"), Decimal(15)]
    energy, _ = gold(readings, assignments, [*assets, ("NEW", None, *ALWAYS)])
    assert column(energy, "rated_kw") == [Decimal("10.125"), None]


def test_the_tariff_is_the_one_valid_at_the_quarters_start():
    change = T10 + timedelta(minutes=15)
    tariffs = [
        ("S", Decimal("0.1"), "EUR", ALWAYS[0], change),
        ("S", Decimal("0.2"), "CHF", change, T10 + timedelta(minutes=30)),
    ]
    energy, _ = gold([power(4, T10 + timedelta(minutes=15 * n)) for n in range(3)], tariffs=tariffs)
    assert [(r["value"], r["currency"]) for r in energy] == [
        (Decimal("0.1"), "EUR"),
        (Decimal("0.2"), "CHF"),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("reason", "readings", "assets"),
    [
        ("NO_RATED_POWER", [power(4), sun(400)], [("INV", None, *ALWAYS)]),
        ("NO_RATED_POWER", [power(4)], []),
        ("NO_IRRADIANCE", [power(4), sun(400, site="other")], [("INV", Decimal(10), *ALWAYS)]),
        ("NO_SUN", [power(4), sun(0)], [("INV", Decimal(10), *ALWAYS)]),
        ("NO_SUN", [power(4), sun(-2)], [("INV", Decimal(10), *ALWAYS)]),
    ],
)
def test_a_day_without_a_performance_ratio_tells_why(reason, readings, assets):
    _, (day,) = gold(readings, assets=assets)
    assert (day["performance_ratio"], day["performance_reason"]) == (None, reason)


@pytest.mark.parametrize(
    ("zone", "time", "local_date", "quarters"),
    [
        ("America/Denver", datetime(2022, 1, 2, 6, 59, tzinfo=UTC), date(2022, 1, 1), 96),
        ("America/Denver", datetime(2022, 1, 2, 7, tzinfo=UTC), date(2022, 1, 2), 96),
        ("America/Denver", datetime(2022, 3, 14, 5, 45, tzinfo=UTC), date(2022, 3, 13), 92),
        ("America/Denver", datetime(2021, 11, 8, 6, 45, tzinfo=UTC), date(2021, 11, 7), 100),
        ("Europe/London", datetime(2022, 10, 29, 23, tzinfo=UTC), date(2022, 10, 30), 100),
        ("Asia/Kolkata", datetime(2022, 1, 1, 18, 30, tzinfo=UTC), date(2022, 1, 2), 96),
        ("Pacific/Chatham", datetime(2022, 1, 1, 10, 15, tzinfo=UTC), date(2022, 1, 2), 96),
        ("Pacific/Chatham", datetime(2022, 4, 3, 10, tzinfo=UTC), date(2022, 4, 3), 100),
    ],
)
def test_a_day_is_the_sites_own_with_its_clock_changes(zone, time, local_date, quarters):
    _, (day, *_) = gold([power(1, time, 60)], zone=zone)
    assert day["local_date"] == local_date
    assert day["availability"] == round(Decimal("0.066667") / quarters, 6)


def test_duckdbs_time_zones_are_pythons():
    zones = ["America/Denver", "Europe/London", "Europe/Lisbon", "Asia/Kolkata", "Pacific/Chatham", "UTC"]
    hours = [datetime(2009, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(0, 24 * 365 * 15, 7)]
    with connect() as connection:
        for zone in zones:
            connection.register("hours", pa.table({"h": pa.array(hours, INSTANT)}))
            found = connection.execute("SELECT timezone(?, h) FROM hours ORDER BY h", [zone]).fetchall()
            assert [row[0] for row in found] == [h.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for h in hours]


ROWS = [("S", T10, Decimal(1), None), ("S", T10 + timedelta(minutes=15), None, "EUR"), ("T", T10, Decimal(2), "EUR")]


def quarters(rows):
    names = {"site_id": TEXT, "quarter": INSTANT, "energy_kwh": pa.decimal128(18, 6), "currency": TEXT}
    return pa.Table.from_pylist(
        [dict(zip(names, row, strict=True)) for row in rows], schema=pa.schema(list(names.items()))
    )


def differ(rows):
    found = compare("energy", quarters(ROWS), quarters(rows), "quarter")
    return found.cells, found.different


def test_the_same_rows_in_another_order_have_no_difference():
    assert differ(ROWS[::-1]) == (6, 0)


def test_each_cell_that_differs_counts_and_null_is_a_value():
    assert differ([(*ROWS[0][:3], "EUR"), ROWS[1], ("T", T10, Decimal("2.000001"), None)]) == (6, 3)


def test_a_row_that_only_one_side_has_or_has_twice_differs_in_every_cell():
    assert differ(ROWS[1:]) == (6, 2)
    assert differ([*ROWS, ("T", T10 + timedelta(minutes=15), None, None)]) == (8, 2)
    assert differ([*ROWS, ROWS[2]]) == (8, 2)
    assert differ([]) == (6, 6)


def test_both_tables_are_compared_and_examples_name_the_cell_and_both_values():
    def days(ratio):
        return pa.table({"site_id": ["S", "S"], "local_date": [date(2022, 1, 1), date(2022, 1, 2)], "ratio": ratio})

    actual = {"energy": quarters([*ROWS[:2], ("T", T10, Decimal("2.5"), "EUR")]), "daily": days([None, None])}
    found = compare_gold(Gold(quarters(ROWS), days([0.5, None])), actual)
    assert (found.cells, found.different) == (8, 2)
    assert [tuple(row.values()) for row in found.examples.to_pylist()] == [
        ("energy", "T", "2022-01-02 10:00:00+00", "energy_kwh", "2.000000", "2.500000"),
        ("daily", "S", "2022-01-01", "ratio", "0.5", None),
    ]
