"""A store that AWS_ENDPOINT_URL names is asked with the keys of the environment, by each of the four clients."""

import subprocess
import sys
from contextlib import suppress

import pytest

from helpers import services
from helpers.core.settings import ROOT, child_environment, settings
from helpers.desk.playground.preview import preview
from helpers.pipeline.stores import Stores

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAOWN", "AWS_SECRET_ACCESS_KEY": "of-my-own", "AWS_SESSION_TOKEN": "for-an-hour"}


@pytest.fixture
def store(own_work, refusing, monkeypatch):
    """What each request to the store that the settings name showed: (key, token)."""
    # boto3 keeps the keys that it found first.
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_ENDPOINT_URL", refusing.address)
    settings.cache_clear()
    return refusing.shown


def ask():
    """Each client but Spark asks for something."""
    for question in (
        lambda: services.aws("s3").head_bucket(Bucket="theirs"),
        lambda: Stores().lake.open("silver/readings"),
        lambda: preview("theirs", "a.parquet"),
    ):
        with suppress(Exception):
            question()


@pytest.mark.parametrize("names", [list(KEYS), list(KEYS)[:2]], ids=["with a token", "without a token"])
def test_own_keys_are_shown_by_every_client(store, monkeypatch, names):
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    for name in names:
        monkeypatch.setenv(name, KEYS[name])
    ask()
    assert len(store) >= 3
    assert set(store) == {("AKIAOWN", KEYS["AWS_SESSION_TOKEN"] if len(names) == 3 else None)}


def test_without_keys_of_its_own_the_dummy_ones_are_shown(store, monkeypatch):
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    ask()
    assert len(store) >= 3
    assert {key for key, _ in store} == {"test"}


READS = """
from contextlib import suppress
from helpers import spark as room
from helpers.services import endpoints
where = endpoints()
spark = room.session("teaching", room.Endpoints(where.s3_endpoint, where.region))
with suppress(Exception):
    spark.read.text("s3a://theirs/a.txt").collect()
room.stop()
"""


@pytest.mark.proof
@pytest.mark.services
@pytest.mark.parametrize("names", [list(KEYS), list(KEYS)[:2], []], ids=["token", "keys", "none"])
def test_spark_shows_the_same_keys(store, names):
    environment = child_environment({name: KEYS[name] for name in names}, drop=tuple(KEYS))
    done = subprocess.run(
        [sys.executable, "-c", READS], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    token = KEYS["AWS_SESSION_TOKEN"] if len(names) == 3 else None
    assert set(store) == {("AKIAOWN" if names else "test", token)}
    assert "of-my-own" not in done.stdout + done.stderr
