"""The lines of files below a prefix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from helpers import services
from helpers.core.settings import settings
from helpers.pipeline.layers import bronze
from helpers.pipeline.prototype.place import Place
from helpers.pipeline.prototype.sources.source import Take, query
from helpers.pipeline.stores import Stores
from helpers.pipeline.streams import drain, files
from helpers.services.buckets import ensure_bucket


@dataclass(frozen=True)
class S3:
    """Files of JSON lines, `*.jsonl`, below a prefix of a bucket; "" = the pipeline's own in the landing bucket.

    A file is read whole, and by its name once: what is written to it later is not seen.
    """

    kind: ClassVar[str] = "s3"
    service: ClassVar[str] = "s3"
    bucket: str = ""
    prefix: str = ""

    def ready(self, place: Place) -> None:
        """Make the pipeline's own prefix: Spark refuses a folder that is not there."""
        if self.bucket or self.prefix:
            return
        s3 = services.aws("s3")
        ensure_bucket(s3, self._bucket)
        s3.put_object(Bucket=self._bucket, Key=f"{self._prefix(place)}/")

    def fill(self, place: Place, bodies: list[bytes]) -> None:
        """Put the events as one file, unless a file is there."""
        if self.bucket or self.prefix:
            return
        s3, prefix = services.aws("s3"), self._prefix(place)
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=f"{prefix}/")
        if not any(one["Key"].endswith(".jsonl") for page in pages for one in page.get("Contents", [])):
            body = b"".join(body + b"\n" for body in bodies)
            s3.put_object(Bucket=self._bucket, Key=f"{prefix}/sample.jsonl", Body=body)

    def read(self, spark: SparkSession, stores: Stores, place: Place, take: Take) -> None:
        """The lines of the files that were not read yet."""
        prefix = self._prefix(place)
        found = bronze.weather_to_bronze(files(spark, self._bucket, prefix, "*.jsonl"), self._bucket)
        rows = bronze.lines(found).select(
            F.lit(self.kind).alias("source"),
            F.format_string("%s#%06d", "path", F.col("number") + 1).alias("place"),
            "arrival_time",
            "raw",
        )
        drain(rows, query(place, f"{self._bucket}/{prefix}"), stores.lake, lambda batch: take(batch.frame))

    @property
    def _bucket(self) -> str:
        return self.bucket or settings().landing_bucket

    def _prefix(self, place: Place) -> str:
        return self.prefix.strip("/") or place.prefix
