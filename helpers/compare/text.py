"""Cells and names as text: NULL is never taken for 'NULL', and blanks and control characters can be seen."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from pyarrow import types

from helpers.compare.table import is_list

NULL = "NULL"
_BLANK = "␣"
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_LIKE_A_VALUE = re.compile(r"NULL|NaN|-?Infinity|['…▸].*|.*…", re.IGNORECASE | re.DOTALL)


def cell_text(cell: pa.Scalar, quoted: bool = False) -> str:
    """One cell as text, on one line.

    NULL is NULL. A text stands as it is, or in quotes where it would mislead: empty, NULL, blanks at an end (shown
    as ␣), signs that cannot be seen (shown as \\u00a0); always in quotes inside arrays, maps and structs, and with
    `quoted`.
    """
    kind = cell.type
    if not cell.is_valid:
        return NULL
    if isinstance(kind, pa.BaseExtensionType) or types.is_dictionary(kind):
        return cell_text(cell.value, quoted)
    if types.is_map(kind):
        keys, items = cell.values.flatten()
        entries = zip(keys, items, strict=True)
        return "{" + ", ".join(f"{cell_text(key, True)}: {cell_text(value, True)}" for key, value in entries) + "}"
    if is_list(kind):
        return "[" + ", ".join(cell_text(item, True) for item in cell.values) + "]"
    if types.is_struct(kind):
        fields = zip(kind, pa.array([cell]).flatten(), strict=True)
        return "{" + ", ".join(f"{name_text(field.name)}: {cell_text(part[0], True)}" for field, part in fields) + "}"
    if types.is_timestamp(kind):
        return _instant(cell.cast(pa.int64()).as_py(), kind)
    if types.is_date(kind):
        return str(cell.cast(pa.date32()).cast(pa.string()).as_py())
    if types.is_time(kind):
        return str(cell.cast(pa.string()).as_py())
    if types.is_duration(kind):
        return str(timedelta(microseconds=cell.cast(pa.int64()).as_py() * 10**6 // _PER_SECOND[kind.unit]))
    return _plain(_value(cell), kind, quoted)


def name_text(name: str) -> str:
    """A column's name; in quotes where it is empty, or has blanks at an end or signs that cannot be seen."""
    return quote(name) if name != name.strip() or not name.isprintable() or not name else name


def quote(text: str) -> str:
    """The text in single quotes, on one line, with blanks at its ends and invisible signs made visible."""
    inner = text.strip(" ")
    start = text[: len(text) - len(text.lstrip(" "))] if inner else text
    end = text[len(start) + len(inner) :]
    seen = "".join(_visible(sign) for sign in inner).replace("'", "''")
    return f"'{_BLANK * len(start)}{seen}{_BLANK * len(end)}'"


def _visible(sign: str) -> str:
    if sign.isprintable():
        return sign
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(sign, f"\\u{ord(sign):04x}")


def _value(cell: pa.Scalar) -> Any:
    try:
        return cell.as_py()
    except UnicodeDecodeError:
        return cell.as_buffer().to_pybytes().decode("utf-8", "surrogateescape")


def _plain(value: Any, kind: pa.DataType, quoted: bool) -> str:
    if isinstance(value, str):
        clear = value == value.strip() and value.isprintable() and value and not _LIKE_A_VALUE.fullmatch(value)
        return value if clear and not quoted else quote(value)
    if isinstance(value, bytes):
        return "0x" + value.hex().upper()
    if isinstance(value, bool):
        return str(value).lower()
    if types.is_decimal(kind):
        return format(value, "f")
    if types.is_floating(kind):
        return _number(value, kind)
    return str(value)


def _number(value: float, kind: pa.DataType) -> str:
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if types.is_float64(kind):
        return repr(value)
    # The shortest text that means this number in fewer bits.
    texts = (f"{value:.{digits}g}" for digits in range(1, 18))
    return repr(float(next(text for text in texts if pa.scalar(float(text), kind).as_py() == value)))


def _instant(ticks: int, kind: pa.DataType) -> str:
    seconds, fraction = divmod(ticks, _PER_SECOND[kind.unit])
    try:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        if kind.tz is not None and kind.tz != "UTC":
            at = at.astimezone(ZoneInfo(kind.tz))
    except (OverflowError, ValueError, KeyError):
        at = None
    digits = f"{fraction:0{len(str(_PER_SECOND[kind.unit])) - 1}d}".rstrip("0") if fraction else ""
    if at is None:
        return f"{seconds} s since 1970" + (f" and .{digits} s" if digits else "")
    zone = "" if kind.tz is None else at.strftime("%z")
    zone = "Z" if zone == "+0000" else zone[:3] + ":" + zone[3:] if zone else ""
    return f"{at:%Y-%m-%d %H:%M:%S}".zfill(19) + (f".{digits}" if digits else "") + zone
