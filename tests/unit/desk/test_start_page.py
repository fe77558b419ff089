import re

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.desk import start_page
from helpers.desk.start_page import reset, start, write_page
from helpers.exercises import lessons
from helpers.exercises.draft import draft
from helpers.exercises.progress import progress
from helpers.exercises.verdict import Verdict
from helpers.pipeline.prototype import place


@pytest.fixture(autouse=True)
def work(monkeypatch, tmp_path):
    monkeypatch.setenv("GRIDBRIDGE_WORK", str(tmp_path / "work"))
    settings.cache_clear()
    yield tmp_path / "work"
    settings.cache_clear()


def test_every_lesson_is_on_the_map_with_a_link_to_a_copy_that_is_there(work):
    card = start()
    html = card._repr_html_()
    for entry in (one for one in lessons() if one.built):
        link = f"lessons/{entry.folder.name}/lesson.ipynb"
        assert (work / link).is_file()
        assert f'href="{link}"' in html
        assert f"{entry.lesson.number}. {entry.lesson.title} | {entry.lesson.week} | " in str(card)
    assert "kafka stopped" in str(card)


def test_the_map_says_what_its_minutes_are_and_how_long_the_exercises_take():
    card = start()
    said = [line.split(" | ") for line in str(card).splitlines()]
    assert ["lesson", "week", "minutes to read", "before it", "state", "file"] in said
    assert '<th scope="col" style="text-align:left">minutes to read</th>' in card._repr_html_()
    assert "The exercises of a lesson take about as long again as reading it." in str(card)
    for entry in lessons():
        (time,) = re.findall(r"(?m)^# Time: (.+)\n# (.+)$", (entry.folder / "lesson.py").read_text())
        assert " ".join(time).startswith(
            f"{entry.lesson.minutes} minutes to read and run, and the exercises take as long"
        )


@pytest.mark.parametrize("learner", ["me", "Ada & Edgar"])
def test_every_link_in_a_lessons_copy_leads_to_a_file_of_the_same_desk(monkeypatch, learner):
    monkeypatch.setenv("GRIDBRIDGE_LEARNER", learner)
    settings.cache_clear()
    start()
    desk = settings().desk
    copies = list(desk.glob("lessons/*/lesson.ipynb"))
    assert len(copies) == len(lessons())
    for path in copies:
        texts = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
        for target in re.findall(r"\]\(([^)]+)\)", "\n".join(texts)):
            assert (path.parent / target).is_file(), target
            assert (path.parent / target).resolve().is_relative_to(desk.resolve())


def test_the_playground_is_a_copy_that_keeps_what_was_tried(work):
    assert 'href="playground.ipynb"' in start()._repr_html_()
    assert "Playground: SQL" in str(start())
    mine = work / "playground.ipynb"
    mine.write_text(mine.read_text() + " ")
    start()
    assert mine.read_text().endswith(" ")


def test_pipelines_of_ones_own_are_linked(monkeypatch, tmp_path):
    own = tmp_path / "pipelines"
    monkeypatch.setattr(start_page, "_PIPELINES", own)
    monkeypatch.setattr(place, "FOLDER", own)
    assert "Pipeline" not in str(start())
    (own / "meters").mkdir(parents=True)
    (own / "meters" / "pipeline.ipynb").write_text("{}")
    card = start()
    assert "Pipeline meters: your own" in str(card)
    assert 'href="../pipelines/meters/pipeline.ipynb"' in card._repr_html_()


def test_it_tells_where_to_begin_and_where_to_go_on():
    first, second, *rest = lessons()[0].exercises
    assert f"Begin with lesson 1, Rows and NULL: {first.title}." in str(start())
    progress().checked(Verdict("right", first, "Right."))
    said = str(start())
    assert f"Continue where you were: lesson 1, Rows and NULL: {second.title}." in said
    assert f"1 of {2 + len(rest)}" in said


def test_the_page_shows_itself_without_being_run():
    path = write_page()
    page = nbformat.read(path, as_version=4)
    (output,) = page.cells[1].outputs
    assert "<table>" in output.data["text/html"]
    assert "Begin with" in output.data["text/plain"]
    assert NotebookNotary().check_signature(page)


def test_an_answer_makes_a_newer_version_wait_and_reset_keeps_it(work):
    start()
    path = work / "lessons" / "01-rows-and-null" / "lesson.ipynb"
    mine = nbformat.read(path, as_version=4)
    mine.cells[2].source += "\n# mine"
    mine.metadata["gridbridge"]["made_from"] = "an older one"
    nbformat.write(mine, path)
    assert 'reset("01") brings it and keeps your answers' in str(start())
    assert "Your old copy is lessons/01-rows-and-null/lesson-" in str(reset("01"))
    assert "# mine" not in path.read_text()
    assert sum("# mine" in one.read_text() for one in path.parent.glob("lesson-*.ipynb")) == 1


def test_a_lesson_that_is_not_there_is_named():
    with pytest.raises(UserError, match="no lesson '99'"):
        reset("99")


def test_a_lesson_that_is_being_written_does_not_stop_the_others(monkeypatch, tmp_path):
    draft("Time zones", tmp_path)
    being_written = lessons(tmp_path)
    monkeypatch.setattr("helpers.desk.start_page.lessons", lambda: [*lessons(), *being_written])
    assert "Rows and NULL" in str(start())
    assert "Time zones" not in str(start())
