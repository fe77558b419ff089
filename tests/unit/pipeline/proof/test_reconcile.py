"""Every class of the reconciliation on a few rows, and against a twin in plain Python that goes event by event."""

import copy
import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.pipeline.layers.units import UNITS
from helpers.pipeline.proof.expectation import expected_silver, units_table
from helpers.pipeline.proof.reconcile import reconcile

NOON = datetime(2022, 1, 2, 12, tzinfo=UTC)
START = datetime(2020, 1, 1, tzinfo=UTC)
INSTANT = pa.timestamp("us", "UTC")
PLACE = {"topic": pa.string(), "partition": pa.int32(), "offset": pa.int64()}
MEANING = {
    "asset_id": pa.string(),
    "site_id": pa.string(),
    "quantity": pa.string(),
    "interval_seconds": pa.int32(),
    "feeds_gold": pa.string(),
}
SCHEMAS = {
    "messages": {
        **PLACE,
        "event_id": pa.string(),
        "sha256": pa.string(),
        "expected": pa.string(),
        "reasons": pa.list_(pa.string()),
        "late": pa.bool_(),
    },
    "readings": {
        **PLACE,
        "source": pa.string(),
        "channel": pa.string(),
        "value_text": pa.string(),
        "unit": pa.string(),
        "event_time": INSTANT,
    },
    "assignments": {
        "source": pa.string(),
        "channel": pa.string(),
        **MEANING,
        "valid_from": INSTANT,
        "valid_to": INSTANT,
    },
    "bronze": {**PLACE, "sha256": pa.string()},
    "silver": {
        **PLACE,
        "event_id": pa.string(),
        "source": pa.string(),
        "channel": pa.string(),
        "event_time": INSTANT,
        "value": pa.decimal128(18, 6),
        **MEANING,
        "late": pa.bool_(),
    },
    "quarantine": {**PLACE, "reasons": pa.list_(pa.string())},
    "duplicates": {**PLACE, "duplicate_of": pa.int64()},
}
ASSIGNMENTS = [
    ("plant-1", "ac", "INV-1", "S1", "ac_power", 900, "energy", START, NOON),
    ("plant-1", "ac", "INV-2", "S1", "ac_power", 900, "energy", NOON, None),
    ("plant-1", "temp", "TMP-1", "S1", "ambient_temperature", 900, None, START, None),
    ("sensor-1", "ghi", "GHI-1", "S2", "ghi", 60, "irradiance", START, None),
]


def table(name, rows):
    return pa.Table.from_pylist(rows, schema=pa.schema(list(SCHEMAS[name].items())))


def sha(body):
    return None if body is None else hashlib.sha256(body).hexdigest()


def message(
    offset, event_id="e", body=b"body", *, topic="peak.scada", source="plant-1", time=NOON, readings=None, **more
):
    """A message that was sent. readings: channel → (text, unit) of a valid one."""
    reasons = more.get("reasons", [])
    if readings is None:
        readings = (
            {"ac": ("1500", "W"), "temp": ("-5.5", "C")} if source == "plant-1" else {"ghi": ("1e-05", "kW/m2")}
        )
    return {
        "topic": topic,
        "partition": 0,
        "offset": offset,
        "event_id": event_id,
        "sha256": sha(body),
        "expected": "quarantine" if reasons else "valid",
        "reasons": reasons,
        "late": more.get("late", False),
        "source": source,
        "event_time": time,
        "readings": {} if reasons else readings,
    }


def place(row):
    return row["topic"], row["partition"], row["offset"]


def at(row):
    return {name: row[name] for name in PLACE}


def winners(truth):
    """The valid message that wins each event id: of a topic's partition, or of all files of a weather station."""
    first = {}
    for row in sorted((row for row in truth if row["expected"] == "valid"), key=place):
        first.setdefault((row["topic"].rpartition("/")[0] or row["topic"], row["partition"], row["event_id"]), row)
    return first


