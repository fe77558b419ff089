from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.core.errors import SetupError
from helpers.core.settings import settings
from helpers.toolchain.java import how_to_install, java, major_version


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A JAVA_HOME whose java says what the test writes into it."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    settings.cache_clear()


def says(home: Path, text: str, code: int = 0) -> Path:
    program = home / "bin" / "java"
    program.write_text(f"#!/bin/sh\necho '{text}' >&2\nexit {code}\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("version", ["17.0.15", "21", "21.0.4"])
def test_a_supported_java_is_returned(home: Path, version: str) -> None:
    program = says(home, f'openjdk version "{version}"')
    assert java() == program


@pytest.mark.parametrize(
    ("version", "told"), [("1.8.0_402", "version 8"), ("11.0.2", "version 11"), ("25", "version 25")]
)
def test_another_major_version_is_refused(home: Path, version: str, told: str) -> None:
    says(home, f'openjdk version "{version}"')
    with pytest.raises(SetupError, match=f"{told}; Spark and Kafka need 17 or 21") as caught:
        java()
    assert "JAVA_HOME" in caught.value.remedy


def test_a_java_that_fails_is_refused(home: Path) -> None:
    says(home, "no memory", code=1)
    with pytest.raises(SetupError, match="does not run"):
        java()


def test_no_java_under_java_home_is_named(home: Path) -> None:
    with pytest.raises(SetupError, match=f"under JAVA_HOME \\({home}\\)"):
        java()


def test_no_java_on_path_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    settings.cache_clear()
    with pytest.raises(SetupError, match="on PATH"):
        java()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize(
    ("system", "command"),
    [("linux", "apt install openjdk-17-jre-headless"), ("darwin", "brew install openjdk@17")],
)
def test_each_system_has_its_command(system: str, command: str) -> None:
    assert how_to_install(system).startswith(command)
    assert "JAVA_HOME" in how_to_install(system)


@pytest.mark.parametrize(
    ("text", "major"),
    [('openjdk version "17.0.15" 2025', 17), ('Picked up X\njava version "1.8.0_4"', 8), ("nonsense", None)],
)
def test_major_version(text: str, major: int | None) -> None:
    assert major_version(text) == major
