import socket
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from helpers.core.errors import ServiceError
from helpers.core.settings import child_environment, settings
from helpers.services import process, state
from helpers.services.base import Service


@pytest.fixture(autouse=True)
def work(tmp_path, monkeypatch):
    monkeypatch.setenv("GRIDBRIDGE_WORK", str(tmp_path))
    monkeypatch.setenv("GRIDBRIDGE_SERVICE_TIMEOUT", "3")
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


class Fake(Service):
    """A process that prints a word and then waits, or ends at once."""

    name = "fake"
    program = "print('started', flush=True); import time; time.sleep(60)"

    def usual_port(self) -> int:
        return 0

    def prepare(self, ports):
        pass

    def command(self, ports):
        return [sys.executable, "-c", self.program]

    def environment(self, ports):
        return child_environment()

    def answers(self, port):
        return False

    def client(self):
        return None


class Answering(Fake):
    """One that answers as soon as it listens."""

    listening = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(60)"

    def command(self, ports):
        return [sys.executable, "-c", self.listening, str(ports["client"])]

    def answers(self, port):
        return True


class Interrupted(Answering):
    """One whose user loses patience at its first answer."""

    def answers(self, port):
        raise KeyboardInterrupt


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
    with pytest.raises(KeyboardInterrupt):
        Interrupted().up()
    (pid, created) = seen[0]
    assert not state.alive(state.Record(pid, created, {"client": 1}, "", ""))
    assert state.record("fake") is None


def test_a_cancelled_start_leaves_nothing_behind():
    cancel = threading.Event()
    cancel.set()
    fake = Fake()
    with pytest.raises(ServiceError, match="interrupted"):
        fake.up(cancel)
    assert state.record("fake") is None
    assert process.marked(fake.folder) == []


def test_a_process_that_no_record_knows_is_ended_before_a_start(work):
    fake = Answering()
    assert fake.up()
    forgotten = state.record("fake")
    (work / "services.json").unlink()
    assert fake.up()
    assert not state.alive(forgotten)
    assert fake.down()
    assert process.marked(fake.folder) == []


def test_stop_ends_a_process_that_no_record_knows(work):
    fake = Answering()
    fake.up()
    forgotten = state.record("fake")
    (work / "services.json").unlink()
    assert fake.down()
    assert not state.alive(forgotten)


def test_a_start_that_lost_its_parent_is_begun_anew():
    fake = Answering()
    fake.up()
    half = replace(state.record("fake"), complete=False)
    state.store("fake", half)
    assert fake.up()
    assert not state.alive(half)
    assert not state.record("fake").unclean
    fake.down()


def test_an_unclean_end_is_told_until_a_start_came_through():
    fake = Answering()
    fake.up()
    assert state.record("fake").note == ""
    fake.kill()
    assert not fake.down()
    failing = Fake()
    with pytest.raises(ServiceError):
        failing.up()
    fake.up()
    told = state.record("fake")
    assert told.unclean
    assert told.note == "It had not been stopped cleanly (killed, or the machine went down): its data is kept."
    fake.down()
    fake.up()
    assert not state.record("fake").unclean
    fake.down()


def test_a_service_that_hangs_is_ended_by_a_stop_and_that_is_no_clean_end():
    fake = Answering()
    fake.up()
    Fake().down()
    assert state.record("fake").unclean
    fake.up()
    assert state.record("fake").unclean
    fake.down()


def test_ctrl_c_while_stopping_stops_it_all_the_same(monkeypatch):
    fake = Answering()
    fake.up()
    running = state.record("fake")
    calls = []
    terminate = process.terminate

    def interrupted(record, *args, **options):
        calls.append(args)
        if len(calls) == 1:
            raise KeyboardInterrupt
        terminate(record, *args, **options)

    monkeypatch.setattr(process, "terminate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fake.down()
    assert not state.alive(running)
    assert state.record("fake") is None


def test_what_cannot_be_saved_keeps_running(monkeypatch):
    fake = Answering()
    fake.up()

    def refuse(port):
        raise ServiceError("somebody is still writing")

    with monkeypatch.context() as patch:
        patch.setattr(fake, "before_stop", refuse)
        with pytest.raises(ServiceError, match="still writing"):
            fake.down()
    assert fake.ready()
    fake.down()


def test_what_a_killed_preparation_left_running_is_ended_by_the_next_start():
    fake = Answering()
    detached = "import subprocess as s; s.Popen(['sleep', '60'], stdout=s.DEVNULL, stderr=s.DEVNULL)"
    fake.preparation([sys.executable, "-c", detached], "Preparing")
    left = process.marked(fake.folder)
    assert [one.name() for one in left] == ["sleep"]
    fake.up()
    assert not left[0].is_running() or left[0].status() == "zombie"
    fake.down()


class Robbed(Answering):
    """Its port is taken by a stranger between the choice and the start, so many times."""

    def __init__(self, times):
        self.left = times
        self.strangers = []

    def command(self, ports):
        if self.left:
            self.left -= 1
            self.strangers.append(socket.create_server(("127.0.0.1", ports["client"])))
        return super().command(ports)


def test_the_answer_of_a_stranger_who_took_our_port_does_not_count():
    robbed = Robbed(1)
    assert robbed.up()
    stolen = robbed.strangers[0].getsockname()[1]
    assert robbed.port() != stolen
    assert process.listens(state.record("fake"))
    robbed.down()
    robbed.strangers[0].close()


def test_a_start_that_is_robbed_again_and_again_gives_up():
    robbed = Robbed(9)
    with pytest.raises(ServiceError, match=r"(?s)ended before it answered.*in use"):
        robbed.up()
    assert len(robbed.strangers) == 3
    assert state.record("fake") is None
    for stranger in robbed.strangers:
        stranger.close()


def test_two_that_ask_for_any_port_get_two():
    got = [process.free_port(0)[0] for _ in range(50)]
    assert len(set(got)) == 50


def test_a_process_is_told_as_ours_by_its_mark_only(work):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, cwd=work) as stranger:
        assert process.marked(work) == []
        stranger.kill()
