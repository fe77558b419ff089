"""Does the code mean what the query means? Run on Spark, side by side; unlike the rest of the bridge it needs one."""

from helpers.bridge.verification.verdict import Verification
from helpers.bridge.verification.verifier import verify

__all__ = ["Verification", "verify"]
