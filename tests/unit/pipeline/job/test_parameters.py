import pytest

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
