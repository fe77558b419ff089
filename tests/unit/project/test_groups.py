"""Tests that share services and Spark stay in one process: some pairs of pytest and xdist lose that in silence."""

import re
import subprocess
import sys

TESTS = """
import pytest
pytestmark = pytest.mark.xdist_group({name!r})
@pytest.mark.parametrize("number", range(8))
def test_one_of_them(number): ...
"""


def test_a_group_of_tests_runs_in_one_process(tmp_path):
    for name in ("first", "second"):
        (tmp_path / f"test_{name}.py").write_text(TESTS.format(name=name))
    words = [
        "-v",
        "-n",
        "2",
        "--dist",
        "loadgroup",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    ran = re.findall(r"\[(gw\d)\].* PASSED .*test_(first|second)\.py::", done.stdout)
    assert len(ran) == 16, done.stdout + done.stderr
    assert len(set(ran)) == 2
