"""Where the services are: the embedded ones by the state file, remote ones by the settings."""

from __future__ import annotations

from typing import Any

from helpers.core.settings import keep_loopback_off_proxies, settings
from helpers.services.localstack import local_client
from helpers.services.registry import CONNECT, KAFKA, POSTGRES, S3


class Endpoints:
    """Addresses as plain values. Asking for a service that is not up raises ServiceError."""

    @property
    def kafka_bootstrap(self) -> str:
        """host:port of the broker(s)."""
        return settings().kafka_bootstrap_servers or f"127.0.0.1:{KAFKA.port()}"

    @property
    def kafka_client_config(self) -> dict[str, Any]:
        """Settings for librdkafka clients, security included."""
        known = settings()
        config: dict[str, Any] = {"bootstrap.servers": self.kafka_bootstrap}
        if known.embedded_kafka:
            return {**config, "broker.address.family": "v4"}
        config["security.protocol"] = known.kafka_security_protocol
        secret = known.kafka_sasl_password
        sasl = {
            "sasl.mechanism": known.kafka_sasl_mechanism,
            "sasl.username": known.kafka_sasl_username,
            "sasl.password": secret.get_secret_value() if secret else None,
        }
        return {**config, **{name: value for name, value in sasl.items() if value is not None}}

    @property
    def s3_endpoint(self) -> str | None:
        """URL of the S3 API; None = AWS itself."""
        return S3.endpoint()

    @property
    def region(self) -> str:
        """The AWS region."""
        return settings().aws_region

    @property
    def postgres_dsn(self) -> str:
        """libpq URL, password included."""
        remote = settings().database_url
        return remote.get_secret_value() if remote else POSTGRES.dsn()

    @property
    def jdbc_url(self) -> str:
        """JDBC URL without user and password."""
        parts = _parts(self.postgres_dsn)
        host, port = parts.get("host", "localhost"), parts.get("port", 5432)
        mode = f"?sslmode={parts['sslmode']}" if parts.get("sslmode") else ""
        return f"jdbc:postgresql://{host}:{port}/{parts.get('dbname', '')}{mode}"

    @property
    def jdbc_properties(self) -> dict[str, str]:
        """User, password and driver for Spark's JDBC source."""
        parts = _parts(self.postgres_dsn)
        return {
            "user": str(parts.get("user", "")),
            "password": str(parts.get("password", "")),
            "driver": "org.postgresql.Driver",
        }

    @property
    def connect_url(self) -> str | None:
        """Address of a Spark Connect server, token included: SPARK_REMOTE, else our own if it is up, else None."""
        found = CONNECT.record()
        return settings().spark_remote or (CONNECT.url() if found is not None and found.complete else None)


def _parts(dsn: str) -> dict[str, Any]:
    from psycopg.conninfo import conninfo_to_dict

    return conninfo_to_dict(dsn)


def endpoints() -> Endpoints:
    """The services' addresses now."""
    # Not every client can be told so by an option of its own.
    keep_loopback_off_proxies()
    return Endpoints()


def aws(name: str) -> Any:
    """A boto3 client of s3, cloudwatch, sns, sqs or logs, at the same endpoint as S3.

    The dummy keys are used only with an explicit endpoint for which the environment gives no keys.
    """
    where = endpoints()
    endpoint = where.s3_endpoint
    if endpoint is not None and not settings().own_s3_keys:
        return local_client(name, endpoint, where.region)
    import boto3
    from botocore.config import Config

    # AWS_ENDPOINT_URL may hold our word "aws", which boto3 would take for an address.
    config = Config(ignore_configured_endpoint_urls=True)  # type: ignore[call-arg]
    return boto3.client(
        name,  # type: ignore[call-overload]
        endpoint_url=endpoint,
        region_name=where.region,
        config=config,
    )
