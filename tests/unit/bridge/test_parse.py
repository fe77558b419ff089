import time

import pytest

from helpers.bridge import Refusal, translate

HOSTILE = {
    "10,000 parentheses": "SELECT " + "(" * 10_000 + "1" + ")" * 10_000,
    "10,000 parentheses, never closed": "SELECT " + "(" * 10_000,
    "an unfinished text": "SELECT 'abc FROM t",
    "an unfinished comment": "SELECT 1 /* abc",
    "no SQL at all": "Lorem ipsum dolor sit amet",
    "nothing": "",
    "only a comment": "-- nothing",
    "a long text": "SELECT 1 -- " + "x" * 300_000,
    "two statements": "SELECT 1; SELECT 2",
    "a statement that is no query": "DROP TABLE t",
    "zero bytes": "\x00\x00",
    "brackets": "]]]]",
    "a query cut off": "SELECT a FROM",
    "a date that is none": "SELECT * FROM t WHERE d = DATE '2024-02-30'",
}


@pytest.mark.parametrize("dialect", ["spark", "postgres", "tsql", "mysql", "oracle"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_gets_one_sentence_in_time(name: str, dialect: str) -> None:
    before = time.process_time()
    with pytest.raises(Refusal) as caught:
        translate(HOSTILE[name], dialect)
    assert time.process_time() - before < 1
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_chain_of_two_thousand_conditions_is_no_trouble() -> None:
    sql = "SELECT a FROM t WHERE " + " OR ".join(f"a = {n}" for n in range(2_000))
    assert "(F.col('a') == 1999)" in translate(sql).code.replace('"', "'")


def test_a_long_union_is_no_trouble() -> None:
    code = translate(" UNION ALL ".join(["SELECT a FROM t"] * 300)).code
    assert code.count(".union(") == 299


def test_code_too_deep_for_python_is_refused() -> None:
    sql = "SELECT " + "CASE WHEN a THEN " * 400 + "1" + " END" * 400 + " FROM t"
    with pytest.raises(Refusal):
        translate(sql)


def test_a_place_in_the_text() -> None:
    with pytest.raises(Refusal) as caught:
        translate(
            "SELECT a,\n  b IN (SELECT x FROM u), nonsense.z\nFROM t",
            schema={"t": {"a": "int", "b": "int"}, "u": {"x": "int"}},
        )
    assert (caught.value.line, caught.value.column) == (2, 27)
    assert caught.value.construct == "The column nonsense.z"


def test_an_unknown_dialect_is_named() -> None:
    with pytest.raises(Refusal, match="klingon"):
        translate("SELECT 1", "klingon")


def test_a_dialect_that_nobody_looked_at_is_marked() -> None:
    assert any("unproved" in note for note in translate("SELECT a FROM t", "duckdb").notes)
