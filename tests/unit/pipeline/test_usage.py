import subprocess
import sys

import pytest

from helpers.core.settings import ROOT, child_environment

BURN = "import time\nwhile time.process_time() < 1: pass\n"
KERNEL = "from helpers.pipeline.usage import Usage; print(Usage().end()['cpu_seconds'])"


def counted_by_a_kernel_of(folder, name):
    """What Usage counts in a process whose parent is the script `name`, which used one processor seconds before."""
    script = folder / name
    start = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {KERNEL!r}])\n"
    script.write_text(BURN + start)
    environment = child_environment({"GRIDBRIDGE_WORK": str(folder)})
    words = [sys.executable, str(script), *(["pipeline", "run"] if name == "gridbridge" else [])]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


@pytest.mark.parametrize("name", ["papermill", "gridbridge"])
def test_what_executes_the_notebook_counts_from_its_start(tmp_path, name):
    assert counted_by_a_kernel_of(tmp_path, name) > 1


def test_a_server_of_notebooks_does_not_count_what_it_used_before(tmp_path):
    assert counted_by_a_kernel_of(tmp_path, "jupyter-lab") < 2
