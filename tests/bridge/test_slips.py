"""Proof of the proof: one-slip mutants of queries, and how many of those that mean something else are noticed."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from helpers import spark as room
from helpers.bridge import Refusal, translate
from helpers.cli.bench.tpc import benchmark
from tests.bridge.grammar.queries import query
from tests.bridge.grammar.worlds import ORDERS, Schema
from tests.bridge.pairs import load
from tests.bridge.slips import Slip, slips
from tests.bridge.surface import statements

pytestmark = pytest.mark.proof

AIM = 0.97
"""The least share to be noticed of the mutants that are not equivalent."""
Asked = tuple[str, str, Schema]
"""A query's name, its text, and the tables it reads."""


def tpch() -> Iterator[Asked]:
    """TPC-H, as the extension of duckdb carries it."""
    for number, text in benchmark("tpch").queries.items():
        yield f"tpch/{number}", text, ORDERS.schema


def surface() -> Iterator[Asked]:
    """A sample of Spark's own SQL: of those statements that read a table."""
    schema = {one.name: dict(one.spark) for one in load("postgres").tables}
    reading = [one for one in statements() if one.refuse is None and translate(one.sql, schema=schema).tables]
    for one in Random(3).sample(reading, 40):
        yield f"surface/{one.id}", one.sql, schema


def drawn() -> Iterator[Asked]:
    """Queries of the grammar."""
    for seed in range(500, 530):
        one = query(seed)
        yield f"grammar/{seed}", one.text, one.world.schema


@pytest.fixture(scope="module")
def session(jvm):
    room.stop()
    return room.session("teaching", room.Endpoints("http://127.0.0.1:1", "us-east-1"), app="slips")


@pytest.mark.parametrize(("queries", "most", "count"), [(tpch, 2, 22), (surface, 1, 40), (drawn, 1, 30)])
@pytest.mark.timeout(1800)
def test_slips_are_noticed(session, queries, most, count) -> None:
    asked = list(queries())
    assert len(asked) == count
    judged([slip for name, sql, schema in asked for slip in _found(name, sql, schema, session, most)])


def _found(name: str, sql: str, schema: Schema, session, most: int) -> Iterator[Slip]:
    try:
        for slip in slips(name, sql, schema, session, most):
            words = {True: "noticed", False: "escaped", None: "not counted"}[slip.noticed]
            # An equivalent has its proof in its verdict: Spark optimises both to the same plan.
            print(f"{words}: {slip.verdict}: {name} | {slip.mutant.place} | {slip.mutant.sentence}", flush=True)
            yield slip
    except Refusal as refusal:
        print(f"{name} is not translated: {refusal}")


def judged(found: list[Slip]) -> None:
    """Asks for the share that must be noticed."""
    told = Counter(slip.verdict for slip in found)
    noticed = sum(slip.noticed is True for slip in found)
    escaped = [f"{slip.query} | {slip.mutant.sentence} | {slip.told}" for slip in found if slip.noticed is False]
    print(f"{noticed} of {noticed + len(escaped)} noticed that are not equivalent; {dict(told)}")
    assert noticed >= AIM * (noticed + len(escaped)), escaped
