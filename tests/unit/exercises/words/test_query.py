import pytest

from helpers.exercises.words.query import Query, parsed_until


def stopped(text, at):
    return Query(text, text.index(at))


@pytest.mark.parametrize(
    "text",
    ["SELECT 'ROWNUM' AS a", "SELECT 1 -- ROWNUM", "SELECT /* ROWNUM */ 1", "SELECT `ROWNUM`", 'SELECT "ROWNUM"'],
)
def test_a_literal_a_comment_and_a_quoted_name_hold_no_keyword(text):
    assert Query(text).words[0] == "SELECT"
    assert not Query(text).has("ROWNUM")


def test_keywords_of_two_words_are_two():
    assert Query("START WITH a connect by b").words == ("START", "WITH", "A", "CONNECT", "BY", "B")


def test_text_that_cannot_be_read_has_no_words():
    assert Query("SELECT 'open").words == ()
    assert not Query("SELECT 'open", 7).stops_at("SELECT")


@pytest.mark.parametrize("at", ["5", "TOP"])
def test_a_run_of_words_is_found_wherever_in_it_the_parser_stopped(at):
    query = stopped("SELECT TOP 5 name FROM sites", at)
    assert query.stops_at("TOP", "0")
    assert not query.stops_at("LIMIT", "0")
    assert not query.stops_at("name", "FROM")


def test_what_stands_elsewhere_is_not_where_the_parser_stopped():
    assert not stopped("SELECT 'TOP 5', [a] FROM sites", "[").stops_at("TOP", "0")
    assert not Query("SELECT TOP 5 name").stops_at("TOP", "0")


def test_the_parser_may_stop_at_the_end_or_within_a_word():
    assert not Query("SELECT a", 8).stops_at("A")
    assert Query("a && b", 3).stops_at("&&")


def test_the_function_around_the_place_is_known():
    text = "SELECT f(a), string_agg(upper(name), ',' ORDER BY name)"
    assert stopped(text, "ORDER").inside(["STRING_AGG"])
    assert not stopped(text, "ORDER").inside(["F", "UPPER"])
    assert not stopped(text, "f(a)").inside(["STRING_AGG"])


@pytest.mark.parametrize("end", ["", "\n\nJVM stacktrace:\norg.apache\n\tat (line 7, pos 7)\n\n== SQL ==\n"])
def test_the_query_is_taken_from_the_message_without_the_line_that_points(end):
    message = (
        "\n[PARSE_SYNTAX_ERROR] Syntax error at or near '['. SQLSTATE: 42601 (line 2, pos 1)\n\n"
        f"== SQL ==\nSELECT 1, -- a\n [x]\n-^^^\nFROM sites\n{end}"
    )
    query = parsed_until(message)
    assert query == Query("SELECT 1, -- a\n [x]\nFROM sites", 16)
    assert query.stops_at("[")


def test_a_message_without_a_query_gives_none():
    assert parsed_until("something else") == Query()
