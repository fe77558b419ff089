"""Variants of the queries of TPC: right or refused, by their plans, and by rows where the plans are not the same."""

import random
from collections import Counter

import pytest

from helpers import spark as room
from helpers.cli.bench.tpc import benchmark
from helpers.spark.classic import opaque
from tests.bridge.outcomes import on_made_rows, planned
from tests.bridge.slips import struct
from tests.bridge.variants import WAYS, variants

SEEDS = (1, 2, 3)
"""With each, one variant of each query; two minutes each."""
RIGHT = 0.99


@pytest.fixture(scope="module")
def session(jvm):
    return room.session("teaching", room.Endpoints("http://127.0.0.1:1", "us-east-1"), app="bridge")


def outcome(session, variant, seed):
    """What plans tell of a variant, and where they leave it open what rows tell."""
    blank = {name: opaque(session, struct(columns)) for name, columns in variant.schema.items()}
    found = planned(session, variant.sql, variant.schema, blank)
    if found.word != "open":
        return found.word, found.told
    return on_made_rows(session, found.sides, blank, seed)


def test_variants_are_many_and_of_every_kind():
    queries = {kind: list(benchmark(kind).queries.items()) for kind in ("tpch", "tpcds")}
    some = [pair for pairs in queries.values() for pair in pairs[::8]]
    schema = {**benchmark("tpch").schema, **benchmark("tpcds").schema}
    found = [one for number, sql in some for one in variants(sql, schema, random.Random(number), 2)]
    ways = Counter(way for one in found for way in one.ways)
    assert len({one.sql for one in found}) == len(found) >= 30
    assert len(ways) >= 0.7 * len(WAYS)


def test_a_variant_plans_as_its_sql(session):
    kind, number = "tpch", 4
    (one,) = variants(benchmark(kind).queries[number], benchmark(kind).schema, random.Random(1), 1)
    assert outcome(session, one, 1)[0] in ("proved", "same rows"), one.sql


@pytest.mark.proof
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("seed", SEEDS)
def test_variants_are_right_or_refused(session, seed):
    found = {}
    for kind in ("tpch", "tpcds"):
        for number, sql in benchmark(kind).queries.items():
            rng = random.Random(f"{seed} {kind} {number}")
            for one in variants(sql, benchmark(kind).schema, rng, 1):
                found[f"{kind} {number}"] = (one.ways, *outcome(session, one, seed))
    words = Counter(word for _, word, _ in found.values())
    valid = len(found) - words["refused by Spark"]
    print(f"\n{len(found)} variants of seed {seed}: {dict(words)}")
    print(*(f"{name}: {word}, {told}" for name, (_, word, told) in found.items() if told), sep="\n")
    assert not {name: one for name, one in found.items() if one[1] in ("different", "fails")}
    assert valid >= 100
    assert words["proved"] + words["same rows"] + words["untold"] >= RIGHT * valid
    assert words["untold"] <= 0.05 * valid
