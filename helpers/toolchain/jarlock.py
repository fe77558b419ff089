"""From the jars that are asked for (locks/jars.toml) to the lock of all jars (locks/jars.txt). For maintainers."""

from __future__ import annotations

import hashlib
import json
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from helpers.core.errors import SetupError
from helpers.core.settings import ROOT
from helpers.toolchain import jars as lock
from helpers.toolchain.jars import Jar, read_lock
from helpers.toolchain.progress import step

WANTED = ROOT / "locks" / "jars.toml"

_HEAD = """\
# Every jar the project loads: set, path in a Maven repository, sha256. The sets' class paths are kept apart.
# kafka: the broker. spark: Kafka connector, Delta, S3A with the AWS SDK, PostgreSQL's JDBC driver.
# Made by `gridbridge lock-jars` from locks/jars.toml; do not edit.
"""
_STATED = "# asked for: "


@dataclass(frozen=True)
class Wanted:
    """One jar that is asked for: its set, `group:artifact:version`, and what it must not bring (`group:artifact`)."""

    set: str
    coordinate: str
    exclude: tuple[str, ...]

    @property
    def path(self) -> str:
        """Its path in a Maven repository."""
        group, artifact, version = self.coordinate.split(":")
        return f"{group.replace('.', '/')}/{artifact}/{version}/{artifact}-{version}.jar"


def wanted_jars(file: Path | None = None) -> list[Wanted]:
    """What a file (default: locks/jars.toml) asks for. Raises SetupError for a jar without a reason."""
    file = file or WANTED
    stored = tomllib.loads(file.read_text(encoding="utf-8"))
    excluded = stored.pop("exclude")
    found = []
    for name, jars in stored.items():
        for coordinate, entry in jars.items():
            if not entry.get("why") or coordinate.count(":") != 2:
                raise SetupError(f"{coordinate} in {file.name} is no group:artifact:version with a reason (why).")
            nothing = ("*:*",) if entry.get("alone") else tuple(excluded[name])
            found.append(Wanted(name, coordinate, nothing))
    return found


def stale() -> list[str]:
    """Why locks/jars.txt does not belong to locks/jars.toml, one sentence each; needs no network."""
    wanted = wanted_jars()
    locked = {(jar.set, jar.path) for jar in read_lock()}
    missing = [one for one in wanted if (one.set, one.path) not in locked]
    if missing:
        return [f"{one.coordinate} is not in the set {one.set} of locks/jars.txt." for one in missing]
    if _STATED + _digest(wanted) not in lock.LOCK.read_text(encoding="utf-8").splitlines():
        return ["locks/jars.toml was changed after locks/jars.txt was made."]
    return []


def relock(write: bool) -> tuple[list[str], list[str]]:
    """Resolve again; returns the lines (set path sha256) that came and went, and writes the lock if told to.

    Needs the network. Raises SetupError where something cannot be found.
    """
    wanted = wanted_jars()
    fresh = [
        jar
        for name in sorted({one.set for one in wanted})
        for jar in _resolve(name, [one for one in wanted if one.set == name])
    ]
    before, after = {_line(jar) for jar in read_lock()}, {_line(jar) for jar in fresh}
    if write:
        text = _HEAD + _STATED + _digest(wanted) + "\n" + "".join(f"{_line(jar)}\n" for jar in fresh)
        lock.LOCK.write_text(text, encoding="utf-8")
    return sorted(after - before), sorted(before - after)


def _resolve(name: str, wanted: list[Wanted]) -> list[Jar]:
    from jgo.maven import MavenContext

    from helpers.toolchain.download import maven_base

    with tempfile.TemporaryDirectory() as folder, step(f"Resolving and fetching the jars of {name}"):
        maven = MavenContext(
            repo_cache=Path(folder), local_repos=[], remote_repos={"central": maven_base()}, timeout=60
        )
        asked = []
        for one in wanted:
            no = [maven.project(*text.split(":")) for text in one.exclude]
            dependency = maven.create_dependency(one.coordinate, no)
            # Else each jar's own pom would manage the versions of all others.
            dependency.raw = True
            asked.append(dependency)
        try:
            direct, others = maven.resolver.resolve(asked)
            files = [(_path(one), one.artifact.resolve()) for one in (*direct, *others)]
        except (RuntimeError, ValueError, OSError, requests.RequestException) as error:
            raise SetupError(
                f"The jars of {name} could not be resolved: {error}.",
                "Check the network and locks/jars.toml, then run: .venv/bin/gridbridge lock-jars",
            ) from error
        return sorted(
            (Jar(name, path, hashlib.sha256(file.read_bytes()).hexdigest()) for path, file in files),
            key=lambda jar: jar.path,
        )


def _path(dependency: Any) -> str:
    return f"{dependency.artifact.component.path_prefix.as_posix()}/{dependency.artifact.filename}"


def _line(jar: Jar) -> str:
    return f"{jar.set} {jar.path} {jar.sha256}"


def _digest(wanted: list[Wanted]) -> str:
    """Of what decides the result; a reason may be reworded."""
    said = sorted((one.set, one.coordinate, *one.exclude) for one in wanted)
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
