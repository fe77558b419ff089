"""The layer that `gridbridge new pipeline` makes: changed, it tells in a sentence what broke."""

import pytest

from helpers.core.errors import UserError
from helpers.pipeline.prototype import start
from helpers.pipeline.prototype.contract import ROWS, keyed


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "unit NOT IN",
            "unti NOT IN",
            r"The rule 'units' \(UNKNOWN_UNIT\) does not fit the rows: .*`unti`.* cannot be",
        ),
        ('            "sensor",\n', "", "the readings have no column 'sensor'"),
        (
            'DECIMAL(18,6)").alias',
            'DECIMAL(9,3)").alias',
            r"'power_kw' as DECIMAL\(9,3\), declared as DECIMAL\(18,6\)",
        ),
        ('"body.*"', '"boddy.*"', r"refine\(\) of layers.py does not fit its rows"),
        ('KEY = "event_id"', 'KEY = "meter_id"', "READINGS has no column 'meter_id'"),
    ],
)
def test_changed_it_tells_in_a_sentence_what_broke(spark, own_work, drafted, old, new, words):
    """Without services: what `read` does with each batch, and `prepare` with the columns."""

    name, layers = drafted((old, new))
    run = start(name, layers, {})
    with pytest.raises(UserError, match=words) as told:
        keyed(layers)
        run._refined(spark.createDataFrame([], ROWS))
    assert told.value.remedy
    assert len(told.value.cause.splitlines()) == 1


def test_an_unknown_parameter_of_papermill_is_refused(own_work, drafted):
    name, layers = drafted()
    cells = ["", "fill = True\nseed = 7", "# Parameters\nseed = 8\ncolour = 1"]
    with pytest.raises(UserError, match="no parameter 'colour'; the parameters are fill, seed"):
        start(name, layers, {"In": cells, "seed": 8, "colour": 1})
    assert start(name, layers, {"In": cells[:2], "seed": 8}).id
