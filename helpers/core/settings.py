"""One validated object of settings: argument > environment > file > default.

The only module that reads the environment. The file is `gridbridge.toml` in the project's root (git-ignored).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from helpers.core.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
"""The project's root folder."""
_LOOPBACK = ("127.0.0.1", "localhost")


class Settings(BaseSettings):
    """Everything a user may set. Unset service addresses mean: use the embedded service of this machine."""

    model_config = SettingsConfigDict(
        toml_file=ROOT / "gridbridge.toml", extra="ignore", frozen=True, case_sensitive=False
    )

    # Where state lives
    work: Path = Field(ROOT / "work", validation_alias="GRIDBRIDGE_WORK")
    """Data folders, logs, runs, learners' copies. Absolute after validation."""
    cache: Path = Field(ROOT / ".cache", validation_alias="GRIDBRIDGE_CACHE")
    """What set-up fetched or made: jars, class archives, LocalStack's environment."""

    read_only: bool = Field(False, validation_alias="GRIDBRIDGE_READ_ONLY")
    """True = the desk looks at topics, buckets and tables, and changes none."""

    learner: str = Field("me", pattern=r"^\w[\w .&'-]{0,60}$", validation_alias="GRIDBRIDGE_LEARNER")
    """Whose progress it is: "me", or a pair, as in "Ada & Edgar"."""

    # Embedded services: the usual port is tried first, another is taken if somebody else holds it
    kafka_port: int = Field(9092, ge=1024, le=65535, validation_alias="KAFKA_PORT")
    s3_port: int = Field(4566, ge=1024, le=65535, validation_alias="S3_PORT")
    postgres_port: int = Field(5432, ge=1024, le=65535, validation_alias="POSTGRES_PORT")
    connect_port: int = Field(15002, ge=1024, le=65535, validation_alias="SPARK_CONNECT_PORT")
    service_timeout: float = Field(90.0, gt=0, validation_alias="GRIDBRIDGE_SERVICE_TIMEOUT")
    """Seconds to wait for a service to answer."""

    # Remote services; None = the embedded one
    kafka_bootstrap_servers: str | None = Field(None, validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", validation_alias="KAFKA_SECURITY_PROTOCOL"
    )
    kafka_sasl_mechanism: str | None = Field(None, validation_alias="KAFKA_SASL_MECHANISM")
    kafka_sasl_username: str | None = Field(None, validation_alias="KAFKA_SASL_USERNAME")
    kafka_sasl_password: SecretStr | None = Field(None, validation_alias="KAFKA_SASL_PASSWORD")
    aws_endpoint_url: str | None = Field(None, validation_alias="AWS_ENDPOINT_URL")
    """None = the embedded LocalStack; a URL = that S3 API; the word "aws" = AWS itself."""
    aws_region: str = Field("us-east-1", min_length=1, validation_alias="AWS_REGION")
    database_url: SecretStr | None = Field(None, validation_alias="DATABASE_URL")

    # Spark
    spark_remote: str | None = Field(None, validation_alias="SPARK_REMOTE")
    spark_master: str | None = Field(None, validation_alias="SPARK_MASTER")
    spark_home: Path | None = Field(None, validation_alias="SPARK_HOME")
    java_home: Path | None = Field(None, validation_alias="JAVA_HOME")

    # Set-up
    maven_mirror: str | None = Field(None, validation_alias="MAVEN_MIRROR")
    """Base address of a mirror of Maven Central; None = Maven Central."""

    # The lake
    lake_bucket: str = Field("peak-lake", pattern=r"^[a-z0-9][a-z0-9.-]{2,62}$", validation_alias="LAKE_BUCKET")
    landing_bucket: str = Field(
        "peak-landing", pattern=r"^[a-z0-9][a-z0-9.-]{2,62}$", validation_alias="LANDING_BUCKET"
    )
    topic_prefix: str = Field("peak", pattern=r"^[a-z][a-z0-9-]{0,40}$", validation_alias="TOPIC_PREFIX")
    """Topics are `<prefix>.scada` and `<prefix>.iot`."""
    serving_schema: str = Field("gold", pattern=r"^[a-z][a-z0-9_]{0,40}$", validation_alias="SERVING_SCHEMA")
    """The PostgreSQL schema that the pipeline serves its gold tables in."""

    @field_validator("work", "cache", mode="after")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().resolve()

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: Any, info: Any) -> Any:
        # `SPARK_MASTER= make pipeline` is how a shell user unsets a variable for one command.
        if value == "" and info.field_name is not None:
            return cls.model_fields[info.field_name].get_default()
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Argument, then environment, then file; no dotenv and no secrets folder."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def desk(self) -> Path:
        """Where copies of the lessons lie: `work`, or for a pair a folder of its own below it."""
        if self.learner == "me":
            return self.work
        return self.work / "pairs" / re.sub(r"\W+", "-", self.learner.lower()).strip("-")

    @property
    def embedded_kafka(self) -> bool:
        """True where this machine's own broker is used."""
        return self.kafka_bootstrap_servers is None

    @property
    def embedded_s3(self) -> bool:
        """True where this machine's own LocalStack is used."""
        return self.aws_endpoint_url is None

    @property
    def own_s3_keys(self) -> bool:
        """True where the store that AWS_ENDPOINT_URL names is asked with keys of the environment."""
        return not self.embedded_s3 and variable("AWS_ACCESS_KEY_ID") is not None

    @property
    def embedded_postgres(self) -> bool:
        """True where this machine's own PostgreSQL is used."""
        return self.database_url is None


@cache
def settings() -> Settings:
    """The settings of this process. Raises UserError naming the variable at fault and its valid values."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "a setting"
        raise UserError(
            f"The setting {name} has the value {first.get('input')!r}: {first['msg']}.",
            f"Correct {name} in the environment or in gridbridge.toml, then run the command again.",
        ) from None


def child_environment(extra: Mapping[str, str] | None = None, *, drop: tuple[str, ...] = ()) -> dict[str, str]:
    """The environment for a process that we start: ours, less `drop`, plus `extra`."""
    environment = {name: value for name, value in os.environ.items() if name not in drop}
    environment.update(extra or {})
    return environment


def pin_environment(values: Mapping[str, str]) -> None:
    """Set variables of this very process, for libraries that read nothing else (TZ, SPARK_LOCAL_IP)."""
    os.environ.update(values)


def keep_loopback_off_proxies() -> None:
    """Let this process reach what runs on this machine itself, not by a proxy that its environment names."""
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [one for one in os.environ.get(name, "").split(",") if one]
        missing = [one for one in _LOOPBACK if one not in hosts]
        if missing and "*" not in hosts:
            os.environ[name] = ",".join([*hosts, *missing])


def unpin_environment(*names: str) -> None:
    """Remove variables that a library left behind in this very process."""
    for name in names:
        os.environ.pop(name, None)


def variable(name: str) -> str | None:
    """One raw variable of the environment, for what is no setting of ours (PATH of a tool, NO_COLOR)."""
    return os.environ.get(name) or None
