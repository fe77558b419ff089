"""Every `gridbridge` command on native Windows, where modules that we use do not exist."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]["gridbridge"]
ON_WINDOWS = """
import sys
sys.modules["fcntl"] = None
sys.platform = "win32"
sys.argv = ["gridbridge", *sys.argv[1:]]
"""
AS_SCRIPT = "from {} import {} as start\nstart()".format(*SCRIPT.split(":"))
AS_MODULE = "import runpy\nrunpy.run_module('helpers', run_name='__main__')"


@pytest.mark.parametrize(
    ("start", "words"),
    [(AS_SCRIPT, "doctor"), (AS_SCRIPT, "services up"), (AS_MODULE, "")],
    ids=["gridbridge doctor", "gridbridge services up", "python -m helpers"],
)
def test_native_windows_is_sent_to_wsl_by_every_command(start: str, words: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", ON_WINDOWS + start, *words.split()],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert told.returncode == 1
    assert told.stdout == ""
    sentence, remedy = told.stderr.splitlines()
    assert "Windows" in sentence
    assert remedy.startswith("Next: wsl --install")


def test_elsewhere_the_commands_are_there() -> None:
    words = [sys.executable, "-c", f"import sys\nsys.argv[0] = 'gridbridge'\n{AS_SCRIPT}", "doctor", "--help"]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stderr
    assert "Java, Python, memory" in told.stdout
