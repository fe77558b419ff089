"""One Spark session for this process: local, on a cluster, or over Spark Connect."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.core.errors import SetupError, UserError
from helpers.core.settings import pin_environment, settings, unpin_environment
from helpers.toolchain.jars import ensure_jars, jars_folder
from helpers.toolchain.java import java
from helpers.toolchain.sparkconf import Profile, spark_conf

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_LOG = logging.getLogger(__name__)

# What a server fixes at its start and the pipeline cannot do without.
_STATIC = ("spark.sql.extensions", "spark.sql.catalog.spark_catalog", "spark.hadoop.fs.s3a.endpoint")
# Of ours, what a running server lets a client set for its own session.
_RUNTIME = (
    "spark.sql.session.timeZone",
    "spark.sql.ansi.enabled",
    "spark.sql.shuffle.partitions",
    "spark.sql.sources.parallelPartitionDiscovery.parallelism",
    "spark.sql.execution.arrow.pythonUDF.columnarInput.enabled",
    "spark.sql.debug.maxToStringFields",
    "spark.sql.maxMetadataStringLength",
    "spark.databricks.delta.snapshotPartitions",
    "spark.databricks.delta.vacuum.parallelDelete.enabled",
)
_LOCALHOST = ("localhost", "127.0.0.1")

_current: SparkSession | None = None


@dataclass(frozen=True)
class Endpoints:
    """Addresses a session needs, as plain values.

    s3_endpoint: None = AWS. connect_url: `sc://localhost:PORT/;token=...` of a Spark Connect server, or None.
    """

    s3_endpoint: str | None = None
    region: str = "us-east-1"
    connect_url: str | None = None


def session(
    profile: Profile = "throughput",
    endpoints: Endpoints | None = None,
    app: str = "gridbridge",
    conf: Mapping[str, str] | None = None,
) -> SparkSession:
    """The Spark session of this process, started if there is none.

    Where it runs: SPARK_REMOTE, else SPARK_MASTER, else `endpoints.connect_url` for the profile "teaching" (the
    profile "throughput" is a session of one's own), else this machine's cores.
    conf: settings that win over the profile's. A session that is already up keeps its start-time settings
    (call `stop` first to change them). A remote server is not reconfigured: what differs there is logged,
    see `differences`. This process's clock zone becomes UTC.
    Raises SetupError for Java, jars, SPARK_HOME or a session that does not start, UserError for a bad
    profile.
    """
    global _current
    where = endpoints or _from_settings()
    try:
        wanted = {**spark_conf(profile, where.s3_endpoint, where.region), **(conf or {})}
    except ValueError as error:
        raise UserError(f"Spark cannot be set up: {error}.") from error
    pin_clock()
    shared = where.connect_url if profile == "teaching" and not settings().spark_master else None
    remote = settings().spark_remote or shared
    _current = _connect(remote, wanted) if remote else _classic(app, wanted)
    _keep_lines()
    return _current


def stop() -> None:
    """Stop this process's session and its JVM, so that the next one may have another profile."""
    global _current
    if _current is None:
        return
    ours, _current = _current, None
    ours.stop()
    from pyspark import SparkContext

    gateway, SparkContext._gateway, SparkContext._jvm = SparkContext._gateway, None, None
    if gateway is None:
        return
    process: subprocess.Popen[bytes] = gateway.proc
    gateway.shutdown()
    if process.stdin is not None:
        # Spark's gateway ends itself when this pipe closes.
        process.stdin.close()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=20)


def differences(spark: SparkSession, wanted: Mapping[str, str]) -> list[str]:
    """Start-time settings of a server that are not as wanted, one sentence each; empty = none."""
    found = []
    for name in _STATIC:
        if name in wanted:
            value = spark.conf.get(name, "")
            if wanted[name] not in (value or "").split(","):
                found.append(f"{name} is {value or 'not set'} on the server, wanted is {wanted[name]}")
    return found


