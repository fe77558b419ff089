"""The tracked notebook, run as it stands: its stored outputs are what it prints, but for times and ports."""

import nbformat
import pytest

from helpers.core.settings import ROOT
from helpers.pipeline.parameters import Parameters

NOTEBOOK = ROOT / "notebooks" / "pipeline.ipynb"
UNSTABLE = {"run.prepare()", "run.finish()"}


def code_cells():
    return [cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]


def test_the_parameters_cell_has_the_declared_names_and_defaults():
    (cell,) = [cell for cell in code_cells() if "parameters" in cell.metadata.get("tags", [])]
    given = {}
    exec(cell.source, {}, given)
    assert given == {name: field.default for name, field in Parameters.model_fields.items()}


def test_only_what_differs_from_run_to_run_is_left_out_of_the_comparison():
    ignored = {
        cell.source.splitlines()[-1]
        for cell in code_cells()
        if "nbval-ignore-output" in cell.metadata.get("tags", [])
    }
    assert ignored == UNSTABLE
    assert all(cell.outputs for cell in code_cells() if "parameters" not in cell.metadata.get("tags", []))


@pytest.mark.proof
@pytest.mark.services
@pytest.mark.timeout(1200)
def test_its_stored_outputs_are_what_it_prints(fresh, nbval):
    assert f"{len(code_cells())} passed" in nbval(NOTEBOOK, cell_seconds=500)
