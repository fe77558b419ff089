import importlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers.core.errors import SetupError, UserError
from helpers.core.settings import ROOT, settings
from helpers.spark import Endpoints, differences, session
from helpers.toolchain import spark_conf, sparkconf

room = sys.modules["helpers.spark.session"]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """Records which kind of session would have started, and where."""
    calls: list[tuple[str, str]] = []
    for name in ("SPARK_REMOTE", "SPARK_MASTER", "SPARK_HOME", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TZ", os.environ.get("TZ", "UTC"))  # put back afterwards
    monkeypatch.setattr(room, "_connect", lambda url, wanted: calls.append(("connect", url)))
    monkeypatch.setattr(
        room, "_classic", lambda app, wanted: calls.append(("classic", settings().spark_master or "local[*]"))
    )
    settings.cache_clear()
    yield calls
    monkeypatch.undo()
    room._current = None
    settings.cache_clear()
    time.tzset()


def test_spark_remote_wins_over_spark_master_over_local(
    started: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    session("teaching", Endpoints())
    monkeypatch.setenv("SPARK_MASTER", "spark://host:7077")
    settings.cache_clear()
    session("teaching", Endpoints())
    session("teaching", Endpoints(connect_url="sc://localhost:2/"))
    monkeypatch.delenv("SPARK_MASTER")
    settings.cache_clear()
    session("teaching", Endpoints(connect_url="sc://localhost:2/"))
    session("throughput", Endpoints(connect_url="sc://localhost:2/"))
    monkeypatch.setenv("SPARK_MASTER", "spark://host:7077")
    monkeypatch.setenv("SPARK_REMOTE", "sc://localhost:1/")
    settings.cache_clear()
    session("teaching", Endpoints(connect_url="sc://localhost:2/"))
    session("throughput", Endpoints())
    assert started == [
        ("classic", "local[*]"),
        ("classic", "spark://host:7077"),
        ("classic", "spark://host:7077"),
        ("connect", "sc://localhost:2/"),
        ("classic", "local[*]"),
        ("connect", "sc://localhost:1/"),
        ("connect", "sc://localhost:1/"),
    ]


def test_a_session_makes_utc_the_zone_of_the_process(
    started: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    session("teaching", Endpoints())
    assert time.localtime(0).tm_hour == 0


def test_a_bad_profile_is_the_users_error(started: list[tuple[str, str]]) -> None:
    with pytest.raises(UserError, match="there are teaching, throughput"):
        session("fast")  # type: ignore[arg-type]
    assert started == []


def test_differences_of_a_server_are_listed() -> None:
    wanted = spark_conf("teaching", "http://127.0.0.1:4566", "us-east-1")
    there = dict(wanted)
    server = SimpleNamespace(conf=SimpleNamespace(get=lambda name, default: there.get(name, default)))
    assert differences(server, wanted) == []  # type: ignore[arg-type]
    there["spark.sql.extensions"] = "a.Other," + wanted["spark.sql.extensions"]
    assert differences(server, wanted) == []  # type: ignore[arg-type]
    del there["spark.hadoop.fs.s3a.endpoint"]
    assert differences(server, wanted) == [  # type: ignore[arg-type]
        "spark.hadoop.fs.s3a.endpoint is not set on the server, wanted is http://127.0.0.1:4566"
    ]


def test_a_spark_home_without_spark_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a kernel that has run a cell with Spark before.
    importlib.import_module("pyspark")
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    settings.cache_clear()
    path = list(sys.path)
    try:
        with pytest.raises(SetupError, match="holds no Spark"):
            room._find_spark()
    finally:
        sys.path[:] = path
        monkeypatch.undo()
        settings.cache_clear()


@pytest.mark.parametrize(
    ("total", "most", "heap"),
    [(2 * 2**30, 4, "1g"), (8 * 2**30, 4, "2g"), (24 * 2**30, 4, "4g"), (24 * 2**30, 2, "2g"), (2**27, 2, "1g")],
)
def test_the_driver_takes_a_quarter_of_the_machine_within_bounds(total: int, most: int, heap: str) -> None:
    assert sparkconf.driver_memory(most, total) == heap


def test_importing_the_room_imports_no_spark() -> None:
    code = "import sys, helpers.spark, helpers.toolchain; sys.exit('pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
