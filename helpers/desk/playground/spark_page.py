"""What Spark's own web page knows of the jobs that run, of whichever session, and its way to end one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from helpers.core.errors import ServiceError
from helpers.core.settings import keep_loopback_off_proxies, settings
from helpers.services.registry import CONNECT

_TAG = re.compile(r"_Session_(?P<session>[0-9a-f-]{36})_Operation_(?P<operation>[0-9a-f-]{36})")
_TIMEOUT = 30.0
"""Seconds: the page makes itself ready at its first question, which takes long on a busy machine."""
_RECENT = 20
"""How many of the last stages may still have tasks of a query that was given up."""


@dataclass(frozen=True)
class Job:
    """A job of a query. going: whether Spark still wants it; its tasks may go on for a while where it does not."""

    number: int
    session: str
    operation: str
    since: datetime
    done: int
    tasks: int
    active: int
    going: bool


def jobs() -> list[Job] | None:
    """The jobs that go on and those that were given up, oldest first; None where the page cannot be asked.

    It is asked on the embedded server only.
    """
    where = _address()
    if where is None:
        return None
    application = _get(where, "applications")[0]["id"]
    found = _get(where, f"applications/{application}/jobs?status=running&status=failed")
    active = {
        one["stageId"]: one["numActiveTasks"]
        for one in _get(where, f"applications/{application}/stages?status=active&status=failed")[:_RECENT]
    }
    return list(_jobs(found, active))


def kill(number: int) -> None:
    """Ends a job, whosever it is: its query fails. Raises ServiceError where the page does not answer."""
    where = _address()
    if where is not None:
        _asked(requests.post, f"{where}/jobs/job/kill/?id={number}")


def _jobs(found: Iterable[dict[str, Any]], active: dict[int, int]) -> Iterable[Job]:
    for one in sorted(found, key=lambda job: job["jobId"]):
        tag = next(filter(None, map(_TAG.search, one.get("jobTags") or ())), None)
        going = one["status"] == "RUNNING"
        if tag:
            tasks = sum(active.get(stage, 0) for stage in one["stageIds"])
            since = datetime.strptime(one["submissionTime"], "%Y-%m-%dT%H:%M:%S.%fGMT").replace(tzinfo=UTC)
            session, operation = tag["session"], tag["operation"]
            yield Job(
                one["jobId"], session, operation, since, one["numCompletedTasks"], one["numTasks"], tasks, going
            )


def _address() -> str | None:
    """Of the embedded server; the page of another Spark is not ours to know."""
    record = CONNECT.record()
    if settings().spark_remote or settings().spark_master or record is None:
        return None
    return f"http://127.0.0.1:{record.ports['ui']}"


def _get(where: str, path: str) -> Any:
    return _asked(requests.get, f"{where}/api/v1/{path}").json()


def _asked(how: Any, address: str) -> requests.Response:
    keep_loopback_off_proxies()
    try:
        answer: requests.Response = how(address, timeout=_TIMEOUT)
        answer.raise_for_status()
    except requests.RequestException as error:
        raise ServiceError(
            f"Spark's page does not answer: {type(error).__name__}.", "Run: .venv/bin/gridbridge services status"
        ) from error
    return answer
