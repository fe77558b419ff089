"""What the Makefile does itself, before there is a `gridbridge` command: in a folder of its own, offline."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PIP = ".venv/bin/pip"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "Makefile", tmp_path)
    return tmp_path


def make(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *words], cwd=place, capture_output=True, text=True, timeout=180
    )


def python(place: Path, script: str) -> str:
    """An interpreter that says what the test writes, and otherwise is this one."""
    program = place / "python"
    program.write_text(f'#!/bin/sh\n{script}\nexec {sys.executable} "$@"\n')
    program.chmod(0o755)
    return f"PYTHON={program}"


def test_an_environment_that_was_cut_off_is_made_anew_and_then_kept(place: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place / ".venv"], check=True)
    (place / ".venv" / "left").touch()
    made = make(place, PIP, f"PYTHON={sys.executable}")
    assert made.returncode == 0, made.stdout + made.stderr
    assert subprocess.run([place / PIP, "--version"], check=False, capture_output=True).returncode == 0
    assert not (place / ".venv" / "left").exists()
    assert "up to date" in make(place, PIP, f"PYTHON={sys.executable}").stdout


def test_what_was_installed_is_installed_again_into_an_environment_made_anew(place: Path) -> None:
    (place / "locks").mkdir()
    files = [place / "pyproject.toml", *(place / "locks" / name for name in ("bootstrap.txt", "python.txt"))]
    for file in files:
        file.touch()
    (place / ".venv" / "bin").mkdir(parents=True)
    ready = ".venv/.ready"
    (place / ready).touch()
    assert f"touch {ready}" in make(place, "--dry-run", ready).stdout
    (place / PIP).touch()
    os.utime(place / PIP, (1, 1))
    assert "up to date" in make(place, "--dry-run", ready).stdout


def test_a_python_without_ensurepip_is_one_sentence_with_the_package_to_install(place: Path) -> None:
    # As Debian has it without python3-venv: an environment with a python and no pip is left behind.
    debian = python(
        place,
        'case "$*" in *"-m venv"*) mkdir -p .venv/bin; touch .venv/bin/python; echo "Long words"; exit 1;;\n'
        "*ensurepip*) exit 1;; esac",
    )
    for _ in range(2):
        told = make(place, PIP, debian)
        assert told.returncode
        assert len(told.stdout.splitlines()) == 1
        assert "apt install python3.11-venv" in told.stdout and "make setup" in told.stdout
        assert "No such file" not in told.stderr


def test_an_environment_that_cannot_be_made_says_why_and_what_to_run(place: Path) -> None:
    told = make(place, PIP, python(place, 'case "$*" in *"-m venv"*) echo "No space left on device"; exit 1;; esac'))
    assert told.returncode
    (line,) = told.stdout.splitlines()
    assert "No space left on device" in line and line.endswith("make setup")


def test_another_python_is_refused_before_anything_is_made(place: Path) -> None:
    other = python(
        place,
        'case "$*" in *version_info*) exit 1;; --version) echo Python 3.12.1; exit;; *venv*) exit 9;; esac',
    )
    told = make(place, PIP, other)
    assert told.returncode
    (line,) = told.stdout.splitlines()
    assert line.startswith("Python 3.11 is needed, found Python 3.12.1.")
    assert line.endswith("make distclean setup PYTHON=/path/to/python3.11")
    assert not (place / ".venv").exists()


def test_clean_tells_the_disk_used_and_deletes_no_work(place: Path) -> None:
    kept = [".venv/lib", ".cache/jars", "work/runs"]
    for number, folder in enumerate((*kept, ".mypy_cache", "helpers/__pycache__", "tests"), start=1):
        (place / folder).mkdir(parents=True)
        (place / folder / "file").write_bytes(os.urandom(number << 20))
    told = make(place, "clean")
    assert told.returncode == 0, told.stderr
    sizes = {folder: float(size) for size, folder in re.findall(r"(?m)^([\d.]+)M\t(\S+)$", told.stdout)}
    assert sizes == pytest.approx({".venv": 1, ".cache/jars": 2, "work/runs": 3}, abs=0.3), told.stdout
    assert all((place / folder / "file").exists() for folder in (*kept, "tests"))
    assert not (place / ".mypy_cache").exists() and not (place / "helpers" / "__pycache__").exists()


@pytest.mark.parametrize(("given", "expected"), [((), ""), (("KEEP=0",), ""), (("KEEP=1",), " --keep")])
def test_keep_asks_for_services_to_stay_up(given: tuple[str, ...], expected: str) -> None:
    said = make(ROOT, "--dry-run", "pipeline", *given).stdout
    (line,) = [line for line in said.splitlines() if "gridbridge pipeline run" in line]
    assert line.split("pipeline run")[1].rstrip() == expected
