"""The settings of the session while an answer is judged."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from helpers.spark.conf import settings_for

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_CLASSROOM = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
}


def classroom(spark: SparkSession) -> AbstractContextManager[object]:
    """In this block the session has the settings that answers are judged by, whatever it had before and has again."""
    return settings_for(spark, _CLASSROOM)