def target(row, first):
    """Where a message belongs: its table, reasons and duplicate_of."""
    if row["expected"] == "quarantine":
        return "quarantine", sorted(row["reasons"]), None
    winner = first[row["topic"].rpartition("/")[0] or row["topic"], row["partition"], row["event_id"]]
    if winner is row:
        return "silver", [], None
    if winner["sha256"] == row["sha256"]:
        return "duplicates", [], winner["offset"]
    return "quarantine", ["CONFLICT"], None


def canonical(text, unit):
    parsed = Decimal(text).quantize(Decimal("1e-9"), ROUND_HALF_UP)
    return ((parsed + UNITS[unit].offset) * UNITS[unit].factor).quantize(Decimal("1e-6"), ROUND_HALF_UP)


def silver_rows(row):
    for channel, (text, unit) in row["readings"].items():
        meaning = next(
            a[2:7]
            for a in ASSIGNMENTS
            if a[:2] == (row["source"], channel)
            and a[7] <= row["event_time"]
            and (not a[8] or row["event_time"] < a[8])
        )
        yield {
            **at(row),
            **{name: row[name] for name in ("event_id", "source", "event_time", "late")},
            "channel": channel,
            "value": canonical(text, unit),
            **dict(zip(MEANING, meaning, strict=True)),
        }


def perfect(truth):
    """The lake that the truth asks for, worked out without the code under test."""
    lake = {
        "bronze": [{**at(r), "sha256": r["sha256"]} for r in truth],
        "silver": [],
        "quarantine": [],
        "duplicates": [],
    }
    first = winners(truth)
    for row in truth:
        table_name, reasons, duplicate_of = target(row, first)
        if table_name == "silver":
            lake["silver"] += silver_rows(row)
        elif table_name == "quarantine":
            lake["quarantine"].append({**at(row), "reasons": reasons[::-1]})
        else:
            lake["duplicates"].append({**at(row), "duplicate_of": duplicate_of})
    return lake


def truth_tables(truth):
    readings = [
        {**row, "channel": channel, "value_text": text, "unit": unit}
        for row in truth
        for channel, (text, unit) in row["readings"].items()
    ]
    assignments = [dict(zip(SCHEMAS["assignments"], row, strict=True)) for row in ASSIGNMENTS]
    return table("messages", truth), table("readings", readings), table("assignments", assignments)


def judge(truth, lake):
    messages, readings, assignments = truth_tables(truth)
    tables = (table(name, lake[name]) for name in ("bronze", "silver", "quarantine", "duplicates"))
    return reconcile(messages, readings, *tables, assignments, units_table())


def counts(result):
    named = {name: getattr(result, name) for name in ("right", "missing", "duplicated", "misfiled", "wrong")}
    return {name: number for name, number in named.items() if number}


TRUTH = [
    message(0, "a", b"a0"),
    message(1, "a", b"a0"),
    message(2, "a", b"other"),
    message(3, "b", b"b", time=NOON - timedelta(seconds=1), late=True),
    message(4, None, None, reasons=["TOMBSTONE"]),
    message(5, "c", b"c", reasons=["OUT_OF_RANGE", "TOO_LATE"]),
    message(0, "s", b"s", topic="peak.iot", source="sensor-1"),
    message(1, "w/1", b"w", topic="weather/w/2022-01.csv", source="sensor-1"),
    message(2, "w/1", b"w", topic="weather/w/2022-02.csv", source="sensor-1"),
]


def change(table_name, where, **changes):
    def apply(lake):
        for row in lake[table_name]:
            if all(row[name] == value for name, value in where.items()):
                row.update(changes)

    return apply


def drop(table_name, **where):
    def apply(lake):
        rows = lake[table_name]
        lake[table_name] = [row for row in rows if not all(row[name] == value for name, value in where.items())]

    return apply


def twice(table_name, **where):
    def apply(lake):
        rows = lake[table_name]
        lake[table_name] = rows + [row for row in rows if all(row[name] == value for name, value in where.items())]

    return apply


