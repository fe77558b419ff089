import pytest

from helpers.core.settings import settings
from helpers.exercises import session as room


@pytest.mark.parametrize(
    ("variables", "started"),
    [({}, ["connect"]), ({"SPARK_MASTER": "spark://cluster:7077"}, ["s3"])],
    ids=["this machine", "a cluster"],
)
def test_a_cluster_needs_no_connect_server_of_this_machine(own_work, monkeypatch, variables, started):
    for name in ("SPARK_MASTER", "SPARK_REMOTE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**variables, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    asked = []
    monkeypatch.setattr(room.services, "ensure", lambda *names: asked.extend(names))
    monkeypatch.setattr(room.spark, "session", lambda *_: None)
    room.teaching_session()
    assert asked == started
