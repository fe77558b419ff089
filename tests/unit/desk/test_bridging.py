import pyarrow as pa
import pytest

from helpers.bridge import Verification
from helpers.desk import bridging
from helpers.spark.plan import Node, Plan


@pytest.fixture
def verdicts(monkeypatch: pytest.MonkeyPatch):
    """What the verification finds, without Spark, and which tables it was given."""
    found: list[Verification] = []
    given: list[object] = []
    asked: list[object] = []

    def verify(translation, session, tables, origin):
        given.append(tables)
        asked.append(origin)
        return found.pop(0)

    monkeypatch.setattr(bridging, "session", lambda: None)
    monkeypatch.setattr(bridging, "_known", lambda sql: ({}, {}))
    monkeypatch.setattr(bridging, "verify", verify)
    monkeypatch.setattr(bridging, "postgres_answers", lambda: "PostgreSQL")
    return found, given, asked


def test_postgresql_is_asked_of_its_own_dialect_only(verdicts) -> None:
    for dialect in ("postgres", "mysql", "spark"):
        verdicts[0].append(Verification("proved", "So it is."))
        bridging.bridge("SELECT a FROM t", dialect)
    assert verdicts[2] == ["PostgreSQL", None, None]


def test_a_card_shows_verdict_code_notes_and_what_was_assumed(verdicts) -> None:
    verdicts[0].append(Verification("proved", "So it is.", ("t has the column a int.",)))
    card = bridging.bridge("SELECT TOP 3 a FROM t ORDER BY a", "tsql")
    told = str(card)
    parts = ("✓ Proved", "So it is.", 't.select("a").orderBy("a").limit(3)', "Note: SQL Server", "Assumed: t has")
    places = [told.index(part) for part in parts]
    assert places == sorted(places)
    assert repr(card) == told
    html = card._repr_html_()
    assert "Copy</button>" in html and "So it is." in html
    assert card.translation.dialect == "tsql"


def test_a_difference_shows_the_rows_that_show_it(verdicts) -> None:
    rows, none = pa.table({"a": [5]}), pa.table({"a": pa.array([], pa.int64())})
    verdicts[0].append(Verification("different", "A row is missing.", (), {"t": rows}, none, rows))
    told = str(bridging.bridge("SELECT a FROM t"))
    parts = ("✗ Different", "A row is missing.", "The smallest input found: t", "The code gives:", "The query gives:")
    places = [told.index(part) for part in parts]
    assert places == sorted(places)


def test_a_refusal_is_a_card_of_one_sentence(verdicts) -> None:
    card = bridging.bridge("SELECT (")
    assert str(card).startswith("✗ Not translated\n\nThe text (line 1, column 8) is not translated")
    assert str(card.plan()) == ""


def test_plans_are_made_when_they_are_asked_for(verdicts) -> None:
    asked: list[str] = []

    def plans() -> dict[str, Plan]:
        asked.append("asked")
        return {"query": Plan(Node("Sort")), "code": Plan(Node("Filter"))}

    verdicts[0].append(Verification("same rows", "So.", _plans=plans))
    card = bridging.bridge("SELECT a FROM t")
    assert not asked
    assert str(card.plan()) == "query\nSort\n\ncode\nFilter"
    assert 'subgraph p0["query"]' in card.plan().source


def test_tables_of_the_session_are_taken_where_all_are_there(verdicts, monkeypatch) -> None:
    class View:
        schema = ()

    views = {"T": View(), "other": View()}
    monkeypatch.setattr(bridging, "_known", lambda sql: (views, {}))
    monkeypatch.setattr(bridging, "translate", lambda sql, *_: bridging_translation(sql))
    verdicts[0].extend([Verification("proved", "So.")] * 2)
    bridging.bridge("SELECT a FROM t")
    bridging.bridge("SELECT a FROM t JOIN elsewhere USING (a)")
    assert verdicts[1] == [views, None]


def bridging_translation(sql: str):
    from helpers.bridge import translate

    return translate(sql)


def test_several_statements_are_shown_one_after_the_other(verdicts) -> None:
    verdicts[0].extend([Verification("same rows", "They are."), Verification("different", "A row is missing.")])
    card = bridging.bridge("INSERT INTO t (a) VALUES (1);\nDELETE FROM t WHERE a = 2;\nDROP TABLE t")
    told = str(card)
    parts = (
        "✗ 1 of 3 statements",
        "Statement 1: ✓ Same rows",
        "Statement 2: ✗ Different",
        "Statement 3: ✗ Not",
        "line 3",
    )
    places = [told.index(part) for part in parts]
    assert places == sorted(places)
    assert [one.translation.writes if one.translation else "" for one in card.parts] == ["t", "t", ""]


def test_a_key_is_told_by_the_caller(verdicts) -> None:
    assert "give it: keys=" in str(bridging.bridge("INSERT IGNORE INTO t (a, b) VALUES (1, 2)", "mysql"))
    verdicts[0].append(Verification("same rows", "They are."))
    card = bridging.bridge("INSERT IGNORE INTO t (a, b) VALUES (1, 2)", "mysql", {"t": ["a"]})
    assert card.translation.writes == "t"
