import csv
from collections import Counter
from datetime import datetime
from hashlib import sha256

import pandas as pd
import pytest

from helpers.peak.mapping import WEATHER_UNITS
from helpers.peak.recordings import catalogue, read, recording
from helpers.peak.truth import MESSAGES, READINGS
from helpers.peak.weather import weather_drop

STATIONS = [found for found in catalogue() if found.kind == "weather"]


@pytest.fixture(scope="module", params=STATIONS, ids=lambda found: found.source)
def dropped(request):
    return request.param, weather_drop(request.param)


def lines(drop):
    """(key, line number, cells) of every data line."""
    for name, body in drop.files.items():
        for number, line in enumerate(body.decode().splitlines()):
            if number:
                yield name, number, line


def test_the_files_hold_every_reading_and_the_unit_is_told_by_the_column(dropped):
    found, drop = dropped
    read_back = []
    for name, body in drop.files.items():
        assert body.endswith(b"\n") and not body.endswith(b"\n\n")
        rows = list(csv.DictReader(body.decode().splitlines()))
        assert list(rows[0]) == ["station", "time", *(c.name for c in found.channels)]
        for row in rows:
            instant = pd.Timestamp(row["time"])
            assert row["station"] == found.source
            assert name == f"weather/{found.source}/{instant.tz_convert('UTC'):%Y-%m}.csv"
            for c in found.channels:
                unit = next(unit for ending, unit in WEATHER_UNITS.items() if c.name.endswith(ending))
                if row[c.name]:
                    read_back.append((instant, c.name, float(row[c.name]), unit))
    long = read(found)
    assert read_back == list(zip(long.event_time, long.channel, long.value, long.unit, strict=True))


def test_the_truth_tells_each_line_by_its_number_and_bytes(dropped):
    found, drop = dropped
    messages = drop.messages.select(MESSAGES.names).cast(MESSAGES).to_pylist()
    placed = {(row["topic"], row["offset"]): row for row in messages}
    all_lines = list(lines(drop))
    assert len(placed) == len(all_lines) == len(messages)
    for name, number, line in all_lines:
        row = placed[name, number]
        time = line.split(",")[1]
        assert row["sha256"] == sha256(line.encode()).hexdigest() and row["bytes"] == len(line)
        assert row["event_id"] == f"{found.source}/{time}" and row["event_time"] == datetime.fromisoformat(time)
        assert (row["partition"], row["send"], row["late"], row["sent_at"]) == (0, 1, False, None)
    assert [row["sequence"] for row in messages] == list(range(len(messages)))


def test_oddities_are_stated_and_carry_no_readings(dropped):
    found, drop = dropped
    faults = Counter(drop.messages["fault"].to_pylist())
    assert faults["oddity"] == sum(oddity.messages for oddity in found.oddities)
    odd = {(r["topic"], r["offset"]) for r in drop.messages.to_pylist() if r["expected"] == "quarantine"}
    assert len(odd) == faults["oddity"]
    readings = drop.readings.select(READINGS.names).cast(READINGS).to_pylist()
    told = Counter((r["topic"], r["offset"]) for r in readings)
    assert not odd & set(told)
    for name, number, line in lines(drop):
        if (name, number) not in odd:
            assert told[name, number] == sum(cell != "" for cell in line.split(",")[2:])


def test_the_bytes_are_the_same_each_time():
    assert weather_drop(STATIONS[0]).files == weather_drop(STATIONS[0]).files


def test_a_month_is_utcs_and_a_missing_value_is_an_empty_cell(tmp_path):
    entry = {
        "source": "roof", "kind": "weather", "site": "home", "time_column": "t", "time_zone": "embedded",
        "interval_seconds": 900,
        "channels": [
            {"column": "a", "name": "air_c", "asset": "s", "quantity": "ambient_temperature", "unit": "C"},
            {"column": "b", "name": "wind_m_s", "asset": "s", "quantity": "wind_speed", "unit": "m/s"},
        ],
    }  # fmt: skip
    file = tmp_path / "own.csv"
    file.write_text(
        "t,a,b\n2024-01-31T23:30:00-01:00,,3\n2024-01-31T22:30:00-01:00,-0.5,\n2024-02-01T12:00:00-01:00,,\n",
        encoding="utf-8",
    )
    drop = weather_drop(recording(entry, file))
    head = "station,time,air_c,wind_m_s\n"
    assert {name: body.decode() for name, body in drop.files.items()} == {
        "weather/roof/2024-01.csv": head + "roof,2024-01-31T22:30:00-01:00,-0.5,\n",
        "weather/roof/2024-02.csv": head + "roof,2024-01-31T23:30:00-01:00,,3.0\n",
    }
    assert drop.messages["offset"].to_pylist() == [1, 1]
