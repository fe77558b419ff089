import nbformat
import pytest

from helpers.exercises.catalogue import lessons
from helpers.exercises.copies import copy_of, reset
from helpers.exercises.notebook import notebook
from tests.unit.exercises.sample import lesson_folder

SOURCE = "# %% [markdown]\n# # A lesson\n\n# %%\n1 + 1\n"


@pytest.fixture
def entry(tmp_path):
    lesson_folder(tmp_path / "lessons", "01-sample", 1, "one")
    write(tmp_path, SOURCE)
    (found,) = lessons(tmp_path / "lessons")
    return found


def write(tmp_path, source):
    nbformat.write(notebook(source), tmp_path / "lessons" / "01-sample" / "lesson.ipynb")


def edit(path, text):
    mine = nbformat.read(path, as_version=4)
    mine.cells[1].source = text
    nbformat.write(mine, path)


def code(path):
    return nbformat.read(path, as_version=4).cells[1].source


def test_the_first_opening_makes_a_copy_and_the_next_keeps_it(entry, tmp_path):
    first = copy_of(entry, tmp_path / "mine")
    assert (first.edited, first.newer) == (False, False)
    edit(first.path, "my answer")
    again = copy_of(entry, tmp_path / "mine")
    assert (again.path, again.edited, again.newer) == (first.path, True, False)
    assert code(again.path) == "my answer"


def test_a_newer_lesson_renews_a_copy_that_was_only_run(entry, tmp_path):
    path = copy_of(entry, tmp_path / "mine").path
    mine = nbformat.read(path, as_version=4)
    mine.cells[1].outputs = [nbformat.v4.new_output("stream", text="2")]
    nbformat.write(mine, path)
    write(tmp_path, SOURCE.replace("1 + 1", "2 + 2"))
    assert copy_of(entry, tmp_path / "mine").newer is False
    assert code(path) == "2 + 2"


def test_a_newer_lesson_never_overwrites_answers(entry, tmp_path):
    path = copy_of(entry, tmp_path / "mine").path
    edit(path, "my answer")
    write(tmp_path, SOURCE.replace("1 + 1", "2 + 2"))
    found = copy_of(entry, tmp_path / "mine")
    assert (found.edited, found.newer) == (True, True)
    assert code(path) == "my answer"


@pytest.mark.parametrize(
    "text", ["", "{}", "no json", '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}']
)
def test_what_cannot_be_told_to_be_ours_is_left_alone(entry, tmp_path, text):
    path = copy_of(entry, tmp_path / "mine").path
    path.write_text(text)
    assert copy_of(entry, tmp_path / "mine").edited
    assert path.read_text() == text


def test_reset_keeps_the_old_copy_under_a_dated_name_each_time(entry, tmp_path):
    assert reset(entry, tmp_path / "mine") is None
    path = copy_of(entry, tmp_path / "mine").path
    kept = []
    for answer in ("first", "second", "third"):
        edit(path, answer)
        kept.append(reset(entry, tmp_path / "mine"))
        assert code(path) == "1 + 1"
    assert [code(one) for one in kept] == ["first", "second", "third"]
    assert len(set(kept)) == 3


def test_a_notebook_that_a_lesson_links_to_comes_along_and_is_renewed_until_something_is_written_in_it(
    entry, tmp_path
):
    linked, mine = tmp_path / "notebooks" / "other.ipynb", tmp_path / "mine" / "notebooks" / "other.ipynb"
    linked.parent.mkdir()
    nbformat.write(notebook(SOURCE), linked)
    write(tmp_path, SOURCE.replace("# # A lesson", "# [more](../../notebooks/other.ipynb), [it](lesson.ipynb)"))
    copy_of(entry, tmp_path / "mine" / "lessons")
    nbformat.write(notebook(SOURCE.replace("1 + 1", "2 + 2")), linked)
    copy_of(entry, tmp_path / "mine" / "lessons")
    assert code(mine) == "2 + 2"
    edit(mine, "my own")
    nbformat.write(notebook(SOURCE), linked)
    copy_of(entry, tmp_path / "mine" / "lessons")
    assert code(mine) == "my own"
