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

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DIRECT = [Requirement(text) for text in PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]]


def pins(lock: str) -> dict[str, str]:
    """Name to version of every requirement of a lock that applies to this machine."""
    found = {}
    for line in (ROOT / "locks" / lock).read_text().splitlines():
        if line and not line.startswith((" ", "#")):
            requirement = Requirement(line.removesuffix("\\").strip())
            if requirement.marker is None or requirement.marker.evaluate():
                (pin,) = requirement.specifier
                found[canonicalize_name(requirement.name)] = pin.version
    return found


@pytest.mark.parametrize("requirement", DIRECT, ids=lambda r: r.name)
def test_a_direct_dependency_is_locked_installed_and_can_be_imported(requirement):
    locked = pins("python.txt")[canonicalize_name(requirement.name)]
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
    assert modules or distribution == "ruff"
    for module in modules:
        # duckdb's wheel carries a bridge to a driver manager that we do not use.
        if module != "adbc_driver_duckdb":
            importlib.import_module(module)


@pytest.mark.parametrize("lock", ["bootstrap.txt", "python.txt", "localstack.txt"])
def test_a_lock_has_a_hash_for_every_pin_and_no_address(lock):
    text = (ROOT / "locks" / lock).read_text()
    blocks = re.split(r"\n(?=\S)", text)
    assert all("--hash=sha256:" in block for block in blocks if block and not block.startswith("#"))
    assert "://" not in text


def test_every_direct_dependency_has_its_reason():
    text = (ROOT / "pyproject.toml").read_text()
    lines = [line for line in text.splitlines() if re.match(r'\s+"[a-z0-9\[\],-]+[<>=,.0-9]*",', line)]
    assert len(lines) >= len(DIRECT) - 1
    assert [line for line in lines if "#" not in line and "helpers" not in line] == []


def test_conda_takes_the_same_python_and_the_same_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    pip = next(part["pip"] for part in environment["dependencies"] if isinstance(part, dict))
    assert pip == ["--require-hashes", "-r locks/python.txt"]
    assert "python=3.11" in environment["dependencies"]
    assert PROJECT["project"]["requires-python"] == ">=3.11,<3.12"
    assert "openjdk=17" in environment["dependencies"]
