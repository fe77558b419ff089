import signal
import time

import pytest

from helpers.spark.limits import TooLong, stoppable, time_limit


class Spark:
    """Notes the tags that it is given, taken and told to interrupt."""

    def __init__(self):
        self.tags, self.interrupted = set(), []

    def addTag(self, tag):
        self.tags.add(tag)

    def removeTag(self, tag):
        self.tags.discard(tag)

    def interruptTag(self, tag):
        self.interrupted.append(tag)


def test_python_code_is_interrupted_and_its_jobs_are_cancelled():
    spark, begin = Spark(), time.monotonic()
    with pytest.raises(TooLong), time_limit(spark, 0.1):
        time.sleep(30)
    assert time.monotonic() - begin < 10
    assert len(spark.interrupted) == 1
    assert spark.tags == set()


def _tries_for_ever():
    while True:
        try:
            time.sleep(60)
        except:  # noqa: E722
            pass


def _tries_twice_over():
    while True:
        try:
            _tries_for_ever()
        except BaseException:
            continue


def _waits_at_its_end():
    try:
        time.sleep(60)
    finally:
        time.sleep(60)


@pytest.mark.parametrize("work", [_tries_for_ever, _tries_twice_over, _waits_at_its_end])
def test_work_that_catches_everything_is_interrupted_until_it_ends(work):
    begin = time.monotonic()
    with pytest.raises(TooLong), time_limit(Spark(), 0.1):
        stoppable(work, {})
    assert time.monotonic() - begin < 10
    assert signal.getitimer(signal.ITIMER_REAL)[1] == 0


def test_who_cleans_up_after_the_time_is_left_alone():
    cleaned = []
    with pytest.raises(TooLong), time_limit(Spark(), 0.1):
        try:
            stoppable(_tries_for_ever, {})
        finally:
            time.sleep(2.5)
            cleaned.append(True)
    assert cleaned == [True]


def test_an_error_after_the_time_is_that_of_the_cancelled_job():
    with pytest.raises(TooLong), time_limit(Spark(), 0.05):
        time.sleep(0.2)
        raise RuntimeError("cancelled")


def test_what_ends_in_time_is_left_alone():
    spark = Spark()
    with pytest.raises(RuntimeError), time_limit(spark, 30):
        raise RuntimeError("its own")
    assert (spark.interrupted, spark.tags) == ([], set())


def test_an_alarm_of_somebody_else_goes_on():
    before = signal.setitimer(signal.ITIMER_REAL, 500)
    try:
        with time_limit(Spark(), 5):
            pass
        assert 490 < signal.getitimer(signal.ITIMER_REAL)[0] <= 500
    finally:
        signal.setitimer(signal.ITIMER_REAL, *before)
