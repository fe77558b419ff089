"""Values of PostgreSQL as Arrow has them, and as PostgreSQL writes them where Arrow or Python has none like it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import psycopg
import pyarrow as pa
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
from psycopg.types.string import TextLoader

_TYPED = ("bool", "bytea", "int2", "int4", "int8", "oid", "float4", "float8", "numeric")
"""Types whose every value Python has, numbers that Arrow has none of apart."""


class _Moment(NamedTuple):
    """A date or a time as PostgreSQL writes it, and as Python has it: None where it has none, as for infinity."""

    text: str
    value: Any


def _moments(loader: type[Loader]) -> type[Loader]:
    class Moments(loader):  # type: ignore[misc, valid-type]
        def load(self, data: Buffer) -> _Moment:
            text = bytes(data).decode()
            try:
                return _Moment(text, super().load(data))
            except psycopg.DataError:
                return _Moment(text, None)

    return Moments


_MOMENTS = {
    "date": _moments(DateLoader),
    "timestamp": _moments(TimestampLoader),
    "timestamptz": _moments(TimestamptzLoader),
}


def as_written(connection: psycopg.Connection[Any]) -> None:
    """Has a connection read what Python knows no such value of as texts: intervals, ranges, arrays, JSON ..."""
    for one in connection.adapters.types:
        if one.name not in _TYPED:
            connection.adapters.register_loader(one.oid, _MOMENTS.get(one.name, TextLoader))
        if one.array_oid:
            connection.adapters.register_loader(one.array_oid, TextLoader)


def arrow(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> pa.Table:
    """Rows as a table: a column in its own type, or as texts where one of its values has none."""
    kept = list(rows)
    return pa.Table.from_arrays([_column([row[at] for row in kept]) for at in range(len(names))], names=list(names))


def _column(values: Sequence[Any]) -> pa.Array:
    typed = [one.value if isinstance(one, _Moment) else one for one in values]
    try:
        if not any(isinstance(one, _Moment) and one.value is None for one in values):
            return pa.array(typed)
    except (pa.ArrowException, TypeError, OverflowError):
        # Numbers of PostgreSQL's that Arrow has no type for: NaN, infinity, a hundred digits.
        pass
    texts = [one.text if isinstance(one, _Moment) else one for one in values]
    return pa.array([None if one is None else str(one) for one in texts])