def add(table_name, **row):
    return lambda lake: lake[table_name].append(row)


S0 = {"topic": "peak.scada", "partition": 0, "offset": 0}
S1, S2, S3, S4, S5 = ({**S0, "offset": offset} for offset in range(1, 6))
READING = next(silver_rows(TRUTH[0]))


def after(*changes):
    lake = perfect(TRUTH)
    for apply in changes:
        apply(lake)
    return judge(TRUTH, lake)


def test_a_lake_that_holds_what_was_sent_is_right_in_every_event():
    result = after()
    assert (counts(result), result.accuracy, result.foreign) == ({"right": 9}, 1.0, 0)
    assert result.examples.num_rows == 0


def test_accuracy_is_none_where_nothing_was_sent():
    assert judge([], perfect([])).accuracy is None


ADD_READINGS = [add("silver", **READING | S1 | {"channel": channel}) for channel in ("ac", "temp")]
CONFLICT = add("quarantine", **S1, reasons=["CONFLICT"])
DUPLICATE = add("duplicates", **S2, duplicate_of=0)
FAULTS = {
    "not in bronze": ("missing", [drop("bronze", **S0)]),
    "a tombstone not in bronze": ("missing", [drop("bronze", **S4)]),
    "in no table after bronze": ("missing", [drop("silver", **S0)]),
    "a duplicate that was not counted": ("missing", [drop("duplicates", **S1)]),
    "a conflict that was not kept": ("missing", [drop("quarantine", **S2)]),
    "one channel of a wide record lost": ("missing", [drop("silver", **S0, channel="ac")]),
    "twice in bronze": ("duplicated", [twice("bronze", **S0)]),
    "its readings twice": ("duplicated", [twice("silver", **S0)]),
    "one reading twice": ("duplicated", [twice("silver", **S0, channel="ac")]),
    "twice in quarantine": ("duplicated", [twice("quarantine", **S5)]),
    "twice among the duplicates": ("duplicated", [twice("duplicates", **S1)]),
    "in silver and in quarantine": ("duplicated", [add("quarantine", **S0, reasons=["OUT_OF_RANGE"])]),
    "a duplicate that is in silver as well": ("duplicated", ADD_READINGS),
    "a duplicate in quarantine": ("misfiled", [drop("duplicates", **S1), CONFLICT]),
    "a conflict among the duplicates": ("misfiled", [drop("quarantine", **S2), DUPLICATE]),
    "a duplicate of another": ("misfiled", [change("duplicates", S1, duplicate_of=3)]),
    "valid but in quarantine": ("misfiled", [drop("silver", **S3), add("quarantine", **S3, reasons=["TOO_LATE"])]),
    "bad but in silver": ("misfiled", [drop("quarantine", **S5), add("silver", **READING | S5)]),
    "fewer reasons": ("misfiled", [change("quarantine", S5, reasons=["TOO_LATE"])]),
    "more reasons": ("misfiled", [change("quarantine", S4, reasons=["TOMBSTONE", "EMPTY"])]),
    "no reasons": ("misfiled", [change("quarantine", S4, reasons=None)]),
    "late not seen": ("misfiled", [change("silver", S3, late=False)]),
    "late of one reading": ("misfiled", [change("silver", {**S0, "channel": "ac"}, late=True)]),
    "other bytes in bronze": ("wrong", [change("bronze", S0, sha256=sha(b"altered"))]),
    "bytes where a tombstone was sent": ("wrong", [change("bronze", S4, sha256=sha(b""))]),
    "no bytes": ("wrong", [change("bronze", S5, sha256=None)]),
    "a value": ("wrong", [change("silver", {**S0, "channel": "ac"}, value=Decimal("1.500001"))]),
    "no value": ("wrong", [change("silver", {**S0, "channel": "ac"}, value=None)]),
    "the unit was not converted": ("wrong", [change("silver", {**S0, "channel": "ac"}, value=Decimal(1500))]),
    "the asset before the change": ("wrong", [change("silver", {**S0, "channel": "ac"}, asset_id="INV-1")]),
    "the asset after the change": ("wrong", [change("silver", {**S3, "channel": "ac"}, asset_id="INV-2")]),
    "the site": ("wrong", [change("silver", S0, site_id="S2")]),
    "the quantity": ("wrong", [change("silver", S0, quantity="dc_power")]),
    "the time by a microsecond": ("wrong", [change("silver", S0, event_time=NOON + timedelta(microseconds=1))]),
    "the source": ("wrong", [change("silver", S0, source="plant-2")]),
    "the interval": ("wrong", [change("silver", S0, interval_seconds=60)]),
    "what it feeds": ("wrong", [change("silver", {**S0, "channel": "ac"}, feeds_gold=None)]),
    "the event id": ("wrong", [change("silver", S0, event_id="x")]),
    "a reading too many": ("wrong", [add("silver", **{**READING, "channel": "dc"})]),
    # The first class that holds is the one.
    "missing before duplicated": ("missing", [drop("bronze", **S0), twice("silver", **S0)]),
    "incomplete before duplicated": ("missing", [drop("silver", **S0, channel="ac"), twice("silver", **S0)]),
    "incomplete before misfiled": ("missing", [drop("silver", **S3, channel="ac"), change("silver", S3, late=False)]),
    "duplicated before misfiled": ("duplicated", [change("quarantine", S5, reasons=[]), twice("quarantine", **S5)]),
    "misfiled before wrong": ("misfiled", [change("silver", S3, late=False, value=Decimal(0))]),
}  # fmt: skip


