import pytest

from helpers.core.errors import ExerciseBroken, UserError
from helpers.exercises.catalogue import exercise, lesson, lessons
from tests.unit.exercises.sample import lesson_folder


def test_lessons_are_found_by_looking_and_come_by_number(tmp_path):
    lesson_folder(tmp_path, "10-late", 10, "late")
    lesson_folder(tmp_path, "09-early", 9, "early")
    (tmp_path / "notes").mkdir()
    assert [entry.folder.name for entry in lessons(tmp_path)] == ["09-early", "10-late"]
    for name in ("10-late", "late", "10"):
        assert lesson(name, tmp_path).lesson.number == 10


def test_an_exercise_is_found_by_name_or_id_and_near_names_are_told(tmp_path):
    lesson_folder(tmp_path, "01-a", 1, "site_names")
    assert exercise("site_names", tmp_path) is exercise("sample.site_names", tmp_path)
    with pytest.raises(UserError, match="Did you mean site_names"):
        exercise("site_name", tmp_path)
    with pytest.raises(UserError, match="no lesson 'zebra'"):
        lesson("zebra", tmp_path)


def test_a_changed_file_is_read_again(tmp_path):
    path = lesson_folder(tmp_path, "01-a", 1, "first")
    assert exercise("first", tmp_path)
    path.write_text(path.read_text().replace("sample.first", "sample.second"))
    assert exercise("second", tmp_path)


def test_names_that_stand_twice_are_refused(tmp_path):
    lesson_folder(tmp_path, "01-a", 1, "same")
    lesson_folder(tmp_path, "02-b", 2, "same")
    with pytest.raises(ExerciseBroken, match="exercise name same"):
        lessons(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1", "needs LESSON"),
        ("1 / 0", "ZeroDivisionError"),
        ("from helpers.exercises import Lesson\nLESSON = Lesson(0, 'x', 1)", "title"),
    ],
)
def test_a_broken_file_is_the_authors_error(tmp_path, text, words):
    path = tmp_path / "01-a" / "exercises.py"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(ExerciseBroken, match=words):
        lessons(tmp_path)
