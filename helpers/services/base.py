"""What every embedded service has in common: up, down, ready, logs, client, and faults for tests."""

from __future__ import annotations

import signal
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
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
            raise ServiceError(f"The service {self.name} is not up.", f"gridbridge services up {self.name}")
        return found.port

    def ready(self) -> bool:
        """True if the process is ours, finished starting and answers now."""
        found = self.record()
        return found is not None and found.complete and self.answers(found.port)

    def logs(self, n: int = 50) -> list[str]:
        """The last n lines of its log."""
        return process.tail(self.log, n)

    def up(self) -> bool:
        """Start it and wait until it answers; True if this call started it, False if it was up.

        A leftover process of ours is taken over if it answers and ended otherwise. Raises ServiceError.
        """
        with state.locked(self.folder / "lock"):
            if self.ready():
                return False
            previous = state.record(self.name)
            process.terminate(previous, self.stop_signal)
            self._start(previous)
            return True

    def _start(self, previous: state.Record | None) -> None:
        ports, note = self._ports(previous)
        self.prepare(ports)
        pid, create_time = process.spawn(self.command(ports), self.log, self.environment(ports), self.folder)
        record = state.Record(
            pid=pid,
            create_time=create_time,
            ports=ports,
            since=now_utc().isoformat(timespec="seconds"),
            data=str(self.data),
            note=note,
        )
        try:
            state.store(self.name, record)
            process.await_ready(
                self.name,
                record,
                lambda: self.answers(record.port),
                self.log,
                settings().service_timeout,
            )
            self.after_start(record.port)
            state.store(self.name, replace(record, complete=True))
        except BaseException:
            # Ctrl-C included: nothing half started stays behind.
            process.terminate(record, self.stop_signal, grace=5.0)
            state.store(self.name, None)
            raise

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
        """Stop it cleanly; True if it was running. Nobody else's process is touched."""
        with state.locked(self.folder / "lock"):
            found = self.record()
            if found is not None:
                if found.complete and self.answers(found.port):
                    self.before_stop(found.port)
                process.terminate(found, self.stop_signal)
            state.store(self.name, None)
            return found is not None

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
            state.store(self.name, replace(found, pid=0, complete=False))
        try:
            yield
        finally:
            self.up()
