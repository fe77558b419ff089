import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers.core.settings import settings
from helpers.toolchain import checks as room
from helpers.toolchain.checks import GIB


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine where set-up never ran."""
    monkeypatch.setenv("GRIDBRIDGE_CACHE", str(tmp_path / "the cache"))
    monkeypatch.setenv("GRIDBRIDGE_WORK", str(tmp_path / "the work"))
    settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize(
    ("system", "state"),
    [("linux", "ok"), ("darwin", "ok"), ("win32", "failed"), ("cygwin", "failed"), ("msys", "failed")],
)
def test_native_windows_is_sent_to_wsl(system: str, state: str) -> None:
    found = room.check_platform(system)
    assert found.state == state
    assert ("wsl" in found.remedy) == (state == "failed")


@pytest.mark.parametrize(("version", "state"), [((3, 11, 0), "ok"), ((3, 10, 9), "failed"), ((3, 12, 1), "failed")])
def test_python_is_3_11(version: tuple[int, int, int], state: str) -> None:
    assert room.check_python(version).state == state


def test_little_memory_is_a_warning() -> None:
    assert room.check_memory(6 * GIB).state == "ok"
    low = room.check_memory(5 * GIB)
    assert (low.state, low.told) == ("warning", "5.0 GiB available, 6 are better")
    assert "make services-down" in low.remedy


def test_the_disk_is_looked_at_before_the_folders_exist(empty: Path) -> None:
    found = room.check_disk()
    assert found.state in ("ok", "warning")
    assert "cache 0.0, work 0.0" in found.told


def test_a_full_disk_is_told_what_frees_space(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: SimpleNamespace(free=GIB))
    assert "make" not in room.check_disk().remedy
    work = settings().work
    for folder in ("runs", "services", "lessons"):
        (work / folder).mkdir(parents=True)
    monkeypatch.setattr(room, "disk_used", lambda folder: GIB if folder.exists() else 0)
    remedy = room.check_disk().remedy
    assert remedy.startswith("make services-down && rm -rf ") and "frees 2.0 GiB" in remedy
    subprocess.run(remedy.partition("&&")[2].partition("(")[0], shell=True, check=True)
    assert [left.name for left in work.iterdir()] == ["lessons"]


def test_disk_used_counts_a_file_with_two_names_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100_000)
    (tmp_path / "folder").mkdir()
    os.link(tmp_path / "a", tmp_path / "folder" / "b")
    used = room.disk_used(tmp_path)
    assert 100_000 <= used < 120_000
    assert room.disk_used(tmp_path / "nothing") == 0


def test_a_machine_without_set_up_is_told_what_to_run(empty: Path) -> None:
    for check in (room.check_jars, room.check_localstack):
        found = check()
        assert found.state == "failed"
        assert "make setup" in found.remedy
    assert room.check_archives().state == "warning"


def test_an_altered_jar_is_named(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room.jarlock, "stale", list)
    monkeypatch.setattr(room, "read_lock", lambda: [room.Jar("kafka", "g/a/1/a-1.jar", "0" * 64)])
    folder = settings().cache / "jars" / "kafka"
    folder.mkdir(parents=True)
    (folder / "a-1.jar").write_bytes(b"altered")
    assert "a-1.jar" in room.check_jars().told


def test_two_scalas_or_hadoops_are_seen() -> None:
    names = ["scala-library-2.13.18.jar", "kafka_2.13-4.3.1.jar", "hadoop-aws-3.5.0.jar", "parquet-hadoop-1.17.0.jar"]
    assert room.versions(names) == (["2.13"], ["3.5.0"])
    assert room.versions([*names, "delta-spark_4.2_2.12-4.4.0.jar"])[0] == ["2.12", "2.13"]
    assert room.versions([*names, "hadoop-client-api-3.4.1.jar"])[1] == ["3.4.1", "3.5.0"]


def test_a_stray_jar_goes_by_the_command_that_is_told(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = settings().cache / "jars"
    for folder, names in (("kafka", ["scala-library-2.13.18.jar"]), ("spark", ["hadoop-aws-3.5.0.jar"])):
        (cache / folder).mkdir(parents=True)
        for name in names:
            (cache / folder / name).touch()
    assert room.check_versions().state == "ok"
    (cache / "spark" / "hadoop-aws-3.4.1.jar").touch()
    found = room.check_versions()
    assert found.state == "failed" and "3.4.1, 3.5.0" in found.told
    removing, _, setting_up = found.remedy.partition(" && ")
    subprocess.run(removing, shell=True, check=True)
    assert not cache.exists()
    assert setting_up == "make setup"


def test_a_spark_of_another_version_is_told_to_unset_it(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, name in (("kafka", "scala-library-2.13.18.jar"), ("spark", "hadoop-aws-3.5.0.jar")):
        (settings().cache / "jars" / folder).mkdir(parents=True)
        (settings().cache / "jars" / folder / name).touch()
    monkeypatch.setenv("SPARK_HOME", str(empty / "spark"))
    settings.cache_clear()
    assert "no folder of jars" in room.check_versions().told
    (empty / "spark" / "jars").mkdir(parents=True)
    assert room.check_versions().state == "ok"
    (empty / "spark" / "jars" / "scala-library-2.12.18.jar").touch()
    found = room.check_versions()
    assert found.state == "failed"
    assert found.remedy.startswith("unset SPARK_HOME")


def test_this_machine_passes() -> None:
    for check in (room.check_java, room.check_python_lock, room.check_jars, room.check_versions):
        found = check()
        assert found.state == "ok", found
