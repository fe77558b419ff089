import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from helpers.core.errors import ServiceError
from helpers.core.settings import settings
from helpers.services import QueueServer, queue


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    settings.cache_clear()


def servers(folder):
    """The processes that work in a folder's folders: servers, and those that guard them."""
    return [one for one in psutil.process_iter(["cwd"]) if str(folder) in (one.info["cwd"] or "")]


def comes(condition):
    """True if a condition holds, or soon does."""
    attempts = Retrying(
        stop=stop_after_delay(20),
        wait=wait_fixed(0.05),
        retry=retry_if_result(lambda ok: not ok),
        retry_error_callback=lambda last: False,
    )
    return attempts(condition)


def gone(folder):
    """True if no process and no file is left there."""
    return servers(folder) == [] and list(folder.iterdir()) == []


def test_a_queue_server_answers_on_the_loopback_only_and_goes_with_all_it_stored(temporary):
    server = QueueServer()
    running = [one for one in servers(temporary) if one.name() == "nats-server"]
    (listening,) = [one.laddr for one in running[0].net_connections("tcp") if one.status == psutil.CONN_LISTEN]
    assert server.url == f"nats://127.0.0.1:{listening.port}"
    assert listening.ip == "127.0.0.1"
    server.stop()
    assert gone(temporary)
    server.stop()


def test_a_server_to_which_nothing_refers_goes_and_another_stays(temporary):
    server = QueueServer()
    (first,) = temporary.iterdir()
    server = QueueServer()
    (second,) = set(temporary.iterdir()) - {first}
    assert comes(lambda: not first.exists())
    assert "nats-server" in [one.name() for one in servers(second)]
    server.stop()
    assert gone(temporary)


def test_a_server_goes_with_a_process_that_is_killed(temporary):
    program = "from helpers.services import QueueServer; s = QueueServer(); print(s.url, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout.readline().startswith("nats://127.0.0.1:")
        assert "nats-server" in [one.name() for one in servers(temporary)]
        owner.send_signal(signal.SIGKILL)
    assert comes(lambda: gone(temporary))


def test_ctrl_c_while_it_starts_leaves_nothing_behind(temporary, monkeypatch):
    def interrupted(folder):
        raise KeyboardInterrupt

    monkeypatch.setattr(queue, "_url", interrupted)
    with pytest.raises(KeyboardInterrupt):
        QueueServer()
    assert comes(lambda: gone(temporary))


def test_a_server_that_does_not_answer_is_ended_and_its_log_shown(temporary, monkeypatch):
    monkeypatch.setenv("GRIDBRIDGE_SERVICE_TIMEOUT", "0.5")
    settings.cache_clear()
    monkeypatch.setattr(queue.shutil, "which", lambda *args, **options: str(Path(sys.executable)))
    with pytest.raises(ServiceError, match=r"(?s)did not answer.*Unknown option: -a") as caught:
        QueueServer()
    assert "GRIDBRIDGE_SERVICE_TIMEOUT" in caught.value.remedy
    assert comes(lambda: gone(temporary))
