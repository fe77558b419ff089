"""A DataFrame written to the lake as a Delta table of one's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deltalake.exceptions import TableNotFoundError

from helpers import services
from helpers.core.errors import UserError
from helpers.desk.playground.naming import writable
from helpers.desk.playground.paged import Page
from helpers.desk.playground.spark_rows import Answer, frame_in
from helpers.desk.playground.versions import delta
from helpers.pipeline.stores import Stores
from helpers.services.buckets import ensure_bucket

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

FOLDER = "own"
"""Where such tables lie in the lake's bucket: never among the pipeline's, which has a writer of its own."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")
_REFUSED = re.compile(r"[ ,;{}()\n\t=]+")
"""What Delta takes in no column's name."""


def to_lake(data: Answer | DataFrame, name: str, replace: bool = False) -> Page:
    """Writes a DataFrame as the Delta table `own/NAME` of the lake, and shows its rows.

    replace: a table of this name gets a new version, with other columns if need be. Raises UserError where there is
    one and it is not to be replaced, for a name that does not do, and where the desk is read-only.
    """
    frame = frame_in(data, 'to_lake(df, "name")')
    writable("write to the lake")
    short = name.removeprefix(f"{FOLDER}/")
    if not _NAME.fullmatch(short):
        raise UserError(f"{name!r} is no name of a table.", 'Small letters, digits, _ and -: to_lake(df, "meters")')
    _columns(frame)
    lake, place = Stores().lake, f"{FOLDER}/{short}"
    ensure_bucket(services.aws("s3"), lake.bucket)
    if not replace and _there(place):
        raise UserError(f"The lake has a table {place}.", f'to_lake(df, "{short}", replace=True), or another name')
    writer = frame.write.format("delta").mode("overwrite" if replace else "error")
    writer.option("overwriteSchema", "true").save(lake.path(place))
    return delta(place)


def _there(place: str) -> bool:
    try:
        Stores().lake.open(place)
    except TableNotFoundError:
        return False
    return True


def _columns(frame: DataFrame) -> None:
    """Raises UserError where Delta does not take the columns' names."""
    renamed = {one: _REFUSED.sub("_", one).strip("_") for one in frame.columns if _REFUSED.search(one)}
    if renamed:
        raise UserError(
            f"Delta takes no blanks, commas, semicolons, brackets or = in a column's name: {', '.join(renamed)}.",
            f"df.withColumnsRenamed({renamed})",
        )
