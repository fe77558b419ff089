"""The text of a query as a tree: any dialect's text becomes Spark's first, then a tree whose calls are as written."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import DialectType
from sqlglot.errors import ParseError, SqlglotError, TokenError

from helpers.bridge.plain import PlainSpark
from helpers.bridge.refusal import Refusal
from helpers.bridge.settle import settled

# What it falls back from is refused here, in a sentence.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

LONGEST, DEEPEST = 200_000, 150
"""The most characters of a query, and the most levels of parentheses within each other."""


def parse(sql: str) -> exp.Expr:
    """The tree of one query in Spark's SQL. Raises Refusal where there is none to read."""
    guarded(sql)
    with deep():
        return settled(only_tree(sql, PlainSpark))


def only_tree(sql: str, dialect: DialectType) -> exp.Expr:
    """The tree of the one statement in a text. Raises Refusal where it cannot be read, or holds another number."""
    try:
        trees = [one for one in sqlglot.parse(sql, dialect=dialect) if one is not None]
    except (ParseError, TokenError) as error:
        raise unreadable(error) from None
    except (SqlglotError, RecursionError, ValueError, AttributeError, IndexError, TypeError):
        raise Refusal("The text", "it cannot be read as SQL", "check its parentheses and quotes") from None
    if len(trees) != 1:
        raise Refusal("The text", f"it has {len(trees)} statements", "translate one query at a time")
    return trees[0]


def guarded(sql: str) -> None:
    """Raises Refusal for a text that is too long or too deep to be read."""
    if len(sql) > LONGEST:
        raise Refusal("The query", f"it has {len(sql):,} characters, more than {LONGEST:,}", "translate its parts")
    level = 0
    for character in sql:
        level += (character == "(") - (character == ")")
        if level > DEEPEST:
            raise Refusal("The query", f"its parentheses are more than {DEEPEST} deep", "name its parts in WITH")


@contextmanager
def deep() -> Iterator[None]:
    """Room for the recursion that a deep tree needs."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 20_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def defined(table: exp.Expr) -> set[str]:
    """The names that WITH defines where a table is read: in the queries around it, before its own part of WITH."""
    names: set[str] = set()
    inside, around = table, table.parent
    while around is not None:
        if isinstance(around, exp.With):
            earlier = [one for one in around.expressions if one is not inside]
            names |= {one.alias.lower() for one in earlier[: around.expressions.index(inside)]}
            # The query that this WITH belongs to has no other.
            inside, around = around, around.parent
        elif (clause := around.args.get("with_")) is not None and clause is not inside:
            names |= {one.alias.lower() for one in clause.expressions}
        inside, around = (around, around.parent) if around is not None else (inside, None)
    return names


def unreadable(error: ParseError | TokenError) -> Refusal:
    """The refusal that says where the parser stopped."""
    found = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
    line, column = int(found.get("line") or 0), int(found.get("col") or 0)
    word = str(found.get("highlight") or "").strip()
    reason = "it cannot be read as SQL" + (f" at {word[:40]!r}" if word else "")
    return Refusal("The text", reason, "check the words before this place", line, column)
