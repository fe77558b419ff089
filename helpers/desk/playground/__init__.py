"""The prototyping desk, as in `from helpers.desk.playground import sql, topics, buckets, tables`.

`spark` is the session, started when it is first asked for. Importing it makes the cell magic `%%sql` known.
"""

from typing import Any

from helpers.desk import bridge, plan
from helpers.desk.playground.broker import topic, topics
from helpers.desk.playground.cells import register, sql
from helpers.desk.playground.guard import guarded
from helpers.desk.playground.own import own_data, profile, replay, to_lake
from helpers.desk.playground.plots import plot
from helpers.desk.playground.postgres import table, tables
from helpers.desk.playground.queries import running, stop
from helpers.desk.playground.storage import bucket, buckets
from helpers.desk.playground.versions import changes, delta, history

__all__ = [
    "bridge",
    "bucket",
    "buckets",
    "changes",
    "delta",
    "history",
    "own_data",
    "plan",
    "plot",
    "profile",
    "replay",
    "running",
    "spark",
    "sql",
    "stop",
    "table",
    "tables",
    "to_lake",
    "topic",
    "topics",
]

register()


def __getattr__(name: str) -> Any:
    if name == "spark":
        return guarded()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
