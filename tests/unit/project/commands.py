"""Whether a command that is written somewhere can be typed."""

import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

from typer.testing import CliRunner

from helpers.cli.main import commands

ROOT = Path(__file__).resolve().parents[3]
GOALS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", "--no-print-directory", *arguments], cwd=ROOT, capture_output=True, text=True)


def exists(words: list[str]) -> bool:
    """Whether the command and each of its options exist; asking for help reads the line and runs nothing."""
    return CliRunner().invoke(commands, [*words, "--help"]).exit_code == 0


@cache
def stands(line: str) -> bool:
    """Whether the line, of make or of gridbridge, is a command that exists."""
    program, *words = shlex.split(line)
    if program != "make":
        return exists(words)
    goals = [word for word in words if "=" not in word]
    return bool(goals) and set(goals) <= GOALS and make("--dry-run", *words).returncode == 0
