"""Where a pipeline's rows come from: a topic, files below a prefix, a table; each as rows of `contract.ROWS`.

Each remembers in the lake how far it has read, so that a row is handed over once, and again only where the run that
took it was killed before it had written it: what takes rows must not mind that.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import orjson
import psycopg
from psycopg import sql
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from helpers import services
from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.peak.sender import Sender
from helpers.peak.topics import extent, make_topics, present, read_back
from helpers.pipeline.layers import bronze
from helpers.pipeline.prototype.place import Place
from helpers.pipeline.stores import Stores
from helpers.pipeline.streams import drain, files, records
from helpers.pipeline.tables import Lake
from helpers.services.buckets import ensure_bucket

Take = Callable[[DataFrame], None]
"""Takes a batch of rows."""
_COLUMNS = "event_id, sensor, quantity, event_time, sent_at, value, unit"


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


@dataclass(frozen=True)
class Kafka:
    """A topic; "" = the pipeline's own, `pipeline.NAME.in`."""

    kind: ClassVar[str] = "kafka"
    service: ClassVar[str] = "kafka"
    topic: str = ""

    def ready(self, place: Place) -> None:
        """Make the pipeline's own topic. Raises UserError where one that is named is not there."""
        config, topic = services.endpoints().kafka_client_config, self._topic(place)
        if not self.topic:
            make_topics(config, [topic])
        elif topic not in present(config, [topic]):
            raise UserError(
                f"There is no topic {topic!r} to read.", "topics() in the playground lists those there are"
            )

    def fill(self, place: Place, bodies: list[bytes]) -> None:
        """Send the events to partition 0, unless something else is there; a half sent sample is completed."""
        config, topic = services.endpoints().kafka_client_config, self._topic(place)
        ends = extent(config, present(config, [topic]))
        low, high = ends.pop((topic, 0))
        there = [body for _, _, body in read_back(config, topic, 0, [(low, high)])]
        if self.topic or there != bodies[: len(there)] or any(end > begin for begin, end in ends.values()):
            return
        sender = Sender(config)
        for number, body in enumerate(bodies[len(there) :]):
            sender.send(number, topic, 0, place.name.encode(), body)
        sender.flush()

    def read(self, spark: SparkSession, stores: Stores, place: Place, take: Take) -> None:
        """The records from the offset that was not read yet."""
        topic = self._topic(place)
        rows = records(spark, stores.kafka_source(), [topic]).select(
            F.lit(self.kind).alias("source"),
            F.format_string("%s/%d/%012d", "topic", "partition", "offset").alias("place"),
            F.col("timestamp").alias("arrival_time"),
            F.col("value").alias("raw"),
        )
        drain(rows, _query(place, topic), stores.lake, lambda batch: take(batch.frame))

    def _topic(self, place: Place) -> str:
        return self.topic or place.topic("in")


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
        drain(rows, _query(place, f"{self._bucket}/{prefix}"), stores.lake, lambda batch: take(batch.frame))

    @property
    def _bucket(self) -> str:
        return self.bucket or settings().landing_bucket

    def _prefix(self, place: Place) -> str:
        return self.prefix.strip("/") or place.prefix


@dataclass(frozen=True)
class Postgres:
    """A table to which rows are only ever added; "" = the pipeline's own, `pipeline_NAME.source`.

    key: a column of whole numbers that grow; arrived: the time of a row's coming. A row that is committed after one
    with a higher key was read is never seen, nor is a later change of a row: for those read the whole table.
    """

    kind: ClassVar[str] = "postgres"
    service: ClassVar[str] = "postgres"
    table: str = ""
    key: str = "row_id"
    arrived: str = "recorded_at"

    def ready(self, place: Place) -> None:
        """Make the pipeline's own table; one that is named must be there."""
        if self.table:
            return
        with psycopg.connect(services.endpoints().postgres_dsn, connect_timeout=10) as connection:
            connection.execute("SET LOCAL client_min_messages = warning")
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(place.schema)))
            connection.execute(
                sql.SQL(
                    "CREATE TABLE IF NOT EXISTS {} (row_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,"
                    " event_id text, sensor text, quantity text, event_time timestamptz, sent_at timestamptz,"
                    " value double precision, unit text, recorded_at timestamptz NOT NULL DEFAULT now())"
                ).format(self._table(place))
            )

    def fill(self, place: Place, bodies: list[bytes]) -> None:
        """Insert the events, unless rows are there."""
        if self.table:
            return
        told = [orjson.loads(body) for body in bodies]
        names = _COLUMNS.split(", ")
        values = sql.SQL(", ").join(sql.Placeholder() * len(names))
        with psycopg.connect(services.endpoints().postgres_dsn, connect_timeout=10) as connection:
            table = self._table(place)
            connection.execute(sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(table))
            if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(table)).fetchone():
                return
            insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table, sql.SQL(_COLUMNS), values)
            connection.cursor().executemany(insert, [[one.get(name) for name in names] for one in told])

    def read(self, spark: SparkSession, stores: Stores, place: Place, take: Take) -> None:
        """The rows with a higher key than was read before; a row's raw bytes are its JSON."""
        mark = _Mark(place, self._name(place))
        table, key, arrived = self._table(place), sql.Identifier(self.key), sql.Identifier(self.arrived)
        dsn = services.endpoints().postgres_dsn
        after = mark.get()
        with psycopg.connect(dsn, connect_timeout=10) as connection:
            highest = sql.SQL("SELECT max({}) FROM {} WHERE {} > {}").format(key, table, key, sql.Literal(after))
            (until,) = connection.execute(highest).fetchone() or (None,)
            query = sql.SQL(
                "(SELECT {key} AS key, {arrived} AS arrival_time, row_to_json(t)::text AS raw FROM {table} t"
                " WHERE {key} > {after} AND {key} <= {until}) AS rows"
            ).format(key=key, arrived=arrived, table=table, after=sql.Literal(after), until=sql.Literal(until))
            text = query.as_string(connection)
        if until is None:
            return
        where = services.endpoints()
        found = spark.read.jdbc(where.jdbc_url, text, properties=where.jdbc_properties)
        take(
            found.select(
                F.lit(self.kind).alias("source"),
                F.format_string("%s/%012d", F.lit(self._name(place)), "key").alias("place"),
                F.col("arrival_time").cast("timestamp"),
                F.col("raw").cast("binary"),
            )
        )
        mark.put(int(until))

    def _name(self, place: Place) -> str:
        return self.table or f"{place.schema}.source"

    def _table(self, place: Place) -> sql.Identifier:
        return sql.Identifier(*self._name(place).split("."))


@dataclass(frozen=True)
class _Mark:
    """How far a table was read: an object beside the streams' checkpoints, which lives and dies with the lake."""

    place: Place
    table: str

    @property
    def _object(self) -> dict[str, Any]:
        key = f"{Lake.checkpoint_prefix(_query(self.place, self.table))}/mark.json"
        return {"Bucket": settings().lake_bucket, "Key": key}

    def get(self) -> int:
        s3 = services.aws("s3")
        try:
            return int(json.loads(s3.get_object(**self._object)["Body"].read())["until"])
        except s3.exceptions.NoSuchKey:
            return -1

    def put(self, until: int) -> None:
        services.aws("s3").put_object(**self._object, Body=json.dumps({"until": until}).encode())


def _query(place: Place, what: str) -> str:
    """What a source's checkpoint is called: another topic, prefix or table begins anew."""
    return f"{place.prefix}/{what.replace('/', '.')}"
