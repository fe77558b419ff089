"""The one instance of each service, and what is asked of several at once."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event

import psutil

from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.services import process, state
from helpers.services.base import Service
from helpers.services.connect import Connect
from helpers.services.kafka import Kafka
from helpers.services.localstack import LocalStack
from helpers.services.postgres import Postgres

KAFKA, S3, POSTGRES = Kafka(), LocalStack(), Postgres()
CONNECT = Connect(S3)
SERVICES: dict[str, Service] = {one.name: one for one in (KAFKA, S3, POSTGRES, CONNECT)}
USUAL = (KAFKA.name, S3.name, POSTGRES.name)
"""What is started where no service is named."""
NEEDS = {CONNECT.name: (S3.name,)}
"""What must be up before a service can start."""


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
            ".venv/bin/gridbridge services status",
        )
    return SERVICES[name]


def is_remote(name: str) -> bool:
    """True where the settings name a remote service instead of the embedded one."""
    known = settings()
    embedded = {
        "kafka": known.embedded_kafka,
        "s3": known.embedded_s3,
        "postgres": known.embedded_postgres,
        "connect": known.spark_remote is None,
    }
    return not embedded[name]


def ensure(*names: str) -> list[str]:
    """Start what is not up, side by side, and what it needs; returns the names that this call started.

    Without names: Kafka, S3 and PostgreSQL. Remote services are left alone. Raises UserError for an unknown name
    before anything starts, ServiceError if one does not answer. Ctrl-C ends what has not answered yet; what
    answers stays up.
    """
    wanted = [one for one in (service(name) for name in names or USUAL) if not is_remote(one.name)]
    first = [need for one in wanted for need in NEEDS.get(one.name, ())]
    started = ensure(*first) if first else []
    return [*started, *(name for name in _start_all(wanted) if name not in started)]


def _start_all(wanted: list[Service]) -> list[str]:
    cancel = Event()
    with ThreadPoolExecutor(max(1, len(wanted))) as pool:
        try:
            starts = [pool.submit(one.up, cancel) for one in wanted]
            wait(starts)
        except BaseException:
            cancel.set()
            raise
    return [one.name for one, start in zip(wanted, starts, strict=True) if start.result()]


def down(names: Iterable[str] | None = None) -> list[str]:
    """Stop services cleanly (None = all); returns those that were running."""
    wanted = [service(name) for name in (SERVICES if names is None else names)]
    # Last come, first served: what writes to S3 ends before its buckets are saved.
    order = sorted(wanted, key=lambda one: list(SERVICES).index(one.name), reverse=True)
    ended = [one.name for one in order if one.down()]
    return [one.name for one in wanted if one.name in ended]


def s3_rollback() -> str:
    """Why the running S3 holds older buckets than were there before: a sentence, or an empty text if it does not.

    It came up after an unclean end and has the buckets of its last clean stop, or none; what was written since then
    is gone. Empty also for a remote S3 and for one that is not up. See docs/decisions/0003-a-lake-that-forgets.md.
    """
    return "" if is_remote(S3.name) else S3.rollback()


def status() -> list[ServiceStatus]:
    """Every service now, in a fixed order; one that is started on demand only if it was started."""
    return [_status(one) for name, one in SERVICES.items() if name in USUAL or state.record(name) is not None]


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