def _keep_lines() -> None:
    """Errors go on telling the line of Python code that they come from.

    PySpark decides once whether it keeps these lines: never again, if the first column was made before any session.
    """
    from pyspark.errors import utils

    utils._enable_debugging_cache = None


def pin_clock() -> None:
    """Make UTC this process's zone, which `collect` converts with (`toPandas` uses the session's)."""
    pin_environment({"TZ": "UTC"})
    if hasattr(time, "tzset"):
        time.tzset()


def _from_settings() -> Endpoints:
    url = settings().aws_endpoint_url
    return Endpoints(None if url == "aws" else url, settings().aws_region)


def _connect(url: str, wanted: Mapping[str, str]) -> SparkSession:
    # With 127.0.0.1 and a token the client speaks TLS to a server that does not, and hangs for minutes.
    url = url.replace("sc://127.0.0.1", "sc://localhost", 1)
    _find_spark()
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    runtime = {name: wanted[name] for name in _RUNTIME if name in wanted}
    try:
        _forget_stopped()
        spark = SparkSession.builder.remote(url).getOrCreate()
        try:
            _set(spark, runtime)
        except PySparkException:
            if not getattr(spark, "is_stopped", False):
                raise
            # A session of an earlier server at this address, which only finds out now that it is no more.
            _forget_stopped()
            spark = SparkSession.builder.remote(url).getOrCreate()
            _set(spark, runtime)
    except PySparkException as error:
        raise SetupError(
            f"The Spark server at {url.partition(';')[0]} does not answer: {error}.",
            "Start the server or unset SPARK_REMOTE, then run the command again.",
        ) from error
    for difference in differences(spark, wanted):
        _LOG.warning("Spark Connect: %s.", difference)
    return spark


def _forget_stopped() -> None:
    """Let the next session be the active one: PySpark keeps one that its server ended in that place."""
    from pyspark.sql.connect.session import SparkSession as Connected

    with Connected._lock:
        default, active = Connected._default_session, getattr(Connected._active_session, "session", None)
        if default is not None and default.is_stopped:
            Connected._default_session = None
        if active is not None and active.is_stopped:
            Connected._active_session.session = None


def _set(spark: SparkSession, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        spark.conf.set(name, value)


def _classic(app: str, wanted: dict[str, str]) -> SparkSession:
    master = settings().spark_master or "local[*]"
    java()
    ensure_jars("spark")
    _pin_processes(master)
    # A Connect session of this process that was stopped leaves this, and no classic one would start any more.
    unpin_environment("SPARK_CONNECT_MODE_ENABLED")
    _find_spark()
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    if not master.startswith("local"):
        # Executors elsewhere have no such folder: Spark sends them the files.
        jars = sorted(jars_folder("spark").glob("*.jar"))
        wanted = {"spark.jars": ",".join(map(str, jars)), **wanted}
    builder = SparkSession.builder.master(master).appName(app)
    for name, value in wanted.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, OSError) as error:
        raise SetupError(
            f"Spark did not start on {master}: {error}.",
            "Read the lines above; check SPARK_MASTER and the free memory, then run the command again.",
        ) from error


def _pin_processes(master: str) -> None:
    pins = {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    if master.startswith("local") or any(host in master for host in _LOCALHOST):
        # The only thing that keeps Spark's web page off the other interfaces.
        pins["SPARK_LOCAL_IP"] = "127.0.0.1"
    if home := settings().java_home:
        pins["JAVA_HOME"] = str(home)  # it may come from gridbridge.toml
    pin_environment(pins)


def _find_spark() -> None:
    home = settings().spark_home
    if home is None:
        return
    # findspark looks for this file too, but says nothing of it where pyspark is imported already.
    if not any(home.glob("python/lib/py4j-*.zip")):
        raise SetupError(
            f"SPARK_HOME ({home}) holds no Spark that Python can use: it has no python/lib/py4j-*.zip.",
            "Unset SPARK_HOME to use the Spark of this project, then run the command again.",
        )
    import findspark

    findspark.init(str(home))
