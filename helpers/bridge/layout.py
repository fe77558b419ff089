"""Code as ruff lays it out, at 88 columns."""

from __future__ import annotations

import subprocess
from functools import cache

from ruff.__main__ import find_ruff_bin  # type: ignore[import-untyped]

WIDTH = 88


def laid_out(code: str) -> str:
    """The code formatted. Raises ValueError for what is no Python: then the emitter is at fault, never the user."""
    done = subprocess.run(
        [_ruff(), "format", "--isolated", "--quiet", f"--line-length={WIDTH}", "--stdin-filename=bridge.py", "-"],
        input=code, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ValueError(f"not Python: {done.stderr.strip()}\n{code}")
    return done.stdout


@cache
def _ruff() -> str:
    return find_ruff_bin()
