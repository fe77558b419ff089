import pytest
from sqlglot import exp

from helpers.bridge.parse import parse
from helpers.bridge.refusal import Refusal
from helpers.bridge.statements.reads import Reads

KNOWN = {"t": ["a", "b"], "u": ["a", "c"]}


def reads(condition: str, *others: str, known=KNOWN) -> list[str]:
    tree = parse(f"SELECT 1 FROM t AS x WHERE {condition}")
    found = Reads("x", "t", tuple(exp.to_table(one) for one in others), known)
    return found.columns([tree.args["where"].this])


@pytest.mark.parametrize(
    ("condition", "columns"),
    [
        ("x.a > 5 AND B < A", ["a", "B"]),
        ("EXISTS (SELECT 1 FROM u WHERE u.a = x.b)", ["b"]),
        ("EXISTS (SELECT 1 FROM u WHERE c = b)", ["b"]),
        ("EXISTS (SELECT 1 FROM u WHERE c = a)", []),
        ("a IN (SELECT a FROM u AS x WHERE x.c = 1)", ["a"]),
        ("b IN (SELECT c FROM elsewhere WHERE d = a)", ["b"]),
        ("b < (SELECT max(n) FROM (SELECT c AS n FROM u) AS m WHERE n > b)", ["b"]),
        ("dateadd(DAY, 1, b) > 5", ["b"]),
        ("(SELECT count(*) FROM u) > 3", []),
    ],
)
def test_columns_of_the_written_table_are_told_from_those_of_subqueries(condition: str, columns: list[str]) -> None:
    assert reads(condition) == columns


def test_without_a_schema_a_name_alone_is_the_one_tables() -> None:
    assert reads("y > 5 AND z IN (SELECT q FROM u)", known={}) == ["y", "z"]
    with pytest.raises(Refusal, match="which table it is of is not known"):
        reads("y > 5", "u", known={})


@pytest.mark.parametrize("condition", ["struct(x.*) IS NULL", "EXISTS (SELECT x.* FROM u)"])
def test_a_star_is_refused(condition: str) -> None:
    with pytest.raises(Refusal, match="it reads single columns"):
        reads(condition)


def test_other_stars_are_not() -> None:
    assert reads("a > (SELECT count(*) FROM u) AND EXISTS (SELECT * FROM u) AND b IN (SELECT u.* FROM u)") == [
        "a",
        "b",
    ]
