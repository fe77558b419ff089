from datetime import timedelta

from helpers.core.clock import now_utc
from helpers.desk.pairing import Clock
from helpers.exercises.pair import Turn


def test_the_clock_says_in_words_what_its_bar_shows():
    clock = Clock(Turn("Ada", "Edgar", now_utc() - timedelta(minutes=5)))
    assert "10 of 15 minutes left" in clock.text()
    assert clock.text() in clock.html() and 'value="10.0"' in clock.html()


def test_the_clock_says_when_a_turn_is_over():
    clock = Clock(Turn("Ada", "Edgar", now_utc() - timedelta(minutes=16)))
    assert clock.text().startswith("The turn ended at ") and clock.text().endswith("swap()")
