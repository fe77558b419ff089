"""The maker's own statement about each message, against what silver says of it."""

from collections import Counter
from datetime import UTC, datetime

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helpers.peak import faults
from helpers.peak.events import bodies, events
from helpers.peak.mapping import UNITS as WIRE_UNITS
from helpers.peak.plan import plan
from helpers.peak.recordings import catalogue
from helpers.peak.relational import world
from helpers.pipeline.silver import to_silver
from helpers.pipeline.units import QUANTITIES, UNITS

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


@pytest.fixture(scope="module")
def assignments(spark):
    tables = world()
    sites = {asset[0]: asset[4] for asset in tables["assets"]}
    rows = [
        (source, channel, asset, sites[asset], quantity, interval, feeds, begin, end)
        for source, channel, asset, quantity, _, interval, feeds, begin, end in tables["meter_assignments"]
    ]
    return spark.createDataFrame(
        rows,
        "source STRING, channel STRING, asset_id STRING, site_id STRING, quantity STRING,"
        " interval_seconds INT, feeds_gold STRING, valid_from TIMESTAMP, valid_to TIMESTAMP",
    )


@pytest.fixture(scope="module")
def judge(spark, assignments, tmp_path_factory):
    def run(raw):
        """For each body: (reasons, sorted; late) — late is None where it is quarantined."""
        # By way of a file: rows of this process would be sent through Python workers again for each job.
        path = str(tmp_path_factory.mktemp("bronze") / "bronze.parquet")
        rows = [("t", 0, offset, ARRIVAL, body) for offset, body in enumerate(raw)]
        pq.write_table(pa.table(dict(zip(BRONZE.names, zip(*rows, strict=True), strict=True)), schema=BRONZE), path)
        valid, quarantined = to_silver(spark.read.parquet(path), assignments)
        found = {row.offset: (sorted(row.reasons), None) for row in quarantined.select("offset", "reasons").collect()}
        passed = valid.select("offset", "late").distinct().collect()
        assert not found.keys() & {row.offset for row in passed}
        found |= {row.offset: ([], row.late) for row in passed}
        return [found[offset] for offset in range(len(raw))]

    return run


@pytest.mark.parametrize("seed", [7, 8])
@pytest.mark.parametrize("files", [SMALL, NARROW], ids=["wide", "narrow"])
def test_silver_and_the_maker_agree_on_every_message(judge, files, seed):
    plans = [plan(BY_FILE[file], seed, 0.3) for file in files]
    judged = judge([body for one in plans for body in one.bodies])
    stated = [row for one in plans for row in one.messages.select(["fault", "reasons", "late"]).to_pylist()]
    differing = [
        (row["fault"], row["reasons"], reasons, late)
        for row, (reasons, late) in zip(stated, judged, strict=True)
        if row["reasons"] != reasons or (not reasons and row["late"] != late)
    ]
    assert differing == []
    kinds = Counter(row["fault"] for row in stated)
    wanted = set(faults.REASONS) - (set() if files is SMALL else {"oversize"})
    assert all(kinds[kind] >= 3 for kind in wanted - {"oversize"})
    assert kinds["oversize"] == (3 if files is SMALL else 0)


def test_every_reading_that_is_no_oddity_reaches_silver_and_every_oddity_does_not(judge):
    raw, stated = [], []
    for file in ("system_15_poa_irradiance.parquet",):
        found = events(BY_FILE[file])
        # A tenth of the file, and all of its oddities: the rest says nothing new.
        chosen = [i for i, odd in enumerate(found.oddities) if odd or i % 10 == 0]
        sent = bodies(found)
        raw += [sent[i] for i in chosen]
        stated += [found.oddities[i] for i in chosen]
    assert [reasons for reasons, _ in judge(raw)] == [[odd] if odd else [] for odd in stated]


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


def spoiled(change):
    (body,) = bodies(events(BY_FILE["midc_bms_ghi_20220120.csv"]))[700:701]
    return change(body)


def without(body, name):
    event = orjson.loads(body)
    del event[name]
    return orjson.dumps(event)


@pytest.mark.parametrize("rest", [b"{}", b" and more", b"}"])
def test_a_body_with_something_after_its_object_is_malformed(judge, rest):
    assert judge([spoiled(lambda body: body + rest)]) == [(["MALFORMED_JSON"], None)]


def test_single_quotes_are_no_json(judge):
    assert judge([spoiled(lambda body: body.replace(b'"', b"'"))]) == [(["MALFORMED_JSON"], None)]


def test_a_sensor_that_is_not_named_is_a_missing_field_alone(judge):
    assert judge([spoiled(lambda body: without(body, "sensor"))]) == [(["MISSING_FIELD"], None)]
