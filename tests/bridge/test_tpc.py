"""TPC-H and TPC-DS: each query's code holds no SQL, plans as its SQL does, and answers as its SQL, in its order."""

import random
from collections import Counter

import pytest

from helpers import spark as room
from helpers.cli.bench.tpc import benchmark, read, write
from helpers.spark.classic import opaque
from tests.bridge.outcomes import KINDS, on_made_rows, planned, rows_differ
from tests.bridge.slips import struct

BOTH = ("tpch", "tpcds")
SCALES = {"tpch": 0.002, "tpcds": 0.01}
PROVED = 0.85
"""So many of all must have the same optimised plan."""
SEEDS = 5
BESIDE = 4
"""So many proved queries of each set run too: on the same tables Spark runs the same plan for both sides."""
SQL_TEXTS = ("spark.sql(", "expr(", "selectExpr(", ".sql(")


@pytest.fixture(scope="module")
def session(jvm):
    return room.session("teaching", room.Endpoints("http://127.0.0.1:1", "us-east-1"), app="bridge")


@pytest.fixture(scope="module")
def blank(session):
    """The tables without rows, as Spark sees ones of any size."""
    return {kind: {name: opaque(session, struct(columns)) for name, columns in benchmark(kind).schema.items()}
            for kind in BOTH}  # fmt: skip


@pytest.fixture(scope="module")
def made(session, tmp_path_factory):
    """The tables with generated rows."""
    folders = {kind: tmp_path_factory.mktemp(kind) for kind in BOTH}
    for kind, folder in folders.items():
        write(kind, folder, SCALES[kind])
    return {kind: read(session, kind, folder) for kind, folder in folders.items()}


@pytest.fixture(scope="module")
def outcomes(session, made):
    """What the plans tell of each query, by kind and number."""
    return {
        (kind, number): planned(session, sql, benchmark(kind).schema, made[kind])
        for kind in BOTH
        for number, sql in benchmark(kind).queries.items()
    }


def not_proved(outcomes):
    return [name for name, one in outcomes.items() if one.word == "open"]


def drawn(seed, count):
    """So many queries of each of the two."""
    rng = random.Random(seed)
    return [(kind, number) for kind in BOTH for number in rng.sample(sorted(benchmark(kind).queries), count)]


def test_all_queries_are_there():
    assert {kind: len(benchmark(kind).queries) for kind in BOTH} == {"tpch": 22, "tpcds": 99}


def test_a_few_plan_as_their_sql(session, blank):
    for kind, number in drawn(5, 1):
        found = planned(session, benchmark(kind).queries[number], benchmark(kind).schema, blank[kind])
        assert found.word in ("proved", "open"), f"{kind} {number}: {found.word}, {found.told}"
        assert not found.worse, f"{kind} {number}"


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_code_plans_as_its_sql(outcomes):
    words = Counter((kind, one.word) for (kind, _), one in outcomes.items())
    print("\n| set | " + " | ".join(("proved", "open", "other")) + " |")
    for kind in BOTH:
        proved, open_ones = words[kind, "proved"], words[kind, "open"]
        print(f"| {kind} | {proved} | {open_ones} | {len(benchmark(kind).queries) - proved - open_ones} |")
    print("not the same optimised plan:", [f"{k} {n}" for (k, n), one in outcomes.items() if one.word == "open"])
    wrong = {name: (one.word, one.told) for name, one in outcomes.items() if one.word not in ("proved", "open")}
    assert not wrong
    assert not {
        name: text for name, one in outcomes.items() for text in SQL_TEXTS if text in one.sides.translation.code
    }
    assert not {name: dict(one.worse) for name, one in outcomes.items() if one.worse}, f"more of {', '.join(KINDS)}"
    assert sum(one.word == "proved" for one in outcomes.values()) >= PROVED * len(outcomes)


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_code_answers_as_its_sql_on_generated_rows(session, made, outcomes):
    """Those whose plans are not the same, and a few of the others."""
    names = dict.fromkeys([*not_proved(outcomes), *drawn(1, BESIDE)])
    told = {name: rows_differ(session, outcomes[name].sides, made[name[0]]) for name in names}
    print("\n" + ", ".join(f"{kind} {number}: {rows} rows" for (kind, number), (_, rows) in told.items()))
    assert not {name: sentence for name, (sentence, _) in told.items() if sentence}
    assert sum(rows > 0 for _, rows in told.values()) > len(told) / 2


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_code_answers_as_its_sql_on_adversarial_rows(session, blank, outcomes):
    """The same queries, on rows that their texts give away, of several seeds."""
    names = dict.fromkeys([*not_proved(outcomes), *drawn(2, BESIDE)])
    told = {
        (*name, seed): on_made_rows(session, outcomes[name].sides, blank[name[0]], seed)
        for name in names
        for seed in range(SEEDS)
    }
    print(f"\n{len(names)} queries on rows of {SEEDS} seeds: {dict(Counter(word for word, _ in told.values()))}")
    assert not {name: sentence for name, (word, sentence) in told.items() if word == "different"}
    assert all(any(told[*name, seed][0] == "same rows" for seed in range(SEEDS)) for name in names)
