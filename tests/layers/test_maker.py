"""The maker's own statement about each message, against what silver says of it."""

from collections import Counter
from datetime import UTC, datetime
from itertools import accumulate, chain

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import functions as F

from helpers.peak import faults
from helpers.peak.events import bodies, events
from helpers.peak.mapping import UNITS as WIRE_UNITS
from helpers.peak.mapping import WEATHER_UNITS
from helpers.peak.plan import plan
from helpers.peak.recordings import catalogue
from helpers.pipeline.layers import parse
from helpers.pipeline.layers.units import QUANTITIES, UNITS

ARRIVAL = datetime(2026, 1, 1, tzinfo=UTC)
BRONZE = pa.schema(
    {
        "topic": pa.string(),
        "partition": pa.int32(),
        "offset": pa.int64(),
        "arrival_time": pa.timestamp("us", "UTC"),
        "raw": pa.binary(),
    }
)
SMALL = ("nrel_RSF_II.csv", "serf_west_15min.csv", "snow_data.csv")
NARROW = ("midc_bms_ghi_20220120.csv", "nrel_1axis_tracker_mesa_ac_power.csv", "ac_power_inv_7539_outliers.csv")
BY_FILE = {recording.file: recording for recording in catalogue()}


def without(body, name):
    event = orjson.loads(body)
    del event[name]
    return orjson.dumps(event)


SPOILT = {
    "an object more": (lambda body: body + b"{}", ["MALFORMED_JSON"]),
    "words after it": (lambda body: body + b" and more", ["MALFORMED_JSON"]),
    "a brace too many": (lambda body: body + b"}", ["MALFORMED_JSON"]),
    "single quotes": (lambda body: body.replace(b'"', b"'"), ["MALFORMED_JSON"]),
    "no sensor": (lambda body: without(body, "sensor"), ["MISSING_FIELD"]),
}
GROUPS = {("wide", 7): SMALL, ("narrow", 8): NARROW}


@pytest.fixture(scope="module")
def plans():
    return {
        (name, seed): [plan(BY_FILE[file], seed, 0.3) for file in files] for (name, seed), files in GROUPS.items()
    }


def oddities():
    """A tenth of a recording with oddities, and all of those: the rest says nothing new. (bodies, their oddities)"""
    found = events(BY_FILE["system_15_poa_irradiance.parquet"])
    sent = bodies(found)
    chosen = [i for i, odd in enumerate(found.oddities) if odd or i % 10 == 0]
    return [sent[i] for i in chosen], [found.oddities[i] for i in chosen]


@pytest.fixture(scope="module")
def judged(spark, plans, peak_assignments, file_by_itself, tmp_path_factory):
    """For each group of bodies: (reasons, sorted; late) of each; late is None in quarantine. One job for all."""
    groups = {key: [body for one in found for body in one.bodies] for key, found in plans.items()}
    good = bodies(events(BY_FILE["midc_bms_ghi_20220120.csv"]))[700]
    groups |= {"oddities": oddities()[0], "spoilt": [spoil(good) for spoil, _ in SPOILT.values()]}
    # By way of a file: rows of this process would be sent through Python workers.
    path = str(tmp_path_factory.mktemp("bronze") / "bronze.parquet")
    sizes = [len(group) for group in groups.values()]
    rows = [("t", 0, n, ARRIVAL, body) for n, body in enumerate(chain.from_iterable(groups.values()))]
    pq.write_table(pa.table(dict(zip(BRONZE.names, zip(*rows, strict=True), strict=True)), schema=BRONZE), path)
    messages = spark.read.parquet(path).withColumn("header", F.lit(None).cast("string"))
    readings, quarantine = file_by_itself(messages, peak_assignments)
    found = {row.offset: (sorted(row.reasons), None) for row in quarantine}
    passed = {row.offset: ([], row.late) for row in readings}
    assert not found.keys() & passed.keys()
    found |= passed
    ends = list(accumulate(sizes))
    return {
        key: [found[n] for n in range(end - size, end)] for key, size, end in zip(groups, sizes, ends, strict=True)
    }


@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_silver_and_the_maker_agree_on_every_message(judged, plans, group):
    stated = [row for one in plans[group] for row in one.messages.select(["fault", "reasons", "late"]).to_pylist()]
    differing = [
        (row["fault"], row["reasons"], reasons, late)
        for row, (reasons, late) in zip(stated, judged[group], strict=True)
        if row["reasons"] != reasons or (not reasons and row["late"] != late)
    ]
    assert differing == []
    kinds = Counter(row["fault"] for row in stated)
    is_wide = group[0] == "wide"
    assert all(kinds[kind] >= 3 for kind in set(faults.REASONS) - {"oversize"})
    assert kinds["oversize"] == (3 if is_wide else 0)


def test_every_reading_that_is_no_oddity_reaches_silver_and_every_oddity_does_not(judged):
    _, stated = oddities()
    assert [reasons for reasons, _ in judged["oddities"]] == [[odd] if odd else [] for odd in stated]


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_body_is_refused_for_what_it_is(judged, name):
    assert judged["spoilt"][list(SPOILT).index(name)] == (SPOILT[name][1], None)


def test_every_unit_of_a_mapping_is_one_that_silver_takes_for_that_quantity():
    for quantity, units in WIRE_UNITS.items():
        assert {UNITS[unit].canonical for unit in units} == {QUANTITIES[quantity].unit}


@pytest.mark.parametrize("quantity", WIRE_UNITS)
def test_no_absurd_value_is_within_silvers_range_and_no_foreign_unit_is_known(quantity):
    limits = QUANTITIES[quantity]
    for unit in WIRE_UNITS[quantity]:
        for value in faults._ABSURD[quantity]:
            canonical = (type(limits.low)(str(value)) + UNITS[unit].offset) * UNITS[unit].factor
            assert not limits.low <= canonical <= limits.high
    foreign = [unit for unit in faults._FOREIGN_UNITS if unit not in WIRE_UNITS[quantity]]
    assert len(foreign) >= 5
    assert all(unit not in UNITS or UNITS[unit].canonical != limits.unit for unit in foreign)


def test_the_maker_and_the_pipeline_know_the_same_units_of_weather_columns():
    assert WEATHER_UNITS == parse.WEATHER_UNITS
