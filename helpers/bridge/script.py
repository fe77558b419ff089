"""A text of several statements as one text each."""

from __future__ import annotations

from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

from helpers.bridge.foreign import READ
from helpers.bridge.plain import PlainSpark


def split(sql: str, dialect: str = "spark") -> list[str]:
    """The statements of a text that semicolons tell apart, with their comments; the text itself where it has one.

    Empty lines stand before each, so that what is said of a place in it is true of the whole text. A text that cannot
    be read is one statement: whoever translates it says why.
    """
    try:
        reads = PlainSpark if dialect in ("spark", "databricks") else READ.get(dialect, dialect)
        tokens = Dialect.get_or_raise(reads).tokenize(sql)
    except (SqlglotError, ValueError):
        return [sql]
    found: list[str] = []
    start, words = 0, False
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            if words:
                found.append(_at_its_line(sql, start, token.start))
            start, words = token.end + 1, False
        else:
            words = True
    if words:
        found.append(_at_its_line(sql, start, len(sql)))
    return found if len(found) > 1 else [sql]


def _at_its_line(sql: str, start: int, end: int) -> str:
    piece = sql[start:end]
    before = start + len(piece) - len(piece.lstrip())
    return "\n" * sql.count("\n", 0, before) + piece.strip()
