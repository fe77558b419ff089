"""Rows of a DataFrame page by page, with the DataFrame at hand for going on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from helpers.core.errors import UserError
from helpers.desk.playground.naming import known
from helpers.desk.playground.paged import Page, Rows, page

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True, repr=False)
class Answer(Page):
    """A page of what Spark answers; `.frame` is the DataFrame, for going on with."""

    frame: DataFrame | None = None


def answer(title: str, frame: DataFrame, *says: str) -> Answer:
    """The first page of a DataFrame: nothing but the page is computed where the query allows it."""
    shown = page(title, Rows(lambda start, count: _read(frame, start, count), says=says))
    return Answer(shown.title, shown.blocks, shown.rows, shown.start, shown.table, shown.more, frame)


def frame_in(given: Answer | DataFrame, call: str) -> DataFrame:
    """The DataFrame that was given, or the one of a card. call: how it is given. Raises UserError for others."""
    frame = given.frame if isinstance(given, Answer) else given
    # By its methods: a DataFrame of Spark Connect is of another class than one of a classic session.
    if frame is None or not hasattr(frame, "toArrow") or not hasattr(frame, "sparkSession"):
        raise UserError(f"A DataFrame of Spark is wanted, this is a {type(given).__name__}.", call)
    return frame


def column_in(frame: DataFrame, name: str) -> str:
    """The column's name, if the DataFrame has it. Raises UserError with the near ones."""
    return known("column", name, frame.columns, "df.columns lists them")


def _read(frame: DataFrame, start: int, count: int) -> pa.Table:
    return (frame.offset(start) if start else frame).limit(count).toArrow()
