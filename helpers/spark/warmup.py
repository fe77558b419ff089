"""A small session that does once what sessions do here, so that a class archive can be made of it.

`python -m helpers.spark.warmup ARCHIVE`; run by `gridbridge setup`, which gives it a work folder of its own.
"""

from __future__ import annotations

import secrets
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.core.settings import settings
from helpers.spark.session import Endpoints, session
from helpers.toolchain.archives import recording_flags
from helpers.toolchain.sparkconf import spark_conf

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_NOWHERE = "127.0.0.1:1"  # nothing answers there: the connectors' classes are loaded, and soon give up
_DUMP = 300  # seconds to end in, the archive's writing included

_ROWS = """
SELECT id, id % 7 AS k, CAST(id AS DECIMAL(18, 6)) AS v, concat('{"a": ', id, '}') AS j, '2022-01' AS m,
       TIMESTAMP '2022-01-01 00:00:00' + make_interval(0, 0, 0, 0, 0, id) AS t
FROM range(1000)"""
_CLIENT = """
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.remote(sys.argv[1]).getOrCreate()
spark.sql("SELECT id % 7 AS k, count(*) AS n FROM range(1000) GROUP BY 1 ORDER BY 1").toPandas()
"""


def main(archive: str) -> None:
    """Run the session's work, end its JVM and wait until the archive is written."""
    port, token = _free_port(), secrets.token_hex(16)
    where = Endpoints(f"http://{_NOWHERE}")
    recorded = spark_conf("teaching", where.s3_endpoint, where.region, recording_flags(archive))
    spark = session(
        "teaching",
        where,
        conf={
            **recorded,
            "spark.hadoop.fs.s3a.attempts.maximum": "1",
            "spark.hadoop.fs.s3a.retry.limit": "0",
            # The Connect server in the same JVM: its classes belong to the archive too.
            "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": str(port),
            "spark.connect.authenticate.token": token,
        },
    )
    _batch(spark, settings().work)
    _stream(spark, settings().work)
    _connectors(spark)
    remote = f"sc://localhost:{port}/;token={token}"
    subprocess.run([sys.executable, "-c", _CLIENT, remote], capture_output=True, timeout=120, check=True)
    _end(spark)


def _batch(spark: SparkSession, folder: Path) -> None:
    table = f"delta.`{folder / 'rows'}`"
    spark.sql(_ROWS).write.format("delta").partitionBy("m").save(str(folder / "rows"))
    spark.sql(f"MERGE INTO {table} t USING (SELECT 5L AS id) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET k = 1")
    windows = "window(t, '15 minutes') AS w, sum(v) OVER (PARTITION BY k ORDER BY t) AS r"
    spark.sql(f"SELECT {windows}, from_json(j, 'a INT') AS x FROM {table}").collect()
    spark.sql(f"SELECT k, count(*) AS n, sum(v) AS v FROM {table} GROUP BY k ORDER BY k").toPandas()


def _stream(spark: SparkSession, folder: Path) -> None:
    def append(rows: DataFrame, batch: int) -> None:
        options = {"txnAppId": "warm-up", "txnVersion": str(batch)}
        rows.write.format("delta").mode("append").options(**options).save(str(folder / "copy"))

    rows = spark.readStream.format("delta").load(str(folder / "rows"))
    stream = rows.writeStream.foreachBatch(append).option("checkpointLocation", str(folder / "checkpoint"))
    stream.trigger(availableNow=True).start().awaitTermination()


def _connectors(spark: SparkSession) -> None:
    impatient = {"kafka.request.timeout.ms": "1000", "kafka.default.api.timeout.ms": "1500"}
    kafka = spark.read.format("kafka").option("kafka.bootstrap.servers", _NOWHERE).option("subscribe", "none")
    for source in (
        lambda: kafka.options(**impatient, **{"fetchOffset.numRetries": "1"}).load().count(),
        lambda: spark.read.parquet("s3a://none/rows").count(),
        lambda: spark.read.jdbc(f"jdbc:postgresql://{_NOWHERE}/none", "none"),
    ):
        # Each fails as it must; by then its classes are loaded.
        with suppress(Exception):
            source()


def _end(spark: SparkSession) -> None:
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    assert gateway is not None, "a classic session has a gateway"
    spark.stop()
    gateway.shutdown()
    # Spark's gateway ends itself when this pipe closes.
    gateway.proc.stdin.close()
    gateway.proc.wait(timeout=_DUMP)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main(sys.argv[1])
