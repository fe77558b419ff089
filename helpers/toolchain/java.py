"""Finds the Java that the broker and Spark run on, and refuses one that they cannot use."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from helpers.core.errors import SetupError
from helpers.core.settings import settings

SUPPORTED = (17, 21)
"""The major versions Spark 4.2 and Kafka 4.3 both run on."""

_VERSION = re.compile(r'version "(\d+)(?:\.(\d+))?')


def java() -> Path:
    """The java program of JAVA_HOME, or else the first on PATH.

    Raises SetupError where there is none, where it does not run, or where its major version is not 17 or 21.
    """
    home = settings().java_home
    found = shutil.which(str(home / "bin" / "java")) if home else shutil.which("java")
    if found is None:
        where = f"under JAVA_HOME ({home})" if home else "on PATH, and JAVA_HOME is not set"
        raise SetupError(f"No Java was found {where}.", how_to_install())
    _require_supported(found)
    return Path(found)


def java_build() -> str:
    """What `java -version` says of the Java in use, build number included. Raises SetupError as `java` does."""
    return _told(str(java()))


def how_to_install(system: str = sys.platform) -> str:
    """The command that brings a Java which fits. system: as `sys.platform` has it."""
    if system == "darwin":
        # Homebrew's own is not on PATH.
        return 'brew install openjdk@17 && export JAVA_HOME="$(brew --prefix openjdk@17)"'
    install = "apt install openjdk-17-jre-headless  (Debian, Ubuntu; elsewhere a JDK 17 or 21)"
    return f"{install}; point JAVA_HOME at it if it is set, or if PATH has another Java first."


def major_version(text: str) -> int | None:
    """The major version in the text of `java -version` (8 for "1.8.0"), None where there is none."""
    match = _VERSION.search(text)
    if match is None:
        return None
    first, second = match.groups()
    return int(second) if first == "1" and second else int(first)


@cache
def _told(program: str) -> str:
    try:
        answer = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise SetupError(f"Java at {program} does not run: {error}.", how_to_install()) from error
    return answer.stderr + answer.stdout


def _require_supported(program: str) -> None:
    major = major_version(_told(program))
    if major not in SUPPORTED:
        told = "of an unknown version" if major is None else f"version {major}"
        raise SetupError(f"Java at {program} is {told}; Spark and Kafka need 17 or 21.", how_to_install())
