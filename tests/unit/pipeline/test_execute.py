"""A notebook executed by papermill: what its kernel and Spark say beside the cells, and what is told if it ends."""

import nbformat
import pytest

from helpers.core.errors import PipelineError
from helpers.pipeline.execute import execute


def notebook(folder, *sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    path = folder / "in.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_what_the_kernel_says_beside_its_cells_is_kept_and_does_not_reach_the_terminal(tmp_path, capfd):
    said = "import os\n_ = os.write(2, b'Event loop is closed'), os.write(1, b'of a JVM')"
    execute(notebook(tmp_path, said, "print('a cell')"), tmp_path / "out.ipynb", {}, tmp_path)
    shown = capfd.readouterr()
    assert "loop" not in shown.err
    assert "JVM" not in shown.out
    kept = (tmp_path / "kernel.log").read_text()
    assert "Event loop is closed" in kept
    assert "of a JVM" in kept
    assert nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[1].outputs[0].text == "a cell\n"


def test_a_kernel_that_ends_is_told_with_the_log_of_what_it_said(tmp_path):
    last = "import os\n_ = os.write(2, b'out of memory')\nos._exit(3)"
    with pytest.raises(PipelineError) as told:
        execute(notebook(tmp_path, last), tmp_path / "out.ipynb", {}, tmp_path)
    assert str(tmp_path / "kernel.log") in told.value.remedy
    assert "out of memory" in (tmp_path / "kernel.log").read_text()
