from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from helpers.cli import setup as room
from helpers.core.errors import SetupError
from helpers.toolchain import jarlock

COMMANDS = typer.Typer()
COMMANDS.command()(room.setup)
COMMANDS.command("lock-jars")(room.lock_jars)


def test_a_missing_archive_is_told_and_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "ensure_archive", lambda name, module: "disk full" if name == "spark" else "")
    done = CliRunner().invoke(COMMANDS, ["setup"])
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "No class archive for spark: disk full. It starts more slowly; nothing else changes."
    ]


def test_the_order_is_java_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Path:
        raise SetupError("No Java was found.")

    monkeypatch.setattr(room, "java", none)
    monkeypatch.setattr(room, "ensure_jars", lambda *_: pytest.fail("fetched 100 MB before it looked for Java"))
    assert isinstance(CliRunner().invoke(COMMANDS, ["setup"]).exception, SetupError)


@pytest.mark.parametrize(
    ("changes", "arguments", "code", "told"),
    [
        (([], []), ["--check"], 0, "locks/jars.txt is as locks/jars.toml asks."),
        ((["kafka b 1"], ["kafka a 0"]), ["--check"], 1, "+ kafka b 1\n- kafka a 0"),
        ((["kafka b 1"], []), [], 0, "+ kafka b 1"),
    ],
)
def test_what_a_new_lock_changes_is_told(
    monkeypatch: pytest.MonkeyPatch,
    changes: tuple[list[str], list[str]],
    arguments: list[str],
    code: int,
    told: str,
) -> None:
    written = []
    monkeypatch.setattr(jarlock, "relock", lambda write: written.append(write) or changes)
    done = CliRunner().invoke(COMMANDS, ["lock-jars", *arguments])
    assert (done.exit_code, done.stdout.strip()) == (code, told)
    assert written == ["--check" not in arguments]
