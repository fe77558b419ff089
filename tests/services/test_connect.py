"""The shared Spark Connect server: what lessons and the playground do with it, on the real services."""

import json
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import NewTopic

from helpers import services
from helpers import spark as room
from helpers.core.settings import ROOT, child_environment
from helpers.services import process, state
from helpers.toolchain import spark_conf
from tests.conftest import listening

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def connect(running: Any) -> Iterator[Any]:
    services.ensure("connect")
    yield running["connect"]
    services.down(["connect"])


@pytest.fixture(scope="module")
def where(connect: Any) -> room.Endpoints:
    found = services.endpoints()
    return room.Endpoints(found.s3_endpoint, found.region, found.connect_url)


@pytest.fixture(scope="module")
def spark(own_jvm: None, where: room.Endpoints) -> Iterator["SparkSession"]:
    yield room.session("teaching", where)
    # Before its server: a session whose server is gone waits for it a long time.
    room.stop()


def test_it_is_started_only_when_named(connect: Any) -> None:
    services.down(["connect"])
    assert services.ensure() == []
    assert "connect" not in [one.name for one in services.status()]
    assert services.endpoints().connect_url is None
    assert services.ensure("connect") == ["connect"]
    assert services.ensure("connect") == []
    assert [one.state for one in services.status() if one.name == "connect"] == ["ready"]


def test_the_address_carries_the_token_and_the_file_is_its_owners(connect: Any) -> None:
    token = connect.token_file.read_text()
    assert services.endpoints().connect_url == f"sc://localhost:{connect.port()}/;token={token}"
    for path in (connect.token_file, connect.folder / "spark.properties"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    command = " ".join(process.tree(state.record("connect"))[0].cmdline())
    assert "SparkConnectServer" in command
    assert token not in command


def test_a_wrong_token_is_refused(connect: Any) -> None:
    token = connect.token_file.read_text()
    connect.token_file.write_text("0" * len(token))
    try:
        assert not connect.ready()
    finally:
        connect.token_file.write_text(token)
    assert connect.ready()


def test_every_socket_is_on_the_loopback(connect: Any) -> None:
    sockets = listening(process.tree(state.record("connect")))
    assert set(state.record("connect").ports.values()) <= {address.port for address in sockets}
    assert {address.ip.removeprefix("::ffff:") for address in sockets} == {"127.0.0.1"}


def test_the_teaching_session_uses_it_and_has_the_projects_settings(spark: "SparkSession", where: Any) -> None:
    assert "connect" in type(spark).__module__
    assert room.differences(spark, spark_conf("teaching", where.s3_endpoint, where.region)) == []
    assert spark.conf.get("spark.sql.ansi.enabled") == "true"
    assert spark.sql("SELECT current_timezone() AS zone").first()["zone"] == "UTC"
    at = spark.sql("SELECT TIMESTAMP '2026-07-01 12:00:00Z' AS at")
    assert [str(at.first()["at"]), str(at.toPandas()["at"][0])] == ["2026-07-01 12:00:00"] * 2


def test_what_the_server_fixed_otherwise_is_said(spark: "SparkSession", where: Any, caplog: Any) -> None:
    room.session("teaching", room.Endpoints("http://127.0.0.1:1", where.region, where.connect_url))
    assert caplog.messages == [
        f"Spark Connect: spark.hadoop.fs.s3a.endpoint is {where.s3_endpoint} on the server, "
        "wanted is http://127.0.0.1:1."
    ]


def test_a_division_by_zero_is_an_error(spark: "SparkSession") -> None:
    from pyspark.errors import ArithmeticException

    with pytest.raises(ArithmeticException, match="DIVIDE_BY_ZERO"):
        spark.sql("SELECT 1 / 0").collect()


def test_a_delta_table_on_s3_is_written_and_merged(spark: "SparkSession") -> None:
    bucket = f"lake-{uuid.uuid4().hex}"
    services.aws("s3").create_bucket(Bucket=bucket)
    path = f"s3a://{bucket}/readings"
    rows = "SELECT id, id % 2 AS part, CAST(id AS DECIMAL(18, 6)) AS value FROM range(10)"
    spark.sql(rows).write.format("delta").partitionBy("part").save(path)
    spark.sql(
        f"MERGE INTO delta.`{path}` t USING (SELECT explode(array(9L, 10L)) AS id) s ON t.id = s.id "
        "WHEN MATCHED THEN UPDATE SET value = -1 WHEN NOT MATCHED THEN INSERT (id, part, value) VALUES (s.id, 0, 0)"
    )
    found = spark.read.format("delta").load(path)
    assert (found.count(), str(found.agg({"value": "sum"}).first()[0])) == (11, "35.000000")
    assert spark.sql(f"SELECT count(*) AS n FROM delta.`{path}` VERSION AS OF 0").first()["n"] == 10
    keys = [one["Key"] for one in services.aws("s3").list_objects_v2(Bucket=bucket)["Contents"]]
    assert any(key.startswith("readings/part=1/") for key in keys)


def test_a_topic_is_read_as_a_batch(running: Any, spark: "SparkSession") -> None:
    topic = f"connect-{uuid.uuid4().hex}"
    admin = running["kafka"].client()
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(30)
    producer = Producer(services.endpoints().kafka_client_config)
    for number in range(5):
        producer.produce(topic, f"{number}")
    assert producer.flush(60) == 0
    options = {
        "kafka.bootstrap.servers": services.endpoints().kafka_bootstrap,
        "subscribe": topic,
        "startingOffsets": "earliest",
    }
    found = spark.read.format("kafka").options(**options).load().selectExpr("CAST(value AS STRING) AS v", "offset")
    assert sorted((row.v, row.offset) for row in found.collect()) == [(str(n), n) for n in range(5)]


def test_python_runs_in_the_server(spark: "SparkSession") -> None:
    from pyspark.sql.functions import udf

    twice = udf(lambda x: 2 * x, "long")
    assert spark.range(3).select(twice("id").alias("y")).agg({"y": "sum"}).first()[0] == 6


_OTHER = """
import json, sys
from helpers import services, spark as room
found = services.endpoints()
spark = room.session("teaching", room.Endpoints(found.s3_endpoint, found.region, found.connect_url))
spark.range(7).createOrReplaceTempView("mine")
spark.conf.set("spark.sql.shuffle.partitions", "9")
print(json.dumps([spark.table("mine").count(), spark.conf.get("spark.sql.shuffle.partitions")]))
"""


def test_two_clients_see_nothing_of_each_other(spark: "SparkSession") -> None:
    spark.range(3).createOrReplaceTempView("mine")
    before = spark.conf.get("spark.sql.shuffle.partitions")
    done = subprocess.run(
        [sys.executable, "-c", _OTHER], cwd=ROOT, capture_output=True, text=True, timeout=120, env=child_environment()
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [7, "9"]
    assert spark.table("mine").count() == 3
    assert spark.conf.get("spark.sql.shuffle.partitions") == before != "9"


def test_after_a_restart_of_the_server_the_next_session_is_a_new_one(spark: "SparkSession", where: Any) -> None:
    services.down(["connect"])
    services.ensure("connect")
    again = room.session("teaching", replace(where, connect_url=services.endpoints().connect_url))
    assert again.range(3).count() == 3
    assert again.getActiveSession() is again
