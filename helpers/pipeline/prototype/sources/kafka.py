"""The records of a topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from helpers import services
from helpers.core.errors import UserError
from helpers.peak.sender import Sender
from helpers.peak.topics import extent, make_topics, present, read_back
from helpers.pipeline.prototype.place import Place
from helpers.pipeline.prototype.sources.source import Take, query
from helpers.pipeline.stores import Stores
from helpers.pipeline.streams import drain, records


@dataclass(frozen=True)
class Kafka:
    """A topic; "" = the pipeline's own, `pipeline.NAME.in`."""

    kind: ClassVar[str] = "kafka"
    service: ClassVar[str] = "kafka"
    topic: str = ""

    def ready(self, place: Place) -> None:
        """Make the pipeline's own topic. Raises UserError where one that is named is not there."""
        config, topic = services.endpoints().kafka_client_config, self._topic(place)
        if not self.topic:
            make_topics(config, [topic])
        elif topic not in present(config, [topic]):
            raise UserError(
                f"There is no topic {topic!r} to read.", "topics() in the playground lists those there are"
            )

    def fill(self, place: Place, bodies: list[bytes]) -> None:
        """Send the events to partition 0, unless something else is there; a half sent sample is completed."""
        config, topic = services.endpoints().kafka_client_config, self._topic(place)
        ends = extent(config, present(config, [topic]))
        low, high = ends.pop((topic, 0))
        there = [body for _, _, body in read_back(config, topic, 0, [(low, high)])]
        if self.topic or there != bodies[: len(there)] or any(end > begin for begin, end in ends.values()):
            return
        sender = Sender(config)
        for number, body in enumerate(bodies[len(there) :]):
            sender.send(number, topic, 0, place.name.encode(), body)
        sender.flush()

    def read(self, spark: SparkSession, stores: Stores, place: Place, take: Take) -> None:
        """The records from the offset that was not read yet."""
        topic = self._topic(place)
        rows = records(spark, stores.kafka_source(), [topic]).select(
            F.lit(self.kind).alias("source"),
            F.format_string("%s/%d/%012d", "topic", "partition", "offset").alias("place"),
            F.col("timestamp").alias("arrival_time"),
            F.col("value").alias("raw"),
        )
        drain(rows, query(place, topic), stores.lake, lambda batch: take(batch.frame))

    def _topic(self, place: Place) -> str:
        return self.topic or place.topic("in")
