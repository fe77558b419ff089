"""What a mapping says of one file: which column is which channel of which asset, in which unit."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

UNITS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("ac_power", "dc_power"), frozenset({"W", "kW", "MW"})),
    "energy": frozenset({"Wh", "kWh", "MWh"}),
    **dict.fromkeys(("poa_irradiance", "ghi", "dni", "dhi"), frozenset({"W/m2", "kW/m2"})),
    **dict.fromkeys(("module_temperature", "ambient_temperature", "device_temperature"), frozenset({"C", "F", "K"})),
    "wind_speed": frozenset({"m/s", "km/h", "mph"}),
    "wind_direction": frozenset({"deg"}),
    "current": frozenset({"A", "mA"}),
    "voltage": frozenset({"V", "mV", "kV"}),
    "pressure": frozenset({"hPa", "mbar"}),
    "humidity": frozenset({"%"}),
    "normalized_power": frozenset({"1"}),
}
"""Canonical quantities and the units that may carry them on the wire."""

WEATHER_UNITS = {"_c": "C", "_w_m2": "W/m2", "_m_s": "m/s"}
"""The unit that the ending of a weather column's name tells: such a file has no other place for it."""
OFFSET = re.compile(r"[+-](?:0\d|1[0-4]):[0-5]\d")
"""A time zone given as an offset."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Channel(_Strict):
    """One column of a recording that is replayed."""

    column: str
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    asset: str = Field(min_length=1)
    quantity: str
    unit: str
    feeds_gold: Literal["energy", "irradiance"] | None = None

    @model_validator(mode="after")
    def _unit_fits(self) -> Channel:
        if self.quantity not in UNITS:
            raise ValueError(f"column {self.column!r} has the unknown quantity {self.quantity!r}")
        if self.unit not in UNITS[self.quantity]:
            allowed = ", ".join(sorted(UNITS[self.quantity]))
            raise ValueError(
                f"column {self.column!r} has the unit {self.unit!r}, but {self.quantity} takes {allowed}"
            )
        needed = {"energy": ("ac_power",), "irradiance": ("poa_irradiance", "ghi")}.get(self.feeds_gold or "")
        if needed and self.quantity not in needed:
            raise ValueError(f"column {self.column!r} feeds {self.feeds_gold} but is no {' or '.join(needed)}")
        return self


class Labels(_Strict):
    """A column of experts' labels that accompanies the readings and is never sent."""

    column: str
    meaning: Literal["stale", "interpolated", "outlier"]


class Oddity(_Strict):
    """Genuine readings that cannot pass as measurements: reviewed by a person, never found by rules.

    Every condition that is given must hold: above, below (of the value as recorded), since, until (of the time, half
    open). messages: how many messages of the recording hold such a reading.
    """

    channel: str
    above: float | None = None
    below: float | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    reason: Literal["OUT_OF_RANGE", "CLOCK_NOT_SET"]
    messages: int = Field(gt=0)
    note: str = Field(min_length=20)

    @model_validator(mode="after")
    def _says_when(self) -> Oddity:
        if self.above is self.below is self.since is self.until is None:
            raise ValueError("an oddity needs a condition: above, below, since or until")
        return self


class Recording(_Strict):
    """One mapped file. `time_zone` is "embedded", an offset such as "-07:00", or an IANA zone."""

    file: str
    source: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    kind: Literal["scada", "iot", "weather"]
    site: str
    time_column: str
    time_zone: str
    time_format: str | None = None
    interval_seconds: int = Field(gt=0)
    channels: tuple[Channel, ...] = Field(min_length=1)
    ignored: dict[str, str] = {}
    labels: Labels | None = None
    oddities: tuple[Oddity, ...] = ()
    path: Path
    """Where the file lies; filled in by the loader."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone != "embedded" and not OFFSET.fullmatch(zone):
            try:
                ZoneInfo(zone)
            except (KeyError, ValueError, OSError):
                raise ValueError(f"the time zone {zone!r} is unknown") from None
        return zone

    @model_validator(mode="after")
    def _channels_fit(self) -> Recording:
        for what, values in (
            ("column", [c.column for c in self.channels]),
            ("channel", [c.name for c in self.channels]),
        ):
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f"{what} {twice[0]!r} is mapped twice")
        if self.kind == "iot" and (len(self.channels) != 1 or self.channels[0].name != self.channels[0].quantity):
            # A sensor's event carries a quantity and no channel, so the two must be one name.
            raise ValueError("an IoT sensor has one channel, named like its quantity")
        for c in self.channels if self.kind == "weather" else ():
            if not any(c.name.endswith(ending) and c.unit == unit for ending, unit in WEATHER_UNITS.items()):
                endings = ", ".join(f"{ending} for {unit}" for ending, unit in WEATHER_UNITS.items())
                raise ValueError(f"a weather channel's name must tell its unit by its ending ({endings}): {c.name!r}")
        unknown = {oddity.channel for oddity in self.oddities} - {c.name for c in self.channels}
        if unknown:
            raise ValueError(f"an oddity names the unknown channel {min(unknown)!r}")
        return self
