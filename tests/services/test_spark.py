"""Spark on this machine: the settings that results depend on, in a real session."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import psutil
import pytest
from nbclient import NotebookClient

from helpers import spark as room
from helpers.core.settings import ROOT, child_environment
from helpers.toolchain import spark_conf

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def spark(own_jvm: None) -> SparkSession:
    return room.session("teaching", room.Endpoints("http://127.0.0.1:1", "us-east-1"), app="test")


@pytest.mark.proof
def test_a_delta_table_is_written_merged_and_read(spark: SparkSession, tmp_path: Path) -> None:
    table = f"delta.`{tmp_path / 'table'}`"
    spark.range(10).write.format("delta").save(str(tmp_path / "table"))
    spark.sql(f"MERGE INTO {table} t USING (SELECT explode(array(9L, 10L)) id) s ON t.id = s.id "
              "WHEN NOT MATCHED THEN INSERT *")  # fmt: skip
    assert spark.table(table).count() == 11
    assert spark.sql(f"SELECT * FROM {table} VERSION AS OF 0").count() == 10


def test_a_division_by_zero_is_an_error(spark: SparkSession) -> None:
    from pyspark.errors import ArithmeticException

    with pytest.raises(ArithmeticException, match="DIVIDE_BY_ZERO"):
        spark.sql("SELECT 1 / 0").collect()


def test_connectors_are_on_the_class_path(spark: SparkSession) -> None:
    loader = spark._jvm.java.lang.Class
    for name in (
        "org.apache.spark.sql.kafka010.KafkaSourceProvider",
        "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "software.amazon.awssdk.services.s3.S3AsyncClient",
        "org.postgresql.Driver",
    ):
        assert loader.forName(name) is not None


def test_the_jvm_listens_on_this_machine_only(spark: SparkSession) -> None:
    jvm = psutil.Process(spark.sparkContext._gateway.proc.pid)
    listening = [c.laddr.ip for p in (jvm, *jvm.children(recursive=True))
                 for c in p.net_connections("tcp") if c.status == psutil.CONN_LISTEN]  # fmt: skip
    assert listening
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}


_CLOCK = """
import json
from helpers import spark as room
spark = room.session("teaching", room.Endpoints())
frame = spark.sql("SELECT TIMESTAMP '2026-07-01 12:00:00Z' AS at")
print(json.dumps([str(frame.collect()[0].at), str(frame.toPandas()["at"][0]),
                  spark.sql("SELECT CAST(TIMESTAMP '2026-07-01 12:00:00Z' AS STRING) s").first().s]))
room.stop()
spark = room.session("throughput", room.Endpoints())
print(json.dumps([spark.range(3).count(), spark.conf.get("spark.driver.memory")]))
room.stop()
"""


@pytest.mark.proof
def test_clocks_agree_in_another_zone_and_a_stopped_session_starts_again() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CLOCK], cwd=ROOT, capture_output=True, text=True, timeout=300,
        env=child_environment({"TZ": "America/New_York"}),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    clock, again = (json.loads(line) for line in done.stdout.strip().splitlines())
    assert clock == ["2026-07-01 12:00:00"] * 3
    assert again == [3, spark_conf("throughput", None, "us-east-1")["spark.driver.memory"]]
    assert "WARN" not in done.stderr.replace("WARNING: Using incubator modules", "")


_OWN_SPARK = """
import psutil
from helpers import spark as room
spark = room.session("teaching", room.Endpoints())
(jvm,) = [child for child in psutil.Process().children(recursive=True) if child.name() == "java"]
print(" ".join(jvm.cmdline()))
print(spark.range(3).count())
room.stop()
"""


@pytest.mark.proof
def test_the_spark_of_spark_home_is_the_one_that_runs(tmp_path: Path) -> None:
    import pyspark

    home = tmp_path / "another spark"
    home.symlink_to(Path(pyspark.__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", _OWN_SPARK], cwd=ROOT, capture_output=True, text=True, timeout=300,
        env=child_environment({"SPARK_HOME": str(home)}),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    command, count = done.stdout.strip().splitlines()
    assert f"{home}/jars/*" in command
    assert count == "3"


_FIRST_CELL = """
from helpers import spark as room
spark = room.session("teaching", room.Endpoints())
frame = spark.sql("SELECT TIMESTAMP '2026-07-01 12:00:00Z' AS at, count(*) AS n FROM range(10)")
print(frame.collect()[0].at, frame.toPandas()["at"][0], frame.first().n)
"""


@pytest.mark.proof
def test_the_first_cell_of_a_notebook_shows_its_result_and_one_line_of_java() -> None:
    """A kernel with `IPKernelApp.capture_fd_output` on, as it is by default, shows what the JVM writes too."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_FIRST_CELL + "room.stop()")])
    # Where the kernel sees pytest it leaves the JVM's output alone.
    foreign = ("SPARK_REMOTE", "SPARK_MASTER", "AWS_ENDPOINT_URL", "PYTEST_CURRENT_TEST")
    NotebookClient(
        book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}},
        extra_arguments=["--IPKernelApp.capture_fd_output=True"],
    ).execute(env=child_environment({"TZ": "America/New_York"}, drop=foreign))  # fmt: skip
    said = {"stdout": "", "stderr": ""}
    for output in book.cells[0].outputs:
        assert output.output_type == "stream", output
        said[output.name] += output.text
    assert said["stdout"].strip() == "2026-07-01 12:00:00 2026-07-01 12:00:00 10"
    assert said["stderr"].strip() == "WARNING: Using incubator modules: jdk.incubator.vector"
