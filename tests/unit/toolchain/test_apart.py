import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.core.errors import SetupError
from helpers.core.settings import settings
from helpers.toolchain import apart
from helpers.toolchain.apart import Apart

ROOM = Apart("some", "Some tool", "1 MB")


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """The commands that would have run; `venv` makes a Python that answers."""
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "some.txt").write_text("some==1 --hash=sha256:0\n")
    monkeypatch.setattr(apart, "ROOT", tmp_path)
    monkeypatch.setenv("GRIDBRIDGE_CACHE", str(tmp_path / "cache"))
    settings.cache_clear()
    commands: list[list[str]] = []

    def run(self: Apart, command: list[str]) -> None:
        commands.append(command)
        if "venv" in command:
            self.python.parent.mkdir(parents=True)
            self.python.write_text("#!/bin/sh\n")
            self.python.chmod(0o755)

    monkeypatch.setattr(Apart, "_run", run)
    yield commands
    monkeypatch.undo()
    settings.cache_clear()


def test_it_is_made_once_with_hashes(ran: list[list[str]]) -> None:
    assert ROOM.ensure() == ROOM.python
    assert "venv" in ran[0]
    assert "--require-hashes" in ran[1]
    ROOM.ensure()
    assert len(ran) == 2


def test_another_lock_installs_again_into_the_same_environment(ran: list[list[str]]) -> None:
    ROOM.ensure()
    ROOM.lock.write_text("some==2 --hash=sha256:1\n")
    ROOM.ensure()
    assert len(ran) == 3
    assert "venv" not in ran[2]


def test_an_interrupted_set_up_is_taken_up_again(ran: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Apart._run

    def cut(self: Apart, command: list[str]) -> None:
        whole(self, command)
        if "--require-hashes" in command:
            raise KeyboardInterrupt

    monkeypatch.setattr(Apart, "_run", cut)
    with pytest.raises(KeyboardInterrupt):
        ROOM.ensure()
    monkeypatch.setattr(Apart, "_run", whole)
    ROOM.ensure()
    assert [("venv" in command) for command in ran] == [True, False, False]


def test_a_failed_install_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise subprocess.CalledProcessError(1, "pip", stderr="long story\nhash mismatch")

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(SetupError, match=r"Some tool's environment .*hash mismatch") as caught:
        ROOM._run(["pip"])
    assert "make setup" in caught.value.remedy
