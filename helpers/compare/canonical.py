"""Cells as plain values in which equal means the same, whatever spelling of the type they arrived in.

NULL is None. Doubles: -0.0 is 0.0, and NaN and the infinities are words, so that a float is always a finite number.
Timestamps, times, dates and durations are whole numbers (an instant's zone does not matter), decimals are Decimals
(1.50 equals 1.5), arrays and structs are tuples (a struct's in the order of the contract's fields), maps are tuples
of entries sorted by key. Nothing here overflows on dates that Python does not have.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from helpers.compare.kinds import field_places
from helpers.compare.table import is_list

NAN, INFINITY, MINUS_INFINITY = "NaN", "Infinity", "-Infinity"
_PLACES = {MINUS_INFINITY: 0, INFINITY: 2, NAN: 3}
_NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def cells(column: pa.ChunkedArray | pa.Array, like: pa.DataType) -> list[Any]:
    """The canonical cells of a column, top to bottom.

    like: a type of which the column's own is a spelling (`kinds.same_spelling`); gives the order of struct fields.
    """
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return [cell for chunk in chunks for cell in _cells(chunk, like)]


def _cells(array: pa.Array, like: pa.DataType) -> list[Any]:
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return _cells(array.storage, like)
    if types.is_dictionary(kind):
        return _cells(array.dictionary_decode(), like)
    if types.is_floating(kind):
        return [_number(value) for value in array.to_pylist()]
    if types.is_map(kind):
        return _maps(array, like)
    if is_list(kind):
        return _cut(array, _cells(array.flatten(), like.value_type))
    if types.is_struct(kind):
        return _structs(array, like)
    if types.is_date32(kind):
        return array.cast(pa.int32()).to_pylist()
    if types.is_date64(kind):
        return [None if value is None else value // 86_400_000 for value in array.cast(pa.int64()).to_pylist()]
    if types.is_timestamp(kind) or types.is_duration(kind) or types.is_time(kind):
        return _times(array)
    try:
        return array.to_pylist()
    except UnicodeDecodeError:
        # A string of Spark may hold any bytes.
        whole = array.cast(pa.large_binary()).to_pylist()
        return [None if value is None else value.decode("utf-8", "surrogateescape") for value in whole]


def _number(value: float | None) -> float | str | None:
    if value is None:
        return None
    if math.isfinite(value):
        return float(value) + 0.0
    return NAN if math.isnan(value) else INFINITY if value > 0 else MINUS_INFINITY


def _times(array: pa.Array) -> list[int | None]:
    factor = _NANOSECONDS[array.type.unit]
    whole = pa.int32() if types.is_time32(array.type) else pa.int64()
    return [None if value is None else value * factor for value in array.cast(whole).to_pylist()]


def _cut(array: pa.Array, flat: list[Any]) -> list[tuple[Any, ...] | None]:
    items: Iterator[Any] = iter(flat)
    lengths = pc.list_value_length(array).to_pylist()
    return [None if length is None else tuple(next(items) for _ in range(length)) for length in lengths]


def _structs(array: pa.Array, like: pa.DataType) -> list[tuple[Any, ...] | None]:
    fields = array.flatten()
    places = field_places(array.type, like)
    columns = [_cells(fields[place], like.field(at).type) for at, place in enumerate(places)]
    rows = zip(*columns, strict=True) if columns else iter([()] * len(array))
    return [row if there else None for row, there in zip(rows, array.is_valid().to_pylist(), strict=True)]


def _maps(array: pa.Array, like: pa.DataType) -> list[tuple[Any, ...] | None]:
    kind = array.type
    entry = pa.struct([("key", kind.key_type), ("value", kind.item_type)])
    entries = array.cast(pa.list_(entry))
    asked = pa.struct([("key", like.key_type), ("value", like.item_type)])
    rows = _cut(entries, _cells(entries.flatten(), asked))
    return [None if row is None else _sorted_entries(row, like.key_type) for row in rows]


def _sorted_entries(entries: tuple[Any, ...], kind: pa.DataType) -> tuple[Any, ...]:
    # A key that is a double finds its partner exactly: a tolerance would let two keys of one map meet.
    ordered = sorted(entries, key=lambda entry: sort_key(entry[0], kind))
    return tuple((_exact(key), value) for key, value in ordered)


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        return repr(value)
    return tuple(_exact(part) for part in value) if isinstance(value, tuple) else value


def sort_key(value: Any, kind: pa.DataType) -> tuple[Any, ...]:
    """A key that sorts canonical cells of a type as Spark sorts them ascending: NULL first, NaN after Infinity."""
    if value is None:
        return (0,)
    if is_list(kind):
        return 1, tuple(sort_key(part, kind.value_type) for part in value)
    if types.is_struct(kind):
        return 1, tuple(sort_key(part, field.type) for part, field in zip(value, kind, strict=True))
    if types.is_floating(kind):
        return (1, 1, value) if isinstance(value, float) else (1, _PLACES[value], 0.0)
    return 1, value


def split(value: Any, numbers: list[float]) -> Any:
    """The cell with `...` in place of each double, which is appended to `numbers`."""
    if isinstance(value, float):
        numbers.append(value)
        return ...
    return tuple(split(part, numbers) for part in value) if isinstance(value, tuple) else value
