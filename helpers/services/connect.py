"""A Spark Connect server on demand: one warm JVM that notebooks and tests share, each with a session of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from helpers.core.errors import ServiceError, SetupError
from helpers.core.settings import child_environment, settings
from helpers.services.base import Service
from helpers.services.localstack import LocalStack
from helpers.toolchain.jars import ensure_jars
from helpers.toolchain.java import java
from helpers.toolchain.sparkconf import spark_conf

SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
FOREIGN = ("SPARK_REMOTE", "SPARK_MASTER", "SPARK_CONF_DIR", "PYTHONPATH", "PYTHONHOME")
"""Variables of the user that would change what the server does."""

# The server's version is asked for by the call that PySpark makes too; its messages are written out here, because
# this room does not know PySpark. Always the same session: a new one per question would pile up in the server.
_CALL = "/spark.connect.SparkConnectService/AnalyzePlan"
_SESSION = b"00000000-0000-4000-8000-000000000000"
_USER = b"gridbridge"
_VERSION_PLEASE = b"\x0a%c%b\x12%c\x0a%c%b\x52\x00" % (len(_SESSION), _SESSION, len(_USER) + 2, len(_USER), _USER)


class Connect(Service):
    """The Spark Connect server of the `teaching` profile. It keeps nothing; tables lie in S3."""

    name = "connect"
    port_names = ("client", "ui")

    def __init__(self, s3: LocalStack) -> None:
        """s3: the S3 service whose endpoint the server's sessions use."""
        self._s3 = s3

    def usual_port(self) -> int:
        """SPARK_CONNECT_PORT, 15002."""
        return settings().connect_port

    @property
    def token_file(self) -> Path:
        """The token that clients must show, readable by its owner only (mode 600)."""
        return self.folder / "token"

    def prepare(self, ports: dict[str, int]) -> None:
        """An empty folder for temporary files, the token (once), and the settings."""
        java()
        ensure_jars("spark")
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)
        if not self.token_file.exists():
            _write(self.token_file, secrets.token_hex(24))
        conf = {**spark_conf("teaching", self._s3.endpoint(), settings().aws_region), **self._own(ports)}
        conf["spark.driver.extraJavaOptions"] += f' "-Djava.io.tmpdir={self.data}"'
        _write(self.folder / "spark.properties", "".join(f"{name}={_escaped(conf[name])}\n" for name in sorted(conf)))

    def _own(self, ports: dict[str, int]) -> dict[str, str]:
        return {
            "spark.master": "local[*]",
            "spark.app.name": "gridbridge connect",
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": str(ports["client"]),
            "spark.ui.port": str(ports["ui"]),
            "spark.local.dir": str(self.data),
        }

    def command(self, ports: dict[str, int]) -> list[str]:
        """spark-submit, which becomes the JVM: the class path is then that of every other session here."""
        return [
            *(str(spark_home() / "bin" / "spark-submit"), "--class", SERVER),
            *("--properties-file", str(self.folder / "spark.properties"), "spark-internal"),
        ]

    def environment(self, ports: dict[str, int]) -> Mapping[str, str]:
        """The token goes here and not on the command line, which everybody on the machine can read."""
        own = {
            "SPARK_HOME": str(spark_home()),
            "JAVA_HOME": str(java().resolve().parents[1]),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_CONNECT_AUTHENTICATE_TOKEN": self._token(),
            "PYSPARK_PYTHON": sys.executable,
            "PYSPARK_DRIVER_PYTHON": sys.executable,
            "TZ": "UTC",
        }
        return child_environment(own, drop=FOREIGN)

    def answers(self, port: int) -> bool:
        """True if the server tells its Spark version to a client with our token."""
        import grpc  # type: ignore[import-untyped]

        # Not by a proxy of the environment, which gRPC would otherwise use even for this machine.
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
            try:
                bearer = [("authorization", f"Bearer {self._token()}")]
                channel.unary_unary(_CALL)(_VERSION_PLEASE, timeout=10, metadata=bearer)
            except (grpc.RpcError, ServiceError):
                return False
        return True

    def client(self) -> str:
        """The address for `SparkSession.builder.remote`, token included."""
        return self.url()

    def url(self) -> str:
        """`sc://localhost:PORT/;token=...` of the running server; with 127.0.0.1 clients would speak TLS and hang."""
        return f"sc://localhost:{self.port()}/;token={self._token()}"

    def _token(self) -> str:
        try:
            return self.token_file.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise ServiceError(
                "The service connect was never started.", ".venv/bin/gridbridge services up connect"
            ) from None


def spark_home() -> Path:
    """SPARK_HOME, or the folder of the installed PySpark. Raises SetupError if there is neither."""
    if home := settings().spark_home:
        return home
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise SetupError("PySpark is missing from the environment.", "rm -f .venv/.ready && make setup")
    return Path(spec.origin).parent


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _escaped(value: str) -> str:
    # A Java properties file takes a backslash for an escape.
    return value.replace("\\", "\\\\")
