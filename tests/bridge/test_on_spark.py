"""Each pair of Spark's own SQL runs: its code gives what spark.sql gives, names, types and rows."""

import pytest

from tests.bridge.fixtures import pairs
from tests.bridge.oracle import differs
from tests.bridge.world import tables
from tests.conftest import connect_session

pytestmark = [pytest.mark.services, pytest.mark.proof]

# What statements leave in a table is compared in test_statements.py.
RUN = [
    one
    for one in pairs()
    if one.dialect == "spark" and one.topic != "statements" and not one.expected.startswith("refused")
]
# Drawn anew at each run, of a type that Python cannot take, or of a function that only its user has.
APART = {
    "sample",
    "chance is drawn each time",
    "intervals alone",
    "unknown function",
    "not grouped",
    "qualify after group by",
}


@pytest.fixture(scope="module")
def world(running):
    with connect_session() as session:
        yield session, tables(session)


@pytest.mark.parametrize("topic", sorted({one.topic for one in RUN}))
def test_code_answers_as_its_sql(world, topic: str) -> None:
    session, frames = world
    told = {
        one.title: found
        for one in RUN
        if one.topic == topic and one.title not in APART and (found := differs(session, frames, one))
    }
    assert not told
