import shutil
import subprocess
import tempfile
import uuid
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from helpers import services
from helpers import spark as spark_room
from helpers.core.settings import settings
from helpers.exercises import teaching_session
from helpers.exercises.sandbox.objects import drop_bucket
from helpers.pipeline.parameters import parameters
from helpers.pipeline.run import Run
from helpers.services import process

TESTS = Path(__file__).parent
FOLDERS = ("lessons", "end_to_end", "browser", "notebooks", "services", "layers", "bridge", "unit")
REMOTE = ("KAFKA_BOOTSTRAP_SERVERS", "AWS_ENDPOINT_URL", "DATABASE_URL", "SPARK_REMOTE", "SPARK_MASTER")
PORTS = ("KAFKA_PORT", "S3_PORT", "POSTGRES_PORT", "SPARK_CONNECT_PORT")


def _isolate(patch, work):
    """Settings for services that are nobody else's: not even the usual ports, which the user's own may want."""
    patch.setenv("GRIDBRIDGE_WORK", str(work))
    for name in REMOTE:
        patch.delenv(name, raising=False)
    for name in PORTS:
        patch.setenv(name, str(process.free_port(0)[0]))
    settings.cache_clear()


@pytest.fixture(scope="session")
def running():
    """All services, once for the whole suite, in a work folder of their own, on whatever ports are free."""
    # Not pytest's own folder: nobody but root can reach that, and PostgreSQL does not run as root.
    work = Path(tempfile.mkdtemp(prefix="gridbridge-services-"))
    work.chmod(0o755)
    patch = pytest.MonkeyPatch()
    _isolate(patch, work)
    try:
        services.ensure()
        yield services.SERVICES
    finally:
        services.down()
        patch.undo()
        settings.cache_clear()
        shutil.rmtree(work, ignore_errors=True)


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
        _isolate(patch, work)
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
    for item in [one for one in items if one.get_closest_marker("proof")]:
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
        help="of each file's proofs run every so manieth only, another one with each commit",
    )


@pytest.hookimpl(tryfirst=True)  # xdist's own hook reads the groups, and it runs before a plain one of a conftest.
def pytest_collection_modifyitems(config, items):
    """The slow folders first; the tests of a file, or of a lesson, stay with the worker that has their Spark."""
    _draw(config, items)
    items.sort(key=lambda item: FOLDERS.index(item.path.relative_to(TESTS).parts[0]))
    for item in items:
        exercise = getattr(item, "callspec", None) and item.callspec.params.get("exercise")
        together = exercise.id.partition(".")[0] if hasattr(exercise, "id") else str(item.path)
        item.add_marker(pytest.mark.xdist_group(together))


STAGES = ("prepare", "replay", "bronze", "silver", "gold", "serve", "reconcile", "finish")


@pytest.fixture(scope="session")
def jvm():
    """One JVM for all tests of this process that do not mind: each takes the session that is up."""
    yield
    spark_room.stop()


@pytest.fixture(scope="module")
def own_jvm():
    """For a module that starts Spark in its own way: none is up when it begins, none when it ends."""
    spark_room.stop()
    yield
    spark_room.stop()


def drop_buckets(names):
    """Delete buckets and what is in them: every later stop of S3 would save them, every start restore them."""
    s3 = services.aws("s3")
    for name in {one["Name"] for one in s3.list_buckets()["Buckets"]} & set(names):
        drop_bucket(s3, name)


@pytest.fixture
def fresh(running, jvm, monkeypatch):
    """Called, it makes all names new: an empty lake, landing prefix, topics and serving schema."""

    made = []

    def rename():
        name = uuid.uuid4().hex[:8]
        made.extend((f"lake-{name}", f"landing-{name}"))
        monkeypatch.setenv("LAKE_BUCKET", f"lake-{name}")
        monkeypatch.setenv("LANDING_BUCKET", f"landing-{name}")
        monkeypatch.setenv("TOPIC_PREFIX", f"t{name}")
        monkeypatch.setenv("SERVING_SCHEMA", f"gold_{name}")
        settings.cache_clear()

    rename()
    yield rename
    if running["s3"].ready():
        drop_buckets(made)
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def play(fresh):
    """Called, it makes a run, stage by stage as the notebook has it, and returns it after the last stage."""

    def run(*, stages=STAGES, **given):
        one = Run(parameters({"recordings": "small", "fault_rate": 0.2, **given}))
        for stage in stages:
            getattr(one, stage)()
        return one

    return run
