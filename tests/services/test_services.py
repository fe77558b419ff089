import json
import stat
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import NewTopic
from typer.testing import CliRunner

from helpers import services
from helpers.cli.services import app
from helpers.core.settings import ROOT, child_environment
from helpers.services import process, state
from helpers.services.buckets import save
from tests.conftest import listening

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


HEADERS = {
    "CacheControl": "max-age=60",
    "ContentDisposition": 'attachment; filename="part.json"',
    "ContentEncoding": "identity",
    "ContentLanguage": "en, de",
    "ContentType": "application/json",
    "Metadata": {"maker": "test"},
}


def test_s3_keeps_objects_over_a_clean_restart(running):
    s3 = services.aws("s3")
    s3.create_bucket(Bucket="kept")
    s3.create_bucket(Bucket="empty")
    key = "a folder/ä=1/part.json"
    s3.put_object(Bucket="kept", Key=key, Body=b"{}", Tagging="stage=raw&who=a%20b", **HEADERS)
    large = b"0123456789abcdef" * 700_000
    s3.put_object(Bucket="kept", Key="large", Body=large)
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
    assert {name: found[name] for name in HEADERS} == HEADERS
    tags = s3.get_object_tagging(Bucket="kept", Key=key)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"stage": "raw", "who": "a b"}
    assert s3.get_object(Bucket="kept", Key="large")["Body"].read() == large
    assert s3.head_object(Bucket="kept", Key="nothing")["ContentLength"] == 0
    assert {"kept", "empty"} <= {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}


@pytest.mark.proof
def test_a_listing_of_a_partitioned_table_is_complete_and_so_is_its_save(running):
    s3 = services.aws("s3")
    s3.create_bucket(Bucket="many")
    keys = [f"t/month={number % 7}/part {number:04d}+é" for number in range(1100)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: s3.put_object(Bucket="many", Key=key, Body=key.encode()), keys))

    def listed(kind):
        pages = services.aws("s3").get_paginator(kind).paginate(Bucket="many", Prefix="t/month=")
        return [one["Key"] for page in pages for one in page.get("Contents", page.get("Versions"))]

    for kind in ("list_objects_v2", "list_objects", "list_object_versions"):
        assert listed(kind) == sorted(keys), kind
    folders = s3.list_objects_v2(Bucket="many", Prefix="t/", Delimiter="/")["CommonPrefixes"]
    assert [one["Prefix"] for one in folders] == [f"t/month={number}/" for number in range(7)]
    after = s3.list_objects_v2(Bucket="many", StartAfter="t/month=6/part 1098")
    assert [one["Key"] for one in after["Contents"]] == ["t/month=6/part 1098+é"]
    with running["s3"].stopped():
        pass
    assert listed("list_objects_v2") == sorted(keys)
    # For the sake of the tests that restart S3 after this one.
    for part in (keys[:1000], keys[1000:]):
        services.aws("s3").delete_objects(Bucket="many", Delete={"Objects": [{"Key": key} for key in part]})


def test_a_second_save_copies_only_what_is_new(running, tmp_path):
    s3 = services.aws("s3")
    s3.create_bucket(Bucket="grows")
    s3.put_object(Bucket="grows", Key="first", Body=b"1")
    assert save(s3, tmp_path) > 0
    s3.put_object(Bucket="grows", Key="second", Body=b"2")
    assert save(s3, tmp_path) == 1
    assert save(s3, tmp_path) == 0


def test_large_bodies_lie_in_the_service_own_folder(running):
    s3, bucket = services.aws("s3"), f"own-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="large", Body=b"x" * 2_000_000)
    assert (running["s3"].data / "objects" / bucket).is_dir()
    assert not Path("/tmp/localstack-s3-storage", bucket).exists()


def test_localstack_reads_the_index_that_saves_it_350_mb(running):
    services.aws("s3").list_buckets()
    memory = next(one.memory_mb for one in services.status() if one.name == "s3")
    assert memory < 330


