"""What a newcomer types first."""

import re
import shlex
import subprocess

import pytest

from tests.unit.project.commands import ROOT, exists, make, stands


def test_make_alone_prints_every_goal():
    done = make()
    assert done.returncode == 0
    goals = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert goals
    for goal in goals:
        assert f"make {goal}" in done.stdout


def typed(document: str) -> list[str]:
    """Every command of a document: indented or fenced lines and `code` that start with make or gridbridge."""
    text = (ROOT / document).read_text()
    lines = re.findall(r"(?m)^(?: {4}|\$ )?((?:make|(?:\.venv/bin/)?gridbridge) [^#`\n]+)", text)
    return sorted(
        {one.strip() for one in (*lines, *re.findall(r"`((?:make|(?:\.venv/bin/)?gridbridge) [^`]+)`", text))}
    )


COMMANDS = [(document, line) for document in ("README.md", "CONTRIBUTING.md") for line in typed(document)]


def test_the_readme_has_commands_to_look_at():
    lines = [line for document, line in COMMANDS if document == "README.md"]
    assert {"make services", "make test", "make lab"} <= set(lines)


@pytest.mark.parametrize(("document", "line"), COMMANDS)
def test_a_command_of_the_documents_exists(document, line):
    assert stands(line)


@pytest.mark.parametrize(
    "line", ["gridbridge services start", "gridbridge services status --jason", "gridbridge piperun", "make piperun"]
)
def test_the_check_of_commands_can_fail(line):
    assert not stands(line)


@pytest.mark.parametrize("goal", ["pipeline", "services", "services-down", "doctor", "setup"])
def test_a_goal_calls_commands_that_exist(goal):
    lines = make("--dry-run", goal, "KEEP=1").stdout.splitlines()
    called = [shlex.split(line)[1:] for line in lines if "/gridbridge " in line]
    assert called
    assert all(exists(words) for words in called)


def test_keep_is_handed_on_only_where_it_is_wanted():
    assert "--keep" in make("--dry-run", "pipeline", "KEEP=1").stdout
    for off in ("KEEP=0", "KEEP="):
        assert "--keep" not in make("--dry-run", "pipeline", off).stdout
    assert make("--dry-run", "pipeline", "ARGS=--seed 3").stdout.rstrip().endswith("--seed 3")


def test_lab_is_handed_its_options():
    said = make("--dry-run", "lab", "ARGS=--no-browser").stdout
    assert said.rstrip().endswith("gridbridge lab -- --no-browser")
    said = make("--dry-run", "lab", "PAIR=Ada & Edgar").stdout
    assert said.rstrip().endswith('gridbridge lab --pair "Ada & Edgar" --')


def test_an_unknown_service_is_one_sentence_and_no_traceback():
    done = subprocess.run(
        [ROOT / ".venv/bin/gridbridge", "services", "logs", "rabbit"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "rabbit" in done.stderr
    assert "kafka" in done.stderr
    assert "Traceback" not in done.stderr