@pytest.mark.parametrize(("expected", "changes"), FAULTS.values(), ids=FAULTS)
def test_one_fault_puts_one_event_into_its_class(expected, changes):
    result = after(*changes)
    assert counts(result) == {"right": 8, expected: 1}
    assert result.examples.column("class").to_pylist() == [expected]


def test_a_row_of_weather_that_comes_again_in_another_file_is_a_duplicate_there():
    again = {"topic": "weather/w/2022-02.csv", "partition": 0, "offset": 2}
    assert {**again, "duplicate_of": 1} in perfect(TRUTH)["duplicates"]
    assert counts(after(drop("duplicates", **again))) == {"right": 8, "missing": 1}


def test_one_lost_one_altered_and_one_misfiled_cost_exactly_three():
    result = after(
        drop("silver", **S3),
        change("silver", {**S0, "channel": "ac"}, value=Decimal("1.4")),
        change("quarantine", S5, reasons=["TOO_LATE"]),
    )
    assert (result.missing, result.wrong, result.misfiled, result.duplicated) == (1, 1, 1, 0)
    assert result.events == 9
    assert result.accuracy == (9 - 3) / 9


def test_what_nobody_sent_is_foreign_and_no_event():
    stranger = {"topic": "peak.iot", "partition": 1, "offset": 99}
    result = after(
        add("bronze", **stranger, sha256=None),
        add("silver", **{**READING, **stranger}),
        add("silver", **{**READING, **stranger, "channel": "temp"}),
        add("quarantine", **{**stranger, "offset": 100}, reasons=["EMPTY"]),
    )
    assert (counts(result), result.foreign) == ({"right": 9}, 2)
    assert [(r["class"], r["offset"], r["found"]) for r in result.examples.to_pylist()] == [
        ("foreign", 99, "bronze, silver"),
        ("foreign", 100, "quarantine"),
    ]


