import json
import stat
import uuid

import psutil
import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import NewTopic
from typer.testing import CliRunner

from helpers import services
from helpers.cli.services import app
from helpers.services import process, state

pytestmark = pytest.mark.services


def produce(topic, values):
    failed = []
    producer = Producer({**services.endpoints().kafka_client_config, "enable.idempotence": True})
    for value in values:
        producer.produce(topic, value, on_delivery=lambda error, _: error and failed.append(error))
    assert producer.flush(60) == 0
    assert failed == []


def consume(topic, count):
    consumer = Consumer(
        {
            **services.endpoints().kafka_client_config,
            "group.id": uuid.uuid4().hex,
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([topic])
    try:
        return [message.value() for message in consumer.consume(count, timeout=60)]
    finally:
        consumer.close()


def test_kafka_keeps_acknowledged_messages_over_a_kill(running):
    topic = "round-trip"
    admin = running["kafka"].client()
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(30)
    values = [f"message {number}".encode() for number in range(1000)]
    produce(topic, values)
    port = running["kafka"].port()
    running["kafka"].kill()
    assert not running["kafka"].ready()
    assert services.ensure("kafka") == ["kafka"]
    assert running["kafka"].port() == port
    assert consume(topic, 1000) == values


def test_s3_keeps_objects_over_a_clean_restart(running):
    s3 = services.aws("s3")
    s3.create_bucket(Bucket="kept")
    s3.create_bucket(Bucket="empty")
    key = "a folder/ä=1/part.json"
    s3.put_object(Bucket="kept", Key=key, Body=b"{}", ContentType="application/json", Metadata={"maker": "test"})
    s3.put_object(Bucket="kept", Key="nothing", Body=b"")
    before = running["s3"].record()
    with running["s3"].stopped():
        assert not running["s3"].ready()
    after = running["s3"].record()
    assert after.pid != before.pid
    assert after.port == before.port
    s3 = services.aws("s3")
    found = s3.get_object(Bucket="kept", Key=key)
    assert found["Body"].read() == b"{}"
    assert found["ContentType"] == "application/json"
    assert found["Metadata"] == {"maker": "test"}
    assert s3.head_object(Bucket="kept", Key="nothing")["ContentLength"] == 0
    assert {"kept", "empty"} <= {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}


def test_the_other_aws_services_answer_too(running):
    queue = services.aws("sqs").create_queue(QueueName="alarms")["QueueUrl"]
    services.aws("sqs").send_message(QueueUrl=queue, MessageBody="hello")
    got = services.aws("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)
    assert got["Messages"][0]["Body"] == "hello"


def test_postgres_keeps_committed_rows_over_a_kill(running):
    postgres = running["postgres"]
    with postgres.client() as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    postgres.kill()
    assert not postgres.ready()
    assert services.ensure("postgres") == ["postgres"]
    with postgres.client() as connection:
        assert connection.execute("SELECT count(*), sum(n) FROM kept").fetchone() == (1000, 500500)


def test_postgres_password_is_for_its_owner_only(running):
    assert stat.S_IMODE(running["postgres"].password_file.stat().st_mode) == 0o600


def test_every_listening_socket_is_on_the_loopback(running):
    for name in running:
        listening = [
            connection.laddr
            for member in process.tree(state.record(name))
            for connection in member.net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert state.record(name).port in {address.port for address in listening}
        assert {address.ip for address in listening} <= {"127.0.0.1", "::ffff:127.0.0.1"}, name


def test_starting_again_starts_nothing(running):
    assert services.ensure() == []


def test_status_tells_what_runs(running):
    for one in services.status():
        assert one.state == "ready"
        assert one.pid == state.record(one.name).pid
        assert one.memory_mb > 5
    told = CliRunner().invoke(app, ["status", "--json"])
    assert [one["name"] for one in json.loads(told.stdout)] == ["kafka", "s3", "postgres"]
    table = CliRunner().invoke(app, ["status"], env={"COLUMNS": "200"})
    assert table.exit_code == 0
    assert table.stdout.count("ready") == 3
    assert CliRunner().invoke(app, ["logs", "postgres"]).exit_code == 0
