import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from helpers.core.errors import SetupError
from helpers.core.settings import settings
from helpers.toolchain import download
from helpers.toolchain import jars as room

BODIES = {"g/a/1/a-1.jar": b"first", "g/b/2/b-2.jar": b"second"}


def lock_text(bodies: dict[str, bytes], name: str = "kafka") -> str:
    return "# comment\n" + "".join(
        f"{name} {path} {hashlib.sha256(body).hexdigest()}\n" for path, body in bodies.items()
    )


class Mirror:
    """Stands in for the network: serves bodies, counts requests, fails as told."""

    def __init__(self) -> None:
        self.bodies = dict(BODIES)
        self.asked: list[str] = []
        self.failures = 0

    def __call__(self, url: str, output: str, _pooch: object, check_only: bool = False) -> None:
        self.asked.append(url)
        if self.failures:
            self.failures -= 1
            raise requests.ConnectionError("cut off")
        Path(output).write_bytes(self.bodies[url.removeprefix("mirror://base/")])


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    lock = tmp_path / "jars.txt"
    lock.write_text(lock_text(BODIES))
    monkeypatch.setattr(room, "LOCK", lock)
    monkeypatch.setenv("GRIDBRIDGE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MAVEN_MIRROR", "mirror://base/")
    monkeypatch.setattr(download._download.retry, "sleep", lambda _seconds: None)  # type: ignore[attr-defined]
    fake = Mirror()
    monkeypatch.setattr(download.pooch, "HTTPDownloader", lambda **_options: fake)
    settings.cache_clear()
    yield fake
    monkeypatch.undo()
    settings.cache_clear()


def test_jars_are_fetched_from_the_mirror_once(mirror: Mirror) -> None:
    room.ensure_jars("kafka", progress=False)
    folder = room.jars_folder("kafka")
    assert {jar.name: jar.read_bytes() for jar in folder.glob("*.jar")} == {
        "a-1.jar": b"first",
        "b-2.jar": b"second",
    }
    room.ensure_jars("kafka", progress=False)
    assert sorted(mirror.asked) == ["mirror://base/g/a/1/a-1.jar", "mirror://base/g/b/2/b-2.jar"]


@pytest.mark.parametrize("damage", [b"cut", None])
def test_a_damaged_or_lost_jar_is_fetched_again(mirror: Mirror, damage: bytes | None) -> None:
    room.ensure_jars(progress=False)
    jar = room.jars_folder("kafka") / "a-1.jar"
    jar.unlink() if damage is None else jar.write_bytes(damage)
    room.ensure_jars(progress=False)
    assert jar.read_bytes() == b"first"
    assert len(mirror.asked) == 3


def test_a_wrong_hash_names_the_jar_and_keeps_nothing(mirror: Mirror) -> None:
    mirror.bodies["g/b/2/b-2.jar"] = b"forged"
    with pytest.raises(SetupError, match=r"g/b/2/b-2\.jar has another sha256") as caught:
        room.ensure_jars("kafka", progress=False)
    assert "make setup" in caught.value.remedy
    assert not (room.jars_folder("kafka") / "b-2.jar").exists()
    mirror.bodies = dict(BODIES)
    room.ensure_jars("kafka", progress=False)


def test_two_failures_are_retried_and_three_are_an_error(mirror: Mirror) -> None:
    room.LOCK.write_text(lock_text({"g/a/1/a-1.jar": b"first"}))
    mirror.failures = 3
    with pytest.raises(SetupError, match=r"a-1\.jar could not be fetched"):
        room.ensure_jars("kafka", progress=False)
    mirror.failures = 2
    room.ensure_jars("kafka", progress=False)


def test_a_jar_of_an_older_lock_leaves_the_class_path(mirror: Mirror) -> None:
    room.ensure_jars("kafka", progress=False)
    room.LOCK.write_text(lock_text({"g/a/1/a-1.jar": b"first"}))
    room.ensure_jars("kafka", progress=False)
    assert [jar.name for jar in room.jars_folder("kafka").glob("*.jar")] == ["a-1.jar"]


def test_what_a_cut_download_left_is_deleted(mirror: Mirror) -> None:
    room.jars_folder("kafka").mkdir(parents=True)
    (room.jars_folder("kafka") / "tmp1234").write_bytes(b"half a jar")
    room.ensure_jars("kafka", progress=False)
    assert sorted(file.name for file in room.jars_folder("kafka").iterdir()) == [
        "a-1.jar",
        "b-2.jar",
        "complete.json",
    ]


def test_a_log_gets_two_lines_and_no_bar(mirror: Mirror, capfd: pytest.CaptureFixture[str]) -> None:
    room.ensure_jars("kafka")
    lines = capfd.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "Fetching what is missing of 2 jars ...",
        "Fetching what is missing of 2 jars",
    ]
    room.ensure_jars("kafka")
    assert capfd.readouterr().err == ""


def test_an_unknown_set_is_refused(mirror: Mirror) -> None:
    with pytest.raises(SetupError, match="no set of jars 'flink'; it has kafka"):
        room.ensure_jars("flink", progress=False)


@pytest.mark.parametrize("line", ["kafka a.jar", f"kafka ../a.jar {'0' * 64}", f"kafka /a.jar {'0' * 64}", "x y z"])
def test_a_bad_line_of_the_lock_is_named(tmp_path: Path, line: str) -> None:
    lock = tmp_path / "jars.txt"
    lock.write_text(f"# head\n{line}\n")
    with pytest.raises(SetupError, match=r"Line 2 of jars\.txt"):
        room.read_lock(lock)


def test_the_projects_lock_is_whole() -> None:
    jars = room.read_lock()
    assert {jar.set for jar in jars} == {"kafka", "spark"}
    assert len({(jar.set, jar.name) for jar in jars}) == len(jars), "file names clash within a set"
    assert "//" not in room.LOCK.read_text(), "the lock names no host"
    names = {jar.name for jar in jars}
    assert {"kafka_2.13-4.3.1.jar", "delta-spark_4.2_2.13-4.4.0.jar", "hadoop-aws-3.5.0.jar"} <= names
    assert not any(name.startswith(("bundle-", "netty-")) and name != "netty-nio-client-2.35.4.jar" for name in names)
