"""`gridbridge lab`: JupyterLab at the start page."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from helpers.core.settings import ROOT

Passed = Annotated[list[str] | None, typer.Argument(help="Options of jupyter lab, as in: -- --no-browser")]


def lab(options: Passed = None) -> None:
    """Copy the lessons to `work/`, make the start page and open JupyterLab there (127.0.0.1, token on)."""
    # Not at the top: pandas and the services' clients would slow down every other command.
    from helpers.desk.start_page import write_page

    page = write_page().resolve()
    # Where `work/` lies elsewhere, Lab shows what is there: the whole disk between the two is nobody's business.
    root = ROOT if page.is_relative_to(ROOT) else page.parent
    words = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{page.relative_to(root).as_posix()}",
        *(options or []),
    ]
    os.execv(sys.executable, words)  # noqa: S606  a fixed program; Ctrl-C goes to Lab itself
