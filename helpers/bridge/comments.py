"""The comments of a query, as lines of Python."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.aggregates import own
from helpers.bridge.plain import PlainSpark


def lines(node: exp.Expr | None) -> list[str]:
    """The node's own comments, a line each."""
    found = (node.comments if node is not None else None) or []
    return [line.strip() for one in found for line in one.splitlines() if line.strip()]


def lines_in(*nodes: exp.Expr | None) -> list[str]:
    """The comments of nodes and all below them, less those of subqueries, each once."""
    return list(dict.fromkeys(line for node in nodes if node is not None for one in own(node) for line in lines(one)))


def lost(sql: str, code: str) -> list[str]:
    """The comments of the text that the parser put nowhere, a line each, in their order."""
    if "--" not in sql and "/*" not in sql:
        return []
    said = [
        line.strip() for token in PlainSpark().tokenize(sql) for one in token.comments for line in one.splitlines()
    ]
    return [line for line in dict.fromkeys(said) if line and f"# {line}\n" not in code]


def above(text: str, comments: list[str]) -> str:
    """The text with comments on lines above it."""
    return "".join(f"\n# {line}" for line in comments) + f"\n{text}" if comments else text
