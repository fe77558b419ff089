"""The doctor: is this machine ready, and do the services do what the pipeline needs of them?"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from helpers.core.errors import GridbridgeError, ServiceError
from helpers.core.settings import settings
from helpers.services import process, state
from helpers.services.endpoints import aws, endpoints
from helpers.services.registry import down, ensure, is_remote
from helpers.toolchain import checks
from helpers.toolchain.checks import Finding

Check = Callable[[], Finding]

MACHINE: dict[str, Check] = {
    "system": checks.check_platform,
    "Python": checks.check_python,
    "Java": checks.check_java,
    "memory": checks.check_memory,
    "disk": checks.check_disk,
    "Python lock": checks.check_python_lock,
    "jars": checks.check_jars,
    "Scala, Hadoop": checks.check_versions,
    "LocalStack": checks.check_localstack,
    "class archives": checks.check_archives,
    "Kafka's port": lambda: check_port("Kafka's port", settings().kafka_port),
    "S3's port": lambda: check_port("S3's port", settings().s3_port),
    "PostgreSQL's port": lambda: check_port("PostgreSQL's port", settings().postgres_port),
    "Spark's port": lambda: check_port("Spark's port", settings().connect_port),
}
"""Checks that start nothing, by the name of their line."""

_SECONDS = 30.0


def examine(with_services: bool = True) -> Iterator[Finding]:
    """Every finding, one after the other; a check that raises is a failed finding, and the next one follows.

    with_services: also start the services that are not up, use them, and stop those that this call started.
    """
    for name, check in {**MACHINE, **(SERVICES if with_services else {})}.items():
        yield _ask(name, check)


def _ask(name: str, check: Check) -> Finding:
    try:
        return check()
    except GridbridgeError as error:
        return Finding(name, "failed", error.cause.replace("\n", " "), error.remedy)
    except Exception as error:
        remedy = _restart(_NAMES[name]) if name in _NAMES else "make setup"
        return Finding(name, "failed", f"{type(error).__name__}: {error}".replace("\n", " "), remedy)


def check_port(name: str, port: int) -> Finding:
    """Free, ours, or somebody else's: then another one is taken."""
    for service, record in state.records().items():
        if port in record.ports.values() and state.alive(record):
            return Finding(name, "ok", f"{port} is used by our {service} (pid {record.pid})")
    _, note = process.free_port(port)
    return Finding(name, "ok", note or f"{port} is free")


def check_s3() -> Finding:
    """Put, get, copy and delete an object, in a bucket of our own where S3 is this machine's."""
    with _up("s3"):
        s3 = aws("s3")
        name = f"doctor-{uuid.uuid4().hex[:12]}"
        own = settings().embedded_s3
        bucket = name if own else settings().lake_bucket
        if own:
            s3.create_bucket(Bucket=bucket)
        first, second = f"{name}/first", f"{name}/second"
        try:
            s3.put_object(Bucket=bucket, Key=first, Body=name.encode())
            s3.copy_object(Bucket=bucket, Key=second, CopySource={"Bucket": bucket, "Key": first})
            got = s3.get_object(Bucket=bucket, Key=second)["Body"].read()
        finally:
            for key in (first, second):
                s3.delete_object(Bucket=bucket, Key=key)
            left = s3.list_objects_v2(Bucket=bucket, Prefix=name)["KeyCount"]
            if own:
                s3.delete_bucket(Bucket=bucket)
    if got != name.encode() or left:
        raise ServiceError("S3 returned other bytes than were put, or did not delete them.", _restart("s3"))
    return Finding("S3", "ok", "put, copied, got and deleted an object")


def check_kafka() -> Finding:
    """Send one message to a topic of our own and read it."""
    with _up("kafka"):
        config = {**endpoints().kafka_client_config, "log_level": 0}
        topic = f"doctor-{uuid.uuid4().hex[:12]}"
        admin = AdminClient(config)
        admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(_SECONDS)
        try:
            producer = Producer({**config, "enable.idempotence": True})
            producer.produce(topic, topic.encode())
            if producer.flush(_SECONDS):
                raise ServiceError("Kafka did not take a message.", _restart("kafka"))
            reader = Consumer({**config, "group.id": topic, "auto.offset.reset": "earliest"})
            reader.subscribe([topic])
            got = reader.consume(1, timeout=_SECONDS)
            reader.close()
        except KafkaException as error:
            raise ServiceError(f"Kafka refused: {error}.", _restart("kafka")) from error
        finally:
            admin.delete_topics([topic])[topic].result(_SECONDS)
    if [message.value() for message in got] != [topic.encode()]:
        raise ServiceError("Kafka did not return the message that was sent.", _restart("kafka"))
    return Finding("Kafka", "ok", "a message was sent and read")


def check_postgres() -> Finding:
    """One query."""
    with _up("postgres"), psycopg.connect(endpoints().postgres_dsn, connect_timeout=10) as connection:
        row = connection.execute("SELECT current_setting('server_version'), 6 * 7").fetchone()
    if row is None or row[1] != 42:
        raise ServiceError("PostgreSQL did not answer a query.", _restart("postgres"))
    return Finding("PostgreSQL", "ok", f"version {row[0]} answers")


SERVICES: dict[str, Check] = {"S3": check_s3, "Kafka": check_kafka, "PostgreSQL": check_postgres}
"""Checks that use the real services, by the name of their line."""


_NAMES = {"S3": "s3", "Kafka": "kafka", "PostgreSQL": "postgres"}
_ADDRESSES = {"s3": "AWS_ENDPOINT_URL", "kafka": "KAFKA_BOOTSTRAP_SERVERS", "postgres": "DATABASE_URL"}


def _restart(service: str) -> str:
    """What to do where a service is up and does not do what it should; one that is not ours we cannot restart."""
    if is_remote(service):
        return f"correct {_ADDRESSES[service]}, or unset it to use this machine's own; then run:  make doctor"
    return f"make services-down doctor  (if that is not enough: .venv/bin/gridbridge services logs {service})"


@contextmanager
def _up(name: str) -> Iterator[None]:
    started = ensure(name)
    try:
        yield
    finally:
        if started:
            down(started)
