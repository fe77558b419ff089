import pytest

from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.desk.playground.naming import known, writable


def test_a_known_name_is_given_back():
    assert known("topic", "peak.iot", ["peak.iot", "peak.scada"], "topics()") == "peak.iot"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("peak.iott", "near it: peak.iot"),
        ("PEAK.IOT", "near it: peak.iot"),
        ("scada", "near it: peak.scada"),
        ("zzz", "2 others"),
    ],
)
def test_a_wrong_name_gets_the_near_ones(name, told):
    with pytest.raises(UserError, match=told) as refused:
        known("topic", name, ["peak.iot", "peak.scada"], "topics()")
    assert refused.value.remedy == "topics()"


def test_writing_is_refused_where_the_desk_is_read_only(monkeypatch):
    writable("produce to peak.iot")
    monkeypatch.setenv("GRIDBRIDGE_READ_ONLY", "1")
    settings.cache_clear()
    try:
        with pytest.raises(UserError, match="is read-only: it does not produce"):
            writable("produce to peak.iot")
    finally:
        monkeypatch.undo()
        settings.cache_clear()
