"""How a long step shows itself: a spinner with the time on a terminal, two lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say on stderr that `what` goes on, and how many seconds it took once it ended without an error."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    started = time.monotonic()
    if console.is_terminal:
        with console.status(f"{what} ..."):
            yield
    else:
        console.print(f"{what} ...", markup=False, soft_wrap=True)
        yield
    console.print(f"{what}: done in {time.monotonic() - started:.0f} s", markup=False, soft_wrap=True)


def on_terminal() -> bool:
    """True where a bar may redraw itself; a log would be flooded by it."""
    return sys.stderr.isatty()
