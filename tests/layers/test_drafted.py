"""The layer that `gridbridge new pipeline` makes: changed, it tells in a sentence what broke."""

import importlib.util
import inspect
import sys
from collections import Counter
from datetime import UTC, datetime

import pytest

from helpers.core.errors import PipelineError, UserError
from helpers.pipeline.draft import rendered
from helpers.pipeline.prototype import start
from helpers.pipeline.prototype.contract import ROWS, keyed


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "unit NOT IN",
            "unti NOT IN",
            r"The rule 'units' \(UNKNOWN_UNIT\) does not fit the rows: .*`unti`.* cannot be",
        ),
        ('            "sensor",\n', "", "the readings have no column 'sensor'"),
        (
            'DECIMAL(18,6)").alias',
            'DECIMAL(9,3)").alias',
            r"'power_kw' as DECIMAL\(9,3\), declared as DECIMAL\(18,6\)",
        ),
        ('"body.*"', '"boddy.*"', r"refine\(\) of layers.py does not fit its rows"),
        ('KEY = "event_id"', 'KEY = "meter_id"', "READINGS has no column 'meter_id'"),
    ],
)
def test_changed_it_tells_in_a_sentence_what_broke(spark, own_work, drafted, old, new, words):
    """Without services: what `read` does with each batch, and `prepare` with the columns."""

    name, layers = drafted((old, new))
    run = start(name, layers, {})
    with pytest.raises(UserError, match=words) as told:
        keyed(layers)
        run._refined(spark.createDataFrame([], ROWS))
    assert told.value.remedy
    assert len(told.value.cause.splitlines()) == 1


def test_an_unknown_parameter_of_papermill_is_refused(own_work, drafted):
    name, layers = drafted()
    cells = ["", "fill = True\nseed = 7", "# Parameters\nseed = 8\ncolour = 1"]
    with pytest.raises(UserError, match="no parameter 'colour'; the parameters are fill, seed"):
        start(name, layers, {"In": cells, "seed": 8, "colour": 1})
    assert start(name, layers, {"In": cells[:2], "seed": 8}).id


@pytest.fixture
def own_tests(drafted, tmp_path, monkeypatch):
    """Called with changes of layers.py: the generated tests that need a session only, and no service."""

    def make(*changed):
        name, layers = drafted(*changed)
        monkeypatch.setitem(sys.modules, f"pipelines.{name}.layers", layers)
        file = tmp_path / f"{name}_tests.py"
        file.write_text(rendered(name, ["kafka"], ["delta"])["test_pipeline.py"])
        spec = importlib.util.spec_from_file_location(file.stem, file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found = [one for title, one in vars(module).items() if title.startswith("test_")]
        return [one for one in found if list(inspect.signature(one).parameters) == ["spark"]]

    return make


CHANGES = {
    "a key twice": ('.where("turn = 1")', ""),
    "two reasons lost": ('refused = told.where("size(reasons) > 0")', 'refused = told.where("size(reasons) = 1")'),
    "wrong factor": ('"MW": 1000.0', '"MW": 100.0'),
    "a field not asked for": (" OR unit IS NULL", ""),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_its_own_tests_notice_a_change_that_makes_it_wrong(spark, own_tests, change):
    def failing(tests):
        failed = []
        for test in tests:
            try:
                test(spark)
            except AssertionError:
                failed.append(test.__name__)
        return failed

    assert len(failing(own_tests(change))) == 1


def test_its_own_tests_pass_as_they_are(spark, own_tests):
    for test in own_tests():
        test(spark)


BODY = (
    '{"event_id":"%s","sensor":"%s","quantity":"ac_power","event_time":"2010-06-28T09:15:00-07:00",'
    '"sent_at":"2010-06-28T16:15:04Z","value":1500,"unit":"W"}'
)


def taken(spark, drafted, change, *told):
    """What a run counts of rows (event_id, sensor), of which none is refused."""
    name, layers = drafted(*change)
    run, counts = start(name, layers, {}), Counter()
    rows = [
        ("kafka", f"topic/0/{at:012}", datetime(2026, 1, 1, 12, 0, at, tzinfo=UTC), (BODY % one).encode())
        for at, one in enumerate(told)
    ]
    run._take(counts, spark.createDataFrame(rows, ROWS))
    return counts


def test_what_is_repeated_is_told_by_its_key(spark, own_work, drafted):
    told = taken(spark, drafted, [], ("a", "roof"), ("a", "roof"), ("b", "roof"), ("a", "roof"))
    assert (told["rows"], told["readings"], told["repeated"]) == (4, 2, 2)


def test_rows_that_are_lost_are_not_taken_for_repeated_ones(spark, own_work, drafted):
    change = ('where("size(reasons) = 0")', "where(\"size(reasons) = 0 AND sensor != 'cellar'\")")
    with pytest.raises(PipelineError, match=r"lost 1 of 3 rows, as in topic/0/000000000002") as told:
        taken(spark, drafted, [change], ("a", "roof"), ("a", "roof"), ("b", "cellar"))
    assert "refused with a reason" in told.value.remedy


@pytest.mark.parametrize(
    ("change", "told", "words"),
    [
        (('.where("turn = 1")', ""), [("a", "roof"), ("a", "roof")], "made 2 readings of one key: event_id 'a'"),
        (
            ('"event_id",\n            "sensor"', 'F.nullif("event_id", F.lit("a")).alias("event_id"), "sensor"'),
            [("a", "roof"), ("b", "roof")],
            "without a key: event_id is NULL in 1",
        ),
        (
            ("readings.select(", "readings.union(readings).select("),
            [("a", "roof")],
            "made 2 rows of 1",
        ),
    ],
)
def test_keys_that_are_no_keys_are_refused_before_anything_is_written(spark, own_work, drafted, change, told, words):
    with pytest.raises(PipelineError, match=words):
        taken(spark, drafted, [change], *told)
