"""Where a run's brokers, buckets and databases are, as the options that Spark, deltalake and DuckDB take."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pyarrow as pa
from confluent_kafka import Consumer, TopicPartition
from pyspark.sql import DataFrame, SparkSession

from helpers import services
from helpers.core.settings import settings
from helpers.pipeline.tables import Lake
from helpers.services.asking import asked
from helpers.services.buckets import ensure_bucket

ASSIGNMENTS = (
    "SELECT m.source, m.channel, m.asset_id, a.site_id, m.quantity, m.interval_seconds, m.feeds_gold, m.valid_from,"
    " m.valid_to FROM peak.meter_assignments m JOIN (SELECT DISTINCT asset_id, site_id FROM peak.assets) a"
    " ON a.asset_id = m.asset_id"
)
DIMENSIONS: dict[str, str] = {
    "assignments": ASSIGNMENTS,
    "assets": "SELECT asset_id, site_id, rated_kw, valid_from, valid_to FROM peak.assets",
    "tariffs": "SELECT site_id, price_per_kwh, currency, valid_from, valid_to FROM peak.tariffs",
    "sites": "SELECT site_id, time_zone FROM peak.sites",
}
"""What the layers need of PEAK's relational system: name → SQL."""


@dataclass(frozen=True)
class Stores:
    """The addresses of one run, read when they are asked for: a service may come back on another port."""

    @property
    def topics(self) -> list[str]:
        """The topics that the pipeline reads."""
        return [f"{settings().topic_prefix}.{name}" for name in ("scada", "iot")]

    @property
    def lake(self) -> Lake:
        """The lake's tables."""
        where = services.endpoints()
        storage = {"AWS_REGION": where.region, "aws_conditional_put": "etag"}
        if where.s3_endpoint is not None:
            keys = services.aws("s3")._request_signer._credentials
            storage |= {
                "AWS_ENDPOINT_URL": where.s3_endpoint,
                "AWS_ALLOW_HTTP": "true",
                "AWS_ACCESS_KEY_ID": keys.access_key,
                "AWS_SECRET_ACCESS_KEY": keys.secret_key,
                **({"AWS_SESSION_TOKEN": keys.token} if keys.token else {}),
            }
        return Lake(settings().lake_bucket, storage)

    def kafka_source(self) -> dict[str, str]:
        """Options of Spark's Kafka source, security included."""
        client = services.endpoints().kafka_client_config
        options = {"kafka.bootstrap.servers": str(client["bootstrap.servers"])}
        for name in ("security.protocol", "sasl.mechanism"):
            if name in client:
                options[f"kafka.{name}"] = str(client[name])
        if "sasl.username" in client:
            login = "org.apache.kafka.common.security.plain.PlainLoginModule"
            if str(client.get("sasl.mechanism", "")).startswith("SCRAM"):
                login = "org.apache.kafka.common.security.scram.ScramLoginModule"
            user, password = json.dumps(client["sasl.username"]), json.dumps(client.get("sasl.password", ""))
            options["kafka.sasl.jaas.config"] = f"{login} required username={user} password={password};"
        return options

    def make_buckets(self) -> list[str]:
        """Make the lake's and the landing bucket where they are missing; returns those that were made.

        Raises ServiceError.
        """
        s3 = services.aws("s3")
        buckets = (settings().lake_bucket, settings().landing_bucket)
        made = [bucket for bucket in buckets if ensure_bucket(s3, bucket)]
        # Spark's file source refuses a folder that is not there, and a run may have no weather recording.
        note = "The weather partner drops <station>/<YYYY-MM>.csv here; a file's name is read once.\n"
        with asked(f"take a file in the bucket {settings().landing_bucket}"):
            s3.put_object(Bucket=settings().landing_bucket, Key="weather/README.txt", Body=note.encode())
        return made

    def dimensions(self, spark: SparkSession) -> dict[str, DataFrame]:
        """PEAK's assets, assignments and tariffs by JDBC, read once and kept for the run."""
        where = services.endpoints()
        return {
            name: spark.read.jdbc(where.jdbc_url, f"({query}) AS {name}", properties=where.jdbc_properties).cache()
            for name, query in DIMENSIONS.items()
            if name != "sites"
        }

    def zones(self) -> dict[str, str]:
        """site_id → IANA time zone of each of PEAK's sites."""
        sites = self.dimension_tables()["sites"]
        return dict(zip(sites["site_id"].to_pylist(), sites["time_zone"].to_pylist(), strict=True))

    def dimension_tables(self) -> dict[str, pa.Table]:
        """The same tables without Spark, as Arrow (times in UTC)."""
        import psycopg

        found = {}
        with psycopg.connect(services.endpoints().postgres_dsn, connect_timeout=10) as connection:
            connection.execute("SET TIME ZONE 'UTC'")
            for name, query in DIMENSIONS.items():
                cursor = connection.execute(query.encode())
                columns = [column.name for column in cursor.description or ()]
                rows = cursor.fetchall()
                found[name] = pa.table(
                    {c: [row[i] for row in rows] for i, c in enumerate(columns)}, schema=_SCHEMAS[name]
                )
        return found

    def lag(self) -> int:
        """Records in the topics that bronze has not read: end offsets less those in the query's checkpoint.

        Spark commits no consumer group, so the checkpoint is the one place that tells.
        """
        config = {
            **services.endpoints().kafka_client_config,
            "group.id": "gridbridge.lag",
            "enable.auto.commit": False,
        }
        read = self._checkpoint()
        consumer = Consumer(config)
        try:
            behind = 0
            for topic, found in consumer.list_topics(timeout=20).topics.items():
                if topic in self.topics:
                    for number in found.partitions:
                        low, high = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=20)
                        behind += high - max(low, read.get(topic, {}).get(str(number), 0))
            return behind
        finally:
            consumer.close()

    def _checkpoint(self) -> dict[str, dict[str, int]]:
        """topic → partition → the next offset to read, by the newest batch that was committed."""
        s3, bucket = services.aws("s3"), settings().lake_bucket
        prefix = Lake.checkpoint_prefix("bronze_messages")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/commits/")
        names = [item["Key"].rsplit("/", 1)[-1] for page in pages for item in page.get("Contents", [])]
        numbers = [int(name) for name in names if name.isdigit()]
        if not numbers:
            return {}
        body = s3.get_object(Bucket=bucket, Key=f"{prefix}/offsets/{max(numbers)}")["Body"].read().decode()
        offsets: dict[str, dict[str, int]] = json.loads(body.splitlines()[-1])
        return offsets


_TIME = pa.timestamp("us", tz="UTC")
_SCHEMAS: dict[str, pa.Schema] = {
    "assignments": pa.schema(
        {
            **dict.fromkeys(("source", "channel", "asset_id", "site_id", "quantity"), pa.string()),
            "interval_seconds": pa.int32(),
            "feeds_gold": pa.string(),
            "valid_from": _TIME,
            "valid_to": _TIME,
        }
    ),
    "assets": pa.schema(
        {
            "asset_id": pa.string(),
            "site_id": pa.string(),
            "rated_kw": pa.decimal128(12, 3),
            "valid_from": _TIME,
            "valid_to": _TIME,
        }
    ),
    "tariffs": pa.schema(
        {
            "site_id": pa.string(),
            "price_per_kwh": pa.decimal128(12, 6),
            "currency": pa.string(),
            "valid_from": _TIME,
            "valid_to": _TIME,
        }
    ),
    "sites": pa.schema({"site_id": pa.string(), "time_zone": pa.string()}),
}
