"""SQL in, readable PySpark out: on text alone, but for the verification, which runs both on Spark."""

from typing import TYPE_CHECKING, Any

from helpers.bridge.ddl import Declared, declared
from helpers.bridge.refusal import Refusal
from helpers.bridge.script import split
from helpers.bridge.translation import Translation, translate

if TYPE_CHECKING:
    from helpers.bridge.verification import Verification, verify

__all__ = ["Declared", "Refusal", "Translation", "Verification", "declared", "split", "translate", "verify"]


def __getattr__(name: str) -> Any:
    # Who only translates shall not wait for Spark's room to be read.
    if name in ("Verification", "verify"):
        from helpers.bridge import verification

        return getattr(verification, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
