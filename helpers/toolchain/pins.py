"""Python's lock against what pyproject.toml asks for and against what is installed; needs no network."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers.core.settings import ROOT

LOCK = ROOT / "locks" / "python.txt"


def direct(project: Path = ROOT / "pyproject.toml") -> list[Requirement]:
    """What pyproject.toml asks for, the developers' group included."""
    stored = tomllib.loads(project.read_text(encoding="utf-8"))
    return [Requirement(text) for text in (*stored["project"]["dependencies"], *stored["dependency-groups"]["dev"])]


def pins(lock: Path = LOCK) -> dict[str, str]:
    """Name to version of every pin of a lock that applies to this machine."""
    found: dict[str, str] = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            requirement = Requirement(line.removesuffix("\\").strip())
            if requirement.marker is None or requirement.marker.evaluate():
                (pin,) = requirement.specifier
                found[canonicalize_name(requirement.name)] = pin.version
    return found


def stale(wanted: list[Requirement], locked: dict[str, str]) -> list[str]:
    """Why a lock does not fit what is wanted, one sentence each."""
    told = []
    for one in wanted:
        pinned = locked.get(canonicalize_name(one.name))
        if pinned is None:
            told.append(f"{one} is not in locks/python.txt.")
        elif not one.specifier.contains(pinned, prereleases=True):
            told.append(f"locks/python.txt has {one.name} {pinned}, wanted is {one.specifier}.")
    return told


def not_installed(locked: dict[str, str]) -> list[str]:
    """Pins that this environment lacks or has in another version, one sentence each."""
    told = []
    for name, wanted in locked.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "missing"
        if found != wanted:
            told.append(f"{name} is {found}, locked is {wanted}.")
    return told
