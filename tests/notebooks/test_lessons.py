"""Every lesson's notebook: built from its source, its stored outputs what it prints, and right when it is solved."""

import re
from itertools import pairwise

import nbformat
import pytest

from helpers import desk, services
from helpers.exercises import lessons
from helpers.exercises.notebook import cells, notebook, run, solved

LESSONS = lessons()
each_lesson = pytest.mark.parametrize("entry", LESSONS, ids=lambda one: one.folder.name)


def source(entry):
    return (entry.folder / "lesson.py").read_text()


def nameless(text):
    """Where the links and pictures lead whose words do not say it."""
    found = re.findall(r"\[([^\]]*)\]\(([^)]+)\)", text)
    return [target for words, target in found if words.strip().lower() in ("", "here", "link", "this")]


def stored(entry):
    return nbformat.read(entry.folder / "lesson.ipynb", as_version=4)


def shown(entry):
    """What each output is, in plain text and in HTML."""
    outputs = [output for cell in stored(entry).cells if cell.cell_type == "code" for output in cell.outputs]
    both = [(output.get("data", {}), output.get("text", "")) for output in outputs]
    return [(data.get("text/plain", text), data.get("text/html", "")) for data, text in both]


def sizes(text, html):
    """(rows, columns) of the tables in an output, heads not counted: those that Spark draws, and those in HTML."""
    found = [
        (len(drawn[2].splitlines()), len(drawn[1].strip("+").split("+")))
        for drawn in re.finditer(r"(?m)^(\+[-+]+\+)\n\|.*\|\n\1\n((?:\|.*\n)*)", text)
    ]
    for table in re.findall(r"(?s)<table.*?</table>", html):
        rows = [len(re.findall(r"<t[hd][ >]", row)) for row in re.findall(r"(?s)<tr.*?</tr>", table)]
        found.append((len(rows) - table.count("<thead"), max(rows)))
    return found


@each_lesson
def test_the_notebook_is_built_from_its_source(entry):
    assert [(cell.cell_type, cell.source) for cell in stored(entry).cells] == cells(source(entry))
    assert stored(entry).metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("words", ["", " ", "here", "Link"])
def test_a_picture_without_alternative_text_and_a_link_that_says_nothing_are_found(words):
    assert nameless(f"![{words}](plan.png) and [the plan](plan.md)") == ["plan.png"]


def test_the_size_of_a_table_is_told():
    drawn = "before\n+--+---+\n| a|  b|\n+--+---+\n| 1|a|b|\n| 2|  c|\n+--+---+\nonly showing top 2 rows\n"
    html = "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td style=''>1</td></tr></tbody></table>"
    assert sizes(drawn, html) == [(2, 2), (1, 1)]


@each_lesson
def test_a_lesson_leads_to_the_next(entry):
    following = LESSONS[LESSONS.index(entry) + 1 :]
    assert entry.lesson.next == (following[0].folder.name if following else None)
    kind, last = cells(source(entry))[-1]
    assert kind == "markdown"
    assert entry.lesson.next is None or f"](../{entry.lesson.next}/lesson.ipynb)" in last


@each_lesson
def test_worked_examples_never_show_a_checks_seed(entry):
    assert any(text for text, _ in shown(entry))
    assert not any("seed=" in text + html for text, html in shown(entry))


@each_lesson
def test_a_lesson_reads_as_lessons_do(entry):
    texts = [text for kind, text in cells(source(entry)) if kind == "markdown"]
    headings = re.findall(r"(?m)^(#+) ", "\n".join(texts))
    assert headings.count("#") == 1
    assert all(len(heading) - len(before) <= 1 for before, heading in pairwise(headings))
    assert all(len(line) <= 80 for line in source(entry).splitlines())
    assert all(len(text.splitlines()) <= 10 for kind, text in cells(source(entry)) if kind == "code")
    assert not nameless("\n".join(texts))
    for target in re.findall(r"\]\(([^)]+)\)", "\n".join(texts)):
        assert (entry.folder / target).exists(), target
    # What the text tells a learner to call is there to be called.
    imported = set(re.findall(r"\w+", " ".join(re.findall(r"(?m)^from helpers\.desk import (.+)$", source(entry)))))
    # start() is the start page's own, and a method of streams.
    told = set(re.findall(r"`(\w+)\(", "\n".join(texts))) & set(desk.__all__) - {"start"}
    always = {"buttons", "check", "contract", "data", "exercises", "hint", "progress", "solution", "why"}
    assert imported >= told | always
    blank = {one.name for one in entry.exercises}
    assert blank <= set(re.findall(r"(?m)^def (\w+)\(", source(entry)))
    assert entry.lesson.boss in {one.id for one in entry.exercises}
    # Tables fit on a screen, and every exercise waits for an answer.
    tables = [size for text, html in shown(entry) for size in sizes(text, html)]
    assert all(rows <= 15 and columns <= 8 for rows, columns in tables), tables
    blanks = re.findall(r"(?m)^○ Not attempted: (.+)$", "\n".join(text for text, _ in shown(entry)))
    assert sorted(blanks) == sorted(one.title for one in entry.exercises)
    # The page to keep open at work: SQL, DataFrame, trap.
    (book,) = [text for text in texts if text.startswith("## Phrase book\n")]
    assert len(re.findall(r"(?m)^\|(?:[^|\n]+\|){3}$", book)) >= 10


@pytest.mark.proof
@pytest.mark.services
@pytest.mark.timeout(1200)
def test_the_stored_outputs_are_what_the_lessons_print(nbval):
    services.ensure("connect")
    nbval(*(entry.folder / "lesson.ipynb" for entry in LESSONS), cell_seconds=300)


@pytest.mark.proof
@pytest.mark.services
@pytest.mark.timeout(1200)
@each_lesson
def test_with_the_solutions_put_in_every_check_passes(running, entry):
    services.ensure("connect")
    executed = run(notebook(solved(source(entry), entry.exercises)), entry.folder)
    said = "\n".join(
        output.get("data", {}).get("text/plain", "") for cell in executed.cells for output in cell.get("outputs", [])
    )
    assert said.count("✓ Right") == len(entry.exercises)
    assert "Not attempted" not in said
