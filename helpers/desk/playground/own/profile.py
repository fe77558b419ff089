"""A profile of any DataFrame by two jobs: its columns' ranges, and values that look wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from helpers.desk.card import Block, Say, Show
from helpers.desk.playground.own.passes import REPEATED, Found, first_pass, second_pass
from helpers.desk.playground.own.suspicions import is_flat, is_number
from helpers.desk.playground.paged import Page, whole
from helpers.desk.playground.spark_rows import Answer, column_in, frame_in

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row
    from pyspark.sql.types import StructField

_COLUMN = pa.schema(
    [
        ("column", pa.string()),
        ("type", pa.string()),
        ("NULL", pa.int64()),
        ("distinct, about", pa.int64()),
        ("least", pa.string()),
        ("median, about", pa.string()),
        ("greatest", pa.string()),
    ]
)
_DOUBT = pa.schema([("column", pa.string()), ("what", pa.string()), ("rows", pa.int64()), ("example", pa.string())])
_ALIKE = 0.9
"""A column with so many distinct values in its rows may be a key: they are estimated first."""
_TRIED = 3


@dataclass(frozen=True, repr=False)
class Profile(Page):
    """The columns page by page, and below them what looks wrong. doubts: column, what, rows, example."""

    count: int = 0
    doubts: pa.Table = field(default_factory=lambda: _DOUBT.empty_table())


def profile(data: Answer | DataFrame, key: str | Sequence[str] | None = None) -> Profile:
    """Rows, NULLs, distinct values, ranges and suspicious values of a DataFrame, computed by Spark.

    key: the columns that should tell rows apart; if None, those that look like a key are tried. Distinct values and
    medians are estimates, all other counts are exact. Raises UserError for a column that is not there.
    """
    frame = frame_in(data, "profile(df)")
    given = [key] if isinstance(key, str) else list(key or [])
    for name in given:
        column_in(frame, name)
    fields = frame.schema.fields
    first = first_pass(frame, fields)
    rows: int = first["rows"]
    keys = [given] if given else [[name] for name in _like_keys(fields, first)]
    found = [*_constant(fields, first), *second_pass(frame, fields, first, keys)]
    table = pa.Table.from_pylist([vars(one) for one in found], _DOUBT)
    shown = whole("Profile", pa.Table.from_pylist([_told(at, one, first) for at, one in enumerate(fields)], _COLUMN))
    blocks: list[Block] = [Say(f"{rows:,} rows, {len(fields)} columns.")]
    if rows and (words := _of_keys(keys, found)):
        blocks.append(Say(words))
    blocks += [*shown.blocks, Show("What looks wrong", table, 30) if found else Say("Nothing looks wrong.")]
    return Profile(shown.title, blocks, shown.rows, shown.start, shown.table, shown.more, rows, table)


def _constant(fields: Sequence[StructField], first: Row) -> list[Found]:
    found, rows = [], first["rows"]
    for at, one in enumerate(fields):
        if rows and not first[f"filled {at}"]:
            found.append(Found(one.name, "no value at all", rows, None))
        elif (
            is_flat(one)
            and rows > 1
            and first[f"filled {at}"] == rows
            and first[f"least {at}"] == first[f"most {at}"]
        ):
            found.append(Found(one.name, "the same value in all rows", rows, first[f"least {at}"]))
    return found


def _like_keys(fields: Sequence[StructField], first: Row) -> list[str]:
    """The first columns without NULL whose values all seem to differ."""
    from pyspark.sql.types import FractionalType

    rows = first["rows"]
    alike = [
        one.name
        for at, one in enumerate(fields)
        if is_flat(one) and not isinstance(one.dataType, FractionalType)
        if rows > 1 and first[f"filled {at}"] == rows and first[f"distinct {at}"] >= _ALIKE * rows
    ]
    return alike[:_TRIED]


def _of_keys(keys: Sequence[Sequence[str]], found: Sequence[Found]) -> str:
    twice = {one.column for one in found if one.what == REPEATED}
    held = [words for names in keys if (words := ", ".join(names)) not in twice]
    if held:
        return f"No two rows have the same {', or the same '.join(held)}."
    return "" if keys else "No column alone tells the rows apart; profile(df, key=[...]) counts what stands twice."


def _told(at: int, one: StructField, first: Row) -> dict[str, Any]:
    filled = first[f"filled {at}"]
    told = {"column": one.name, "type": one.dataType.simpleString(), "NULL": first["rows"] - filled}
    if is_flat(one):
        told |= {
            "distinct, about": min(first[f"distinct {at}"], filled),
            "least": first[f"least {at}"],
            "greatest": first[f"most {at}"],
        }
    told["median, about"] = str(first[f"quartiles {at}"][1]) if is_number(one) and filled else "-"
    return told
