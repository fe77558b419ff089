"""What may go wrong with an event, and what the maker states of the message that comes of it.

The reasons are the maker's own words for what it did; it does not know how the pipeline judges.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import orjson

from helpers.peak.mapping import UNITS
from helpers.peak.recordings import Recording

REASONS: dict[str, tuple[str, ...]] = {
    "duplicate": (),
    "conflict": (),
    "late": (),
    "out_of_order": (),
    "too_late": ("TOO_LATE",),
    "future": ("FUTURE",),
    "malformed_json": ("MALFORMED_JSON",),
    "not_utf8": ("NOT_UTF8",),
    "wrong_type": ("WRONG_TYPE",),
    "missing_field": ("MISSING_FIELD",),
    "unknown_unit": ("UNKNOWN_UNIT",),
    "out_of_range": ("OUT_OF_RANGE",),
    "unknown_asset": ("UNKNOWN_ASSET",),
    # No meter was assigned to anything in 1970.
    "year_1970": ("CLOCK_NOT_SET", "UNKNOWN_ASSET"),
    "empty": ("EMPTY",),
    "tombstone": ("TOMBSTONE",),
    "oversize": ("OVERSIZE",),
}
"""Every kind of fault and the reasons, sorted, for which its message must be refused; none = valid by itself."""

ADDED = ("duplicate", "conflict")
"""Kinds that add a message and leave the original as it is; all others replace it."""

OVERSIZE = 5_000_000
"""Bytes of an oversized body: the topic takes it, nobody wants it."""

_ABSURD: dict[str, tuple[float, ...]] = {
    **dict.fromkeys(("ac_power", "dc_power"), (9e12, -9e12)),
    "energy": (9e14, -5.0),
    **dict.fromkeys(("poa_irradiance", "ghi", "dni", "dhi"), (9000.0, -900.0)),
    **dict.fromkeys(("module_temperature", "ambient_temperature", "device_temperature"), (900.0, -400.0)),
    "wind_speed": (900.0, -5.0),
    "wind_direction": (720.0, -90.0),
    **dict.fromkeys(("current", "voltage"), (9e9, -9e9)),
    "pressure": (9000.0, 3.0),
    "humidity": (400.0, -30.0),
    "normalized_power": (50.0, -7.0),
}
"""Values that no site of this planet can measure, in whichever unit of the quantity they are sent."""

_FOREIGN_UNITS = ("parsec", "kw", "Watt", "W/m²", "degC", "V", "A", "C", "W", "")


def _reading(event: dict[str, Any], recording: Recording, random: Random) -> tuple[dict[str, Any], str]:
    """One reading of an event (the one with value and unit in it) and its quantity."""
    if recording.kind == "iot":
        return event, recording.channels[0].quantity
    name = random.choice(sorted(event["channels"]))
    return event["channels"][name], next(c.quantity for c in recording.channels if c.name == name)


def altered(value: float) -> float:
    """Another value of the same size: what a second message with the same id claims."""
    return round(value * 0.99, 6) if abs(value) >= 0.01 else 0.25


def _malformed_json(event: dict[str, Any], recording: Recording, random: Random) -> bytes:
    body = orjson.dumps(event)
    return random.choice(
        [
            body[: random.randint(1, len(body) - 1)],
            body[: random.randint(1, len(body) - 1)],
            body.replace(b",", b"", 1),
            body.replace(b":", b"", 1),
            body[:-1] + b",}",
            body.replace(b'"', b"", 1),
            b"ERROR 503: gateway busy",
        ]
    )


def _not_utf8(event: dict[str, Any], recording: Recording, random: Random) -> bytes:
    body = orjson.dumps(event)
    at = random.randint(1, len(body) - 2)
    latin = body.replace(b'"unit":"', b'"unit":"\xb0', 1)
    return random.choice([body[:at] + b"\xff" + body[at + 1 :], latin, body.decode().encode("utf-16")])


def _wrong_type(event: dict[str, Any], recording: Recording, random: Random) -> bytes:
    reading, _ = _reading(event, recording, random)
    value, time = reading["value"], event["event_time"]
    target, name, wrong = random.choice(
        [
            (reading, "value", "n/a"),
            (reading, "value", str(value)),
            (reading, "value", f"{value:.1f}".replace(".", ",")),
            (reading, "value", True),
            (reading, "value", [value]),
            (event, "event_time", f"{time[:5]}13{time[7:]}"),
            (event, "event_time", time.replace("T", " ")[:16]),
            (event, "sent_at", event["sent_at"][:-1]),
            (event, "event_time", 1_641_121_200),
        ]
    )
    target[name] = wrong
    return orjson.dumps(event)


def _missing_field(event: dict[str, Any], recording: Recording, random: Random) -> bytes:
    reading, _ = _reading(event, recording, random)
    choices = [(event, "event_id"), (event, "event_time"), (event, "sent_at"), (reading, "value"), (reading, "unit")]
    wide = recording.kind == "scada"
    choices += [(event, "plant"), (event, "channels")] if wide else [(event, "quantity")]
    target, name = random.choice(choices)
    if random.random() < 0.5:
        del target[name]
    else:
        target[name] = {} if name == "channels" else None
    return orjson.dumps(event)


def _unknown_unit(event: dict[str, Any], recording: Recording, random: Random) -> bytes:
    reading, quantity = _reading(event, recording, random)
    reading["unit"] = random.choice([unit for unit in _FOREIGN_UNITS if unit not in UNITS[quantity]])
    return orjson.dumps(event)


def _out_of_range(event: dict[str, Any], recording: Recording, random: Random) -> bytes:
    reading, quantity = _reading(event, recording, random)
    reading["value"] = random.choice(_ABSURD[quantity])
    return orjson.dumps(event)


def _unknown_asset(event: dict[str, Any], recording: Recording, random: Random) -> bytes:
    suffix = f"{random.randrange(16**4):04x}"
    sender = "plant" if recording.kind == "scada" else "sensor"
    if sender == "sensor" or random.random() < 0.5:
        event[sender] = f"{event[sender]}-{suffix}"
    else:
        name = random.choice(sorted(event["channels"]))
        event["channels"] = {f"{n}_{suffix}" if n == name else n: r for n, r in event["channels"].items()}
    return orjson.dumps(event)


def _year_1970(event: dict[str, Any], recording: Recording, random: Random) -> bytes:
    time = f"1970-01-01T00:{random.randrange(60):02d}:{random.randrange(60):02d}"
    event["event_time"] = time + event["event_time"][-6:]
    return orjson.dumps(event)


def _oversize(event: dict[str, Any], recording: Recording, random: Random) -> bytes:
    line = f"{random.randrange(16**12):012x} watchdog: buffer dumped; "
    event["log"] = line * (OVERSIZE // len(line) + 1)
    return orjson.dumps(event)


SPOIL: dict[str, Callable[[dict[str, Any], Recording, Random], bytes | None]] = {
    "malformed_json": _malformed_json,
    "not_utf8": _not_utf8,
    "wrong_type": _wrong_type,
    "missing_field": _missing_field,
    "unknown_unit": _unknown_unit,
    "out_of_range": _out_of_range,
    "unknown_asset": _unknown_asset,
    "year_1970": _year_1970,
    "empty": lambda event, recording, random: b"",
    "tombstone": lambda event, recording, random: None,
    "oversize": _oversize,
}
"""The faults of the body: an event (its parsed JSON, changed in place), its recording → the body that is sent."""


def conflicting(event: dict[str, Any], recording: Recording, random: Random) -> tuple[bytes, str, float]:
    """A body with the event's id and another value; with the channel that was altered and its new value."""
    if recording.kind == "iot":
        name, reading = event["quantity"], event
    else:
        name = random.choice(sorted(event["channels"]))
        reading = event["channels"][name]
    reading["value"] = altered(reading["value"])
    return orjson.dumps(event), name, reading["value"]
