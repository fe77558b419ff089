import importlib.util
import shutil
import subprocess
import tempfile
import threading
import uuid
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import hypothesis
import psutil
import pytest

from helpers import services
from helpers import spark as spark_room
from helpers.core.settings import settings
from helpers.desk.session import forget, session
from helpers.exercises import teaching_session
from helpers.pipeline.draft import draft
from helpers.pipeline.parameters import parameters
from helpers.pipeline.run import Run
from tests.fixtures import isolate

# How long an example takes is the machine's doing.
hypothesis.settings.register_profile("gridbridge", deadline=None)
hypothesis.settings.load_profile("gridbridge")

TESTS = Path(__file__).parent
FOLDERS = ("lessons", "end_to_end", "browser", "notebooks", "services", "layers", "pipelines", "bridge", "unit")
WHOLE = ("lessons", "notebooks", "browser", "unit")
"""Of these every proof is run each time: what a learner sees must not be trusted in turns."""


@pytest.fixture
def own_work(tmp_path, monkeypatch):
    """A work folder of its own for what needs no service."""
    with monkeypatch.context() as patch:
        patch.setenv("GRIDBRIDGE_WORK", str(tmp_path))
        settings.cache_clear()
        yield tmp_path
    settings.cache_clear()


@contextmanager
def connect_session():
    """What learners have: a session on the Connect server, which ends with it."""
    spark_room.stop()
    try:
        yield teaching_session()
    finally:
        # Before its server: a session that outlives it waits for minutes.
        spark_room.stop()
        services.down(["connect"])


@contextmanager
def desk_session():
    """What a notebook has: the desk's own session, with the classroom's tables as views."""
    forget()
    try:
        with connect_session():
            yield session()
    finally:
        forget()


@pytest.fixture
def refusing():
    """A store that refuses everything: its address, and the (key, token) that each request showed."""
    shown = []

    class Refuses(BaseHTTPRequestHandler):
        def answer(self):
            key = self.headers.get("Authorization", "").partition("Credential=")[2].partition("/")[0]
            shown.append((key, self.headers.get("X-Amz-Security-Token")))
            body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
            self.send_response(403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_PUT = do_POST = answer

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refuses)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield SimpleNamespace(address=f"http://127.0.0.1:{server.server_port}", shown=shown)
    server.shutdown()
    server.server_close()


def listening(members):
    """Where these processes listen: (ip, port) of each socket."""
    found = [one for member in members for one in member.net_connections("inet")]
    return [one.laddr for one in found if one.status == psutil.CONN_LISTEN]


@pytest.fixture
def empty_work(monkeypatch):
    """A work folder of its own in which nothing runs yet; what a test starts there is stopped."""
    work = Path(tempfile.mkdtemp(prefix="gridbridge-services-"))
    work.chmod(0o755)
    with monkeypatch.context() as patch:
        isolate(patch, work)
        try:
            yield work
        finally:
            services.down()
    settings.cache_clear()
    shutil.rmtree(work, ignore_errors=True)


def _draw(config, items):
    """Leave out those proofs that are not this commit's share, file by file."""
    share = config.getoption("--share")
    if share == 1:
        return
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=TESTS, capture_output=True, text=True, check=True)
    turn, number, left = int(commit.stdout, 16), Counter(), []
    for item in [one for one in items if one.get_closest_marker("proof") and _folder(one.path) not in WHOLE]:
        if (number[item.path] + turn) % share:
            left.append(item)
        number[item.path] += 1
    others = set(left)
    items[:] = [item for item in items if item not in others]
    config.hook.pytest_deselected(items=left)


def pytest_addoption(parser):
    parser.addoption(
        "--share",
        type=int,
        default=1,
        help="of each file's proofs run every so manieth only, another with each commit; all of what a learner sees",
    )


def _folder(path):
    """The folder of tests/ that a test is in; one's own pipelines count as one."""
    return path.relative_to(TESTS).parts[0] if path.is_relative_to(TESTS) else "pipelines"


@pytest.hookimpl(tryfirst=True)  # xdist's own hook reads the groups, and it runs before a plain one of a conftest.
def pytest_collection_modifyitems(config, items):
    """The slow folders first; the tests of a file, or of a lesson, stay with the worker that has their Spark."""
    _draw(config, items)
    items.sort(key=lambda item: FOLDERS.index(_folder(item.path)))
    for item in items:
        exercise = getattr(item, "callspec", None) and item.callspec.params.get("exercise")
        together = exercise.id.partition(".")[0] if hasattr(exercise, "id") else str(item.path)
        item.add_marker(pytest.mark.xdist_group(together))


STAGES = ("prepare", "replay", "bronze", "silver", "gold", "serve", "reconcile", "finish")


@pytest.fixture(scope="module")
def own_jvm():
    """For a module that starts Spark in its own way: none is up when it begins, none when it ends."""
    spark_room.stop()
    yield
    spark_room.stop()


@pytest.fixture
def play(fresh):
    """Called, it makes a run, stage by stage as the notebook has it, and returns it after the last stage."""

    def run(*, stages=STAGES, **given):
        one = Run(parameters({"recordings": "small", "fault_rate": 0.2, **given}))
        for stage in stages:
            getattr(one, stage)()
        return one

    return run


@pytest.fixture
def drafted(tmp_path):
    """Called: the name and the layers.py, imported, of a new pipeline. changed: (old, new) texts of that file."""

    def make(*changed):
        name = f"p{uuid.uuid4().hex[:8]}"
        file = draft(name, ["kafka"], ["delta"], tmp_path) / "layers.py"
        text = file.read_text()
        for old, new in changed:
            assert old in text
            text = text.replace(old, new)
        file.write_text(text)
        spec = importlib.util.spec_from_file_location("layers", file)
        layers = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(layers)
        return name, layers

    return make
