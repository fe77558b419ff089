"""The making and the use of a class archive; the recording is a small program that writes a file instead of a JVM."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from helpers.core.settings import ROOT, settings
from helpers.toolchain import archives as room

RECORDING = """
import os, pathlib, sys
pathlib.Path({runs!r}).open("a").write("x")
{body}
pathlib.Path(sys.argv[1]).write_bytes(b"classes")
"""


class Recording:
    """A module that `python -m` finds, and how often it ran."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "runs"
        self.does("")

    def does(self, body: str) -> None:
        (self.folder / "recording.py").write_text(RECORDING.format(runs=str(self.log), body=body))

    @property
    def runs(self) -> int:
        return len(self.log.read_text()) if self.log.exists() else 0


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    monkeypatch.setenv("GRIDBRIDGE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    settings.cache_clear()
    (tmp_path / "cache" / "jars" / "kafka").mkdir(parents=True)
    (tmp_path / "cache" / "jars" / "kafka" / "a.jar").write_bytes(b"a")
    yield Recording(tmp_path)
    monkeypatch.undo()
    settings.cache_clear()


def ensure() -> str:
    return room.ensure_archive("kafka", "recording")


def archive() -> Path:
    (flag,) = (flag for flag in room.archive_flags("kafka") if "SharedArchiveFile" in flag)
    return Path(flag.partition("=")[2])


def test_it_is_made_once_and_used(recording: Recording) -> None:
    assert room.archive_flags("kafka") == []
    assert ensure() == ""
    assert archive().read_bytes() == b"classes"
    assert "-Xshare:auto" in room.archive_flags("kafka")
    assert ensure() == ""
    assert recording.runs == 1
    assert list(room.archives_folder().glob("*.part")) == []


def test_other_jars_get_another_archive_and_the_old_one_goes(recording: Recording) -> None:
    ensure()
    old = archive()
    (settings().cache / "jars" / "kafka" / "b.jar").write_bytes(b"b")
    assert room.archive_flags("kafka") == []
    assert ensure() == ""
    assert archive() != old
    assert not old.exists()


def test_a_truncated_archive_is_not_given_to_a_jvm(recording: Recording) -> None:
    ensure()
    archive().write_bytes(b"clas")
    assert room.archive_flags("kafka") == []
    assert ensure() == ""
    assert archive().read_bytes() == b"classes"


def test_a_failure_is_told_not_raised_and_not_repeated(recording: Recording) -> None:
    recording.does("sys.exit('no room on the disk')")
    assert ensure() == "no room on the disk"
    assert ensure() == "no room on the disk"
    assert recording.runs == 1
    assert room.archive_flags("kafka") == []


def test_a_recording_that_leaves_nothing_is_a_failure(recording: Recording) -> None:
    recording.does("sys.exit(0)")
    assert "left no archive" in ensure()


def test_no_jars_and_no_java_are_told(recording: Recording, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (settings().cache / "jars" / "kafka" / "a.jar").unlink()
    (settings().cache / "jars" / "kafka").rmdir()
    assert "kafka" in ensure()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "none"))
    settings.cache_clear()
    assert "No Java was found" in ensure()
    assert room.archive_flags("kafka") == []


def test_services_of_the_user_are_not_recorded(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/db")
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Xint")
    recording.does("assert not {'DATABASE_URL', 'JAVA_TOOL_OPTIONS'} & set(os.environ)")
    assert ensure() == ""


def test_it_resumes_after_a_kill_and_ends_what_was_left(recording: Recording) -> None:
    recording.does(
        f"os.mkfifo({str(recording.folder / 'began')!r}); open({str(recording.folder / 'began')!r}).read()"
    )
    program = "from helpers.toolchain.archives import ensure_archive; ensure_archive('kafka', 'recording')"
    maker = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert maker.stderr is not None and "class archive" in maker.stderr.readline()
    (orphan,) = _children(maker.pid)
    os.kill(maker.pid, signal.SIGKILL)
    maker.wait()
    maker.stderr.close()
    assert orphan.is_running()
    recording.does("")
    assert ensure() == ""
    assert archive().read_bytes() == b"classes"
    psutil.wait_procs([orphan], timeout=10)
    assert not orphan.is_running()
    assert list(room.archives_folder().glob("*.part")) == []


def _children(pid: int) -> list[psutil.Process]:
    from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

    look = Retrying(stop=stop_after_delay(20), wait=wait_fixed(0.05), retry=retry_if_result(lambda found: not found))

    def recorders() -> list[psutil.Process]:
        return [child for child in psutil.Process(pid).children() if "recording" in child.cmdline()]

    return look(recorders)
