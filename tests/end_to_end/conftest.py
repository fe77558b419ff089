"""Real runs on real services, each in a lake, topics and a serving schema of its own."""

import uuid

import pytest

from helpers import spark as spark_room
from helpers.core.settings import settings
from helpers.pipeline.parameters import parameters
from helpers.pipeline.run import Run

STAGES = ("prepare", "replay", "bronze", "silver", "gold", "serve", "reconcile", "finish")


@pytest.fixture(scope="session")
def session(running):
    """One JVM for all runs of this process: each takes the session that is up."""
    yield
    spark_room.stop()


@pytest.fixture
def fresh(session, monkeypatch):
    """Called, it makes all names new: an empty lake, landing prefix, topics and serving schema."""

    def rename():
        name = uuid.uuid4().hex[:8]
        monkeypatch.setenv("LAKE_BUCKET", f"lake-{name}")
        monkeypatch.setenv("LANDING_BUCKET", f"landing-{name}")
        monkeypatch.setenv("TOPIC_PREFIX", f"t{name}")
        monkeypatch.setenv("SERVING_SCHEMA", f"gold_{name}")
        settings.cache_clear()

    rename()
    yield rename
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
