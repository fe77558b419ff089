"""Fixtures for every test: the real services, a session of Spark, names that nobody else has, notebooks run anew."""

import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import pytest

from helpers import services
from helpers import spark as spark_room
from helpers.core.settings import ROOT, child_environment, settings
from helpers.exercises.sandbox.objects import drop_bucket
from helpers.services import process

REMOTE = ("KAFKA_BOOTSTRAP_SERVERS", "AWS_ENDPOINT_URL", "DATABASE_URL", "SPARK_REMOTE", "SPARK_MASTER")
PORTS = ("KAFKA_PORT", "S3_PORT", "POSTGRES_PORT", "SPARK_CONNECT_PORT")


def isolate(patch, work):
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
    isolate(patch, work)
    try:
        services.ensure()
        yield services.SERVICES
    finally:
        services.down()
        patch.undo()
        settings.cache_clear()
        shutil.rmtree(work, ignore_errors=True)


@pytest.fixture(scope="session")
def jvm():
    """One JVM for all tests of this process that do not mind: each takes the session that is up."""
    yield
    spark_room.stop()


@pytest.fixture(scope="module")
def spark(jvm):
    """A session for what needs no service, as layers do not."""
    # No layer function reaches S3: a closed port would tell.
    return spark_room.session("teaching", spark_room.Endpoints("http://127.0.0.1:1", "us-east-1"), app="layers")


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
def read_only(monkeypatch):
    """The desk as it is where only looking was asked for."""
    monkeypatch.setenv("GRIDBRIDGE_READ_ONLY", "1")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def nbval(running):
    """Called with notebooks: nbval runs them and compares their stored outputs; what pytest said. It must pass."""

    def compare(*notebooks, cell_seconds):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "--nbval",
                f"--nbval-cell-timeout={cell_seconds}",
                "-q",
                "-p",
                "no:cacheprovider",
            ]
            + [str(notebook) for notebook in notebooks],
            cwd=ROOT,
            env=child_environment(),
            capture_output=True,
            text=True,
            timeout=1000,
        )
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    return compare
