import socket
import sys

import pytest

from helpers.core.errors import ServiceError
from helpers.core.settings import child_environment, settings
from helpers.services import process, state
from helpers.services.base import Service


@pytest.fixture(autouse=True)
def work(tmp_path, monkeypatch):
    monkeypatch.setenv("GRIDBRIDGE_WORK", str(tmp_path))
    monkeypatch.setenv("GRIDBRIDGE_SERVICE_TIMEOUT", "1")
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


class Fake(Service):
    """A process that prints a word and then waits, or ends at once."""

    name = "fake"
    program = "print('started', flush=True); import time; time.sleep(60)"
    error: BaseException | None = None

    def usual_port(self) -> int:
        return 0

    def prepare(self, ports):
        pass

    def command(self, ports):
        return [sys.executable, "-c", self.program]

    def environment(self, ports):
        return child_environment()

    def answers(self, port):
        if self.error:
            raise self.error
        return False

    def client(self):
        return None


def test_a_stranger_on_the_port_is_named_and_another_port_taken():
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        held = stranger.getsockname()[1]
        port, note = process.free_port(held)
    assert port != held
    assert f"Port {held} is held by" in note
    assert "(pid " in note


def test_a_free_port_is_taken_without_a_word():
    free, _ = process.free_port(0)
    assert process.free_port(free) == (free, "")


def test_a_service_that_does_not_answer_is_ended_and_its_log_shown():
    with pytest.raises(ServiceError, match=r"(?s)fake did not answer.*started") as caught:
        Fake().up()
    assert "GRIDBRIDGE_SERVICE_TIMEOUT" in caught.value.remedy
    assert state.record("fake") is None


def test_a_service_that_ends_at_once_is_told_without_waiting():
    fake = Fake()
    fake.program = "raise SystemExit('no such luck')"
    with pytest.raises(ServiceError, match=r"(?s)ended before it answered.*no such luck"):
        fake.up()


def test_ctrl_c_while_starting_leaves_nothing_behind(monkeypatch):
    seen = []
    spawn = process.spawn
    monkeypatch.setattr(process, "spawn", lambda *args: seen.append(spawn(*args)) or seen[-1])
    fake = Fake()
    fake.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        fake.up()
    (pid, created) = seen[0]
    assert not state.alive(state.Record(pid, created, {"client": 1}, "", ""))
    assert state.record("fake") is None
