import pytest

from helpers.core.percent import Cell, cells


def test_cells_have_their_kind_text_and_tags():
    source = "# %% [markdown]\n# # Title\n#\n# A line.\n\n# %% tags=parameters,other\nx = 1\n\n\ny = 2\n\n# %%\n"
    assert cells(source) == [
        Cell("markdown", "# Title\n\nA line."),
        Cell("code", "x = 1\n\n\ny = 2", ("parameters", "other")),
        Cell("code", ""),
    ]


@pytest.mark.parametrize(
    ("source", "words"), [("x = 1\n", "not with 'x = 1'"), ("# %% [markdown]\nx\n", "no #: 'x'")]
)
def test_what_is_no_cell_is_told(source, words):
    with pytest.raises(ValueError, match=words):
        cells(source)
