from datetime import UTC, datetime, timedelta

import pytest

from helpers.core.errors import UserError
from helpers.pipeline.job import when

FRIDAY = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def due(told, count=3, after=FRIDAY):
    found = []
    for _ in range(count):
        after = told.trigger.get_next_fire_time(after, after)
        found.append(after)
    return found


@pytest.mark.parametrize("days", ["mon-fri", "1-5", "1,2,3,4,5", "mon,2-5", "1-5/1"])
def test_days_of_the_week_are_those_of_cron(days):
    found = due(when.cron(f"0 6 * * {days}"))
    assert [f"{one:%a %H}" for one in found] == ["Mon 06", "Tue 06", "Wed 06"]


@pytest.mark.parametrize("days", ["0", "7", "sun"])
def test_sunday_is_0_and_7(days):
    assert [f"{one:%a}" for one in due(when.cron(f"0 6 * * {days}"), 2)] == ["Sun", "Sun"]


def test_every_day_of_the_week_by_numbers():
    found = due(when.cron("0 6 * * 0-6"), 7)
    assert " ".join(f"{one:%a}" for one in found) == "Sat Sun Mon Tue Wed Thu Fri"


def test_minutes_by_steps():
    assert [one.minute for one in due(when.cron("*/20 * * * *"))] == [20, 40, 0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("* * * *", "4 fields, not 5"),
        ("61 * * * *", "cannot be read"),
        ("often * * * *", "cannot be read"),
        ("0 6 1 * mon", "either"),
        ("0 6 * * 9", "cannot be read"),
        ("0 0 31 2 *", "never due"),
    ],
)
def test_a_cron_text_that_is_none_is_one_sentence(text, words):
    with pytest.raises(UserError, match=words):
        when.cron(text)


@pytest.mark.parametrize("minutes", [0.001, -1.0, float("nan"), float("inf"), 1e9])
def test_minutes_that_are_no_pause_are_refused(minutes):
    with pytest.raises(UserError, match="cannot run every"):
        when.every(minutes)


@pytest.mark.parametrize(
    ("address", "bucket", "prefix"),
    [
        ("s3://landing/in/", "landing", "in/"),
        ("s3a://landing", "landing", ""),
        ("s3://landing/a b/ä", "landing", "a b/ä"),
    ],
)
def test_an_address_is_a_bucket_and_a_prefix(address, bucket, prefix):
    assert when.objects(address).objects == (bucket, prefix)


@pytest.mark.parametrize("address", ["", "landing/in", "http://landing/in", "s3://", "s3://A/b"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(UserError, match="no address of S3"):
        when.objects(address)


def test_the_first_run_of_an_interval_is_at_once_and_of_cron_when_it_is_due():
    assert when.every(15).first(None, FRIDAY) == FRIDAY
    assert when.cron("30 * * * *").first(None, FRIDAY) == FRIDAY + timedelta(minutes=30)


@pytest.mark.parametrize("told", [when.every(60), when.cron("0 * * * *")], ids=lambda one: one.told)
def test_after_a_restart_the_pause_goes_on_and_what_fell_due_is_made_up_once(told):
    assert told.first(FRIDAY, FRIDAY + timedelta(minutes=10)) == FRIDAY + timedelta(hours=1)
    late = FRIDAY + timedelta(hours=5)
    assert told.first(FRIDAY, late) == late
