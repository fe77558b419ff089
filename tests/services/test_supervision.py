"""What a real `gridbridge services` process leaves behind when it is interrupted, killed, or not alone."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tenacity import retry, stop_after_delay, wait_fixed

from helpers import services
from helpers.core.settings import ROOT, child_environment, settings
from helpers.services import process, state

# Each starts services of its own, some of them several times.
pytestmark = [pytest.mark.services, pytest.mark.proof]

USUAL = ("kafka", "s3", "postgres")


def command(*words: str, **variables: str) -> subprocess.Popen[str]:
    """The real command in a process group of its own, as a terminal starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "helpers", "services", *words], cwd=ROOT, env=child_environment(variables),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


@retry(stop=stop_after_delay(90), wait=wait_fixed(0.02))
def once(holds: Callable[[], Any]) -> None:
    """Wait until something holds."""
    assert holds()


def recorded(name: str) -> bool:
    return state.record(name) is not None


def complete(name: str) -> bool:
    found = state.record(name)
    return found is not None and found.complete


def assert_nothing_is_half_done() -> None:
    for name in USUAL:
        one = services.service(name)
        if one.record() is None:
            assert process.marked(one.folder) == [], name
        else:
            assert one.ready(), name


MOMENTS: dict[str, Callable[[], Any]] = {
    "at once": lambda: (settings().work / "services").exists(),
    "postgres on record": lambda: recorded("postgres"),
    "s3 on record": lambda: recorded("s3"),
    "the first complete": lambda: any(complete(name) for name in USUAL),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_during_up_leaves_nothing_half_started(empty_work: Path, moment: str) -> None:
    child = command("up")
    once(MOMENTS[moment])
    os.killpg(child.pid, signal.SIGINT)
    said, _ = child.communicate(timeout=90)
    assert child.returncode == 130, said
    assert "Traceback" not in said
    assert_nothing_is_half_done()
    assert not all(complete(name) for name in USUAL)


@pytest.mark.parametrize("moment", ["at once", "one of them stopped"])
def test_ctrl_c_during_down_leaves_nothing_half_stopped(empty_work: Path, moment: str) -> None:
    services.ensure()
    services.aws("s3").create_bucket(Bucket="kept")
    child = command("down")
    if moment != "at once":
        once(lambda: not all(complete(name) for name in USUAL))
    os.killpg(child.pid, signal.SIGINT)
    said, _ = child.communicate(timeout=90)
    assert child.returncode in (130, -signal.SIGINT), said
    assert_nothing_is_half_done()
    services.ensure()
    assert [one["Name"] for one in services.aws("s3").list_buckets()["Buckets"]] == ["kept"]
    assert services.s3_rollback() == ""


@pytest.mark.parametrize("moment", ["s3 on record", "the first complete"])
def test_what_a_killed_up_left_is_taken_over_or_ended_by_the_next(empty_work: Path, moment: str) -> None:
    child = command("up")
    once(MOMENTS[moment])
    child.kill()
    child.communicate(timeout=90)
    before = {name: state.record(name) for name in USUAL if complete(name)}
    services.ensure()
    for name in USUAL:
        one, found = services.service(name), state.record(name)
        assert one.ready()
        if name in before:
            assert found == before[name]
        # Nothing of the killed one's start runs beside it.
        assert {p.pid for p in process.marked(one.folder)} <= {p.pid for p in process.tree(found)}


def test_a_strangers_port_is_named_and_the_stranger_lives(empty_work: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = f"import socket; s = socket.create_server(('127.0.0.1', {port})); print('up', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as stranger:
        assert stranger.stdout and stranger.stdout.readline() == "up\n"
        child = command("up", "s3", S3_PORT=str(port), COLUMNS="300")
        said, _ = child.communicate(timeout=120)
        assert child.returncode == 0, said
        assert f"s3: Port {port} is held by" in said
        assert f"(pid {stranger.pid})" in said
        assert services.service("s3").ready()
        assert services.service("s3").port() != port
        services.down()
        assert stranger.poll() is None
        stranger.kill()


def test_a_stop_waits_for_a_start_that_is_under_way(empty_work: Path) -> None:
    child = command("up", "s3", "postgres", COLUMNS="300")
    once(lambda: recorded("s3") and recorded("postgres"))
    services.down()
    said, _ = child.communicate(timeout=90)
    assert child.returncode == 0, said
    assert "Started: s3, postgres." in said
    for name in ("s3", "postgres"):
        assert services.service(name).record() is None
        assert process.marked(services.service(name).folder) == []
