import json
from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

from helpers.cli.doctor import doctor
from helpers.core.errors import SetupError
from helpers.services import doctor as room
from helpers.toolchain.checks import Finding

COMMAND = typer.Typer()
COMMAND.command()(doctor)


def fails() -> Finding:
    raise SetupError("No Java was found\non PATH.", "Install a JDK.")


def breaks() -> Finding:
    raise ZeroDivisionError("by zero")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    checks: dict[str, object] = {
        "fine": lambda: Finding("fine", "ok", "as it should be"),
        "low": lambda: Finding("low", "warning", "4 GiB", "close something"),
    }
    monkeypatch.setattr(room, "MACHINE", checks)
    yield checks


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(COMMAND, ["--no-services", *arguments])
    return done.exit_code, done.stdout


def test_a_warning_is_no_failure_and_each_finding_is_one_line(machine: dict[str, object]) -> None:
    code, told = run()
    assert code == 0
    assert told.splitlines() == [
        "ok      fine              as it should be",
        "warning low               4 GiB  Next: close something",
    ]


def test_checks_that_raise_are_failures_and_the_others_go_on(machine: dict[str, object]) -> None:
    rest = dict(machine)
    machine.clear()
    machine.update({"Java": fails, "luck": breaks, **rest})
    code, told = run()
    assert code == 1
    assert told.splitlines()[:2] == [
        "failed  Java              No Java was found on PATH.  Next: Install a JDK.",
        "failed  luck              ZeroDivisionError: by zero  Next: make setup",
    ]
    assert len(told.splitlines()) == 4


def test_programs_get_json(machine: dict[str, object]) -> None:
    machine["Java"] = fails
    code, told = run("--json")
    assert code == 1
    assert [(one["name"], one["state"]) for one in json.loads(told)] == [
        ("fine", "ok"),
        ("low", "warning"),
        ("Java", "failed"),
    ]
    assert json.loads(told)[2]["remedy"] == "Install a JDK."


def test_a_service_that_breaks_is_restarted_and_a_remote_one_is_corrected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "is_remote", lambda _: False)
    assert room._ask("Kafka", breaks).remedy.startswith("make services-down doctor")
    monkeypatch.setattr(room, "is_remote", lambda _: True)
    assert "DATABASE_URL" in room._ask("PostgreSQL", breaks).remedy


def test_every_check_has_a_line_of_its_own() -> None:
    assert len(room.MACHINE) == 14
    assert list(room.SERVICES) == ["S3", "Kafka", "PostgreSQL"]
