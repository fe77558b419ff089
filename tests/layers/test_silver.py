"""The silver layer on a few rows: each kind of bad message, and the values of the good ones."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from helpers.pipeline.silver import to_silver

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


@pytest.fixture(scope="module")
def judge(spark):
    assignments = spark.createDataFrame(
        ASSIGNMENTS,
        "source STRING, channel STRING, asset_id STRING, site_id STRING, quantity STRING,"
        " interval_seconds INT, feeds_gold STRING, valid_from STRING, valid_to STRING",
    ).selectExpr(
        "* EXCEPT (valid_from, valid_to)", "timestamp(valid_from) valid_from", "timestamp(valid_to) valid_to"
    )

    def run(*bodies):
        rows = [("t", 0, offset, datetime(2022, 1, 3, tzinfo=UTC), raw) for offset, raw in enumerate(bodies)]
        bronze = spark.createDataFrame(
            rows, "topic STRING, partition INT, offset BIGINT, arrival_time TIMESTAMP, raw BINARY"
        )
        valid, quarantined = to_silver(bronze, assignments)
        return valid.orderBy("offset", "channel").collect(), quarantined.orderBy("offset").collect()

    return run


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


@pytest.fixture(scope="module")
def judged(judge):
    # One Spark job for all bad messages: each is told apart by its offset.
    bodies = [*BAD.values(), *WRONG_TYPES.values()]
    valid, quarantined = judge(*bodies)
    assert valid == []
    assert [bytes(row.raw) if row.raw is not None else None for row in quarantined] == bodies
    return dict(zip([*BAD, *WRONG_TYPES], quarantined, strict=True))


@pytest.mark.parametrize("reason", [name for name in BAD if name != "CLOCK_NOT_SET"])
def test_a_bad_message_goes_to_quarantine_with_its_reason(judged, reason):
    assert judged[reason].reasons == [reason]


def test_a_clock_that_was_never_set_precedes_every_assignment_too(judged):
    assert judged["CLOCK_NOT_SET"].reasons == ["UNKNOWN_ASSET", "CLOCK_NOT_SET"]


@pytest.mark.parametrize("kind", WRONG_TYPES)
def test_a_value_or_time_of_the_wrong_type_is_named_so(judged, kind):
    assert "WRONG_TYPE" in judged[kind].reasons


def test_all_reasons_of_one_message_are_told(judge):
    _, (row,) = judge(iot(value="n/a", unit="parsec", event_time="2022-01-02T11:30:00Z"))
    assert row.reasons == ["WRONG_TYPE", "UNKNOWN_UNIT", "FUTURE"]
    assert row.event_id == "e1"


def test_a_good_reading_is_typed_converted_and_in_utc(judge):
    (row,), quarantined = judge(iot(value=0.51225, unit="kW/m2"))
    assert quarantined == []
    assert (row.value, row.asset_id, row.site_id, row.late) == (Decimal("512.250000"), "POA-1", "S1", False)
    assert row.event_time == datetime(2022, 1, 2, 11, 0)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [(32, "F", "0"), (122, "F", "50"), (273.15, "K", "0"), (-40, "C", "-40"), (50, "F", "10")],
)
def test_temperatures_become_celsius(judge, value, unit, expected):
    (row,), _ = judge(scada({"temp": {"value": value, "unit": unit}}))
    assert row.value == Decimal(expected)


def test_a_wide_record_gives_a_reading_for_each_channel_by_the_asset_of_its_time(judge):
    channels = {"ac": {"value": 1500, "unit": "W"}, "temp": {"value": -5.7296, "unit": "C"}}
    rows, _ = judge(scada(channels), scada(channels, "2022-01-02T05:00:00-07:00", "2022-01-02T12:00:01Z"))
    assert [(r.channel, r.asset_id, r.value) for r in rows] == [
        ("ac", "INV-1", Decimal("1.5")),
        ("temp", "TMP-1", Decimal("-5.7296")),
        ("ac", "INV-2", Decimal("1.5")),
        ("temp", "TMP-1", Decimal("-5.7296")),
    ]


def test_a_wide_record_is_atomic(judge):
    channels = {"ac": {"value": 1500, "unit": "W"}, "temp": {"value": 900, "unit": "C"}}
    valid, (row,) = judge(scada(channels))
    assert valid == []
    assert row.reasons == ["OUT_OF_RANGE"]


def test_a_unit_of_another_quantity_is_refused(judge):
    _, (row,) = judge(iot(unit="C"))
    assert row.reasons == ["UNKNOWN_UNIT"]


def test_late_is_judged_by_the_event_alone_and_is_kept(judge):
    rows, _ = judge(
        iot(sent_at="2022-01-02T12:00:00Z"),
        iot(sent_at="2022-01-02T12:00:01Z"),
        iot(sent_at="2022-01-09T11:00:00Z"),
    )
    assert [row.late for row in rows] == [False, True, True]


def test_seven_days_are_in_time_and_a_second_more_is_not(judge):
    valid, (row,) = judge(iot(sent_at="2022-01-09T11:00:00Z"), iot(sent_at="2022-01-09T11:00:01Z"))
    assert [r.offset for r in valid] == [0]
    assert (row.offset, row.reasons) == (1, ["TOO_LATE"])
