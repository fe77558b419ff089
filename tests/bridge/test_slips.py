"""Proof of the proof: one-slip mutants of queries, and how many of those that mean something else are noticed."""

from collections import Counter
from collections.abc import Iterator

import pytest

from helpers import spark as room
from helpers.cli.bench.tpc import benchmark, read, write
from helpers.core.errors import UserError
from tests.bridge.grammar.worlds import TPCH, Schema
from tests.bridge.pairs import load
from tests.bridge.slips import Slip, slips
from tests.bridge.surface import statements

pytestmark = pytest.mark.proof

PARTS = 3
SCALE = 0.01
AIM = 0.97
"""The least share to be noticed of the mutants that are not equivalent."""


@pytest.fixture(scope="module")
def session(jvm):
    room.stop()
    return room.session("teaching", room.Endpoints("http://127.0.0.1:1", "us-east-1"), app="slips")


@pytest.fixture(scope="module")
def generated(session, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tpcds")
    write("tpcds", folder, SCALE)
    return read(session, "tpcds", folder)


@pytest.mark.timeout(1800)
def test_slips_in_tpch_are_noticed(session) -> None:
    """Two of each query."""
    queries = benchmark("tpch").queries.items()
    judged([slip for number, sql in queries for slip in _found(f"tpch/{number}", sql, TPCH, session, 2)])


@pytest.mark.timeout(2700)
@pytest.mark.parametrize("numbers", [range(1, 51), range(51, 100)], ids=["first", "second"])
def test_slips_in_tpcds_are_noticed(session, generated, numbers) -> None:
    """One of each query, on made rows and on generated ones."""
    queries, schema = benchmark("tpcds").queries, benchmark("tpcds").schema
    found = [_found(f"tpcds/{one}", queries[one], schema, session, 1, generated) for one in numbers]
    judged([slip for slips_of_one in found for slip in slips_of_one])


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(PARTS))
def test_slips_in_the_surface_are_noticed(session, part) -> None:
    """One of each statement."""
    schema = {one.name: dict(one.spark) for one in load("postgres").tables}
    some = statements()[part::PARTS]
    judged([slip for one in some for slip in _found(one.id, one.sql, schema, session, 1)])


def _found(name: str, sql: str, schema: Schema, session, most: int, tables=None) -> Iterator[Slip]:
    try:
        for slip in slips(name, sql, schema, session, most, tables):
            words = {True: "noticed", False: "escaped", None: "not counted"}[slip.noticed]
            # An equivalent has its proof in its verdict: Spark optimises both to the same plan.
            print(f"{words}: {slip.verdict}: {name} | {slip.mutant.place} | {slip.mutant.sentence}", flush=True)
            yield slip
    except UserError as error:
        print(f"{name} is not translated, or not slipped in: {error}")


def judged(found: list[Slip]) -> None:
    """Asks for the share that must be noticed."""
    told = Counter(slip.verdict for slip in found)
    noticed = sum(slip.noticed is True for slip in found)
    escaped = [f"{slip.query} | {slip.mutant.sentence} | {slip.told}" for slip in found if slip.noticed is False]
    print(f"{noticed} of {noticed + len(escaped)} noticed that are not equivalent; {dict(told)}")
    assert noticed >= AIM * (noticed + len(escaped)), escaped
