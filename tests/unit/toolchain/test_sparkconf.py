from pathlib import Path

import pytest

from helpers.core.settings import settings
from helpers.toolchain import sparkconf as room


def test_what_results_depend_on_is_the_same_in_both_profiles() -> None:
    for profile in ("teaching", "throughput"):
        conf = room.spark_conf(profile, None, "eu-west-1")
        assert conf["spark.sql.ansi.enabled"] == "true"
        assert conf["spark.sql.session.timeZone"] == "UTC"
        assert "-Duser.timezone=UTC" in conf["spark.driver.extraJavaOptions"]
        assert "spark.jars.packages" not in conf
        assert int(conf["spark.sql.shuffle.partitions"]) == max(2, room.cores())


def test_only_teaching_gives_up_the_second_compiler() -> None:
    options = {p: room.spark_conf(p, None, "r")["spark.driver.extraJavaOptions"] for p in room._JVM}
    assert "TieredStopAtLevel=1" in options["teaching"]
    assert "TieredStopAtLevel" not in options["throughput"]


def test_dummy_keys_only_with_an_explicit_endpoint() -> None:
    aws = room.spark_conf("teaching", None, "eu-west-1")
    assert {key for key in aws if "s3a" in key} == {"spark.hadoop.fs.s3a.endpoint.region"}
    own = room.spark_conf("teaching", "http://127.0.0.1:4566", "us-east-1")
    assert own["spark.hadoop.fs.s3a.access.key"] == "test"
    assert own["spark.hadoop.fs.s3a.connection.ssl.enabled"] == "false"
    https = room.spark_conf("teaching", "https://localhost:1", "us-east-1")
    assert https["spark.hadoop.fs.s3a.connection.ssl.enabled"] == "true"


def test_a_bad_profile_or_region_is_refused() -> None:
    with pytest.raises(ValueError, match="there are teaching, throughput"):
        room.spark_conf("fast", None, "r")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="region"):
        room.spark_conf("teaching", None, "")


def test_the_log_settings_are_shipped() -> None:
    text = Path(room.LOG_SETTINGS).read_text()
    assert "PythonGatewayServer" in text and "rootLogger.level = error" in text


def test_with_keys_of_its_own_a_remote_store_gets_no_dummy_ones(own_work, monkeypatch) -> None:
    """Spark takes them from the environment itself, and tells its executors: they stand in no setting of ours."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://store.example")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOWN")
    settings.cache_clear()
    conf = room.spark_conf("teaching", "https://store.example", "us-east-1")
    assert conf["spark.hadoop.fs.s3a.endpoint"] == "https://store.example"
    assert not {name for name in conf if name.endswith((".key", "credentials.provider"))}
    # The store of this machine keeps its own, whatever keys there are for others.
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    settings.cache_clear()
    assert room.spark_conf("teaching", "http://127.0.0.1:1", "r")["spark.hadoop.fs.s3a.access.key"] == "test"
