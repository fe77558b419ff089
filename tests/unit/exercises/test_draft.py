import subprocess
import sys

import pytest

from helpers.core.errors import UserError
from helpers.core.settings import ROOT
from helpers.exercises import lessons
from helpers.exercises.draft import LONGEST, draft
from helpers.exercises.notebook import cells


def test_a_drafted_lesson_is_found_by_looking_and_follows_the_last_one(tmp_path):
    first, second = draft("Time zones", tmp_path), draft("What's new in März?", tmp_path)
    assert [first.name, second.name] == ["01-time-zones", "02-whats-new-in-marz"]
    one, two = lessons(tmp_path)
    assert (one.lesson.title, two.lesson.title) == ("Time zones", "What's new in März?")
    assert two.lesson.needs == ("01-time-zones",)
    assert two.lesson.boss == two.exercises[0].id == "whats_new_in_marz.try_whats_new_in_marz"


def test_its_notebook_has_a_cell_for_the_exercise(tmp_path):
    entry = lessons(draft("Time zones", tmp_path).parent)[0]
    code = [text for kind, text in cells((entry.folder / "lesson.py").read_text()) if kind == "code"]
    assert any(f"check({entry.exercises[0].name})" in text for text in code)


def test_the_longest_title_gives_files_that_are_formatted_and_free_of_lint(tmp_path):
    place = draft("m" * LONGEST, tmp_path)
    for command in (("format", "--check"), ("check", "--ignore=D,E402,F401,F704,B018,I001,INP")):
        config = ("--config", str(ROOT / "pyproject.toml"))
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *config, str(place)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "title", ["", "3 ways", 'a "quote"', "a\\b", "{{ x }}", "m" * (LONGEST + 1), "../up", "ж", "a\nb\\n"]
)
def test_a_title_that_gives_no_name_is_refused_and_nothing_made(tmp_path, title):
    with pytest.raises(UserError, match="cannot be a lesson's title"):
        draft(title, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_title_that_is_there_already_is_refused(tmp_path):
    draft("Time zones", tmp_path)
    with pytest.raises(UserError, match="01-time-zones already"):
        draft("Time  ZONES", tmp_path)
