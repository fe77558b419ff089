from helpers.bridge import split


def test_semicolons_tell_statements_apart_but_not_in_texts_names_and_comments() -> None:
    assert split("SELECT ';' AS x; SELECT 2 -- no; more\n;") == ["SELECT ';' AS x", "SELECT 2 -- no; more"]
    assert split("SELECT [a;b]; SELECT 2", "tsql") == ["SELECT [a;b]", "SELECT 2"]
    assert split("DO $$ begin; end $$; SELECT 1", "postgres") == ["DO $$ begin; end $$", "SELECT 1"]
    assert split("REPLACE INTO t SELECT 1; SELECT 2", "mysql") == ["REPLACE INTO t SELECT 1", "SELECT 2"]


def test_one_statement_or_none_stays_as_it_is() -> None:
    for text in ("SELECT 1;", "SELECT 'unfinished", ";;", ""):
        assert split(text) == [text]


def test_places_are_those_of_the_whole_text() -> None:
    assert split("-- why\nSELECT 1;\n\nSELECT 2") == ["-- why\nSELECT 1", "\n\n\nSELECT 2"]
