from decimal import Decimal

import pytest

from helpers.peak.recordings import catalogue
from helpers.pipeline.layers.units import QUANTITIES, UNITS


def telemetry_channels():
    return [
        (recording.file, channel.quantity, channel.unit)
        for recording in catalogue()
        if recording.kind != "weather"
        for channel in (recording.channels.values() if isinstance(recording.channels, dict) else recording.channels)
    ]


def test_silver_knows_the_quantity_and_unit_of_every_mapped_channel():
    channels = telemetry_channels()
    assert channels
    strange = [
        channel for channel in channels
        if channel[1] not in QUANTITIES
        or channel[2] not in UNITS
        or UNITS[channel[2]].canonical != QUANTITIES[channel[1]].unit
    ]  # fmt: skip
    assert strange == []


@pytest.mark.parametrize(
    ("value", "unit", "canonical"),
    [("1500", "W", "1.5"), ("2", "MW", "2000"), ("36", "km/h", "10"), ("10", "mph", "4.4704"), ("300", "K", "26.85")],
)
def test_a_unit_converts_as_its_source_says(value, unit, canonical):
    chosen = UNITS[unit]
    result = (Decimal(value) + chosen.offset) * chosen.factor
    assert result.quantize(Decimal("0.000001")) == Decimal(canonical).quantize(Decimal("0.000001"))


def test_every_canonical_unit_stands_for_itself_and_every_range_is_a_range():
    for unit in UNITS.values():
        assert UNITS[unit.canonical].factor == 1
    for quantity in QUANTITIES.values():
        assert quantity.unit in UNITS
        assert quantity.low < quantity.high
