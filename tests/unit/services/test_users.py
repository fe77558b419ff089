import json
import os
import subprocess
import sys

import psutil
import pytest

from helpers.services import users


@pytest.fixture(autouse=True)
def work(own_work):
    return own_work


@pytest.fixture
def another(work):
    """Another process that uses the services until it is told a line; then it leaves, having started S3."""
    program = (
        "from helpers.services import users; users.enter('run b'); print('in', flush=True); input();"
        "print(users.leave(['s3'], stop=lambda names: names), flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "in\n"
        yield process
        process.kill()


def leave(*started):
    return users.leave(started, stop=lambda names: names)


def test_who_is_alone_stops_what_it_started():
    users.enter("run a")
    assert leave("kafka", "s3") == (["kafka", "s3"], [])


def test_nothing_started_is_nothing_to_stop():
    users.enter("run a")
    assert users.leave([], stop=lambda names: pytest.fail(f"stopped {names}")) == ([], [])


def test_the_first_to_leave_stops_nothing_and_the_last_one_all(another):
    users.enter("run a")
    another.stdin.write("\n")
    another.stdin.flush()
    assert another.stdout.readline() == "([], ['run a'])\n"
    assert leave("kafka") == (["s3", "kafka"], [])


def test_it_is_left_to_the_other_one_while_that_is_there(another):
    users.enter("run a")
    assert leave("kafka") == ([], ["run b"])
    another.stdin.write("\n")
    another.stdin.flush()
    assert another.stdout.readline() == "(['kafka', 's3'], [])\n"


def test_one_that_was_killed_uses_nothing(another):
    users.enter("run a")
    another.kill()
    another.wait()
    assert leave("kafka") == (["kafka"], [])


def test_an_entry_of_an_earlier_process_with_our_pid_is_not_ours(work):
    users.enter("run a")
    (only,) = json.loads((work / "services" / "users.json").read_text())
    assert (only["pid"], only["create_time"]) == (os.getpid(), psutil.Process().create_time())
    stale = [{**only, "create_time": only["create_time"] - 1e6, "to_stop": ["postgres"]}]
    (work / "services" / "users.json").write_text(json.dumps(stale))
    assert leave("kafka") == (["kafka"], [])


def test_a_damaged_file_counts_as_empty(work):
    users.enter("run a")
    (work / "services" / "users.json").write_text('{"pid"')
    assert leave("kafka") == (["kafka"], [])
