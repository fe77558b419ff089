import copy
import tomllib

import pandas as pd
import pytest

from helpers.core.errors import UserError
from helpers.peak import recordings as rec

ENTRIES = tomllib.loads(rec.CATALOGUE.read_text(encoding="utf-8"))["recording"]
SERF = next(e for e in ENTRIES if e["file"] == "serf_west_15min.csv")


def test_every_file_is_mapped_once_or_excluded_with_a_reason():
    present = sorted(p.name for p in rec.package_folder().iterdir() if p.suffix in {".csv", ".parquet"})
    mapped = [r.file for r in rec.catalogue()]
    assert len(present) == 21
    assert sorted([*mapped, *rec.excluded()]) == present
    assert all(len(reason) > 20 for reason in rec.excluded().values())


@pytest.mark.parametrize("found", rec.catalogue(), ids=lambda r: r.file)
def test_every_column_is_mapped_or_ignored_with_a_reason(found):
    known = {found.time_column, *(c.column for c in found.channels), *found.ignored}
    known |= {found.labels.column} if found.labels else set()
    assert known == set(rec._columns(found.path))
    assert all(len(reason) > 10 for reason in found.ignored.values())


def test_points_equal_an_independent_count():
    total = 0
    for entry in ENTRIES:
        path = rec.package_folder() / entry["file"]
        wide = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
        total += int(wide[[c["column"] for c in entry["channels"]]].count().sum())
    assert rec.count_points() == total == 546_430


@pytest.mark.parametrize("found", rec.catalogue(), ids=lambda r: f"{r.file} {r.source}")
def test_the_span_is_that_of_the_readings(found):
    times = rec.read(found)["event_time"]
    assert rec.span(found) == (times.min(), times.max())


def test_long_form_keeps_instant_and_recorded_offset():
    by_file = {r.file: r for r in rec.catalogue()}
    first = rec.read(by_file["serf_west_15min.csv"]).iloc[0]
    assert first.event_time == pd.Timestamp("2022-01-02T07:01:00Z")
    assert (first.offset, first.channel, first.value, first.unit) == ("-07:00", "ac_power", -9.05, "W")
    assert rec.read(by_file["nrel_1axis_tracker_mesa_ac_power.csv"]).offset.unique().tolist() == ["-06:00"]
    parquet = rec.read(by_file["system_50_ac_power_2_full_DST.parquet"])
    assert parquet.event_time.iloc[0] == pd.Timestamp("2011-04-15T07:00:00Z")
    assert str(parquet.event_time.dt.tz) == "UTC"
    assert list(parquet) == ["source", "channel", "event_time", "offset", "value", "unit"]


def test_labels_are_the_packages():
    counted = {r.labels.meaning: int(rec.read_labels(r).flagged.sum()) for r in rec.catalogue() if r.labels}
    assert counted == {"interpolated": 1254, "stale": 245, "outlier": 6}
    assert rec.read_labels(rec.catalogue()[0]) is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"time_column": "when"}, "no column 'when'"),
        ({"time_zone": "Mars/Olympus"}, "'Mars/Olympus' is unknown"),
        ({"interval_seconds": "often"}, "interval_seconds"),
        ({"extra": 1}, "extra"),
        ({"column": "watts"}, "no column 'watts'"),
        ({"unit": "hp"}, "'ac_power__773' has the unit 'hp'"),
        ({"quantity": "vibes"}, "'ac_power__773' has the unknown quantity 'vibes'"),
        ({"name": 5}, "'ac_power__773'"),
    ],
)
def test_a_bad_mapping_is_one_sentence(change, says):
    entry = copy.deepcopy(SERF)
    for key, value in change.items():
        (entry["channels"][0] if key in {"column", "unit", "quantity", "name"} else entry)[key] = value
    with pytest.raises(UserError) as caught:
        rec.recording(entry, rec.package_folder() / entry["file"])
    assert says in caught.value.cause and "serf_west_15min.csv" in caught.value.cause
    assert "\n" not in caught.value.cause and "datasets/README.md" in caught.value.remedy


def own(tmp_path, text, **change):
    entry = {
        "source": "mine", "kind": "iot", "site": "home", "time_column": "t", "time_zone": "Europe/Berlin",
        "interval_seconds": 900,
        "channels": [{"column": "p", "name": "ac_power", "asset": "a", "quantity": "ac_power", "unit": "W"}],
    }  # fmt: skip
    file = tmp_path / "own.csv"
    file.write_text(text, encoding="utf-8")
    return rec.recording({**entry, **change}, file)


def test_iana_zone_gives_each_reading_its_offset(tmp_path):
    found = own(tmp_path, "t,p\n2024-03-31 01:45,1\n2024-03-31 03:00,2\n2024-03-31 03:15,\n")
    assert rec.read(found).offset.tolist() == ["+01:00", "+02:00"]


@pytest.mark.parametrize(
    ("text", "zone", "says"),
    [
        ("t,p\n2024-10-27 02:30,1\n", "Europe/Berlin", "2024-10-27 02:30"),
        ("t,p\n2024-03-31 02:30,1\n", "Europe/Berlin", "2024-03-31 02:30"),
        ("t,p\nsoon,1\n", "Europe/Berlin", "'t'"),
        ("t,p\n,1\n", "Europe/Berlin", "empty"),
        ("t,p\n2024-01-01T00:00Z,1\n", "Europe/Berlin", "embedded"),
        ("t,p\n2024-01-01 00:00,1\n", "embedded", "naive"),
        ("t,p\n2024-01-01 00:00,inf\n", "Europe/Berlin", "'p' holds an infinite"),
        ("t,p\n2024-01-01 00:00,much\n", "Europe/Berlin", "'p'"),
        ("t,p\n1704067200,1\n", "Europe/Berlin", "holds numbers"),
        ("t,p\n", "Europe/Berlin", "no rows"),
    ],
)
def test_bad_times_and_types_are_one_sentence(tmp_path, text, zone, says):
    with pytest.raises(UserError) as caught:
        rec.read(own(tmp_path, text, time_zone=zone))
    assert says in caught.value.cause and "own.csv" in caught.value.cause


def test_times_that_are_numbers_are_read_by_their_format(tmp_path):
    found = own(tmp_path, "t,p\n202401010015,1\n", time_format="%Y%m%d%H%M")
    assert rec.read(found).event_time.tolist() == [pd.Timestamp("2023-12-31T23:15:00Z")]


def test_the_example_mapping_reads_its_own_example(tmp_path):
    file = tmp_path / "roof.csv"
    file.write_text("time,power_w\n2024-03-31 01:45,1250.5\n", encoding="utf-8")
    found = rec.from_mapping(rec.CATALOGUE.parent / "example-mapping.toml", file)
    assert rec.read(found).value.tolist() == [1250.5]


def test_an_unreadable_mapping_is_a_user_error(tmp_path):
    (tmp_path / "bad.toml").write_text("source = ", encoding="utf-8")
    for name in ("bad.toml", "absent.toml"):
        with pytest.raises(UserError, match=name):
            rec.from_mapping(tmp_path / name, tmp_path / "x.csv")
