"""A failing query made smaller: clauses, items, joins and parts of expressions left out while it still fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from helpers.bridge.parse import only_tree
from helpers.bridge.plain import PlainSpark
from helpers.bridge.refusal import Refusal

_CLAUSES = ("with_", "where", "having", "qualify", "order", "limit", "offset", "distinct", "windows", "group",
"joins",
            "laterals", "sample", "pivots")  # fmt: skip


def shrunk(sql: str, fails: Callable[[str], bool], most: int = 200) -> str:
    """The smallest text found that still fails; the query itself where nothing can go, or it cannot be written anew.

    most: how many texts are tried.
    """
    best, tries = sql, 0
    going = True
    while going and tries < most:
        going = False
        for text in _smaller(best):
            tries += 1
            if tries > most:
                break
            if len(text) < len(best) and fails(text):
                best, going = text, True
                break
    return best


def _smaller(sql: str) -> Iterator[str]:
    """Texts with one part left out, the largest parts first; none of a text that cannot be read."""
    try:
        tree = only_tree(sql, PlainSpark)
    except Refusal:
        return
    sizes = {index: sum(1 for _ in node.walk()) for index, node in enumerate(tree.walk())}
    for index in sorted(sizes, key=lambda one: -sizes[one]):
        for way in range(_ways(list(tree.walk())[index])):
            copy = tree.copy()
            made = _without(list(copy.walk())[index], way)
            if made:
                yield (made if copy is made or made.parent is None else copy).sql(PlainSpark)


def _ways(node: exp.Expr) -> int:
    if isinstance(node, exp.Select):
        return len(_CLAUSES) + len(node.expressions) + len(node.args.get("joins") or [])
    if isinstance(node, exp.SetOperation):
        return 2
    return sum(1 for _ in node.iter_expressions()) if isinstance(node, exp.Condition | exp.Subquery) else 0


def _without(node: exp.Expr, way: int) -> exp.Expr | None:
    """The changed node, or what took its place; None where there was nothing to leave out."""
    if isinstance(node, exp.Select):
        if way < len(_CLAUSES):
            return node.set(_CLAUSES[way], None) or node if node.args.get(_CLAUSES[way]) else None
        way -= len(_CLAUSES)
        if way < len(node.expressions):
            if len(node.expressions) == 1:
                return None
            node.expressions.pop(way)
            return node
        joins = node.args.get("joins") or []
        joins.pop(way - len(node.expressions))
        return node
    children = [node.this, node.expression] if isinstance(node, exp.SetOperation) else list(node.iter_expressions())
    child = children[way]
    if not isinstance(child, exp.Query if isinstance(node, exp.SetOperation) else exp.Condition):
        return None
    copy = child.copy()
    return node.replace(copy) or copy
