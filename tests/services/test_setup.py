"""Set-up for real: killed and taken up again, quick the second time, and without a network once it is done."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from helpers import services
from helpers.core.settings import ROOT, child_environment, settings
from helpers.services import process
from helpers.toolchain.archives import archive_flags
from helpers.toolchain.jars import jars_folder, read_lock

pytestmark = pytest.mark.services

GRIDBRIDGE = str(Path(sys.executable).with_name("gridbridge"))


def gridbridge(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [GRIDBRIDGE, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300,
        env=child_environment(environment),
    )  # fmt: skip


def kill_once(started: subprocess.Popen[str], there: Callable[[], bool]) -> None:
    """SIGKILL a set-up and its children as soon as `there` holds."""
    Retrying(stop=stop_after_delay(120), wait=wait_fixed(0.02), retry=retry_if_result(lambda ok: not ok))(there)
    assert started.poll() is None, "it had ended before it could be killed"
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()


def begin(*options: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [GRIDBRIDGE, "setup", *options], cwd=ROOT, start_new_session=True, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=child_environment(environment),
    )  # fmt: skip


class Mirror(http.server.ThreadingHTTPServer):
    """A mirror of Maven on the loopback that serves the jars of this machine, slowly at first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Jar)
        self.files = {f"/{jar.path}": jars_folder(jar.set) / jar.name for jar in read_lock()}
        self.served: list[str] = []
        self.gate = threading.Semaphore(20)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Jar(http.server.BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        body = self.server.files[self.path].read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:1000])
        self.server.gate.acquire()
        self.wfile.write(body[1000:])
        self.server.served.append(self.path)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror() as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.gate.release(1000)
        server.shutdown()


def test_jars_resume_after_a_kill_and_fetch_only_what_is_missing(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "localstack").symlink_to(settings().cache / "localstack")
    where = {"GRIDBRIDGE_CACHE": str(tmp_path), "MAVEN_MIRROR": mirror.address, "NO_PROXY": "127.0.0.1"}
    kill_once(begin("--no-archives", **where), lambda: len(mirror.served) == 20)
    had = {path for path in mirror.files if list(tmp_path.glob(f"jars/*/{Path(path).name}"))}
    assert 10 <= len(had) <= 20
    mirror.served.clear()
    mirror.gate.release(1000)
    done = gridbridge("setup", "--no-archives", **where)
    assert done.returncode == 0, done.stderr
    assert had.isdisjoint(mirror.served)
    assert set(mirror.served) == set(mirror.files) - had
    jars = {(jar.set, jar.name) for jar in read_lock()}
    found = {(file.parent.name, file.name) for file in tmp_path.glob("jars/*/*") if file.name != "complete.json"}
    assert found == jars


@pytest.mark.proof
def test_localstacks_environment_resumes_after_a_kill(tmp_path: Path) -> None:
    """Needs the network or uv's cache, so it is no part of `make test`."""
    (tmp_path / "jars").symlink_to(settings().cache / "jars")
    where = {"GRIDBRIDGE_CACHE": str(tmp_path)}
    packages = tmp_path / "localstack" / "lib" / "python3.11" / "site-packages"
    kill_once(begin("--no-archives", **where), lambda: packages.exists() and len(list(packages.iterdir())) > 10)
    assert not list((tmp_path / "localstack").glob("gridbridge-lock*"))
    done = gridbridge("setup", "--no-archives", **where)
    assert done.returncode == 0, done.stderr
    python = tmp_path / "localstack" / "bin" / "python"
    assert subprocess.run([python, "-c", "import localstack.runtime.main"], check=False).returncode == 0


