import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from helpers.core.errors import UserError
from helpers.pipeline.draft import draft
from helpers.pipeline.job.parameters import given


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return draft("roofs", ["kafka"], ["delta"], tmp_path_factory.mktemp("pipelines")) / "pipeline.ipynb"


def test_words_become_values_of_the_kind_that_the_parameter_has(notebook):
    assert given(notebook, ["fill=false", "seed=11"]) == {"fill": False, "seed": 11}
    assert given(notebook, []) == {}


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("sead=3", "no parameter 'sead'; roofs has fill, seed"),
        ("seed", "no parameter 'seed'"),
        ("run_id=mine", "no parameter 'run_id'"),
        ("seed=many", "'many', which is no int"),
        ("fill=1", "'1', which is no bool"),
    ],
)
def test_a_word_that_is_no_parameter_is_one_sentence(notebook, word, words):
    with pytest.raises(UserError, match=words):
        given(notebook, [word])


KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
CELL = "hours = 7 * 24\nsince = date(2026, 1, 1)\nlimit = None\nseed = 7"


def own(folder, metadata=KERNEL, cell=CELL):
    """The text of a notebook with a parameters cell that somebody wrote."""
    tagged = new_code_cell(cell, metadata={"tags": ["parameters"]})
    (folder / "roofs").mkdir()
    file = folder / "roofs" / "pipeline.ipynb"
    nbformat.write(new_notebook(metadata=metadata, cells=[tagged]), file)
    return file


def test_a_default_that_is_computed_is_nobodys_business_until_its_value_is_given(tmp_path):
    notebook = own(tmp_path)
    assert given(notebook, []) == {}
    assert given(notebook, ["seed=9"]) == {"seed": 9}
    assert given(notebook, ["hours=48", "limit=10", "since=None"]) == {"hours": 48, "limit": 10, "since": None}
    with pytest.raises(UserError, match="since has the value '2026-02-01', which is no value of Python") as told:
        given(notebook, ["since=2026-02-01"])
    assert "date(2026, 1, 1)" in told.value.remedy


@pytest.mark.parametrize("spoil", [lambda text: "", lambda text: text[:100], lambda text: "[]", lambda text: "{}"])
def test_a_notebook_that_is_empty_or_cut_off_is_one_sentence(tmp_path, spoil):
    file = own(tmp_path)
    file.write_text(spoil(file.read_text()))
    with pytest.raises(UserError, match=r"roofs/pipeline\.ipynb cannot be read as a notebook") as told:
        given(file, [])
    assert len(str(told.value).splitlines()) == 2


@pytest.mark.parametrize("metadata", [{}, {"kernelspec": {"display_name": "Python 3", "name": "python3"}}])
def test_a_notebook_that_names_no_kernel_is_one_sentence(tmp_path, metadata):
    with pytest.raises(UserError, match=r"roofs/pipeline\.ipynb names no kernel") as told:
        given(own(tmp_path, metadata), [])
    assert "Lab" in told.value.remedy
