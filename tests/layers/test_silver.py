"""The silver layer on a few rows: each kind of bad message, and the values of the good ones."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pyspark.sql import functions as F

ASSIGNMENTS = [
    ("plant-1", "ac", "INV-1", "S1", "ac_power", 900, "energy", "2020-01-01", "2022-01-02T12:00:00Z"),
    ("plant-1", "ac", "INV-2", "S1", "ac_power", 900, "energy", "2022-01-02T12:00:00Z", None),
    ("plant-1", "temp", "TMP-1", "S1", "ambient_temperature", 900, None, "2020-01-01", None),
    ("sensor-1", "poa_irradiance", "POA-1", "S1", "poa_irradiance", 60, "irradiance", "2020-01-01", None),
]


def iot(**changes):
    event = {
        "event_id": "e1",
        "sensor": "sensor-1",
        "event_time": "2022-01-02T04:00:00-07:00",
        "sent_at": "2022-01-02T11:00:05Z",
        "quantity": "poa_irradiance",
        "value": 512.25,
        "unit": "W/m2",
    }
    event.update(changes)
    return json.dumps({name: value for name, value in event.items() if value is not ...}).encode()


def scada(channels, event_time="2022-01-02T04:00:00-07:00", sent_at="2022-01-02T11:00:05Z"):
    event = {"event_id": "p1", "plant": "plant-1", "event_time": event_time, "sent_at": sent_at}
    return json.dumps({**event, "channels": channels}).encode()


def wide(ac=(1500, "W"), temp=(-5.7296, "C"), **times):
    told = {"ac": ac, "temp": temp}
    return scada({name: {"value": value, "unit": unit} for name, (value, unit) in told.items()}, **times)


NOON = {"event_time": "2022-01-02T05:00:00-07:00", "sent_at": "2022-01-02T12:00:01Z"}
TEMPERATURES = [(32, "F", "0"), (122, "F", "50"), (273.15, "K", "0"), (-40, "C", "-40"), (50, "F", "10")]
BAD = {
    "TOMBSTONE": None,
    "EMPTY": b"",
    "OVERSIZE": iot(note="x" * (1024 * 1024)),
    "NOT_UTF8": b'{"event_id": "\xff\xfe"}',
    "MALFORMED_JSON": iot()[:-9],
    "MISSING_FIELD": iot(value=...),
    "UNKNOWN_UNIT": iot(unit="parsec"),
    "OUT_OF_RANGE": iot(value=9000),
    "UNKNOWN_ASSET": iot(sensor="nobody"),
    "CLOCK_NOT_SET": iot(event_time="1970-01-01T00:00:07+00:00"),
    "FUTURE": iot(event_time="2022-01-02T11:30:00Z"),
    "TOO_LATE": iot(event_time="2021-12-20T11:00:00Z"),
}
WRONG_TYPES = {
    "text": iot(value="n/a"),
    "number in quotes": iot(value="12.5"),
    "decimal comma": iot(value="12,5"),
    "boolean": iot(value=True),
    "list": iot(value=[1]),
    "no such time": iot(event_time="2022-13-02T04:00:00-07:00"),
    "time without an offset": iot(event_time="2022-01-02T04:00:00"),
}
MESSAGES = {
    **BAD,
    **WRONG_TYPES,
    "three faults": iot(value="n/a", unit="parsec", event_time="2022-01-02T11:30:00Z"),
    "kilowatts": iot(value=0.51225, unit="kW/m2"),
    **{f"{value} {unit}": scada({"temp": {"value": value, "unit": unit}}) for value, unit, _ in TEMPERATURES},
    "wide": wide(),
    "wide at noon": wide(**NOON),
    "wide with one bad": wide(temp=(900, "C")),
    "degrees of irradiance": iot(unit="C"),
    "an hour": iot(sent_at="2022-01-02T12:00:00Z"),
    "over an hour": iot(sent_at="2022-01-02T12:00:01Z"),
    "seven days": iot(sent_at="2022-01-09T11:00:00Z"),
    "over seven days": iot(sent_at="2022-01-09T11:00:01Z"),
}


@pytest.fixture(scope="module")
def filed(spark, file_by_itself):
    """name → (readings by channel, reasons); all messages in one Spark job, each told apart by its offset."""
    assignments = spark.createDataFrame(
        ASSIGNMENTS, "source STRING, channel STRING, asset_id STRING, site_id STRING, quantity STRING,"
        " interval_seconds INT, feeds_gold STRING, valid_from STRING, valid_to STRING",
    ).selectExpr(
        "* EXCEPT (valid_from, valid_to)", "timestamp(valid_from) valid_from", "timestamp(valid_to) valid_to"
    )  # fmt: skip
    rows = [("t", 0, offset, datetime(2022, 1, 3, tzinfo=UTC), raw) for offset, raw in enumerate(MESSAGES.values())]
    bronze = spark.createDataFrame(
        rows, "topic STRING, partition INT, offset BIGINT, arrival_time TIMESTAMP, raw BINARY"
    ).withColumn("header", F.lit(None).cast("string"))
    readings, quarantine = file_by_itself(bronze, assignments)
    found = {name: ([], None) for name in MESSAGES}
    names = list(MESSAGES)
    for row in quarantine:
        assert row.raw == rows[row.offset][4]
        found[names[row.offset]] = ([], row)
    for row in sorted(readings, key=lambda row: row.channel):
        assert found[names[row.offset]][1] is None
        found[names[row.offset]][0].append(row)
    return found


@pytest.mark.parametrize("reason", [name for name in BAD if name != "CLOCK_NOT_SET"])
def test_a_bad_message_goes_to_quarantine_with_its_reason(filed, reason):
    assert filed[reason][1].reasons == [reason]


def test_a_clock_that_was_never_set_precedes_every_assignment_too(filed):
    assert filed["CLOCK_NOT_SET"][1].reasons == ["UNKNOWN_ASSET", "CLOCK_NOT_SET"]


@pytest.mark.parametrize("kind", WRONG_TYPES)
def test_a_value_or_time_of_the_wrong_type_is_named_so(filed, kind):
    assert "WRONG_TYPE" in filed[kind][1].reasons


def test_all_reasons_of_one_message_are_told(filed):
    row = filed["three faults"][1]
    assert row.reasons == ["WRONG_TYPE", "UNKNOWN_UNIT", "FUTURE"]
    assert row.event_id == "e1"


def test_a_good_reading_is_typed_converted_and_in_utc(filed):
    (row,), refused = filed["kilowatts"]
    assert refused is None
    assert (row.value, row.asset_id, row.site_id, row.late) == (Decimal("512.250000"), "POA-1", "S1", False)
    assert row.event_time == datetime(2022, 1, 2, 11, 0)


@pytest.mark.parametrize(("value", "unit", "expected"), TEMPERATURES)
def test_temperatures_become_celsius(filed, value, unit, expected):
    (row,), _ = filed[f"{value} {unit}"]
    assert row.value == Decimal(expected)


@pytest.mark.parametrize(("name", "asset"), [("wide", "INV-1"), ("wide at noon", "INV-2")])
def test_a_wide_record_gives_a_reading_for_each_channel_by_the_asset_of_its_time(filed, name, asset):
    rows, _ = filed[name]
    assert [(r.channel, r.asset_id, r.value) for r in rows] == [
        ("ac", asset, Decimal("1.5")),
        ("temp", "TMP-1", Decimal("-5.7296")),
    ]


def test_a_wide_record_is_atomic(filed):
    rows, refused = filed["wide with one bad"]
    assert rows == []
    assert refused.reasons == ["OUT_OF_RANGE"]


def test_a_unit_of_another_quantity_is_refused(filed):
    assert filed["degrees of irradiance"][1].reasons == ["UNKNOWN_UNIT"]


def test_late_is_judged_by_the_event_alone_and_is_kept(filed):
    late = [filed[name][0][0].late for name in ("an hour", "over an hour", "seven days")]
    assert late == [False, True, True]


def test_seven_days_are_in_time_and_a_second_more_is_not(filed):
    assert filed["seven days"][1] is None
    assert filed["over seven days"][1].reasons == ["TOO_LATE"]
