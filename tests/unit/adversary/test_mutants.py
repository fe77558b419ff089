import pytest
import sqlglot

from helpers.adversary.mutants import mutants
from helpers.core.errors import UserError
from tests.unit.adversary.queries import QUERIES
from tests.unit.adversary.queries_more import MORE
from tests.unit.adversary.slip_cases import CASES, NEVER
from tests.unit.adversary.world import TABLES


def test_each_kind_of_slip_is_made_with_its_sentence() -> None:
    missing = []
    for sql, kind, sentence, after in CASES:
        wanted = sqlglot.parse_one(after, dialect="spark").sql("spark")
        if not any((m.kind, m.sentence, m.sql) == (kind, sentence, wanted) for m in mutants(sql, TABLES)):
            missing.append((kind, sentence, [(m.kind, m.sentence, m.sql) for m in mutants(sql, TABLES)]))
    assert not missing


@pytest.mark.parametrize(("sql", "kind", "sentence"), NEVER)
def test_what_changes_nothing_or_is_refused_is_not_made(sql: str, kind: str, sentence: str) -> None:
    assert (kind, sentence) not in {(mutant.kind, mutant.sentence) for mutant in mutants(sql, TABLES)}


@pytest.mark.parametrize("query", [*QUERIES, *MORE], ids=lambda query: query.name)
def test_mutants_parse_differ_from_the_original_and_from_one_another(query) -> None:
    made = mutants(query.sql, query.tables)
    texts = [sqlglot.parse_one(mutant.sql, dialect="spark").sql("spark") for mutant in made]
    assert len({sqlglot.parse_one(query.sql, dialect="spark").sql("spark"), *texts}) == len(texts) + 1
    assert all(mutant.kind and mutant.place and mutant.sentence for mutant in made)


def test_the_same_query_gives_the_same_mutants_in_the_same_order() -> None:
    for query in QUERIES:
        assert mutants(query.sql, query.tables) == mutants(query.sql, query.tables)


def test_the_place_names_clause_derived_table_and_text() -> None:
    sql = "WITH d AS (SELECT site_id FROM sites WHERE capacity > 5) SELECT site_id FROM d"
    places = {mutant.place for mutant in mutants(sql, TABLES) if mutant.kind == "comparison"}
    assert places == {"WHERE of d: capacity > 5"}


def test_text_that_is_no_query_is_refused() -> None:
    with pytest.raises(UserError, match="no query"):
        mutants("DELETE FROM sites", TABLES)
    with pytest.raises(UserError, match="cannot be parsed"):
        mutants("SELECT (", TABLES)
