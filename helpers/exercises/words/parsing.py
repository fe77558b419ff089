"""What the parser stopped at, where no idiom of another database explains it. To be asked after the idioms."""

from __future__ import annotations

from helpers.exercises.words.model import Entry

_PARSE = ("PARSE_SYNTAX_ERROR",)
_STATEMENTS = ("CREATE", "EXPLAIN", "DESCRIBE", "DESC", "SHOW", "DROP", "ALTER", "CACHE", "SET", "USE", "REFRESH")

PARSING = (
    Entry(
        "text not closed",
        "A quote is opened and never closed. A quote within a text is written twice: 'it''s'.",
        "WHERE name = 'it''s'",
        _PARSE,
        test=lambda f: f.parameters.get("error", "") == "'",
    ),
    Entry(
        "parenthesis not closed",
        "A parenthesis is opened and not closed before {error}.",
        "",
        _PARSE,
        test=lambda f: "missing ')'" in f.parameters.get("hint", ""),
    ),
    Entry(
        "comma too many",
        "There is a comma after the last column of SELECT: take it away.",
        "SELECT name, kind FROM sites",
        ("TRAILING_COMMA_IN_SELECT",),
    ),
    Entry(
        "query cut off",
        "The text ends where Spark still expects something: a table, a condition, or a closing parenthesis.",
        "",
        _PARSE,
        given={"error": ("end of input",)},
    ),
    Entry(
        "statement instead of a query",
        "{error} begins a statement of another kind, and here a query is wanted: a SELECT, with or without a WITH "
        "before it.",
        "SELECT name FROM sites",
        _PARSE,
        test=lambda f: (
            f.parameters.get("error", "").upper() in _STATEMENTS
            # A check puts the exercise's tables before an answer, as a WITH.
            and f.query.stops_at(")", f.parameters["error"].upper())
        ),
    ),
    Entry(
        "no SQL query",
        "Spark's parser does not know {error} as the beginning of a query: is it spelt right, and is this SQL?",
        "SELECT name FROM sites",
        _PARSE,
        test=lambda f: f.statement.words[:1] == (f.parameters.get("error", "").upper(),),
    ),
    Entry(
        "syntax",
        "Spark's parser stopped at {error}: look at the word before it. A missing comma, a keyword used as a name, "
        "or a spelling that only {home} knows are the usual reasons.",
        "",
        _PARSE,
    ),
)
