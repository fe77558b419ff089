"""How code reads: its lines against those of its query, and whether it names what nothing uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import sqlglot
from sqlglot.dialects.dialect import DialectType

from helpers.bridge.layout import WIDTH

_OF_FRAMES = frozenset(
    [
        *(
            "join",
            "crossJoin",
            "lateralJoin",
            "union",
            "intersect",
            "subtract",
            "where",
            "select",
            "withColumn",
            "drop",
        ),
        *("groupBy", "rollup", "cube", "groupingSets", "agg", "distinct", "orderBy", "limit", "toDF"),
        *("exists", "scalar"),
    ]
)


def lines(code: str) -> int:
    """The lines of code, comments and blank lines not counted."""
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in code.splitlines())


def pretty_lines(sql: str, dialect: DialectType) -> int:
    """The lines of the query as sqlglot lays it out at the code's width, without its comments."""
    tree = sqlglot.parse_one(sql, dialect=dialect)
    return len(tree.sql(dialect=dialect, pretty=True, max_text_width=WIDTH, comments=False).splitlines())


def unused(code: str) -> list[str]:
    """Variables that are never read, and aliases of frames by which no column is told."""
    tree = ast.parse(code)
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    made = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    told = {text.partition(".")[0].strip("`") for text in texts if "." in text}
    return sorted((made - read - {"result"}) | {alias for alias in _aliases(tree) if alias not in told})


def _aliases(tree: ast.Module) -> Iterator[str]:
    """The aliases of frames: of what a method of frames is called on, or given to join."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr not in _OF_FRAMES:
            continue
        owner = node.func.value
        joined = node.args[:1] if node.func.attr in ("join", "crossJoin", "lateralJoin") else []
        for one in (owner, *joined):
            if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == "alias":
                yield from (arg.value for arg in one.args if isinstance(arg, ast.Constant))
