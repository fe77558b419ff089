"""The settings of the session while an answer is judged, and as they were afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from helpers.spark.conf import all_settings, change, settings_for

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_CLASSROOM = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
}


@contextmanager
def classroom(spark: SparkSession) -> Iterator[Callable[[], str]]:
    """In this block the session has the settings that answers are judged by, whatever it had before and has again.

    It gives a function that undoes what somebody else set since, and tells its name; "" where nothing was set.
    """
    with settings_for(spark, _CLASSROOM) as within:
        yield lambda: ", ".join(change(spark, within, all_settings(spark)))
