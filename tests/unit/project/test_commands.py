"""What a newcomer types first."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", "--no-print-directory", *arguments], cwd=ROOT, capture_output=True, text=True)


def test_make_alone_prints_every_goal():
    done = make()
    assert done.returncode == 0
    goals = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert goals
    for goal in goals:
        assert f"make {goal}" in done.stdout


def test_every_make_command_of_the_readme_exists():
    named = set(re.findall(r"(?m)(?:`|^    )make ([a-z-]+)", (ROOT / "README.md").read_text()))
    goals = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert named
    assert named <= goals


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