@pytest.mark.proof
def test_after_a_kill_s3_says_that_its_buckets_are_older(running):
    s3 = services.aws("s3")
    s3.create_bucket(Bucket="before")
    with running["s3"].stopped():
        pass
    assert services.s3_rollback() == ""
    services.aws("s3").create_bucket(Bucket="after")
    running["s3"].kill()
    said = CliRunner().invoke(app, ["up", "s3"], env={"COLUMNS": "300"})
    assert said.exit_code == 0
    sentence = (
        "s3: It had not been stopped cleanly (killed, or the machine went down): its buckets are those saved at 2"
    )
    assert sentence in said.stdout
    assert services.s3_rollback() == next(one.note for one in services.status() if one.name == "s3")
    names = {bucket["Name"] for bucket in services.aws("s3").list_buckets()["Buckets"]}
    assert "before" in names
    assert "after" not in names
    with running["s3"].stopped():
        pass
    assert services.s3_rollback() == ""


def test_the_other_aws_services_answer_too(running):
    queue = services.aws("sqs").create_queue(QueueName="alarms")["QueueUrl"]
    services.aws("sqs").send_message(QueueUrl=queue, MessageBody="hello")
    got = services.aws("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)
    assert got["Messages"][0]["Body"] == "hello"
    logs, now = services.aws("logs"), int(time.time() * 1000)
    logs.create_log_group(logGroupName="gridbridge")
    logs.create_log_stream(logGroupName="gridbridge", logStreamName="runs")
    said = [{"timestamp": now, "message": "a run began"}]
    logs.put_log_events(logGroupName="gridbridge", logStreamName="runs", logEvents=said)
    kept = logs.get_log_events(logGroupName="gridbridge", logStreamName="runs")["events"]
    assert [one["message"] for one in kept] == ["a run began"]


def test_postgres_keeps_committed_rows_over_a_kill(running):
    postgres = running["postgres"]
    with postgres.client() as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    postgres.kill()
    assert not postgres.ready()
    assert services.ensure("postgres") == ["postgres"]
    with postgres.client() as connection:
        assert connection.execute("SELECT count(*), sum(n) FROM kept").fetchone() == (1000, 500500)


def test_postgres_starts_again_although_nobody_asked_about_the_killed_one(running):
    postgres = running["postgres"]
    program = "from helpers import services; services.ensure('postgres'); print('up', flush=True); input()"
    services.down(["postgres"])
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env=child_environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as notebook:  # fmt: skip
        assert notebook.stdout.readline() == "up\n"
        killed = postgres.record().pid
        postgres.kill()
        assert psutil.Process(killed).status() == psutil.STATUS_ZOMBIE
        assert services.ensure("postgres") == ["postgres"]
        notebook.kill()


def test_postgres_password_is_for_its_owner_only(running):
    assert stat.S_IMODE(running["postgres"].password_file.stat().st_mode) == 0o600


def test_every_listening_socket_is_on_the_loopback(running):
    for name in services.registry.USUAL:
        sockets = listening(process.tree(state.record(name)))
        assert state.record(name).port in {address.port for address in sockets}
        assert {address.ip for address in sockets} <= {"127.0.0.1", "::ffff:127.0.0.1"}, name


def test_starting_again_starts_nothing_and_is_quick_and_quiet(running, capfd):
    services.ensure()
    started = time.perf_counter()
    assert services.ensure() == []
    # 0.06 s on a quiet machine.
    assert time.perf_counter() - started < 0.5
    assert capfd.readouterr() == ("", "")


def test_status_tells_what_runs(running):
    # Tests that ran before in this process may have started Connect too.
    shown = services.status()
    assert {one.name for one in shown} >= set(services.registry.USUAL)
    for one in shown:
        assert one.state == "ready"
        assert one.pid == state.record(one.name).pid
        assert one.memory_mb > 5
    told = CliRunner().invoke(app, ["status", "--json"])
    assert [one["name"] for one in json.loads(told.stdout)] == [one.name for one in shown]
    table = CliRunner().invoke(app, ["status"], env={"COLUMNS": "200"})
    assert table.exit_code == 0
    assert table.stdout.count("ready") == len(shown)
    assert CliRunner().invoke(app, ["logs", "postgres"]).exit_code == 0
