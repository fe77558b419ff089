from datetime import datetime

import numpy as np
import orjson
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.core.errors import UserError
from helpers.peak import events as ev
from helpers.peak.recordings import catalogue, read, recording

BY_FILE = {found.file: found for found in catalogue()}
SMALL = ["nrel_RSF_II.csv", "snow_data.csv", "midc_bms_ghi_20220120.csv", "ac_power_inv_7539.csv"]


def own(tmp_path, text, **change):
    entry = {
        "source": "mine", "kind": "iot", "site": "home", "time_column": "t", "time_zone": "embedded",
        "interval_seconds": 900,
        "channels": [{"column": "p", "name": "ac_power", "asset": "a", "quantity": "ac_power", "unit": "W"}],
    }  # fmt: skip
    file = tmp_path / "own.csv"
    file.write_text(text, encoding="utf-8")
    return recording({**entry, **change}, file)


@pytest.mark.parametrize("file", SMALL)
def test_the_events_carry_every_reading_of_the_recording_and_nothing_else(file):
    found = ev.events(BY_FILE[file])
    carried = []
    for body in ev.bodies(found):
        event = orjson.loads(body)
        narrow = {event["quantity"]: event} if "sensor" in event else event["channels"]
        instant = pd.Timestamp(event["event_time"])
        carried += [(instant, name, reading["value"], reading["unit"]) for name, reading in narrow.items()]
    long = read(BY_FILE[file])
    assert carried == list(zip(long.event_time, long.channel, long.value, long.unit, strict=True))


@pytest.mark.parametrize("file", SMALL)
def test_a_body_is_written_as_any_json_library_writes_it_and_is_sent_seconds_later(file):
    found = ev.events(BY_FILE[file])
    wide = found.recording.kind == "scada"
    names = ["event_id", "plant" if wide else "sensor", "event_time", "sent_at"]
    names += ["channels"] if wide else ["quantity", "value", "unit"]
    delays = set()
    for body in ev.bodies(found):
        event = orjson.loads(body)
        assert orjson.dumps(event) == body and list(event) == names
        delays.add((datetime.fromisoformat(event["sent_at"]) - datetime.fromisoformat(event["event_time"])).seconds)
    assert delays == set(range(1, ev.DELAY + 1))


def test_ids_differ_across_recordings_and_come_from_nothing_but_source_file_and_time(tmp_path):
    ids = [i for found in catalogue() if found.interval_seconds == 60 for i in ev.events(found).ids]
    both = [found for found in catalogue() if found.source == "serf-east"]
    assert len(both) == 2 and len(ids) > 4000
    ids += ev.events(both[0]).ids
    assert len(set(ids)) == len(ids)
    text = "t,p\n2024-01-01T00:00:00+01:00,{}\n"
    first = ev.events(own(tmp_path, text.format(1))).ids
    assert ev.events(own(tmp_path, text.format(2))).ids == first
    assert ev.events(own(tmp_path, text.format(1), source="other")).ids != first


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_a_number_is_sent_with_the_text_that_reads_back_as_itself(values):
    texts = ev.numbers(np.array(values))
    assert [float(text) for text in texts] == values
    assert texts == [orjson.dumps(value).decode() for value in values]


def test_times_keep_their_offset_and_their_fractions(tmp_path):
    rows = ["2024-01-01T05:30:00+05:30", "2024-01-01T00:00:00.250-03:30", "2024-01-01T04:00:00+00:00"]
    found = ev.events(own(tmp_path, "t,p\n" + "".join(f"{row},1\n" for row in rows)))
    assert found.time_texts == [
        "2024-01-01T05:30:00.000000+05:30",
        "2024-01-01T00:00:00.250000-03:30",
        "2024-01-01T04:00:00.000000+00:00",
    ]
    assert ev.events(own(tmp_path, "t,p\n2024-01-01T05:30:00+05:30,1\n")).time_texts == [rows[0]]


def test_a_time_that_comes_twice_and_an_empty_file_are_one_sentence(tmp_path):
    twice = own(tmp_path, "t,p\n2024-01-01T00:00:00Z,1\n2024-01-01T01:00:00+01:00,2\n")
    with pytest.raises(UserError, match=r"own\.csv.*2024-01-01 00:00:00.*comes twice"):
        ev.events(twice)
    with pytest.raises(UserError, match="holds no reading"):
        ev.events(own(tmp_path, "t,p\n2024-01-01T00:00:00Z,\n2024-01-01T01:00:00Z,\n").model_copy())


ODD = {"channel": "ac_power", "reason": "OUT_OF_RANGE", "messages": 1, "note": "as reviewed by a person"}


@pytest.mark.parametrize(
    ("condition", "odd"),
    [
        ({"above": 5.0}, [2]),
        ({"below": 5.0}, [0]),
        ({"since": "2024-01-01T02:00:00Z"}, [2]),
        ({"until": "2024-01-01T01:00:00Z"}, [0]),
        ({"since": "2024-01-01T01:00:00Z", "below": 6.0}, [1]),
    ],
)
def test_an_oddity_is_found_by_all_its_conditions_and_borders_are_outside(tmp_path, condition, odd):
    text = "t,p\n2024-01-01T00:00:00Z,4\n2024-01-01T01:00:00Z,5\n2024-01-01T02:00:00Z,6\n"
    found = ev.events(own(tmp_path, text, oddities=[{**ODD, **condition}]))
    assert [index for index, reason in enumerate(found.oddities) if reason] == odd


def test_an_oddity_that_is_not_as_reviewed_stops_the_replay(tmp_path):
    with pytest.raises(UserError, match="to be in 1 messages and is in 0"):
        ev.events(own(tmp_path, "t,p\n2024-01-01T00:00:00Z,4\n", oddities=[{**ODD, "above": 5.0}]))
