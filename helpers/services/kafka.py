"""An Apache Kafka broker in KRaft combined mode: one process, broker and controller."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from pathlib import Path
from uuid import uuid4

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from helpers.core.settings import settings
from helpers.services.base import Service
from helpers.toolchain.jars import ensure_jars
from helpers.toolchain.kafka import kafka_java_command

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{client},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{client},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.initial.task.delay.ms=1000
log.retention.check.interval.ms=1000
log.cleaner.backoff.ms=1000
log.cleaner.dedupe.buffer.size=4194304
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""


class Kafka(Service):
    """The broker. Its data survives a stop and a kill."""

    name = "kafka"
    port_names = ("client", "controller")

    def usual_port(self) -> int:
        """KAFKA_PORT, 9092."""
        return settings().kafka_port

    @property
    def properties(self) -> Path:
        """The broker's configuration, written anew at each start."""
        return self.folder / "server.properties"

    def prepare(self, ports: dict[str, int]) -> None:
        """Write the configuration; format the data folder the first time."""
        ensure_jars("kafka")
        self.data.mkdir(parents=True, exist_ok=True)
        text = PROPERTIES.format(**ports, data=self.data.as_posix())
        self.properties.write_text(text, encoding="utf-8")
        if not (self.data / "meta.properties").exists():
            self.preparation(
                [
                    *kafka_java_command(),
                    *("kafka.tools.StorageTool", "format", "--ignore-formatted", "--standalone"),
                    *("-t", _cluster_id(), "-c", str(self.properties)),
                ],
                "Formatting Kafka's data folder",
            )

    def command(self, ports: dict[str, int]) -> list[str]:
        """java … kafka.Kafka server.properties."""
        return [*kafka_java_command(), "kafka.Kafka", str(self.properties)]

    def answers(self, port: int) -> bool:
        """True if the broker lists its topics and itself."""
        try:
            return bool(_admin(port).list_topics(timeout=2).brokers)
        except KafkaException:
            return False

    def client(self) -> AdminClient:
        """An admin client; keep it until its futures are done. Others take endpoints().kafka_client_config."""
        return _admin(self.port())


def _admin(port: int) -> AdminClient:
    # The loopback is closed while the broker starts: librdkafka need not report that on stderr.
    address = f"127.0.0.1:{port}"
    return AdminClient({"bootstrap.servers": address, "log_level": 0, "broker.address.family": "v4"})


def _cluster_id() -> str:
    """A Kafka UUID: 22 characters of base64; a letter in front, for the command line's sake."""
    return "G" + urlsafe_b64encode(uuid4().bytes).decode()[1:22]
