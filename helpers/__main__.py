"""`python -m helpers` is the gridbridge command."""

from __future__ import annotations

import sys

from helpers.core.system import USE_WSL, WINDOWS, native_windows


def main() -> None:
    """Entry point: where the commands cannot even be imported, one clear sentence instead of a traceback."""
    if native_windows():
        sys.exit(f"{WINDOWS}\nNext: {USE_WSL}")
    # Not at the top: below it are modules that Windows does not have.
    from helpers.cli.main import app

    app()


if __name__ == "__main__":
    main()
