"""What runs on Spark now, and how to stop it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from helpers import services
from helpers import spark as room
from helpers.core.clock import now_utc
from helpers.core.errors import UserError
from helpers.desk.card import Card, Say
from helpers.desk.playground import spark_page
from helpers.desk.playground.naming import known, writable
from helpers.desk.playground.paged import Page, whole
from helpers.desk.playground.panel import Panel
from helpers.desk.playground.spark_page import Job
from helpers.desk.session import forget, session

MINE, THEIRS = "this notebook", "another session"
_SHORT = 8
_PATIENCE = 5.0
"""Seconds for the tasks of a stopped query to end."""
_QUERY = pa.schema(
    [
        ("query", pa.string()),
        ("whose", pa.string()),
        ("state", pa.string()),
        ("seconds", pa.int64()),
        ("tasks done", pa.int64()),
        ("tasks", pa.int64()),
        ("at work", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Query:
    """One query that Spark works on, with all its jobs."""

    name: str
    whose: str
    state: str
    since: datetime | None
    done: int
    tasks: int
    active: int
    jobs: Sequence[int] = ()

    @property
    def share(self) -> float:
        """How much of its known tasks is done, from 0 to 1."""
        return self.done / self.tasks if self.tasks else 0.0


@dataclass(frozen=True, repr=False)
class Running(Page):
    """The queries that run, as of when it was asked. `.buttons()` shows them as they go on, with a button to stop."""

    queries: Sequence[Query] = ()

    def buttons(self) -> Panel:
        """The queries as they go on, with buttons that look again and stop, by mouse or by keyboard (Tab, Enter)."""
        return Panel(running, stop)


def running() -> Running:
    """The queries that run on Spark now: this notebook's, and on the embedded server those of other sessions.

    Works while a cell runs: from another notebook, or by the buttons. Raises ServiceError where Spark's page does not
    answer.
    """
    jobs = spark_page.jobs()
    found, now = _queries(jobs), now_utc()
    says = ['stop() stops this notebook\'s, stop("...") one of them.'] if found else []
    if jobs is None:
        says.append("Spark runs elsewhere: other sessions' queries and the tasks of this one's are not known here.")
    rows = [
        {
            "query": one.name,
            "whose": one.whose,
            "state": one.state,
            "seconds": None if one.since is None else int((now - one.since).total_seconds()),
            "tasks done": one.done,
            "tasks": one.tasks,
            "at work": one.active,
        }
        for one in found
    ]
    shown = whole("Running queries", pa.Table.from_pylist(rows, _QUERY), *says)
    return Running(shown.title, shown.blocks, shown.rows, shown.start, shown.table, shown.more, found)


def stop(query: str | None = None, restart: bool = False) -> Card:
    """Stops this notebook's queries, or the one whose name `running()` tells, also another session's.

    What a query has written stays written. restart: start the embedded server again instead, which ends every session
    on it, for tasks that do not end: run the notebook's first cell again afterwards. Raises UserError for a wrong
    name, or another's query where the desk is read-only.
    """
    if restart:
        return _restart()
    before = [one for one in queries() if one.state != _GOES_ON]
    if query is None:
        wanted = [one for one in before if one.whose == MINE]
        session().interruptAll()
    else:
        known("running query", query, [one.name for one in before], "running()")
        wanted = [one for one in before if one.name == query]
        _end(wanted[0])
    if not wanted:
        return Card("Stopped", [Say("No query of this notebook was running.")])
    left = _wait([one.name for one in wanted])
    names = ", ".join(one.name for one in wanted)
    if not left:
        return Card("Stopped", [Say(f"Query {names}: no task of it is at work any more.")])
    told = f"Query {names}: Spark has given it up, but {left} of its tasks go on until they next look."
    return Card("Stopped", [Say(told), Say("running() tells when they end; stop(restart=True) ends them now.")])


def queries() -> list[Query]:
    """What runs, oldest first."""
    return _queries(spark_page.jobs())


def _queries(jobs: Sequence[Job] | None) -> list[Query]:
    own, ids = _own()
    # Of a query that is being planned no job is known yet. Spark may call one running for minutes that a cell's
    # interrupt has ended: its jobs were given up.
    begun = {one.operation for one in jobs or []}
    planned = [Query(one[:_SHORT], MINE, "running", None, 0, 0, 0) for one in ids if one not in begun]
    return [*_by_query([one for one in jobs or [] if one.going or one.active], own), *planned]


_GOES_ON = "stopped, its tasks go on"


def _by_query(jobs: Sequence[Job], own: str) -> Iterator[Query]:
    for operation in dict.fromkeys(one.operation for one in jobs):
        of = [one for one in jobs if one.operation == operation]
        yield Query(
            operation[:_SHORT],
            MINE if of[0].session == own else THEIRS,
            "running" if any(one.going for one in of) else _GOES_ON,
            min(one.since for one in of),
            sum(one.done for one in of),
            sum(one.tasks for one in of),
            sum(one.active for one in of),
            tuple(one.number for one in of if one.going),
        )


def _client() -> Any:
    """The client of Spark Connect. Raises UserError where the session is a classic one."""
    client = getattr(session(), "client", None)
    if client is None:
        raise UserError(
            "Running queries are told over Spark Connect, and this session is of another kind (SPARK_MASTER).",
            "Kernel, Interrupt stops the cell and its query.",
        )
    return client


def _own() -> tuple[str, list[str]]:
    """This session's name on the server, and its operations that have not ended."""
    client = _client()
    states = client._get_operation_statuses().operation_statuses
    kinds = type(states[0]).OperationState if states else None
    going = () if kinds is None else (kinds.OPERATION_STATE_RUNNING, kinds.OPERATION_STATE_TERMINATING)
    return str(client._session_id), [str(one.operation_id) for one in states if one.state in going]


def _end(query: Query) -> None:
    if query.whose == THEIRS:
        writable("stop another session's query")
        for number in query.jobs:
            spark_page.kill(number)
    for operation in _own()[1]:
        if operation.startswith(query.name):
            session().interruptOperation(operation)


def _wait(names: Sequence[str]) -> int:
    """Waits a moment for the tasks of these queries to end; how many are left."""

    def active() -> int:
        found = [one for one in queries() if one.name in names]
        for number in (number for one in found for number in one.jobs):
            # Begun while the query was being given up: Spark does not end these.
            spark_page.kill(number)
        return sum(max(one.active, one.state == "running") for one in found)

    attempts = Retrying(
        retry=retry_if_result(bool), stop=stop_after_delay(_PATIENCE), wait=wait_fixed(0.3), reraise=False
    )
    try:
        return int(attempts(active))
    except RetryError as error:
        return int(error.last_attempt.result())


def _restart() -> Card:
    writable("start Spark again")
    if spark_page.jobs() is None:
        raise UserError("Spark is not this machine's own server.", "Ask those who run it.")
    # Before its server: a session that outlives it waits for minutes.
    room.stop()
    services.down(["connect"])
    forget()
    session()
    return Card(
        "Started again", [Say("Spark is up again. Run the first cell of this notebook again: spark is a new one.")]
    )
