"""The classroom's tables at their full size: all readings of power, in files, for exercises that are about cost."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.exercises.classroom import TO_KW, kilowatts, schema, usual
from helpers.peak.recordings import catalogue, read
from helpers.spark.conf import settings_for
from helpers.spark.frames import frames

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_VERSION = "2"
_FILES = 4


def full_frames(spark: SparkSession, names: Sequence[str]) -> dict[str, DataFrame]:
    """The tables as DataFrames, in the classroom's columns: `readings` from files, the others from memory.

    readings: a hundred thousand, partitioned by site_id. The files are made once, under `work/`.
    Raises UserError where Spark runs elsewhere, and could not read them.
    """
    found = frames(spark, {name: usual()[name] for name in names if name != "readings"})
    if "readings" in names:
        wanted = schema("readings").names
        # No two are alike for Spark: what an earlier answer cached must not stand in for these files.
        reader = spark.read.option("basePath", str(readings_folder())).option("one", uuid.uuid4().hex)
        files = reader.parquet(f"{readings_folder()}/*")
        found["readings"] = files.select(*wanted)
    return found


def full_size(spark: SparkSession) -> AbstractContextManager[object]:
    """In this block Spark broadcasts what is small beside the readings (256 kB), as it does where they are large."""
    return settings_for(spark, {"spark.sql.autoBroadcastJoinThreshold": str(256 * 1024)})


def readings_folder() -> Path:
    """The folder of the readings' files, made if it is not there: `site_id=.../part-0.parquet`, four a site."""
    if settings().spark_remote:
        raise UserError(
            "The readings' files are on this machine, and Spark (SPARK_REMOTE) runs elsewhere.",
            "Unset SPARK_REMOTE, then check again.",
        )
    folder = settings().work / "classroom" / f"readings-{_VERSION}"
    if not folder.exists():
        part = folder.with_name(f"{folder.name}.{uuid.uuid4().hex[:8]}.part")
        try:
            _write(part)
            part.rename(folder)
        except OSError:
            if not folder.exists():  # else another process was quicker
                raise
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return folder


def _write(folder: Path) -> None:
    columns = schema("readings").remove(schema("readings").get_field_index("site_id"))
    for site, rows in _power().groupby("site_id", sort=True):
        place = folder / f"site_id={site}"
        place.mkdir(parents=True)
        ordered = rows.sort_values(["event_time", "channel"]).drop(columns="site_id")
        size = -(-len(ordered) // _FILES)
        for at in range(_FILES):
            part = ordered.iloc[at * size : (at + 1) * size]
            pq.write_table(
                pa.Table.from_pandas(part, schema=columns, preserve_index=False), place / f"part-{at}.parquet"
            )


def _power() -> pd.DataFrame:
    """Every reading of active power of the recordings, as in the classroom: site_id, channel, event_time, kw."""
    parts = []
    for recording in catalogue():
        units = {one.name: one.unit for one in recording.channels if one.unit in TO_KW}
        long = read(recording)
        long = long[long["channel"].isin(units) & long["value"].notna()]
        kw = [kilowatts(value, units[name]) for name, value in zip(long["channel"], long["value"], strict=True)]
        parts.append(
            pd.DataFrame(
                {
                    "site_id": recording.site,
                    # Two recordings of one site may name a channel alike.
                    "channel": recording.source + "." + long["channel"].astype(str),
                    "event_time": long["event_time"],
                    "kw": kw,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
