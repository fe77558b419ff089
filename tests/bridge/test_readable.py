"""How code reads, and how soon it is there: lines, names that nothing uses, seconds; on texts alone."""

import random
import resource
import time
from statistics import median

import pytest

from helpers.bridge import translate
from helpers.bridge.plain import PlainSpark
from helpers.cli.bench.tpc import benchmark
from tests.bridge.fixtures import pairs
from tests.bridge.readable import lines, pretty_lines, unused

LONGEST, SHORT = 1.5, 4
"""Lines of code may be so many times those of the query, or, of a short query, so many more."""
LONG = {"first and last", "listagg by another column", "percentile with filter", "percentile over a window"}
LONG |= {"pivot by two columns", "unpivot to two columns", "listagg by a column named value"}
LONG |= {"a long list, used twice", "a long list inside a window"}
"""Fixtures of a few lines whose construct has no method in the DataFrame API, or whose list has an item a line."""
SECONDS, MOST_SECONDS = 0.03, 0.5
FIXTURES = [one for one in pairs() if not one.expected.startswith("refused") and "statements" not in one.topic]
ALL = [(kind, number) for kind in ("tpch", "tpcds") for number in benchmark(kind).queries]


def code_of(name):
    kind, number = name
    return translate(benchmark(kind).queries[number], schema=benchmark(kind).schema).code


def seconds(name):
    """The processor's seconds that a translation takes, those of the formatter too."""

    def used():
        return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])

    begin = used()
    code_of(name)
    return used() - begin


def shape(name, code, sql, dialect="spark"):
    return name, lines(code), pretty_lines(sql, dialect), unused(code)


def without_imports(text):
    return "".join(line for line in text.splitlines(True) if not line.startswith(("from ", "import ")))


def judged(found, short=0):
    ratios = [own / other for _, own, other, _ in found]
    longest = sorted(found, key=lambda one: one[2] / one[1])[:5]
    print(f"\nlines of code to lines of SQL, of {len(found)}: median {median(ratios):.2f}, most {max(ratios):.2f}")
    print(*(f"{name}: {own} to {other}" for name, own, other, _ in longest), sep="\n")
    assert not {name: names for name, _, _, names in found if names}
    assert median(ratios) <= 1.0
    assert {name for name, own, other, _ in found if own > max(LONGEST * other, other + short)} <= LONG


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('a = t.where("x")\nresult = u.join(t, "b")\n', ["a"]),
        ('result = t.alias("a").join(u.alias("b"), F.col("a.x") == F.col("y"))\n', ["b"]),
        ('result = t.alias("a").select("a.*", F.col("x").alias("c"))\n', []),
    ],
)
def test_what_nothing_uses_is_found(code, names):
    assert unused(code) == names


def test_fixtures_read_well():
    """Queries in Spark's SQL: what another dialect, or a statement, means by a few words may take many methods."""
    found = [(one, without_imports(one.expected)) for one in FIXTURES]
    assert not {one.title: names for one, code in found if (names := unused(code))}
    judged(
        [
            shape(one.title, code, one.sql, PlainSpark)
            for one, code in found
            if one.dialect == "spark" and one.topic != "statements"
        ],
        SHORT,
    )


def test_a_few_read_well():
    drawn = random.Random(5).sample(ALL, 8)
    judged([shape(name, code_of(name), benchmark(name[0]).queries[name[1]]) for name in drawn])


@pytest.mark.proof
def test_all_read_well():
    judged([shape(name, code_of(name), benchmark(name[0]).queries[name[1]]) for name in ALL])


@pytest.mark.proof
def test_all_come_soon():
    # The quickest of three: what else the machine does is not the translator's.
    found = {name: min(seconds(name) for _ in range(3)) for name in ALL}
    print(f"\nseconds to translate: median {median(found.values()):.3f}, most {max(found.values()):.3f}")
    assert median(found.values()) < SECONDS
    assert max(found.values()) < MOST_SECONDS
