"""Other dialects' SQL as Spark's, of the same meaning: what sqlglot gets wrong in silence is put right or refused."""

from helpers.bridge.foreign.text import DIALECTS, spark_text

__all__ = ["DIALECTS", "spark_text"]
