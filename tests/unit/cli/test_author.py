import sys

import pytest
from typer.testing import CliRunner

from helpers import exercises, services
from helpers.cli import main
from helpers.cli.author import app
from helpers.exercises import author, draft, notebook
from helpers.exercises.author import Proof


def run(*words):
    done = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    return done.exit_code, done.stdout


@pytest.fixture
def proved(monkeypatch):
    """Called with problems by the exercise's name: what a proof finds; returns the seeds that were asked for."""

    def as_if(**problems):
        seeds = []

        def prove(exercise, session, asked):
            seeds.append(tuple(asked))
            return Proof(exercise, tuple(asked), 12, 10, 2, 3, problems.get(exercise.name, ()), 1.4, 5)

        monkeypatch.setattr(exercises, "teaching_session", lambda: None)
        monkeypatch.setattr(author, "prove", prove)
        return seeds

    return as_if


def test_a_proved_lesson_is_a_table_and_exit_code_0(proved):
    seeds = proved()
    code, told = run("check", "01", "--seeds", "2")
    assert code == 0
    head, *rows = [line.split() for line in told.splitlines()]
    assert head == ["exercise", "wrong", "own", "mutants", "killed", "listed", "refused", "s", "state"]
    assert [row[0] for row in rows] == [one.id for one in exercises.lesson("01").exercises]
    assert {tuple(row[2:]) for row in rows} == {("3", "12", "10", "2", "5", "1", "proved")}
    assert set(seeds) == {(1, 2)}


def test_one_problem_is_exit_code_1_named_in_the_table_and_below_it(proved):
    proved(size_class=("A mutant lives: 5 became 6 (in CASE).", "The blank answer counts as [red]."))
    code, told = run("check", "01")
    assert code == 1
    assert [line.split()[0] for line in told.splitlines() if line.endswith("2 wrong")] == ["rows.size_class"]
    assert told.splitlines()[-2:] == [
        "rows.size_class: A mutant lives: 5 became 6 (in CASE).",
        "rows.size_class: The blank answer counts as [red].",
    ]


def test_one_exercise_alone_can_be_proved(proved):
    proved(channels_not_energy=("It is not asked for.",))
    code, told = run("check", "-e", "size_class")
    assert (code, len(told.splitlines())) == (0, 2)


@pytest.mark.parametrize(
    ("words", "cause", "remedy"),
    [
        (["-e", "size_clas"], "no exercise 'size_clas'", "size_class"),
        (["02", "-e", "size_class"], "The lesson 02 has no exercise size_class", "author check -e size_class"),
    ],
)
def test_an_exercise_that_is_not_there_is_one_sentence(proved, words, cause, remedy):
    proved()
    done = CliRunner().invoke(app, ["check", *words])
    assert done.exit_code == 1
    assert cause in done.exception.cause
    assert remedy in done.exception.remedy


def test_new_makes_a_folder_and_says_what_to_run(monkeypatch, tmp_path):
    make = draft.draft
    monkeypatch.setattr(draft, "draft", lambda title: make(title, tmp_path))
    code, told = run("new", "Time zones")
    assert code == 0
    assert sorted(one.name for one in (tmp_path / "01-time-zones").iterdir()) == ["exercises.py", "lesson.py"]
    for words in ("Made 01-time-zones", "gridbridge author check 01", "gridbridge author build 01"):
        assert words in told


@pytest.mark.parametrize("command", ["check", "build"])
def test_an_unknown_lesson_is_one_sentence_and_starts_nothing(monkeypatch, capsys, command):
    monkeypatch.setattr(services, "ensure", lambda *names: pytest.fail("a service was started"))
    monkeypatch.setattr(sys, "argv", ["gridbridge", "author", command, "99"])
    with pytest.raises(SystemExit) as ended:
        main.app()
    assert ended.value.code == 2
    cause, remedy = capsys.readouterr().err.split("\n", 1)
    assert cause == "There is no lesson '99'."
    assert "01-rows-and-null" in remedy


def test_build_writes_the_notebook_that_was_run(monkeypatch, tmp_path):
    folder = draft.draft("Time zones", tmp_path)
    (entry,) = exercises.lessons(tmp_path)
    monkeypatch.setattr(exercises, "lesson", lambda which: entry)
    monkeypatch.setattr(services, "ensure", lambda *names: None)
    monkeypatch.setattr(notebook, "run", lambda made, where: made)
    code, told = run("build", "01")
    assert code == 0
    assert "Wrote lesson.ipynb of 01-time-zones" in told
    assert "try_time_zones" in (folder / "lesson.ipynb").read_text()
    (folder / "lesson.py").unlink()
    assert "has no lesson.py" in str(CliRunner().invoke(app, ["build", "01"]).exception)
