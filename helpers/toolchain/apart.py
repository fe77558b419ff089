"""Environments of their own, each from a hashed lock: their pins clash with ours, so they share nothing with it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from helpers.core.errors import SetupError
from helpers.core.settings import ROOT, settings
from helpers.toolchain.alone import alone
from helpers.toolchain.progress import step

_MARKER = "gridbridge-lock.sha256"
_REMEDY = "Check the network and the free space of the disk, then run: make setup"


@dataclass(frozen=True)
class Apart:
    """One such environment. name: of its folder in the cache and of its lock; title: for people; size: on disk."""

    name: str
    title: str
    size: str

    @property
    def lock(self) -> Path:
        """The hashed requirements."""
        return ROOT / "locks" / f"{self.name}.txt"

    @property
    def python(self) -> Path:
        """Its Python, there or not."""
        return settings().cache / self.name / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def ensure(self) -> Path:
        """Have all of the lock installed, and return the Python that runs it.

        The marker is written last, so an interrupted set-up is taken up again. Raises SetupError where pip fails.
        """
        if not self.complete():
            folder = self.python.parents[1]
            with alone(self.name):
                if not self.complete():
                    (folder / _MARKER).unlink(missing_ok=True)
                    with step(f"Making {self.title}'s environment, once (about {self.size})"):
                        self._install(folder)
                    (folder / _MARKER).write_text(self._wanted(), encoding="utf-8")
        return self.python

    def complete(self) -> bool:
        """True if it was made to its end from today's lock."""
        return self.python.exists() and _marked(self.python.parents[1]) == self._wanted()

    def _install(self, folder: Path) -> None:
        uv = shutil.which("uv", path=str(Path(sys.executable).parent))
        if not _runs(self.python):
            # --clear: what an interrupted set-up left behind is no environment
            self._run(
                [uv, "venv", "--clear", "--quiet", "--python", sys.executable, str(folder)]
                if uv
                else [sys.executable, "-m", "venv", "--clear", str(folder)]
            )
        python, lock = str(self.python), str(self.lock)
        if uv:
            # Compiled as pip does: or else every start does it anew where Python may not write what it compiled.
            sync = [uv, "pip", "sync", "--quiet", "--compile-bytecode", "--require-hashes", "--python", python, lock]
            self._run(sync)
        else:
            self._run([python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock])

    def _wanted(self) -> str:
        return hashlib.sha256(self.lock.read_bytes()).hexdigest()

    def _run(self, command: list[str]) -> None:
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except FileNotFoundError as error:
            raise SetupError(f"{self.title}'s environment could not be made: {error}.", _REMEDY) from error
        except subprocess.CalledProcessError as error:
            said = (error.stderr or error.stdout or "").strip().splitlines()
            raise SetupError(
                f"{self.title}'s environment could not be made: {' '.join(said[-3:]) or error}.", _REMEDY
            ) from error


LOCALSTACK = Apart("localstack", "LocalStack", "310 MB")


def _marked(folder: Path) -> str:
    try:
        return (folder / _MARKER).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _runs(python: Path) -> bool:
    try:
        return subprocess.run([str(python), "-c", ""], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
