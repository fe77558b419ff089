"""Two physical plans, operator by operator."""

from __future__ import annotations

from collections import Counter

from helpers.spark.plan import Plan


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
    """Whether a join in the plan holds every row of one side against every row of the other."""
    return any(name in ("BroadcastNestedLoopJoin", "CartesianProduct") for name in plan.joins)
