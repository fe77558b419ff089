"""Random queries from the grammar: what they reach, and that the bridge's code answers as Spark does."""

import re

import pytest

from helpers import spark as room
from helpers.bridge import Refusal, translate
from tests.bridge.grammar.queries import query
from tests.bridge.grammar.run import Run
from tests.bridge.grammar.shrink import shrunk
from tests.bridge.test_surface import REACHED

PARTS, COUNT = 10, 200
"""The proof takes the seeds from 1 on, in so many parts. `python -m tests.bridge.grammar SEED COUNT` takes others."""


def test_a_seed_gives_its_query_each_time():
    assert query(7) == query(7) != query(8)


def test_queries_reach_every_construct_of_the_list_and_are_nested():
    texts = [query(seed).text for seed in range(150)]
    missing = [name for name, pattern in REACHED.items() if not any(re.search(pattern, text) for text in texts)]
    assert missing == []
    nested = [text.count("SELECT") + text.count("|>") >= 3 for text in texts]
    assert sum(nested) >= 0.97 * len(nested)


def test_nearly_all_of_a_sample_are_translated():
    refused = []
    for seed in range(1000, 1040):
        drawn = query(seed)
        try:
            translate(drawn.text, schema=drawn.world.schema)
        except Refusal as refusal:
            refused.append(f"{seed}: {refusal}")
    assert len(refused) <= 2, refused


def test_a_failing_query_gets_smaller():
    text = "SELECT a, upper(b) AS u FROM t JOIN s ON t.x = s.x WHERE a > 1 AND b LIKE 'x' ORDER BY a LIMIT 3"
    assert shrunk(text, lambda one: "UPPER" in one.upper() and "t" in one) == "SELECT UPPER(b) AS u FROM t"
    assert shrunk("SELECT 1", lambda one: True) == "SELECT 1"
    assert shrunk("SELECT 1 +", lambda one: True) == "SELECT 1 +"


@pytest.mark.proof
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("first", [1 + COUNT * part for part in range(PARTS)])
def test_the_code_of_random_queries_answers_as_spark_does(jvm, first):
    session = room.session("teaching", room.Endpoints("http://127.0.0.1:1", "us-east-1"), app="grammar")
    with Run(session) as run:
        failing = [told for told in run.failing(first, COUNT) if told]
    print(run.table(), run.words, *failing, sep="\n")
    assert run.right(), failing
