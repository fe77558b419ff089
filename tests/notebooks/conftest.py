import subprocess
import sys

import pytest

from helpers.core.settings import ROOT, child_environment


@pytest.fixture
def nbval(running):
    """Called with notebooks: nbval runs them and compares their stored outputs; what pytest said. It must pass."""

    def compare(*notebooks, cell_seconds):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "--nbval",
                f"--nbval-cell-timeout={cell_seconds}",
                "-q",
                "-p",
                "no:cacheprovider",
            ]
            + [str(notebook) for notebook in notebooks],
            cwd=ROOT,
            env=child_environment(),
            capture_output=True,
            text=True,
            timeout=1000,
        )
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    return compare
