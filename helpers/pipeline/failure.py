"""A failed stage in one sentence: what was wrong, where, and the next command to run."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from helpers import services
from helpers.core.errors import GridbridgeError, LeaseHeld, LeaseLost, ServiceError, ServiceGone, StageFailed


def readable(
    stage: str,
    error: BaseException,
    folder: Path,
    again: str = "make pipeline",
    using: Collection[str] = ("kafka", "s3", "postgres"),
) -> GridbridgeError:
    """The error as a GridbridgeError that a person can act on; the whole story is in the run's error.txt.

    A service that does not answer is named first: whatever else was raised then follows from it. again: what
    goes on where an interrupted run stopped; using: the services that the run needs.
    """
    if isinstance(error, KeyboardInterrupt):
        return StageFailed(f"The run was interrupted in the stage {stage}.", f"{again}  (goes on where it stopped)")
    silent = [one.name for one in services.status() if one.name in using and one.state not in ("ready", "remote")]
    if silent:
        return ServiceGone(
            f"The stage {stage} failed: the service {silent[0]} does not answer any more.",
            f".venv/bin/gridbridge services logs {silent[0]}; then run the pipeline again, which starts it",
        )
    if isinstance(error, GridbridgeError):
        return error
    words = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return StageFailed(
        f"The stage {stage} failed: {type(error).__name__}: {words[:400]}",
        f"Read {folder / 'error.txt'}; then run the pipeline again",
    )


def passes(error: BaseException) -> bool:
    """Whether the same run may succeed later with nothing changed: another held the lease, or a service was down."""
    return isinstance(error, LeaseHeld | LeaseLost | ServiceError | ServiceGone)
