"""Tests that share services and Spark stay in one process: some pairs of pytest and xdist lose that in silence."""

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILES = [f"tests/unit/compare/test_{name}.py" for name in ("kinds", "terms", "columns", "text")]
RAN = re.compile(r"\[(gw\d)\].* PASSED (\S+\.py)::")


@pytest.mark.proof
def test_the_tests_of_a_file_run_in_one_process():
    words = ["-v", "-n", "2", "--dist", "loadgroup", "--no-loadscope-reorder", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, *FILES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    processes = defaultdict(set)
    for process, file in RAN.findall(done.stdout):
        processes[file].add(process)
    assert set(processes) == set(FILES), done.stdout + done.stderr
    assert all(len(one) == 1 for one in processes.values()), processes
    assert len(set.union(*processes.values())) == 2
