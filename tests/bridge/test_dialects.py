"""The dialect pairs run on Spark: how many are right, and that none differs in silence."""

from collections import defaultdict

import pytest

from helpers.bridge import Refusal, translate
from tests.bridge.pairs import DIALECTS, load
from tests.conftest import connect_session

pytestmark = [pytest.mark.services, pytest.mark.proof, pytest.mark.timeout(900)]

RIGHT = {"postgres": 159, "mysql": 125, "oracle": 113, "tsql": 118}
"""So many pairs are right at least, those that are to be refused included; it may only grow."""


@pytest.fixture(scope="module")
def session(running):
    with connect_session() as session:
        yield session


def outcome(pair, dialect, frames):
    """right, refused, error, or how its rows differ."""
    schema = {table.name: table.spark for table in dialect.tables}
    try:
        made = translate(pair.sql, dialect.name, schema)
    except Refusal:
        return "right" if pair.refuse is not None else "refused"
    names = dict(frames)
    try:
        exec("\n".join(made.imports) + "\n" + made.code, names)
        columns, rows = names["result"].columns, [tuple(row) for row in names["result"].collect()]
    except Exception:
        # Whatever Spark or the code raises is seen by who runs it.
        return "error"
    if not pair.columns:
        return f"{pair.id}: to be refused, for {pair.refuse}."
    return pair.difference(columns, rows) or "right"


@pytest.mark.parametrize("name", DIALECTS)
def test_pairs_are_right_and_none_differs_in_silence(session, name):
    dialect = load(name)
    frames = {
        table.name: session.createDataFrame(
            list(table.rows), ", ".join(f"{column} {kind}" for column, kind in table.spark.items())
        )
        for table in dialect.tables
    }
    told = defaultdict(list)
    for pair in dialect.pairs:
        told[outcome(pair, dialect, {**frames, "spark": session})].append(pair.id)
    counts = {kind: len(told.pop(kind, [])) for kind in ("right", "refused", "error")}
    print(f"{name}: {counts}, in silence different: {sum(map(len, told.values()))} of {len(dialect.pairs)}")
    silent = {identity: why for why, ids in told.items() for identity in ids}
    assert silent == {}
    assert counts["right"] >= RIGHT[name]
