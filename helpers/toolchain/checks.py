"""What has to be right before a service is started, each as one small question with one finding."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from helpers.core.settings import ROOT, settings
from helpers.core.system import USE_WSL, WINDOWS, native_windows
from helpers.toolchain import jarlock, pins
from helpers.toolchain.apart import LOCALSTACK
from helpers.toolchain.archives import archive_flags, archives_folder, class_path
from helpers.toolchain.jars import Jar, complete, jars_folder, read_lock
from helpers.toolchain.java import java, java_build

GIB = 1 << 30
MEMORY_WANTED, DISK_WANTED = 6 * GIB, 5 * GIB
"""Bytes below which a run may get slow or stop: a broker, a Spark driver, LocalStack and a kernel side by side."""

_SCALA = re.compile(r"_(2\.\d+)-\d|^scala-library-(2\.\d+)\.")
_NO_HOME = "unset SPARK_HOME  (or take it out of gridbridge.toml)"
_HADOOP = re.compile(r"^hadoop-[a-z-]+-(\d+(?:\.\d+)*)\.jar$")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: what was looked at, how it is, what was seen, and the command that mends it."""

    name: str
    state: Literal["ok", "warning", "failed"]
    told: str
    remedy: str = ""


def check_platform(system: str = sys.platform) -> Finding:
    """system: as `sys.platform` has it."""
    if native_windows(system):
        return Finding("system", "failed", WINDOWS, USE_WSL)
    return Finding("system", "ok", system)


