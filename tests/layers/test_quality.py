"""Quality flags by hand, on the experts' labels, and in pieces as in one."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pandas as pd
import pytest

from helpers.peak.recordings import catalogue, read, read_labels
from helpers.pipeline.layers import quality
from helpers.pipeline.layers.drift import REACH
from helpers.pipeline.tables import TABLES

READINGS = (
    "site_id STRING, source STRING, channel STRING, quantity STRING, event_id STRING, event_time TIMESTAMP,"
    " value DECIMAL(18,6)"
)
ZONES = {"utc": "UTC", "den": "America/Denver", "thames": "Europe/London", "tejo": "Europe/Lisbon"}
MIDNIGHT = datetime(2022, 1, 1, tzinfo=UTC)
RAGGED = ["1", "4", "2", "4"]


def series(name, values, quantity="ac_power", step=900, begin=MIDNIGHT, site="utc"):
    """One value every `step` seconds; None = a reading that is missing."""
    return [
        (site, name, "c", quantity, f"{name}-{number}", begin + timedelta(seconds=step * number), Decimal(value))
        for number, value in enumerate(values)
        if value is not None
    ]


# name → (readings, places that are stuck, that are spikes, that are interpolated); a place counts readings from 0.
CASES = {
    "eight equal": (series("eight equal", [*RAGGED, *["3"] * 8, "1"]), range(4, 12), (), ()),
    "seven equal": (series("seven equal", [*RAGGED, *["3"] * 7, "1"]), (), (), ()),
    "zero": (series("zero", [*RAGGED, *["0"] * 9, "-1"]), (), (), ()),
    "own consumption": (series("own consumption", [*RAGGED, *["-0.4"] * 9, "-1"]), (), (), ()),
    "frost": (series("frost", [*RAGGED, *["-5.3"] * 8, "-9"], "ambient_temperature"), range(4, 12), (), ()),
    "night's floor": (series("night's floor", [*RAGGED, *["0.6"] * 9, "1"], "voltage"), (), (), ()),
    "all day": (series("all day", ["0.6"] * 9, "voltage"), range(9), (), ()),
    "at its limit": (series("at its limit", ["0.2", "0.4", *["1"] * 9, "0.5"], "normalized_power"), (), (), ()),
    # Five before midnight in Denver and five after: each day is judged alone.
    "midnight": (
        series("midnight", [*["3"] * 10, "1"], begin=datetime(2022, 1, 2, 5, 45, tzinfo=UTC), site="den"),
        (),
        (),
        (),
    ),
    "line of five": (series("line of five", ["5", "1", "2", "3", "4", "5", "1"]), (), (), (2, 3, 4)),
    "line of four": (series("line of four", ["5", "1", "2", "3", "4", "1"]), (), (), ()),
    # Sixths, rounded to six decimals: the steps differ by one in the last.
    "rounded line": (
        series("rounded line", ["2", "0.166667", "0.333333", "0.5", "0.666667", "0.833333", "2"]),
        (),
        (),
        (2, 3, 4),
    ),
    "line with a gap": (series("line with a gap", ["5", "1", "2", None, "3", "4", "5", "1"]), (), (), ()),
    # Neighbours 10 10 11 11 12 12: quartiles (2nd and 5th) 10 and 12, fence 12 + 1.5 * 2 = 15; day's range 16 - 10.
    "beyond the fence": (series("beyond the fence", ["10", "11", "12", "16", "12", "11", "10"]), (), (3,), ()),
    "at the fence": (series("at the fence", ["10", "11", "12", "15", "12", "11", "10"]), (), (), ()),
    # Neighbours 10 10 11 11 12 12: 10 - 1.5 * 2 = 7
    "below the fence": (series("below the fence", ["10", "11", "12", "6", "12", "11", "10"]), (), (3,), ()),
    # The same hour on a day that reached 100: 4 beyond is less than a third of it.
    "ripple": (
        series("ripple", ["30", "100", "90", "60", "40", "20", "10", "11", "12", "16", "12", "11", "10"]),
        (),
        (),
        (),
    ),
    "three neighbours": (series("three neighbours", ["10", "10", "90", "10"]), (), (), ()),
    "gust": (series("gust", ["1", "1", "1", "9", "1", "1", "1"], "wind_speed"), (), (), ()),
    "alone": (series("alone", ["7"]), (), (), ()),
}


def flat(names_and_levels):
    """A reading at noon of each day: its value is the day's level."""
    return [
        row
        for name, quantity, levels in names_and_levels
        for row in series(name, levels, quantity, 86_400, datetime(2022, 1, 1, 12, tzinfo=UTC))
    ]


