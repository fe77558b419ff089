"""Other dialects' SQL as Spark's, of the same meaning: what sqlglot gets wrong in silence is put right or refused."""

from helpers.bridge.foreign.ruled import DIALECTS, READ
from helpers.bridge.foreign.text import spark_text

__all__ = ["DIALECTS", "READ", "spark_text"]
