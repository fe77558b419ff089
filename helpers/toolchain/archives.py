"""Class archives (AppCDS): what a JVM loaded and checked once, kept in a file, so that later starts need not.

Measured in CPU seconds: the broker's start 2.1 → 1.2, Spark to its first grouped count 10 → 5.3 (`teaching`)
and 17 → 11 (`throughput`). One archive serves both of Spark's profiles: the JVM does not tie it to a compiler.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psutil

from helpers.core.errors import SetupError
from helpers.core.settings import ROOT, child_environment, settings
from helpers.toolchain.alone import alone
from helpers.toolchain.jars import jars_folder
from helpers.toolchain.java import java_build
from helpers.toolchain.progress import step

_LIMIT = 600  # seconds for a recording run; a loaded small machine needs about 100
# Without these a JVM that finds the archive unfit would say so on stdout.
_QUIET = ("-Xlog:cds=off", "-Xlog:cds+dynamic=off")
# A recording run uses nothing but its own folder.
_FOREIGN = (
    *("SPARK_REMOTE", "SPARK_MASTER", "KAFKA_BOOTSTRAP_SERVERS", "AWS_ENDPOINT_URL", "DATABASE_URL"),
    *("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"),
)


def archives_folder() -> Path:
    """The folder of all archives, there or not."""
    return settings().cache / "archives"


def archive_flags(name: str) -> list[str]:
    """JVM flags that use the archive "kafka" or "spark"; none where it was not made for this Java and these jars."""
    try:
        file = _file(name)
        # A truncated archive does not only fail to help: it kills the JVM.
        whole = file.stat().st_size == _note(file).get("size")
    except (OSError, SetupError):
        return []
    return [f"-XX:SharedArchiveFile={file}", "-Xshare:auto", *_QUIET] if whole else []


def recording_flags(archive: str) -> list[str]:
    """JVM flags that write an archive when the JVM ends. Its stdout is flooded meanwhile."""
    return [f"-XX:ArchiveClassesAtExit={archive}"]


def ensure_archive(name: str, module: str) -> str:
    """Have the archive `name`, made by running `python -m module PATH`, which leaves it at PATH.

    Returns "" or why there is none: then a start takes longer, nothing else, and it is not tried again for the
    same Java and jars. Only an interruption is raised.
    """
    try:
        file = _file(name)
    except (OSError, SetupError) as error:
        return str(error).splitlines()[0]
    if archive_flags(name):
        return ""
    if "failed" in (note := _note(file)):
        return str(note["failed"])
    file.parent.mkdir(parents=True, exist_ok=True)
    with alone(f"archive-{name}"):
        if archive_flags(name):
            return ""
        _sweep(name)
        with step(f"Making the class archive of {name}, once (about a minute; every later start is quicker)"):
            return _make(name, file, module)


def _make(name: str, file: Path, module: str) -> str:
    work = Path(tempfile.mkdtemp(prefix=f"{name}-", suffix=".part", dir=file.parent))
    part = work / "archive"
    try:
        failed = _record(module, part, work)
        if failed:
            _note_down(file, {"failed": failed})
            return failed
        part.replace(file)
        _note_down(file, {"size": file.stat().st_size})
        return ""
    except OSError as error:
        return str(error)
    finally:
        _clear(work)


def _record(module: str, part: Path, work: Path) -> str:
    """Run the recording; returns "" or what went wrong."""
    environment = child_environment({"GRIDBRIDGE_WORK": str(work)}, drop=_FOREIGN)
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, str(part)],
            capture_output=True,
            text=True,
            errors="replace",
            env=environment,
            cwd=ROOT,
            timeout=_LIMIT,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        return lines[-1] if lines else f"{module} ended with exit code {done.returncode}"
    return "" if part.exists() else f"{module} left no archive"


def _file(name: str) -> Path:
    """Where the archive for this Java and class path is kept."""
    parts = [java_build(), *(line for folder in class_path(name) for line in _listing(folder))]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return archives_folder() / f"{name}-{key}.jsa"


def class_path(name: str) -> list[Path]:
    """The folders whose jars a JVM of "kafka" or "spark" loads, in their order."""
    own = jars_folder(name)
    if name != "spark":
        return [own]
    if home := settings().spark_home:
        return [own, home / "jars"]
    spec = find_spec("pyspark")
    return [own, Path(str(spec.origin)).parent / "jars"] if spec else [own]


def _listing(folder: Path) -> list[str]:
    """The jars with size and time, which the JVM compares too; raises OSError where there is no folder."""
    found = [(entry.name, entry.stat()) for entry in os.scandir(folder) if entry.name.endswith(".jar")]
    return [str(folder), *sorted(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in found)]


def _note(file: Path) -> dict[str, object]:
    try:
        found = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _note_down(file: Path, note: dict[str, object]) -> None:
    fresh = file.with_suffix(".json.part")
    fresh.write_text(json.dumps(note), encoding="utf-8")
    fresh.replace(file.with_suffix(".json"))


def _sweep(name: str) -> None:
    """Delete this archive's earlier versions and what an interrupted making left."""
    for left in archives_folder().glob(f"{name}-*"):
        _clear(left) if left.is_dir() else left.unlink(missing_ok=True)


def _clear(work: Path) -> None:
    """Delete a recording's folder, after ending what still runs in its name (we were interrupted)."""
    for process in psutil.process_iter(["cmdline"]):
        if any(str(work) in argument for argument in process.info["cmdline"] or ()):
            with suppress(psutil.Error):
                process.kill()
    shutil.rmtree(work, ignore_errors=True)
