"""Spark's settings as plain values; nothing here imports Spark."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import psutil

from helpers.core.settings import settings
from helpers.toolchain.archives import archive_flags
from helpers.toolchain.jars import jars_folder

Profile = Literal["teaching", "throughput"]

LOG_SETTINGS = Path(__file__).with_name("log4j2.properties")

# The most memory in GB that a profile takes, and its flags.
_JVM: dict[str, tuple[int, str]] = {
    # C1 alone and the serial collector: half the time to the first result, slower on large data. Alone, C1 would get
    # 48 MB for its code: a third of a long session's processor time then went into sweeping that.
    "teaching": (2, "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m"),
    # With few cores the parallel collector takes a quarter of G1's processor time.
    "throughput": (4, "-XX:+UseParallelGC"),
}


def spark_conf(
    profile: Profile, s3_endpoint: str | None, region: str, archive: list[str] | None = None
) -> dict[str, str]:
    """Settings of a Spark session on this machine.

    profile: "teaching" starts fast, "throughput" computes fast.
    s3_endpoint: address of an S3 API; it takes the keys test/test, unless AWS_ENDPOINT_URL names a remote one and
    the environment has keys. None = AWS with its default credentials.
    region: the S3 region, not empty.
    archive: the JVM flags about a class archive; None = use the one that set-up made, if it fits.
    Raises ValueError for another profile or an empty region.
    """
    if profile not in _JVM:
        raise ValueError(f"no Spark profile {profile!r}; there are {', '.join(_JVM)}")
    if not region:
        raise ValueError("the S3 region must not be empty")
    most, flags = _JVM[profile]
    return {
        **_start(
            driver_memory(most, psutil.virtual_memory().total),
            flags,
            archive_flags("spark") if archive is None else archive,
        ),
        **_sql(),
        **_delta(),
        **_s3(s3_endpoint, region),
    }


def _start(memory: str, flags: str, archive: list[str]) -> dict[str, str]:
    values = ["-Duser.timezone=UTC", f"-Dlog4j2.configurationFile={LOG_SETTINGS.as_uri()}", *archive]
    return {
        "spark.driver.memory": memory,
        # Quoted: the project's folder may have a space in its name.
        "spark.driver.extraJavaOptions": " ".join([flags, *(f'"{value}"' for value in values)]).strip(),
        # Jars from our lock, never from Ivy: no hashes there, and seconds lost per session.
        "spark.driver.extraClassPath": str(jars_folder("spark") / "*"),
        "spark.ui.showConsoleProgress": "false",
    }


def _sql() -> dict[str, str]:
    return {
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": (settings().work / "spark-warehouse").as_uri(),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        # 200, the default, costs eight times the CPU per micro-batch on a small machine.
        "spark.sql.shuffle.partitions": str(max(2, cores())),
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "2",
        # What we cache is read two or three times: compressing it costs more than it saves.
        "spark.sql.inMemoryColumnarStorage.compressed": "false",
        # SPARK-58241: in 4.2.0 a Python function right above a scan of Parquet waits for ever, and blocks the server.
        "spark.sql.execution.arrow.pythonUDF.columnarInput.enabled": "false",
        # Plans are read by people and by tests: do not cut their details.
        "spark.sql.debug.maxToStringFields": "1000",
        "spark.sql.maxMetadataStringLength": "10000",
    }


def _delta() -> dict[str, str]:
    return {
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.databricks.delta.snapshotPartitions": "1",
        "spark.databricks.delta.vacuum.parallelDelete.enabled": "false",
    }


def _s3(endpoint: str | None, region: str) -> dict[str, str]:
    values = {"endpoint.region": region}
    if endpoint is not None:
        values |= {
            "endpoint": endpoint,
            "path.style.access": "true",
            "connection.ssl.enabled": str(endpoint.startswith("https:")).lower(),
        }
    # Keys of the environment Spark takes itself, a session's token too, and tells its executors.
    if endpoint is not None and not settings().own_s3_keys:
        values |= {
            "aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
            "access.key": "test",
            "secret.key": "test",
        }
    return {f"spark.hadoop.fs.s3a.{name}": value for name, value in values.items()}


def driver_memory(most: int, total: int) -> str:
    """The driver's heap as Spark writes it: a quarter of the machine's `total` bytes, from 1 GB to `most` GB."""
    return f"{min(most, max(1, total // 4 // 2**30))}g"


def cores() -> int:
    """The processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
