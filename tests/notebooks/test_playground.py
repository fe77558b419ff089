"""The playground's notebook on services that a small run has filled."""

import nbformat
import pytest

from helpers import spark as spark_room
from helpers.core.settings import ROOT
from helpers.pipeline.parameters import parameters
from helpers.pipeline.run import Run
from tests.conftest import STAGES

NOTEBOOK = ROOT / "notebooks" / "playground.ipynb"


def code_cells():
    return [cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]


def test_only_what_holds_times_and_sizes_is_left_out_of_the_comparison():
    compared = {
        cell.source.splitlines()[0]
        for cell in code_cells()
        if "nbval-ignore-output" not in cell.metadata.get("tags", [])
    }
    told = {"%%sql by_kind", "plan(by_kind)", "%%sql postgres", 'table("peak.sites")'}
    told |= {"running()", "stop()", 'profile(own, key="meter")'}
    assert told <= compared
    assert all(cell.outputs for cell in code_cells()[1:])
    assert not any(output.output_type == "error" for cell in code_cells() for output in cell.outputs)


@pytest.mark.proof
@pytest.mark.services
@pytest.mark.timeout(1200)
def test_its_stored_outputs_are_what_it_prints(running, nbval):
    run = Run(parameters({"recordings": "small"}))
    for stage in STAGES:
        getattr(run, stage)()
    spark_room.stop()
    assert f"{len(code_cells())} passed" in nbval(NOTEBOOK, cell_seconds=200)