USUAL = ["100"] * 28
# What the day after 28 usual days and six others is judged to be.
DRIFTS = {
    "over a quarter above": ("ac_power", [*USUAL, *["126"] * 7], True),  # 4 * 126 > 5 * 100
    "a quarter above": ("ac_power", [*USUAL, *["125"] * 7], False),  # 500 > 500 does not hold
    "over a quarter below": ("poa_irradiance", [*USUAL, *["74"] * 7], True),  # 4 * 74 < 3 * 100
    "a quarter below": ("poa_irradiance", [*USUAL, *["75"] * 7], False),
    "one day like before": ("ac_power", [*USUAL, *["126"] * 3, "100", *["126"] * 3], False),
    "above and below": ("ac_power", [*USUAL, *["130"] * 3, *["60"] * 4], False),
    "four days of the week": ("ac_power", [*USUAL, None, None, None, *["126"] * 4], True),
    "three days of the week": ("ac_power", [*USUAL, None, None, None, None, *["126"] * 3], None),
    "fourteen days before": ("ac_power", [*[None] * 14, *["100"] * 14, *["126"] * 7], True),
    "thirteen days before": ("ac_power", [*[None] * 15, *["100"] * 13, *["126"] * 7], None),
    # 14 of 100 and 14 of 200: the median that occurred is 100.
    "median": ("ac_power", [*["100", "200"] * 14, *["126"] * 7], True),
    "temperature": ("ambient_temperature", [*["10"] * 28, *["20"] * 7], None),
    "night": ("ac_power", [*USUAL, *["-5"] * 7], None),
}


@pytest.fixture(scope="module")
def computed(spark):
    rows = [row for readings, *_ in CASES.values() for row in readings]
    rows += flat([(name, quantity, levels) for name, (quantity, levels, _) in DRIFTS.items()])
    placed = quality.placed(spark.createDataFrame(rows, READINGS), ZONES)
    days = quality.days(placed)
    marks = quality.marks(placed, days).localCheckpoint()
    return marks, quality.flags(marks), quality.quality(marks, quality.drift(placed, days)).localCheckpoint()


@pytest.fixture(scope="module")
def flagged(computed):
    found = defaultdict(list)
    for row in computed[1].collect():
        found[row.source, row.flag].append(row.event_time.replace(tzinfo=UTC))
    return found


@pytest.fixture(scope="module")
def judged(computed):
    return {(row.source, row.local_date): row for row in computed[2].collect()}


def test_the_columns_are_those_of_the_lake(computed):
    for frame, name in zip(computed[1:], ("gold/flags", "gold/quality"), strict=True):
        assert ", ".join(f"{c.name} {c.dataType.simpleString().upper()}" for c in frame.schema) == TABLES[name].ddl


@pytest.mark.parametrize("name", CASES)
def test_flags_by_hand(flagged, name):
    readings, *expected = CASES[name]
    times = [row[5] for row in readings]
    for flag, places in zip(("stuck", "spike", "interpolated"), expected, strict=True):
        assert sorted(flagged[name, flag]) == [times[place] for place in places], flag


@pytest.mark.parametrize(
    ("name", "counts", "score"),
    [
        ("eight equal", (13, 8, 0, 0), "0.384615"),  # 1 - 8/13 = 0.38461538...
        ("line of five", (7, 0, 0, 3), "0.571429"),  # 1 - 3/7 = 0.57142857..., rounded up
        ("beyond the fence", (7, 0, 1, 0), "0.857143"),  # 1 - 1/7
        ("seven equal", (12, 0, 0, 0), "1.000000"),
        ("all day", (9, 9, 0, 0), "0.000000"),
    ],
)
def test_counts_and_score_by_hand(judged, name, counts, score):
    row = judged[name, date(2022, 1, 1)]
    assert (row.readings, row.stuck, row.spike, row.interpolated) == counts
    assert (str(row.score), row.month) == (score, "2022-01")


@pytest.mark.parametrize("name", DRIFTS)
def test_drift_by_hand(judged, name):
    *_, expected = DRIFTS[name]
    assert judged[name, date(2022, 2, 4)].drift is expected


def test_drift_begins_when_the_whole_week_agrees(judged):
    found = [judged["over a quarter above", date(2022, 1, 28) + timedelta(days=d)].drift for d in range(8)]
    assert found == [False] * 7 + [True]


def drift_at_the_end(readings):
    placed = quality.placed(readings, ZONES)
    (row,) = quality.drift(placed, quality.days(placed)).where("local_date = '2022-02-04'").collect()
    return row.drift


def test_a_level_is_the_suns_and_free_of_spikes(spark):
    # 100 values, 95th percentile = the 95th of them; below zero is night, and five of a thousand are spikes.
    day = [*map(str, range(1, 96)), *["1000"] * 5, *["-3"] * 44]
    rows = []
    for number in range(35):
        begin = MIDNIGHT + timedelta(days=number)
        rows += series("sun", ["1.27"] * 3 if number >= 28 else day, step=600, begin=begin)
    readings = spark.createDataFrame(rows, READINGS)
    assert drift_at_the_end(readings) is True

    # 4 * 72 = 288 > 3 * 95 = 285: the reference is 95, neither 1000 nor the mean of all
    rows = [row for row in rows if row[6] != Decimal("1.27")]
    for number in range(28, 35):
        rows += series("sun", ["72"], begin=MIDNIGHT + timedelta(days=number))
    readings = spark.createDataFrame(rows, READINGS)
    assert drift_at_the_end(readings) is False


