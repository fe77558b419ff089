"""Where a pipeline's rows come from: a topic, files below a prefix, a table; each as rows of `contract.ROWS`.

Each remembers in the lake how far it has read, so that a row is handed over once, and again only where the run that
took it was killed before it had written it: what takes rows must not mind that.
"""

from helpers.pipeline.prototype.sources.kafka import Kafka
from helpers.pipeline.prototype.sources.postgres import Postgres
from helpers.pipeline.prototype.sources.s3 import S3
from helpers.pipeline.prototype.sources.source import Source

__all__ = ["S3", "Kafka", "Postgres", "Source"]
