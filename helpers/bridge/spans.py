"""Constant intervals that span several units: INTERVAL '1 02:03:04' DAY TO SECOND, INTERVAL '1-2' YEAR TO MONTH."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from sqlglot import exp

_UNITS = ("day", "hour", "minute", "second")
_PATTERNS = {
    ("day", "hour"): r"(\d+) (\d+)",
    ("day", "minute"): r"(\d+) (\d+):(\d+)",
    ("day", "second"): r"(\d+) (\d+):(\d+):(\d+(?:\.\d{1,6})?)",
    ("hour", "minute"): r"(\d+):(\d+)",
    ("hour", "second"): r"(\d+):(\d+):(\d+(?:\.\d{1,6})?)",
    ("minute", "second"): r"(\d+):(\d+(?:\.\d{1,6})?)",
}


@dataclass(frozen=True)
class Span:
    """An interval. months, or the parts that timedelta takes by name; kind: Spark's name of its type."""

    kind: str
    months: int = 0
    parts: tuple[tuple[str, str], ...] = ()

    def turned(self) -> Span:
        """The same, backwards."""
        return Span(self.kind, -self.months, tuple((name, _minus(text)) for name, text in self.parts))


def span(node: exp.Interval) -> Span | None:
    """What an interval of several units says; None for any other."""
    unit, text = node.args.get("unit"), node.this
    if not isinstance(unit, exp.IntervalSpan) or not isinstance(text, exp.Literal):
        return None
    first, last = unit.this.name.lower().removesuffix("s"), unit.expression.name.lower().removesuffix("s")
    found = re.fullmatch(r"\s*([+-]?)(.*?)\s*", text.this)
    assert found is not None
    back = found[1] == "-"
    made = _months(found[2]) if (first, last) == ("year", "month") else _time(first, last, found[2])
    return made.turned() if made is not None and back else made


def _months(text: str) -> Span | None:
    found = re.fullmatch(r"(\d+)-(\d+)", text)
    return Span("interval year to month", int(found[1]) * 12 + int(found[2])) if found else None


def _time(first: str, last: str, text: str) -> Span | None:
    found = re.fullmatch(_PATTERNS.get((first, last), "$^"), text)
    if found is None:
        return None
    names = _UNITS[_UNITS.index(first) : _UNITS.index(last) + 1]
    parts = [(f"{name}s", str(Decimal(number))) for name, number in zip(names, found.groups(), strict=True)]
    return Span(f"interval {first} to {last}", 0, tuple(one for one in parts if Decimal(one[1])) or (parts[0],))


def _minus(text: str) -> str:
    return str(-Decimal(text))