def test_a_day_matters_to_those_whose_drift_looks_back_on_it(spark):
    rows = series("a", ["1", "2"], begin=datetime(2022, 1, 2, 6, 50, tzinfo=UTC), site="den")  # 23:50 and 00:05
    found = quality.affected_days(quality.placed(spark.createDataFrame(rows, READINGS), ZONES)).collect()
    first = date(2022, 1, 1)
    assert sorted(row.local_date for row in found) == [first + timedelta(days=d) for d in range(REACH + 2)]


def random_readings(random):
    """Fifty days of two hourly channels: missing days, stuck hours, spikes, lines, repeated times and a step up."""
    rows = []
    for channel, quantity in (("p", "ac_power"), ("t", "module_temperature")):
        for day in range(50):
            if random.random() < 0.1:
                continue
            level = 60 if day < 38 else 95
            held = random.randrange(24)
            for hour in range(24):
                value = Decimal(level if hour > held else max(0, level - random.randrange(30) - 3 * abs(12 - hour)))
                if 8 <= hour < 14 and day % 3 == 0:
                    value = Decimal(20 + 2 * hour)
                value += 200 if random.random() < 0.02 else 0
                time = MIDNIGHT + timedelta(days=day, hours=hour)
                for copy in range(2 if random.random() < 0.02 else 1):
                    rows.append(("den", "s", channel, quantity, f"{channel}{day}-{hour}-{copy}", time, value + copy))
    return rows


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.proof), pytest.param(3, marks=pytest.mark.proof)]
)
def test_quality_in_pieces_is_quality_in_one(spark, seed):
    random = Random(seed)
    rows = random_readings(random)

    def computed(placed, days):
        marks = quality.marks(placed, days).localCheckpoint()
        scores = quality.quality(marks, quality.drift(placed, days))
        return {(r.channel, r.local_date): r for r in scores.collect()}, {
            (r.channel, r.local_date, r.event_time, r.stuck, r.spike, r.interpolated) for r in marks.collect()
        }

    whole = quality.placed(spark.createDataFrame(rows, READINGS).repartition(5), ZONES)
    scores, marks = computed(whole, quality.days(whole))
    assert {r.drift for r in scores.values()} == {True, False, None}
    assert min(sum(row[place] for row in marks) for place in (3, 4, 5)) > 0

    random.shuffle(rows)
    cut = random.randrange(1, len(rows))
    state_scores, state_marks = {}, set()
    for begin, end in ((0, cut), (cut, len(rows))):
        silver = quality.placed(spark.createDataFrame(rows[:end], READINGS).coalesce(1), ZONES)
        news = quality.placed(spark.createDataFrame(rows[begin:end], READINGS), ZONES)
        scope = quality.affected_days(news).localCheckpoint()
        part_scores, part_marks = computed(silver, scope)
        days = {(row.channel, row.local_date) for row in scope.collect()}
        state_scores = {key: row for key, row in state_scores.items() if key not in days} | part_scores
        state_marks = {row for row in state_marks if row[:2] not in days} | part_marks
    assert state_scores == scores
    assert state_marks == marks


def test_precision_and_recall_on_the_experts_labels(spark):
    labelled = [recording for recording in catalogue() if recording.labels]
    points = pd.concat([read(recording).assign(site_id=recording.site) for recording in labelled])
    points["event_id"] = points["source"] + points["event_time"].astype(str)
    readings = spark.createDataFrame(
        points[["site_id", "source", "channel", "event_id", "event_time", "value"]]
    ).selectExpr(
        "site_id", "source", "channel", "'normalized_power' AS quantity", "event_id", "event_time",
        "CAST(value AS DECIMAL(18,6)) AS value",
    )  # fmt: skip
    placed = quality.placed(readings, {recording.site: "Etc/UTC" for recording in labelled})
    flags = quality.flags(quality.marks(placed, quality.days(placed))).toPandas()
    found = quality.score_against_labels(flags, pd.concat([read_labels(recording) for recording in labelled]))
    assert {meaning: (f["flagged"], f["labelled"], f["precision"]) for meaning, f in found.items()} == {
        "stale": (244, 245, 1.0),
        "interpolated": (1155, 1254, 1.0),
        "outlier": (5, 6, 1.0),
    }
    assert {meaning: f["recall"] for meaning, f in found.items()} == {
        "stale": 0.995918, "interpolated": 0.921053, "outlier": 0.833333,
    }  # fmt: skip
    # What the labels do not speak of: the genuine dips that count as spikes.
    assert Counter(flags[flags["flag"] == "spike"]["source"]) == {
        "inv-2173-interpolated": 4, "inv-2173-stale": 4, "inv-7539-outliers": 5,
    }  # fmt: skip
