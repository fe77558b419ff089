"""SQL in, readable PySpark out. All here works on text alone: nothing imports pyspark."""

from helpers.bridge.refusal import Refusal
from helpers.bridge.translation import Translation, translate

__all__ = ["Refusal", "Translation", "translate"]
