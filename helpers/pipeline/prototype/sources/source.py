"""What a source is, and the name under which it remembers how far it has read."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol

from pyspark.sql import DataFrame, SparkSession

from helpers.pipeline.prototype.place import Place
from helpers.pipeline.stores import Stores

Take = Callable[[DataFrame], None]
"""Takes a batch of rows."""


class Source(Protocol):
    """One source. kind: as `sample.sample` knows it; service: what must be up."""

    kind: ClassVar[str]
    service: ClassVar[str]

    def ready(self, place: Place) -> None:
        """Make what is missing: a topic, a prefix, a table."""

    def fill(self, place: Place, bodies: list[bytes]) -> None:
        """Put these events there, where it is the pipeline's own and empty; a repetition adds nothing."""

    def read(self, spark: SparkSession, stores: Stores, place: Place, take: Take) -> None:
        """Hand the rows that are new to `take`, in batches."""


def query(place: Place, what: str) -> str:
    """What a source's checkpoint is called: another topic, prefix or table begins anew."""
    return f"{place.prefix}/{what.replace('/', '.')}"
