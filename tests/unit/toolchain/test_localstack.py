import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.core.errors import SetupError
from helpers.core.settings import settings
from helpers.toolchain import localstack as room


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """The commands that would have run; `venv` makes a Python that answers."""
    lock = tmp_path / "localstack.txt"
    lock.write_text("localstack-core==1 --hash=sha256:0\n")
    monkeypatch.setattr(room, "LOCK", lock)
    monkeypatch.setenv("GRIDBRIDGE_CACHE", str(tmp_path / "cache"))
    settings.cache_clear()
    commands: list[list[str]] = []

    def run(command: list[str], **_options: Any) -> None:
        commands.append(command)
        if "venv" in command:
            python = room.localstack_python()
            python.parent.mkdir(parents=True)
            python.write_text("#!/bin/sh\n")
            python.chmod(0o755)

    monkeypatch.setattr(room, "_run", run)
    yield commands
    monkeypatch.undo()
    settings.cache_clear()


def test_it_is_made_once_with_hashes(ran: list[list[str]]) -> None:
    python = room.ensure_localstack()
    assert python == room.localstack_python()
    assert "venv" in ran[0]
    assert "--require-hashes" in ran[1]
    room.ensure_localstack()
    assert len(ran) == 2


def test_another_lock_installs_again_into_the_same_environment(ran: list[list[str]]) -> None:
    room.ensure_localstack()
    room.LOCK.write_text("localstack-core==2 --hash=sha256:1\n")
    room.ensure_localstack()
    assert len(ran) == 3
    assert "venv" not in ran[2]


def test_an_interrupted_set_up_is_taken_up_again(ran: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = room._run

    def cut(command: list[str]) -> None:
        whole(command)
        if "--require-hashes" in command:
            raise KeyboardInterrupt

    monkeypatch.setattr(room, "_run", cut)
    with pytest.raises(KeyboardInterrupt):
        room.ensure_localstack()
    monkeypatch.setattr(room, "_run", whole)
    room.ensure_localstack()
    assert [("venv" in command) for command in ran] == [True, False, False]


def test_a_failed_install_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise subprocess.CalledProcessError(1, "pip", stderr="long story\nhash mismatch")

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(SetupError, match="hash mismatch") as caught:
        room._run(["pip"])
    assert "make setup" in caught.value.remedy
