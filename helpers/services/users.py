"""Which runs use the services now: the last one to end stops what they all started, never the first one."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil

from helpers.core.settings import settings
from helpers.services import state


@dataclass(frozen=True)
class User:
    """A process that uses the services: who it says it is, and which services the last one to leave is to stop."""

    pid: int
    create_time: float
    who: str
    to_stop: tuple[str, ...] = ()


def enter(who: str) -> None:
    """Say, before the services are asked for, that this process uses them; who: as in "run 20260101T000000Z-ab12"."""
    with state.locked(_file().with_suffix(".lock")):
        _write([*_others(_read()), User(os.getpid(), _born(), who)])


def leave(started: Iterable[str], stop: Callable[[list[str]], list[str]]) -> tuple[list[str], list[str]]:
    """This process uses them no more. `started`: what is to be stopped for it.

    Where others still use the services, it is left to the last of them. Otherwise `stop` is called with that and
    with what earlier ones left to be stopped; who enters meanwhile waits for its end. Returns what was stopped, and
    who else uses the services.
    """
    with state.locked(_file().with_suffix(".lock")):
        users = _read()
        own = next((one.to_stop for one in users if (one.pid, one.create_time) == (os.getpid(), _born())), ())
        names, others = list(dict.fromkeys([*own, *started])), _others(users)
        _write([replace(one, to_stop=(*one.to_stop, *names)) for one in others])
        if others:
            return [], [one.who for one in others]
        return (stop(names) if names else []), []


def _others(users: Iterable[User]) -> list[User]:
    """Those of them that are other processes, and alive: a killed one uses nothing."""
    return [one for one in users if one.pid != os.getpid() and state.running(one.pid, one.create_time)]


def _read() -> list[User]:
    try:
        stored = json.loads(_file().read_text(encoding="utf-8"))
        return [User(**{**one, "to_stop": tuple(one["to_stop"])}) for one in stored]
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return []


def _write(users: list[User]) -> None:
    fresh = _file().with_suffix(".new")
    fresh.write_text(json.dumps([asdict(one) for one in users]), encoding="utf-8")
    fresh.replace(_file())


def _file() -> Path:
    folder = settings().work / "services"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "users.json"


def _born() -> float:
    return psutil.Process().create_time()
