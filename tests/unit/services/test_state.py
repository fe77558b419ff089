import os
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from helpers.core.errors import UserError
from helpers.services import process, registry, state


@pytest.fixture(autouse=True)
def work(own_work):
    return own_work


def of(pid: int, shift: float = 0.0) -> state.Record:
    started = psutil.Process(pid).create_time() + shift
    return state.Record(pid, started, {"client": 4000}, "2026-01-01T00:00:00+00:00", "data")


def test_a_record_is_read_back_and_removed(work):
    record = of(os.getpid())
    state.store("kafka", record)
    assert state.record("kafka") == record
    state.store("kafka", None)
    assert state.records() == {}


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"kafka": {"pid": 1}}', '{"kafka": 3}'])
def test_a_damaged_state_file_counts_as_empty(work, damage):
    (work / "services.json").write_text(damage)
    assert state.records() == {}


def test_our_own_process_is_alive():
    assert state.alive(of(os.getpid()))
    assert not state.alive(None)


def test_a_recycled_pid_is_never_touched():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        recycled = of(child.pid, shift=-60)
        assert not state.alive(recycled)
        assert process.tree(recycled) == []
        process.terminate(recycled)
        state.store("kafka", recycled)
        registry.KAFKA.kill()
        assert registry.down(["kafka"]) == []
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()


def test_terminate_ends_the_recorded_process_only():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    record = of(child.pid)
    process.terminate(record)
    assert not state.alive(record)
    child.wait()


def test_a_process_that_another_program_started_and_never_asks_about_counts_as_ended():
    # As where a notebook started a service and a shell stops it.
    program = "import subprocess, sys; print(subprocess.Popen(['sleep', '60']).pid, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        record = of(int(parent.stdout.readline()))
        started = time.perf_counter()
        process.terminate(record)
        assert time.perf_counter() - started < 10
        assert psutil.Process(record.pid).status() == psutil.STATUS_ZOMBIE
        parent.kill()


def test_an_ended_process_is_not_alive_although_nobody_waited_for_it():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    record = of(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not state.alive(record)
    child.wait()


def test_a_record_without_a_process_keeps_the_ports():
    record = replace(of(os.getpid()), pid=0)
    assert not state.alive(record)
    assert record.port == 4000


@pytest.mark.parametrize("call", [lambda: registry.ensure("kafak"), lambda: registry.down(["kafak"])])
def test_an_unknown_name_is_refused_with_the_valid_names(call):
    with pytest.raises(UserError, match="kafka, s3, postgres"):
        call()


def test_everything_is_stopped_at_first(work):
    assert [(one.name, one.state) for one in registry.status()] == [
        ("kafka", "stopped"),
        ("s3", "stopped"),
        ("postgres", "stopped"),
    ]