def test_examples_tell_what_was_expected_and_what_was_found():
    result = after(
        change("silver", {**S0, "channel": "ac"}, value=Decimal("1.4"), asset_id="INV-1"),
        drop("silver", **S3),
        change("quarantine", S5, reasons=["TOO_LATE"]),
        twice("duplicates", **S1),
    )
    told = {r["class"]: (r["event_id"], r["expected"], r["found"]) for r in result.examples.to_pylist()}
    assert told == {
        "missing": ("b", "silver", "in no table of silver"),
        "duplicated": ("a", "duplicates of 0", "duplicates of 0 × 2"),
        "misfiled": ("c", "quarantine OUT_OF_RANGE, TOO_LATE", "quarantine TOO_LATE"),
        "wrong": (
            "a",
            "silver: ac 1.500000 ac_power INV-2 S1 plant-1 2022-01-02T12:00:00.000000Z",
            "silver: ac 1.400000 ac_power INV-1 S1 plant-1 2022-01-02T12:00:00.000000Z",
        ),
    }


def test_examples_are_at_most_a_hundred_and_show_every_class():
    truth = [message(offset, f"e{offset}", b"x", topic="peak.iot", source="sensor-1") for offset in range(300)]
    lake = perfect(truth)
    lake["bronze"] = lake["bronze"][:100]
    lake["silver"][7]["value"] = Decimal(0)
    result = judge(truth, lake)
    assert counts(result) == {"right": 99, "missing": 200, "wrong": 1}
    assert Counter(result.examples.column("class").to_pylist()) == {"missing": 99, "wrong": 1}


def test_bronze_may_come_as_raw_bytes():
    truth = [message(0, "a", b"a0"), message(1, None, None, reasons=["TOMBSTONE"])]
    lake = perfect(truth)
    raw = pa.table(
        {**{name: [r[name] for r in truth] for name in PLACE}, "raw": pa.array([b"a0", None], pa.binary())}
    )
    messages, readings, assignments = truth_tables(truth)
    tables = [table(name, lake[name]) for name in ("silver", "quarantine", "duplicates")]
    assert reconcile(messages, readings, raw, *tables, assignments, units_table()).right == 2


number = st.one_of(
    st.floats(-9e8, 9e8, allow_nan=False).map(repr),
    st.decimals(-9 * 10**8, 9 * 10**8, places=12, allow_nan=False).map(str),
    st.tuples(st.integers(-(10**14), 10**14), st.integers(-25, -6)).map(lambda p: f"{p[0]}e{p[1]}"),
    st.sampled_from(
        ["1e-05", "5E-10", "5e-324", "-0.0000005", "0.0000005", "123456789.1234565", "-0", "4.99999999949999e-1"]
    ),
)


