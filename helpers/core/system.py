"""Whether this system is one that Gridbridge runs on. Imports nothing that another system lacks."""

from __future__ import annotations

import sys

WINDOWS = "Gridbridge does not run on native Windows: it starts Spark and PostgreSQL as on Unix."
USE_WSL = "wsl --install  (then clone and run Gridbridge inside WSL)"


def native_windows(system: str = sys.platform) -> bool:
    """system: as `sys.platform` has it; "linux" is also what WSL says."""
    return system.startswith(("win", "cygwin", "msys"))
