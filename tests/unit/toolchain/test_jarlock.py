from pathlib import Path

import pytest

from helpers.core.errors import SetupError
from helpers.toolchain import jarlock as room
from helpers.toolchain import jars

TOML = """
[kafka."g.h:a:1"]
why = "it is needed"
[spark."g.h:b:2"]
why = "it is needed"
alone = true
[exclude]
kafka = ["io.netty:*"]
spark = []
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a jars.toml and the lock made of it."""
    (tmp_path / "jars.toml").write_text(TOML)
    wanted = room.wanted_jars(tmp_path / "jars.toml")
    stated = room._STATED + room._digest(wanted)
    lines = [f"{one.set} {one.path} {'0' * 64}" for one in wanted]
    (tmp_path / "jars.txt").write_text("\n".join([stated, *lines, ""]))
    monkeypatch.setattr(jars, "LOCK", tmp_path / "jars.txt")
    monkeypatch.setattr(room, "WANTED", tmp_path / "jars.toml")
    return tmp_path


def test_what_is_wanted_is_read(files: Path) -> None:
    first, second = room.wanted_jars()
    assert (first.set, first.path, first.exclude) == ("kafka", "g/h/a/1/a-1.jar", ("io.netty:*",))
    assert (second.set, second.path, second.exclude) == ("spark", "g/h/b/2/b-2.jar", ("*:*",))


def test_a_jar_without_a_reason_is_refused(files: Path) -> None:
    (files / "jars.toml").write_text('[kafka."g:a:1"]\n[exclude]\nkafka = []\n')
    with pytest.raises(SetupError, match=r"g:a:1 in jars\.toml"):
        room.wanted_jars()


def test_a_fresh_lock_is_not_stale(files: Path) -> None:
    assert room.stale() == []


def test_a_reason_may_be_reworded(files: Path) -> None:
    (files / "jars.toml").write_text(TOML.replace("it is needed", "it is much needed"))
    assert room.stale() == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("g.h:a:1", "g.h:a:2", "g.h:a:2 is not in the set kafka"),
        ('[kafka."g.h:a:1"]', '[spark."g.h:a:1"]', "g.h:a:1 is not in the set spark"),
        ("io.netty:*", "org.slf4j:*", "was changed after"),
        ("alone = true", "", "was changed after"),
    ],
)
def test_any_other_change_makes_it_stale(files: Path, before: str, after: str, told: str) -> None:
    (files / "jars.toml").write_text(TOML.replace(before, after))
    (sentence,) = room.stale()
    assert told in sentence


def test_the_projects_lock_belongs_to_its_jars_toml() -> None:
    assert room.stale() == []
    assert {one.set for one in room.wanted_jars()} == {"kafka", "spark"}
