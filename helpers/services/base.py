"""What every embedded service has in common: up, down, ready, logs, client, and faults for tests."""

from __future__ import annotations

import signal
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any, ClassVar

from helpers.core.clock import now_utc
from helpers.core.errors import ServiceError
from helpers.core.settings import child_environment, settings
from helpers.services import process, state


class Service(ABC):
    """One embedded service of this machine. Every method is safe to call from several processes."""

    name: ClassVar[str]
    port_names: ClassVar[tuple[str, ...]] = ("client",)
    stop_signal: ClassVar[int] = signal.SIGTERM
    grace: ClassVar[float] = process.GRACE
    """Seconds it gets to end after that signal."""

    # What a service says about itself

    @abstractmethod
    def usual_port(self) -> int:
        """The port that is tried first."""

    @abstractmethod
    def prepare(self, ports: dict[str, int]) -> None:
        """Make the data folder and configuration."""

    @abstractmethod
    def command(self, ports: dict[str, int]) -> list[str]:
        """The command that runs the service in the foreground."""

    @abstractmethod
    def answers(self, port: int) -> bool:
        """One quick question to the service; never raises."""

    @abstractmethod
    def client(self) -> Any:
        """A client connected to the running service."""

    def environment(self, ports: dict[str, int]) -> Mapping[str, str]:
        """The process's environment."""
        return child_environment()

    def after_start(self, port: int) -> None:  # noqa: B027 - most have nothing to do
        """What must be done once it answers, before it counts as up."""

    def before_stop(self, port: int) -> None:  # noqa: B027 - most have nothing to do
        """What must be done before a clean stop; an error keeps the service running."""

    def recovery(self) -> str:
        """What became of its data after a kill, as half a sentence."""
        return "its data is kept"

    # What everybody may ask

    @property
    def folder(self) -> Path:
        """Its folder under work/services."""
        return state.service_folder(self.name)

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """Its log file."""
        return self.folder / "log"

    def record(self) -> state.Record | None:
        """Its record if the recorded process runs, else None."""
        found = state.record(self.name)
        return found if state.alive(found) else None

    def port(self) -> int:
        """The port of the running service. Raises ServiceError if it is not up."""
        found = self.record()
        if found is None:
            raise ServiceError(f"The service {self.name} is not up.", f".venv/bin/gridbridge services up {self.name}")
        return found.port

    def ready(self) -> bool:
        """True if the process is ours, finished starting and answers now."""
        found = self.record()
        return found is not None and found.complete and self._reached(found)

    def _reached(self, record: state.Record) -> bool:
        # Two that start at once may choose one port: the answer must not be the other one's.
        return process.listens(record) and self.answers(record.port)

    def logs(self, n: int = 50) -> list[str]:
        """The last n lines of its log."""
        return process.tail(self.log, n)

    def up(self, cancel: Event | None = None) -> bool:
        """Start it and wait until it answers; True if this call started it, False if it was up.

        A leftover process of ours is taken over if it answers and ended otherwise. Setting `cancel` gives up while it
        waits for the answer. Raises ServiceError; then, as after Ctrl-C, nothing half started stays behind.
        """
        with state.locked(self.folder / "lock"):
            if self.ready():
                return False
            previous = state.record(self.name)
            process.terminate(previous, self.stop_signal)
            strays = process.marked(self.folder)
            process.end(strays, strays, self.stop_signal)
            process.reap()
            unclean = state.unclean(previous)
            for last in (False, False, True):
                if self._start(previous, unclean, cancel, last):
                    break
                # Somebody took a port between our look and the service's: it is asked for no more.
                previous = None
            return True

    def _start(self, previous: state.Record | None, unclean: bool, cancel: Event | None, last: bool) -> bool:
        """Start it on free ports; False if one of them was taken meanwhile and this is not the last attempt."""
        ports, note = self._ports(previous)
        if unclean:
            said = f"It had not been stopped cleanly (killed, or the machine went down): {self.recovery()}."
            note = f"{said} {note}".strip()
        self.prepare(ports)
        pid, create_time = process.spawn(self.command(ports), self.log, self.environment(ports), self.folder)
        record = state.Record(
            pid=pid,
            create_time=create_time,
            ports=ports,
            since=now_utc().isoformat(timespec="seconds"),
            data=str(self.data),
            note=note,
            unclean=unclean,
        )
        try:
            state.store(self.name, record)
            timeout = settings().service_timeout
            process.await_ready(self.name, record, lambda: self._reached(record), self.log, timeout, cancel)
            self.after_start(record.port)
            state.store(self.name, replace(record, complete=True))
            return True
        except BaseException as error:
            # Ctrl-C included: nothing half started stays behind.
            self._end(record, unclean, grace=5.0)
            given_up = last or not isinstance(error, ServiceError) or (cancel is not None and cancel.is_set())
            if given_up or all(process.can_bind(port) for port in ports.values()):
                raise
            return False

    def _end(self, record: state.Record, unclean: bool, grace: float) -> None:
        """End its processes, Ctrl-C or not; an unclean end stays on record until a start has told it."""
        try:
            process.terminate(record, self.stop_signal, grace)
        except BaseException:
            process.terminate(record, self.stop_signal, grace=5.0)
            raise
        finally:
            left = replace(record, pid=0, complete=False, unclean=True) if unclean else None
            state.store(self.name, left)

    def preparation(self, command: list[str], what: str) -> None:
        """Run a command of `prepare` to its end; should we be killed meanwhile, the next start ends it."""
        marked = {process.MARK: str(self.folder)}
        process.run_once(command, what, child_environment(marked), settings().service_timeout)

    def _ports(self, previous: state.Record | None) -> tuple[dict[str, int], str]:
        """Free ports: those of the last start where they can be had, so that clients find it again."""
        known = previous.ports if previous else {}
        chosen: dict[str, int] = {}
        note = ""
        for name in self.port_names:
            wanted = known.get(name) or (self.usual_port() if name == "client" else 0)
            chosen[name], said = process.free_port(wanted, set(chosen.values()))
            note = note or (said if wanted else "")
        return chosen, note

    def down(self) -> bool:
        """Stop it cleanly; True if it was running. Nobody else's process is touched.

        Waits for a start or stop that another process is at. Raises ServiceError if it cannot be stopped without
        loss, and then it keeps running.
        """
        with state.locked(self.folder / "lock"):
            found = self.record()
            unclean = found is not None and found.unclean and not found.complete
            if found is not None:
                if found.complete and self._reached(found):
                    self.before_stop(found.port)
                    # From here on nothing is lost by an end of any kind.
                    found = replace(found, complete=False, unclean=False)
                    state.store(self.name, found)
                elif found.complete:
                    unclean = True
                self._end(found, unclean, self.grace)
            strays = process.marked(self.folder)
            process.end(strays, strays, self.stop_signal)
            return found is not None or bool(strays)

    def kill(self) -> None:
        """End its whole process tree at once, as a power cut would (SIGKILL); for tests and faults."""
        process.terminate(state.record(self.name), signal.SIGKILL)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Within the block the service is down; afterwards it is up again on the same port."""
        found = self.record()
        self.down()
        if found is not None:
            # A dead record remembers the ports for the next start.
            state.store(self.name, replace(found, pid=0, complete=False, unclean=False))
        try:
            yield
        finally:
            self.up()