@pytest.mark.proof
@pytest.mark.parametrize("name", ["kafka", "spark"])
def test_class_archives_resume_after_a_kill(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("jars", "localstack"):
        (tmp_path / part).symlink_to(settings().cache / part)
    monkeypatch.setenv("GRIDBRIDGE_CACHE", str(tmp_path))
    settings.cache_clear()

    def recording() -> list[psutil.Process]:
        return [
            one
            for one in psutil.process_iter(["cmdline"])
            if any(f"{tmp_path}/archives/{name}-" in word for word in one.info["cmdline"] or ())
        ]

    try:
        kill_once(begin(), lambda: any("java" in one.name() for one in recording()))
        assert archive_flags(name) == []
        done = gridbridge("setup")
        assert (done.returncode, done.stdout) == (0, "")
        assert [line.partition(":")[0] for line in done.stderr.splitlines()][-1].startswith("Making")
        assert archive_flags("kafka") and archive_flags("spark")
        assert recording() == []
        assert list(tmp_path.glob("archives/*.part")) == []
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_the_second_time_costs_hardly_more_than_its_help() -> None:
    help_seconds, _ = costs("setup", "--help")
    seconds, done = costs("setup")
    assert done.returncode == 0, done.stderr
    assert (done.stdout, done.stderr) == ("", "")
    # As a ratio of CPU seconds: how long either takes depends on the machine and on what else it does.
    assert seconds < 2 * help_seconds


def costs(*words: str) -> tuple[float, subprocess.CompletedProcess[str]]:
    """The CPU seconds of that command, and what it said."""
    before = os.times()
    done = gridbridge(*words)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system, done


_SESSION = """
import psutil
from helpers import spark as room
for profile in ("teaching", "throughput"):
    spark = room.session(profile, room.Endpoints())
    jvm = psutil.Process(spark.sparkContext._gateway.proc.pid)
    print([one.path for one in jvm.memory_maps() if "/archives/" in one.path and one.path.endswith(".jsa")])
    room.stop()
"""


def archive(name: str) -> str:
    return archive_flags(name)[0].partition("=")[2]


@pytest.mark.parametrize(("service", "name"), [("kafka", "kafka"), ("connect", "spark")])
def test_a_service_takes_its_classes_from_the_archive(running, service: str, name: str) -> None:
    services.ensure(service)
    mapped = set()
    for member in process.tree(running[service].record()):
        # A worker of Spark may have ended meanwhile.
        with contextlib.suppress(psutil.Error):
            mapped |= {one.path for one in member.memory_maps()}
    assert archive(name) in mapped


@pytest.mark.proof
def test_spark_takes_its_classes_from_the_archive_in_both_profiles() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SESSION], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str([archive("spark")])] * 2


class Listener:
    """Stands where the proxy of a network would be, and writes down that somebody called."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.calls: list[bytes] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(1)
                try:
                    self.calls.append(connection.recv(200))
                except OSError:
                    self.calls.append(b"")


NAMES = ("kafka", "s3", "postgres")
LESSON = """
from helpers import services
from helpers.exercises import teaching_session
services.ensure()
print(teaching_session().range(3).count())
"""


def states(**environment: str) -> dict[str, str]:
    told = json.loads(gridbridge("services", "status", "--json", **environment).stdout)
    return {one["name"]: one["state"] for one in told if one["name"] in NAMES}


@pytest.mark.proof
def test_after_set_up_nothing_needs_the_network() -> None:
    listener = Listener()
    proxies = {
        name: listener.address for word in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY") for name in (word, word.lower())
    }
    # Not pytest's own folder: nobody but root can reach that, and PostgreSQL does not run as root.
    work = Path(tempfile.mkdtemp(prefix="gridbridge-offline-"))
    work.chmod(0o755)
    environment = {**proxies, "NO_PROXY": "", "no_proxy": "", "GRIDBRIDGE_WORK": str(work)}
    try:
        assert gridbridge("setup", **environment).returncode == 0
        run = gridbridge("pipeline", "run", "--recordings", "small", **environment)
        assert run.returncode == 0, run.stderr
        # What a run started, it stops.
        assert states(**environment) == dict.fromkeys(NAMES, "stopped")
        up = gridbridge("services", "up", **environment)
        assert up.returncode == 0, up.stderr
        assert states(**environment) == dict.fromkeys(NAMES, "ready")
        lesson = subprocess.run(
            [sys.executable, "-c", LESSON],
            cwd=ROOT,
            env=child_environment(environment),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert lesson.stdout == "3\n", lesson.stderr
        doctor = json.loads(gridbridge("doctor", "--json", **environment).stdout)
        assert [one for one in doctor if one["state"] == "failed"] == []
    finally:
        down = gridbridge("services", "down", **environment)
        shutil.rmtree(work, ignore_errors=True)
        listener.socket.close()
    assert down.returncode == 0, down.stderr
    assert listener.calls == []
