"""A queue server (NATS JetStream) for one notebook: it lives no longer than the process that asked for it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import weakref
from pathlib import Path

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from helpers.core.errors import ServiceError, SetupError
from helpers.core.settings import child_environment, settings
from helpers.services.process import GRACE, tail

# It reads until we close its input, or until the system does because we are no more; the folder goes last.
_GUARD = 'folder=$1; shift; "$@" & read -r line; kill $!; wait; rm -rf "$folder"'


class QueueServer:
    """A running server on a free port of 127.0.0.1; what it stores is in a temporary folder that goes with it.

    It ends by `stop`, when nothing refers to this object any more, and with this process, even if that is killed.
    url: where clients find it.
    """

    def __init__(self) -> None:
        """Start it and wait until it answers. Raises ServiceError, or SetupError if it is not installed."""
        program = shutil.which("nats-server", path=str(Path(sys.executable).parent))
        if program is None:
            raise SetupError(
                "The queue server (nats-server) is missing from the environment.", "rm -f .venv/.ready && make setup"
            )
        folder = Path(tempfile.mkdtemp(prefix="gridbridge-queue-"))
        # -1: the server itself takes any free port, and writes it to a file once it listens.
        listen = ("-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", str(folder))
        with (folder / "log").open("wb") as log:
            self._guard = subprocess.Popen(
                ["sh", "-c", _GUARD, "sh", str(folder), program, *listen, "-js", "-sd", str(folder)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=child_environment(),
                cwd=folder,
                start_new_session=True,
            )
        assert self._guard.stdin is not None
        # Without it Popen would keep a process that runs, and with it the way to its input.
        self._let_go = weakref.finalize(self, self._guard.stdin.close)
        try:
            self.url = _url(folder)
        except BaseException:
            # Ctrl-C included: nothing half started stays behind.
            self.stop()
            raise

    def stop(self) -> None:
        """End it and delete what it stored; does nothing if that was done. Raises ServiceError if it does not end."""
        self._let_go()
        try:
            self._guard.wait(GRACE)
        except subprocess.TimeoutExpired:
            raise ServiceError(
                f"The queue server (group {self._guard.pid}) does not end.", "End it by hand."
            ) from None


def _url(folder: Path) -> str:
    """Where the server of that folder listens, as soon as it does."""

    def said() -> str:
        for file in folder.glob("*.ports"):
            try:
                return str(json.loads(file.read_text(encoding="utf-8"))["nats"][0])
            except ValueError:
                break  # half written
        return ""

    attempts = Retrying(
        stop=stop_after_delay(settings().service_timeout),
        wait=wait_fixed(0.05),
        retry=retry_if_result(lambda url: not url),
    )
    try:
        return attempts(said)
    except RetryError:
        words = "\n".join(tail(folder / "log", 12)) or "(the log is empty)"
        raise ServiceError(
            f"The queue server did not answer. Last lines of its log:\n{words}",
            "On a slow machine raise GRIDBRIDGE_SERVICE_TIMEOUT.",
        ) from None