def check_python(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Finding:
    """version: (major, minor, micro)."""
    told = f"{'.'.join(map(str, version))} at {sys.executable}"
    if version[:2] != (3, 11):
        return Finding("Python", "failed", told, "make distclean setup PYTHON=/path/to/python3.11")
    return Finding("Python", "ok", told)


def check_java() -> Finding:
    """Raises SetupError with its remedy where there is no fitting Java."""
    return Finding("Java", "ok", f"{java_build().splitlines()[0]} at {java()}")


def check_memory(available: int | None = None) -> Finding:
    """available: bytes; None = of this machine, now."""
    free = psutil.virtual_memory().available if available is None else available
    told = f"{free / GIB:.1f} GiB available"
    if free < MEMORY_WANTED:
        remedy = "make services-down  (stops what is up of ours; else close other programs)"
        return Finding("memory", "warning", f"{told}, {MEMORY_WANTED // GIB} are better", remedy)
    return Finding("memory", "ok", told)


def check_disk() -> Finding:
    """Free space where the cache and the work folder are, and what the project's own folders take."""
    known = settings()
    free = min(shutil.disk_usage(_existing(folder)).free for folder in (known.cache, known.work))
    folders = {".venv": ROOT / ".venv", "cache": known.cache, "work": known.work}
    used = ", ".join(f"{name} {disk_used(folder) / GIB:.1f}" for name, folder in folders.items())
    told = f"{free / GIB:.1f} GiB free; used: {used}"
    if free < DISK_WANTED:
        return Finding("disk", "warning", f"{told}; {DISK_WANTED // GIB} free are better", _freeing(known.work))
    return Finding("disk", "ok", told)


def check_python_lock() -> Finding:
    """pyproject.toml against locks/python.txt against the environment."""
    locked = pins.pins()
    if told := pins.stale(pins.direct(), locked):
        return Finding("Python lock", "failed", " ".join(told), "make lock")
    if told := pins.not_installed(locked):
        return Finding("Python lock", "failed", " ".join(told[:3]), "rm -f .venv/.ready && make setup")
    return Finding("Python lock", "ok", f"{len(locked)} packages as locked")


def check_jars() -> Finding:
    """locks/jars.toml against locks/jars.txt against the files, by hash."""
    if told := jarlock.stale():
        return Finding("jars", "failed", " ".join(told), "make lock")
    jars = read_lock()
    bad = [jar.name for jar in jars if not _intact(jar)]
    bad += [f"the folder {name}" for name in sorted({jar.set for jar in jars}) if not complete(name, jars)]
    if bad:
        told_bad = f"missing, incomplete or altered: {', '.join(bad[:3])}"
        return Finding("jars", "failed", told_bad, f"{_remove(settings().cache / 'jars')} && make setup")
    return Finding("jars", "ok", f"{len(jars)} jars with the hashes of the lock")


def check_versions() -> Finding:
    """One Scala and one Hadoop in all jars that are loaded; raises OSError where a folder of ours is missing."""
    home = settings().spark_home
    if home and not (home / "jars").is_dir():
        return Finding("Scala, Hadoop", "failed", f"SPARK_HOME ({home}) has no folder of jars", _NO_HOME)
    ours = {jars_folder(name) for name in ("kafka", "spark")}
    others = {folder for name in ("kafka", "spark") for folder in class_path(name)} - ours
    names = _names(ours)
    mends = f"{_remove(settings().cache / 'jars')} && make setup"
    if _one_of_each(names):
        # What disagrees with them is then no jar of the cache.
        mends = _NO_HOME if home else "make distclean setup"
        names += _names(others)
    scala, hadoop = versions(names)
    told = f"Scala {', '.join(scala) or 'none'}, Hadoop {', '.join(hadoop) or 'none'}"
    if not _one_of_each(names):
        return Finding("Scala, Hadoop", "failed", f"{told}; wanted are Scala 2.13 and one Hadoop", mends)
    return Finding("Scala, Hadoop", "ok", told)


def check_localstack() -> Finding:
    """LocalStack's environment against its lock."""
    if not LOCALSTACK.complete():
        return Finding("LocalStack", "failed", "its environment is missing or of another lock", "make setup")
    return Finding("LocalStack", "ok", "its environment is as locked")


def check_archives() -> Finding:
    """The class archives; without them starts are slower, nothing else."""
    missing = [name for name in ("kafka", "spark") if not archive_flags(name)]
    if missing:
        told = f"none for {' and '.join(missing)}: starts take twice as long"
        return Finding("class archives", "warning", told, f"{_remove(archives_folder())} && make setup")
    return Finding("class archives", "ok", "made for this Java and these jars")


def versions(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Scala's binary versions and Hadoop's versions that occur in names of jars, sorted."""
    scala, hadoop = set(), set()
    for name in names:
        if found := _SCALA.search(name):
            scala.add(found[1] or found[2])
        if found := _HADOOP.match(name):
            hadoop.add(found[1])
    return sorted(scala), sorted(hadoop)


def disk_used(folder: Path) -> int:
    """Bytes on the disk below a folder, each file counted once; 0 where there is none."""
    total = 0
    seen: set[tuple[int, int]] = set()
    for path, _, files in os.walk(folder):
        for name in files:
            try:
                stat = (Path(path) / name).lstat()
            except OSError:
                continue  # a log that was rotated meanwhile
            if (stat.st_dev, stat.st_ino) not in seen:
                seen.add((stat.st_dev, stat.st_ino))
                total += stat.st_blocks * 512
    return total


def _one_of_each(names: Iterable[str]) -> bool:
    scala, hadoop = versions(names)
    return scala == ["2.13"] and len(hadoop) == 1


def _names(folders: Iterable[Path]) -> list[str]:
    return [entry.name for folder in folders for entry in os.scandir(folder)]


def _freeing(work: Path) -> str:
    """The command that deletes what the pipeline makes again, where that is worth it; what set-up made is needed."""
    made = [work / name for name in ("runs", "services", "telemetry")]
    spare = sum(map(disk_used, made))
    if spare < GIB / 10:
        return f"free some elsewhere: of the project's own, {spare / GIB:.1f} GiB can be had again"
    told = f"frees {spare / GIB:.1f} GiB: reports of runs, topics, buckets, tables; answers to lessons stay"
    return f"make services-down && {_remove(*made)}  ({told})"


def _remove(*folders: Path) -> str:
    return shlex.join(["rm", "-rf", *map(str, folders)])


def _existing(folder: Path) -> Path:
    return next(one for one in (folder, *folder.parents) if one.exists())


def _intact(jar: Jar) -> bool:
    try:
        body = (jars_folder(jar.set) / jar.name).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(body).hexdigest() == jar.sha256
