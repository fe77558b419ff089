"""The one instance of each service, and what is asked of several at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psutil

from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.services import process, state
from helpers.services.base import Service
from helpers.services.kafka import Kafka
from helpers.services.localstack import LocalStack
from helpers.services.postgres import Postgres

KAFKA, S3, POSTGRES = Kafka(), LocalStack(), Postgres()
SERVICES: dict[str, Service] = {one.name: one for one in (KAFKA, S3, POSTGRES)}


@dataclass(frozen=True)
class ServiceStatus:
    """One service now. state: ready, not answering, stopped or remote; since: ISO 8601 UTC."""

    name: str
    state: str
    port: int | None = None
    pid: int | None = None
    memory_mb: float | None = None
    since: str | None = None
    data: str | None = None
    note: str = ""


def service(name: str) -> Service:
    """A service by name. Raises UserError naming the valid names."""
    if name not in SERVICES:
        raise UserError(
            f"There is no service {name!r}; the services are {', '.join(SERVICES)}.",
            "gridbridge services status",
        )
    return SERVICES[name]


def is_remote(name: str) -> bool:
    """True where the settings name a remote service instead of the embedded one."""
    known = settings()
    embedded = {
        "kafka": known.embedded_kafka,
        "s3": known.embedded_s3,
        "postgres": known.embedded_postgres,
    }
    return not embedded[name]


def ensure(*names: str) -> list[str]:
    """Start what is not up (all without names); returns the names that this call started.

    Remote services are left alone. Raises UserError for an unknown name before anything starts,
    ServiceError if one does not answer.
    """
    wanted = [service(name) for name in names or SERVICES]
    return [one.name for one in wanted if not is_remote(one.name) and one.up()]


def down(names: Iterable[str] | None = None) -> list[str]:
    """Stop services cleanly (None = all); returns those that were running."""
    wanted = [service(name) for name in (SERVICES if names is None else names)]
    return [one.name for one in wanted if one.down()]


def status() -> list[ServiceStatus]:
    """Every service now, in a fixed order."""
    return [_status(one) for one in SERVICES.values()]


def _status(one: Service) -> ServiceStatus:
    if is_remote(one.name):
        return ServiceStatus(one.name, "remote")
    found = one.record()
    if found is None:
        data = settings().work / "services" / one.name / "data"
        return ServiceStatus(one.name, "stopped", data=str(data))
    return ServiceStatus(
        one.name,
        "ready" if one.ready() else "not answering",
        found.port,
        found.pid,
        _memory_mb(found),
        found.since,
        found.data,
        found.note,
    )


def _memory_mb(found: state.Record) -> float:
    """Resident memory of the whole process tree in MB; pages that processes share count for each."""
    total = 0
    for member in process.tree(found):
        try:
            total += member.memory_info().rss
        except psutil.Error:
            continue
    return round(total / 1e6, 1)
