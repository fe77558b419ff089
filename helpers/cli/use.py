"""The services for as long as a command needs them."""

from __future__ import annotations

from rich.console import Console


def stop(started: list[str], keep: bool, console: Console) -> None:
    """Stop these services, and what users that ended before left to us, unless another one uses them."""
    from helpers import services

    def end(names: list[str]) -> list[str]:
        if keep:
            return []
        with console.status(f"Stopping {', '.join(names)} (S3 saves its buckets) …"):
            return services.down(names)

    _, others = services.leave(started, end)
    if started and others:
        console.print(f"The services stay up for {', '.join(others)}, which stops them.", highlight=False)
