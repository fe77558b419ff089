"""The cell magic `%%bridge`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.desk.bridging import Bridged

MAGIC = "bridge"


def register() -> None:
    """Makes the cell magic `%%bridge` known, where a notebook runs; its line is the dialect, spark if it is empty."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is not None:
        shell.register_magic_function(_cell, "cell", MAGIC)  # type: ignore[arg-type]


def _cell(line: str, cell: str) -> Bridged:
    from helpers.desk.bridging import bridge

    return bridge(cell, line.strip() or "spark")
