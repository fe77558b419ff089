"""The smallest step of a type: a value's neighbours, and literals of SQL text as values."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

WIDTHS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}


def scale(kind: str) -> int:
    """Digits after the point of a decimal type; 0 for other types."""
    found = re.fullmatch(r"decimal\(\d+,\s*(\d+)\)", kind)
    return int(found[1]) if found else 0


def fits(value: Any, kind: str) -> bool:
    """Whether the value is within the range of that Spark type."""
    base = kind.split("(")[0]
    if value is None or isinstance(value, bool):
        return True
    if base in WIDTHS:
        return bool(-(2 ** (WIDTHS[base] - 1)) <= value < 2 ** (WIDTHS[base] - 1))
    found = re.fullmatch(r"decimal\((\d+),\s*\d+\)", kind)
    return not found or abs(value) < Decimal(10) ** (int(found[1]) - scale(kind))


def neighbours(value: Any, kind: str) -> list[Any]:
    """The value one step below and above in that Spark type; for text: other case, trailing blank, a letter more."""
    if value is None or isinstance(value, bool):
        return []
    if isinstance(value, str):
        return [other for other in (value.swapcase(), value + " ", value + "x") if other != value]
    if isinstance(value, datetime):
        return [*moved(value, seconds=-1), *moved(value, seconds=1)]
    if isinstance(value, date):
        return moved(value, -1, 1)
    if isinstance(value, Decimal):
        step: Any = Decimal(1).scaleb(-scale(kind))
    elif isinstance(value, float):
        step = 0.5
    else:
        step = 1
    return [value - step, value + step]


def moved(value: Any, *days: int, seconds: int = 0) -> list[Any]:
    """The dates or times that are so many days and seconds from one, but for those that no calendar has."""
    found = []
    for number in days or (0,):
        with suppress(OverflowError):
            found.append(value + timedelta(days=number, seconds=seconds))
    return found


def parsed(text: str, kind: str) -> Any:
    """A literal's text as a value of that Spark type; None where it is none. Timestamps without zone are UTC."""
    base = kind.split("(")[0]
    try:
        if base in ("tinyint", "smallint", "int", "bigint"):
            return int(Decimal(text))
        if base in ("float", "double"):
            return float(text)
        if base == "decimal":
            return Decimal(text).quantize(Decimal(1).scaleb(-scale(kind)))
        if base == "string":
            return text
        if base == "boolean":
            return {"true": True, "false": False}.get(text.lower())
        if base == "date":
            return date.fromisoformat(text[:10])
        if base in ("timestamp", "timestamp_ntz"):
            moment = datetime.fromisoformat(text)
            if base == "timestamp_ntz":
                return moment.replace(tzinfo=None)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, InvalidOperation, OverflowError):
        return None
    return None


def shifted_text(text: str, quoted: bool, kind: str) -> list[str]:
    """A literal's text one step below and above; [] where it has no such step.

    quoted: whether it stands in quotes; kind: type of what it is compared with, "?" = it is compared with nothing.
    """
    if kind == "?":
        return []
    if not quoted:
        number = Decimal(text)
        places = max(-int(number.as_tuple().exponent), 0)
        step = Decimal(1).scaleb(-places)
        return [format(number - step, "f"), format(number + step, "f")]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        day = parsed(text, "date")
        return [other.isoformat() for other in moved(day, -1, 1)] if day else []
    moment = parsed(text, "timestamp_ntz") if re.match(r"\d{4}-\d\d-\d\d[ T]\d", text) and "+" not in text else None
    return [other.isoformat(" ") for other in neighbours(moment, "timestamp_ntz")]
