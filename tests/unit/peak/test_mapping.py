import tomllib
from datetime import UTC, datetime

import pandas as pd
import pytest

from helpers.core.errors import UserError
from helpers.peak import recordings as rec
from helpers.peak.events import events
from helpers.peak.mapping import WEATHER_UNITS
from helpers.peak.relational import world

ODDITIES = tomllib.loads(rec.ODDITIES.read_text(encoding="utf-8"))["oddity"]
WEATHER = {
    "source": "roof", "kind": "weather", "site": "home", "time_column": "t", "time_zone": "embedded",
    "interval_seconds": 900,
    "channels": [{"column": "p", "name": "air_c", "asset": "a", "quantity": "ambient_temperature", "unit": "C"}],
}  # fmt: skip


def mapped(tmp_path, **change):
    file = tmp_path / "own.csv"
    file.write_text("t,p\n2024-01-01T00:00:00Z,1\n", encoding="utf-8")
    return rec.recording({**WEATHER, **change}, file)


def test_the_catalogue_carries_the_reviewed_oddities_and_their_counts_hold():
    carried = {(r.file, r.source, o.channel, o.messages) for r in rec.catalogue() for o in r.oddities}
    assert carried == {(o["file"], o["source"], o["channel"], o["messages"]) for o in ODDITIES}
    for recording in [r for r in rec.catalogue() if r.oddities]:
        # events() raises where a count is not as reviewed
        assert sum(reason is not None for reason in events(recording).oddities) == recording.oddities[0].messages


@pytest.mark.parametrize(
    ("change", "says"),
    [({"file": "absent.csv"}, "absent.csv"), ({"source": "other"}, "'other'")],
)
def test_an_oddity_of_no_recording_is_refused(tmp_path, change, says):
    entry = {**ODDITIES[0], **change}
    lines = [f"{name} = {value!r}" for name, value in entry.items()]
    path = tmp_path / "odd.toml"
    path.write_text("[[oddity]]\n" + "\n".join(lines), encoding="utf-8")
    with pytest.raises(UserError, match=says):
        rec.catalogue(rec.CATALOGUE, path)


@pytest.mark.parametrize(
    ("oddity", "says"),
    [
        ({"channel": "air_c"}, "above, below, since or until"),
        ({"channel": "nothing", "above": 1.0}, "unknown channel 'nothing'"),
        ({"channel": "air_c", "above": 1.0, "reason": "UGLY"}, "reason"),
        ({"channel": "air_c", "above": 1.0, "messages": 0}, "messages"),
    ],
)
def test_a_wrong_oddity_is_one_sentence(tmp_path, oddity, says):
    entry = {"reason": "OUT_OF_RANGE", "messages": 1, "note": "as reviewed by a person", **oddity}
    with pytest.raises(UserError) as caught:
        mapped(tmp_path, oddities=[entry])
    assert says in caught.value.cause and "\n" not in caught.value.cause


def test_a_weather_channels_name_must_tell_its_unit(tmp_path):
    assert mapped(tmp_path).channels[0].unit == WEATHER_UNITS["_c"]
    channel = WEATHER["channels"][0]
    for change in ({"name": "air"}, {"unit": "F"}, {"name": "air_w_m2"}):
        with pytest.raises(UserError, match="tell its unit by its ending"):
            mapped(tmp_path, channels=[{**channel, **change}])


OWN = """
source = "mine"
kind = "scada"
site = "home"
time_column = "t"
time_zone = "Europe/Berlin"
interval_seconds = 900
channels = [
  { column = "p", name = "ac_power", asset = "mine-inv", quantity = "ac_power", unit = "kW" },
  { column = "c", name = "air", asset = "mine-sensor", quantity = "ambient_temperature", unit = "C" },
]
"""


def own(tmp_path, suffix, mapping=OWN, **columns):
    times = pd.date_range("2024-05-01", periods=3, freq="15min")
    table = pd.DataFrame({"t": times, "p": [0.5, None, 2.0], "c": [1, 2, 3], **columns})
    file = tmp_path / f"own.{suffix}"
    table.to_csv(file, index=False) if suffix == "csv" else table.to_parquet(file)
    (tmp_path / "own.toml").write_text(mapping, encoding="utf-8")
    return rec.from_mapping(tmp_path / "own.toml", file)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_users_wide_file_gives_the_same_readings_in_either_format(tmp_path, suffix):
    found = rec.read(own(tmp_path, suffix))
    assert found.channel.tolist() == ["ac_power", "air", "air", "ac_power", "air"]
    assert found.value.tolist() == [0.5, 1.0, 2.0, 2.0, 3.0]
    assert found.event_time.iloc[0] == pd.Timestamp("2024-04-30T22:00:00Z")
    assert set(found.offset) == {"+02:00"}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("mapping", "columns", "says"),
    [
        ({'"p"': '"watts"'}, {}, "no column 'watts'"),
        ({'"kW"': '"hp"'}, {}, "unit 'hp'"),
        ({'"Europe/Berlin"': '"Europe/Berln"'}, {}, "'Europe/Berln' is unknown"),
        ({'"Europe/Berlin"': '"embedded"'}, {}, "naive"),
        ({}, {"t": pd.date_range("2024-05-01", periods=3, freq="15min", tz="UTC")}, "carries offsets"),
        ({}, {"p": ["much", "more", "most"]}, "column 'p' holds"),
        ({}, {"p": [True, False, True]}, "column 'p' holds bool"),
        ({}, {"t": ["2024-05-01 00:00", "2024-05-01 00:15", "2024-05-01 00:00"]}, "comes twice"),
    ],
)
def test_what_is_wrong_with_a_users_file_is_one_sentence(tmp_path, suffix, mapping, columns, says):
    text = OWN
    for old, new in mapping.items():
        text = text.replace(old, new)
    with pytest.raises(UserError) as caught:
        events(own(tmp_path, suffix, text, **columns))
    assert says in caught.value.cause and "\n" not in caught.value.cause


def test_a_users_channel_has_no_asset_while_a_clock_is_not_set(tmp_path):
    rows = [row for row in world(7, [own(tmp_path, "csv")])["meter_assignments"] if row[0] == "mine"]
    assert len(rows) == 2 and all(row[7] >= datetime(1971, 1, 1, tzinfo=UTC) for row in rows)
