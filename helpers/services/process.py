"""Starting a detached process, waiting until it answers, and ending exactly the one that was recorded."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import psutil
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from helpers.core.errors import ServiceError
from helpers.services.state import Record, alive, ended, process_of

GRACE = 20.0
"""Seconds between asking a process to end and ending it."""

MARK = "GRIDBRIDGE_SERVICE"
"""Every process of a service carries its folder in this variable: one that no record knows is still told as ours."""

_children: dict[int, subprocess.Popen[bytes]] = {}
_promised: set[int] = set()


def free_port(preferred: int, taken: set[int] | None = None) -> tuple[int, str]:
    """A free port of 127.0.0.1, the preferred one if possible, and a note on who holds it (0 = any)."""
    if preferred and preferred not in (taken or set()) and can_bind(preferred):
        return preferred, ""
    other = _any_port()
    if not preferred:
        return other, ""
    return other, f"Port {preferred} is held by {holder(preferred)}; port {other} is used instead."


def _any_port() -> int:
    """A free port that this process has not named before: services that start at once must not get the same."""
    with ExitStack() as probes:
        while True:
            probe = probes.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            if port not in _promised:
                _promised.add(port)
                return port


def can_bind(port: int) -> bool:
    """True if nobody listens on a port of 127.0.0.1."""
    with socket.socket() as probe:
        # As servers do: a connection of an earlier run that lingers is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def holder(port: int) -> str:
    """Who listens on a TCP port, as `name (pid N)`; "another process" if the system does not tell."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            listens = connection.status == psutil.CONN_LISTEN
            if listens and connection.laddr and connection.laddr.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        pass
    return "another process"


def spawn(command: list[str], log: Path, environment: Mapping[str, str], folder: Path) -> tuple[int, float]:
    """Start a process in a session of its own, output to `log`; returns its pid and start time."""
    if log.exists():
        log.replace(log.with_name(log.name + ".previous"))
    try:
        with log.open("wb") as output:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**environment, MARK: str(folder)},
                cwd=folder,
                start_new_session=True,
            )
    except OSError as error:
        raise ServiceError(f"{command[0]} could not be started: {error}.", "make setup") from None
    _children[child.pid] = child
    try:
        return child.pid, psutil.Process(child.pid).create_time()
    except psutil.Error:
        return child.pid, 0.0


def run_once(command: list[str], what: str, environment: Mapping[str, str], timeout: float) -> None:
    """Run a preparing command to its end. Raises ServiceError with the last lines of its output."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=dict(environment),
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ServiceError(f"{what} did not end within {timeout:.0f} s.", "Run the command again.") from None
    if done.returncode:
        words = "\n".join((done.stdout + done.stderr).splitlines()[-10:])
        raise ServiceError(f"{what} failed (exit code {done.returncode}):\n{words}", "make setup")


def tail(log: Path, lines: int) -> list[str]:
    """The last lines of a log; none if there is no log."""
    try:
        return log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    except FileNotFoundError:
        return []


def await_ready(
    name: str, record: Record, ready: Callable[[], bool], log: Path, timeout: float, cancel: Event | None = None
) -> None:
    """Wait until `ready` holds. Raises ServiceError when the process ends or the time is over, or when cancelled."""
    started = time.monotonic()

    def answered() -> bool:
        if cancel is not None and cancel.is_set():
            raise ServiceError(f"The start of {name} was interrupted.", f".venv/bin/gridbridge services up {name}")
        if not alive(record):
            raise _failure(name, record, "ended before it answered", started, log)
        return ready()

    attempts = Retrying(
        stop=stop_after_delay(timeout),
        wait=wait_fixed(0.2),
        retry=retry_if_result(lambda ok: not ok),
    )
    try:
        attempts(answered)
    except RetryError:
        raise _failure(name, record, "did not answer", started, log) from None


def _failure(name: str, record: Record, what: str, started: float, log: Path) -> ServiceError:
    waited = time.monotonic() - started
    words = "\n".join(tail(log, 12)) or "(the log is empty)"
    return ServiceError(
        f"The service {name} {what} on 127.0.0.1:{record.port} (waited {waited:.0f} s). "
        f"Last lines of {log}:\n{words}",
        f".venv/bin/gridbridge services logs {name}; on a slow machine raise GRIDBRIDGE_SERVICE_TIMEOUT.",
    )


def listens(record: Record) -> bool:
    """True if the recorded process itself holds its port; also where the system does not tell."""
    root = process_of(record)
    try:
        return root is not None and any(
            one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == record.port
            for one in root.net_connections(kind="tcp")
        )
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False


def tree(record: Record | None) -> list[psutil.Process]:
    """The recorded process and its descendants; empty if it does not run any more."""
    root = process_of(record)
    if root is None:
        return []
    try:
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return [root]


def reap() -> None:
    """Ask about our own children that others ended: until then the system counts them as there."""
    for child in list(_children.values()):
        child.poll()


def _left_after(members: list[psutil.Process], grace: float) -> list[psutil.Process]:
    """Those that still run after at most `grace` seconds."""
    attempts = Retrying(
        stop=stop_after_delay(grace),
        wait=wait_fixed(0.05),
        retry=retry_if_result(bool),
        retry_error_callback=lambda last: last.outcome.result() if last.outcome else [],
    )
    left: list[psutil.Process] = attempts(lambda: [member for member in members if not ended(member)])
    return left


def marked(folder: Path) -> list[psutil.Process]:
    """Processes that were started for the service of that folder, recorded or not, and their descendants."""
    found = []
    for one in psutil.process_iter():
        try:
            if one.environ().get(MARK) == str(folder) and not ended(one):
                found.append(one)
        except (psutil.Error, OSError):
            continue
    return found


def terminate(record: Record | None, how: int = signal.SIGTERM, grace: float = GRACE) -> None:
    """End a recorded process tree: ask its root, wait `grace` seconds, then kill what is left."""
    members = tree(record)
    end(members, members[:1], how, grace)
    if record is not None and (child := _children.pop(record.pid, None)):
        child.poll()


def end(members: list[psutil.Process], asked: list[psutil.Process], how: int, grace: float = GRACE) -> None:
    """Send `how` to those asked, wait, kill all members that are left. Raises ServiceError if one does not end."""
    if not members:
        return
    for number in (how, signal.SIGKILL):
        for member in members if number == signal.SIGKILL else asked:
            try:
                member.send_signal(number)
            except psutil.Error:
                continue
        members = _left_after(members, grace)
        if not members:
            break
    if members:
        raise ServiceError(
            f"The process {members[0].pid} does not end.",
            "End it by hand, then run the command again.",
        )
