"""LocalStack's own environment: its pins clash with ours, so it shares nothing with this one."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from helpers.core.errors import SetupError
from helpers.core.settings import ROOT, settings
from helpers.toolchain.alone import alone
from helpers.toolchain.progress import step

LOCK = ROOT / "locks" / "localstack.txt"
_MARKER = "gridbridge-lock.sha256"
_REMEDY = "Check the network and the free space of the disk, then run: make setup"


def localstack_python() -> Path:
    """The Python of LocalStack's environment, there or not."""
    folder = settings().cache / "localstack"
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ensure_localstack() -> Path:
    """Have LocalStack installed from its hashed lock, and return the Python that runs it.

    The marker is written last, so an interrupted set-up is taken up again. Raises SetupError where pip fails.
    """
    python = localstack_python()
    if localstack_complete():
        return python
    folder = python.parents[1]
    with alone("localstack"):
        if not localstack_complete():
            (folder / _MARKER).unlink(missing_ok=True)
            with step("Making LocalStack's environment, once (about 310 MB)"):
                _install(folder, python)
            (folder / _MARKER).write_text(_wanted(), encoding="utf-8")
    return python


def localstack_complete() -> bool:
    """True if LocalStack's environment was made to its end from today's lock."""
    python = localstack_python()
    return python.exists() and _marked(python.parents[1]) == _wanted()


def _install(folder: Path, python: Path) -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    if not _runs(python):
        # --clear: what an interrupted set-up left behind is no environment
        _run(
            [uv, "venv", "--clear", "--quiet", "--python", sys.executable, str(folder)]
            if uv
            else [sys.executable, "-m", "venv", "--clear", str(folder)]
        )
    if uv:
        _run([uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(LOCK)])
    else:
        _run([str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(LOCK)])


def _wanted() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


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


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise SetupError(f"LocalStack's environment could not be made: {error}.", _REMEDY) from error
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout or "").strip().splitlines()
        raise SetupError(
            f"LocalStack's environment could not be made: {' '.join(said[-3:]) or error}.", _REMEDY
        ) from error