@given(st.lists(st.tuples(number, st.sampled_from(["W", "kW", "MW"])), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_a_value_is_converted_exactly_and_rounded_half_up(values):
    truth = [message(n, f"e{n}", b"x", readings={"ac": value}) for n, value in enumerate(values)]
    messages, readings, assignments = truth_tables(truth)
    found = expected_silver(messages, readings, assignments, units_table()).to_pylist()
    assert {row["event_id"]: row["value"] for row in found} == {
        row["event_id"]: canonical(*row["readings"]["ac"]) for row in truth
    }


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_is_converted_as_it_says(unit):
    truth = [message(0, readings={"ac": ("-12.3456789", unit)})]
    messages, readings, assignments = truth_tables(truth)
    (row,) = expected_silver(messages, readings, assignments, units_table()).to_pylist()
    assert row["value"] == canonical("-12.3456789", unit)


def twin(truth, lake):
    """The classes again, event by event."""
    first = winners(truth)
    stands = {name: {} for name in lake}
    for name, rows in lake.items():
        for row in rows:
            stands[name].setdefault(place(row), []).append(row)

    def classify(sent):
        bronze, silver, quarantine, duplicates = (stands[name].get(place(sent), []) for name in lake)
        should = {row["channel"]: row for row in silver_rows(sent)}
        channels = Counter(row["channel"] for row in silver)
        if not bronze or not (silver or quarantine or duplicates) or (silver and set(should) - set(channels)):
            return "missing"
        if len([kind for kind in (silver, quarantine, duplicates) if kind]) > 1:
            return "duplicated"
        if max(len(bronze), len(quarantine), len(duplicates), *channels.values()) > 1:
            return "duplicated"
        table_name, reasons, duplicate_of = target(sent, first)
        if not {"silver": silver, "quarantine": quarantine, "duplicates": duplicates}[table_name]:
            return "misfiled"
        if quarantine and sorted(set(quarantine[0]["reasons"] or [])) != reasons:
            return "misfiled"
        if duplicates and duplicates[0]["duplicate_of"] != duplicate_of:
            return "misfiled"
        if any(row["late"] != sent["late"] for row in silver):
            return "misfiled"
        if bronze[0]["sha256"] != sent["sha256"] or any(row != should.get(row["channel"]) for row in silver):
            return "wrong"
        return "right"

    return dict(Counter(map(classify, truth)))


@st.composite
def histories(draw):
    """A truth with few ids and bodies, so that they collide, and a lake with some faults."""
    truth = []
    for topic, source in (
        ("peak.scada", "plant-1"),
        ("weather/w/2022-01.csv", "sensor-1"),
        ("weather/w/2022-02.csv", "sensor-1"),
    ):
        for offset in range(draw(st.integers(0, 4))):
            truth.append(
                message(
                    offset,
                    draw(st.sampled_from("ab")),
                    draw(st.sampled_from([b"1", b"2"])),
                    topic=topic,
                    source=source,
                    time=NOON + timedelta(seconds=draw(st.sampled_from([-1, 0, 1]))),
                    reasons=draw(st.sampled_from([[], [], [], ["EMPTY"], ["FUTURE", "OUT_OF_RANGE"]])),
                    late=draw(st.booleans()),
                )
            )
    lake = copy.deepcopy(perfect(truth))
    for _ in range(draw(st.integers(0, 4)) if truth else 0):
        name = draw(st.sampled_from(list(lake)))
        sent = draw(st.sampled_from(truth))
        action = draw(st.sampled_from(["drop", "repeat", "add", "change"]))
        if action == "add":
            row = {
                "bronze": {**at(sent), "sha256": sent["sha256"]},
                "silver": {**READING, **at(sent)},
                "quarantine": {**at(sent), "reasons": draw(st.sampled_from([["CONFLICT"], ["EMPTY"]]))},
                "duplicates": {**at(sent), "duplicate_of": draw(st.integers(0, 3))},
            }[name]
            lake[name].append(row)
        elif lake[name]:
            index = draw(st.integers(0, len(lake[name]) - 1))
            if action == "drop":
                del lake[name][index]
            elif action == "repeat":
                lake[name].append(dict(lake[name][index]))
            else:
                changes = {
                    "bronze": [{"sha256": None}, {"sha256": sha(b"9")}],
                    "silver": [{"late": True}, {"value": Decimal(7)}, {"asset_id": None}, {"channel": "dc"}],
                    "quarantine": [{"reasons": None}, {"reasons": ["OUT_OF_RANGE", "FUTURE", "FUTURE"]}],
                    "duplicates": [{"duplicate_of": None}, {"duplicate_of": 0}],
                }[name]
                lake[name][index].update(draw(st.sampled_from(changes)))
    return truth, lake


def agrees_with_its_twin(history):
    truth, lake = history
    result = judge(truth, lake)
    assert counts(result) == twin(truth, lake)
    assert result.events == len(truth)
    assert result.examples.num_rows == len(truth) - result.right


@given(histories())
@settings(max_examples=40, deadline=None)
def test_the_twin_that_classifies_event_by_event_agrees(history):
    agrees_with_its_twin(history)


@pytest.mark.proof
@given(histories())
@settings(max_examples=1000, deadline=None)
def test_the_twin_agrees_on_a_thousand_histories(history):
    agrees_with_its_twin(history)


def test_the_machines_zone_does_not_matter(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    assert after().accuracy == 1.0
