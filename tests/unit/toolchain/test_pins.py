from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from helpers.toolchain import pins as room

LOCK = """\
# head
boto3==1.40.1 ; python_full_version < '3.12' \\
    --hash=sha256:0
    # via x
Typing_Extensions==4.1 \\
    --hash=sha256:1
pywin32==311 ; sys_platform == 'win32' \\
    --hash=sha256:2
"""


def test_pins_of_this_machine_are_read(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(LOCK)
    assert room.pins(tmp_path / "lock") == {"boto3": "1.40.1", "typing-extensions": "4.1"}


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("boto3>=1.40", []),
        ("BOTO3[crt]>=1.40", []),
        ("boto3>=1.41", ["locks/python.txt has boto3 1.40.1, wanted is >=1.41."]),
        ("duckdb==1.5.5", ["duckdb==1.5.5 is not in locks/python.txt."]),
    ],
)
def test_a_lock_that_does_not_fit_is_told(wanted: str, told: list[str]) -> None:
    assert room.stale([Requirement(wanted)], {"boto3": "1.40.1"}) == told


def test_what_is_not_installed_as_locked_is_told() -> None:
    own = version("pytest")
    assert room.not_installed({"pytest": own}) == []
    assert room.not_installed({"pytest": "0.1", "no-such-package": "1"}) == [
        f"pytest is {own}, locked is 0.1.",
        "no-such-package is missing, locked is 1.",
    ]


def test_the_projects_lock_fits_pyproject_and_the_environment() -> None:
    assert len(room.direct()) > 40
    assert room.stale(room.direct(), room.pins()) == []
    assert room.not_installed(room.pins()) == []
