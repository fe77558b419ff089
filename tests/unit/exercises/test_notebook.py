import pytest

from helpers.core.errors import ExerciseBroken
from helpers.exercises.notebook import cells, notebook, solved
from tests.unit.exercises.sample import exercise

SOURCE = """# %% [markdown]
# # Title
#
# A line.

# %%
x = 1

# %%
def site_ids(sites): ...


y = 2
"""


def test_cells_are_texts_and_code_in_order():
    assert cells(SOURCE) == [
        ("markdown", "# Title\n\nA line."),
        ("code", "x = 1"),
        ("code", "def site_ids(sites): ...\n\n\ny = 2"),
    ]


def test_a_notebook_is_the_same_each_time():
    first, second = notebook(SOURCE), notebook(SOURCE)
    assert first == second
    assert [cell.cell_type for cell in first.cells] == ["markdown", "code", "code"]


def test_a_solved_source_calls_the_first_solution_and_keeps_the_rest():
    text = solved(SOURCE, [exercise()])
    assert 'exercise("site_ids").solutions[0]' in text
    assert "def site_ids(sites): ..." not in text
    assert text.endswith("y = 2\n")
    assert len(cells(text)) == 3
    compile(text, "lesson", "exec")


def test_what_is_no_cell_is_refused():
    for text in ("import x\n", "# %% [markdown]\nno comment\n"):
        with pytest.raises(ExerciseBroken):
            cells(text)
