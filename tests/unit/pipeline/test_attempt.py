"""What every run is refused where only looking was asked for: PEAK's own pipeline, and one of one's own."""

from types import SimpleNamespace

import pytest

from helpers.core.errors import UserError
from helpers.pipeline import run as peak
from helpers.pipeline.prototype import start

LAYERS = SimpleNamespace(__name__="layers", refine=None, READINGS="", KEY="")


@pytest.mark.parametrize(
    ("begin", "deed"),
    [
        (lambda: peak.start({}), "run the pipeline"),
        (lambda: start("roofs", LAYERS, {}), "run the pipeline roofs"),
    ],
    ids=["peak", "prototype"],
)
def test_a_read_only_desk_runs_no_pipeline_and_makes_no_folder(own_work, read_only, begin, deed):
    with pytest.raises(UserError, match=f"read-only: it does not {deed}") as told:
        begin()
    assert told.value.remedy == "unset GRIDBRIDGE_READ_ONLY"
    assert list(own_work.iterdir()) == []
