"""Two physical plans, operator by operator."""

from __future__ import annotations

from collections import Counter

from helpers.spark.plan import Node, Plan

_PRODUCTS = ("BroadcastNestedLoopJoin", "CartesianProduct")
_HANDING_ON = ("Project", "Exchange", "BroadcastExchange", "Filter", "Sort")


def difference_of(query: Plan, code: Plan) -> str:
    """What one plan has more of, as in "the query's plan has 1 Sort more"; "" where kinds and numbers agree."""
    theirs, ours = (Counter(node.name for node in plan) for plan in (query, code))
    parts = []
    for owner, more in (("query", theirs - ours), ("code", ours - theirs)):
        if more:
            parts.append(
                f"the {owner}'s plan has {', '.join(f'{count} {name}' for name, count in more.items())} more"
            )
    return ", and ".join(parts)


def products(plan: Plan) -> bool:
    """Whether a join in the plan holds every row of one side against every row of the other, both with many rows."""
    return any(node.name in _PRODUCTS and not any(map(_is_single, node.children)) for node in plan)


def _is_single(node: Node) -> bool:
    """Whether it gives one row at most: an aggregate of all rows, a row of values, or a product of such."""
    while node.name in _HANDING_ON and len(node.children) == 1:
        (node,) = node.children
    if node.name in _PRODUCTS:
        return all(map(_is_single, node.children))
    if node.name == "Scan OneRowRelation":
        return True
    return node.name.endswith("Aggregate") and node.details.get("Keys") == "[]"
