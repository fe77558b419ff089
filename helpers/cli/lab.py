"""`gridbridge lab`: JupyterLab at the start page, for one or for two."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from helpers.core.settings import ROOT, pin_environment, settings

Passed = Annotated[list[str] | None, typer.Argument(help="Options of jupyter lab, as in: -- --no-browser")]
ReadOnly = Annotated[bool, typer.Option("--read-only", help="The playground looks at the services and changes none.")]
Pair = Annotated[str | None, typer.Option(help='Two people at one notebook, as in "Ada & Edgar".')]


def lab(options: Passed = None, pair: Pair = None, read_only: ReadOnly = False) -> None:
    """Copy the lessons to `work/`, make the start page and open JupyterLab there (127.0.0.1, token on).

    With --pair both open the address that Lab prints: they type in the same notebooks, each with one kernel, and
    their progress goes under their common name.
    """
    # Not at the top: pandas and the services' clients would slow down every other command.
    from helpers.desk.start_page import write_page
    from helpers.exercises.pair import people

    if read_only:
        pin_environment({"GRIDBRIDGE_READ_ONLY": "1"})
    if pair:
        pin_environment({"GRIDBRIDGE_LEARNER": " & ".join(people(pair))})
        settings.cache_clear()
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
        *(_for_two() if pair else ["--YDocExtension.disable_rtc=True"]),
        *(options or []),
    ]
    os.execv(sys.executable, words)  # noqa: S606  a fixed program; Ctrl-C goes to Lab itself


def _for_two() -> list[str]:
    return [
        "--ServerApp.session_manager_class=helpers.desk.one_kernel.OneKernel",
        f"--SQLiteYStore.db_path={settings().desk / 'shared.db'}",
        f"--YDocExtension.session_store_path={settings().desk / 'shared.json'}",
    ]
