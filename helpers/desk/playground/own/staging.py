"""The way of own data into Spark: by a file where Spark shares this machine's disk, else sent to it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.desk.playground.guard import guarded

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_SENT = 256 * 1024 * 1024
"""Bytes of the largest table that is sent to a Spark that runs elsewhere."""


def new_folder() -> Path:
    """A folder of its own for one set of data, which goes with this kernel."""
    return Path(tempfile.mkdtemp(dir=_kernel_folder()))


def frame_of(parquet: Path) -> DataFrame:
    """A Parquet file of this machine, or a folder of them, as a DataFrame. Raises UserError where it is too large."""
    spark = guarded()
    if _shares_disk():
        return spark.read.parquet(str(parquet.resolve()))
    size = sum(one.stat().st_size for one in ([parquet] if parquet.is_file() else parquet.rglob("*.parquet")))
    if size > _SENT:
        raise UserError(
            f"Spark runs elsewhere, and {size:,} bytes of Parquet are too many to be sent to it.",
            'Put the file into a bucket that Spark reads: bucket("name").upload(file)',
        )
    return spark.createDataFrame(pq.read_table(parquet))


def _shares_disk() -> bool:
    master = settings().spark_master
    return not settings().spark_remote and (master is None or master.startswith("local"))


@cache
def _kernel_folder() -> Path:
    own = settings().work / "own"
    own.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(dir=own)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
