"""MySQL's SQL in Spark's words: the rules of its topics, put together."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.mysql import (
    bits,
    conditions,
    dates,
    formats,
    joined,
    numbers,
    patterns,
    periods,
    queries,
    texts,
)
from helpers.bridge.foreign.mysql.queries import prepared
from helpers.bridge.foreign.reader import Reader, Rule

__all__ = ["ALLOWED", "RULES", "prepared"]
_TOPICS = (bits, conditions, dates, formats, joined, numbers, patterns,
           queries, texts)  # fmt: skip
_NAMED = {**texts.NAMED, **dates.NAMED, **periods.NAMED, **joined.NAMED}


def named(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A function that sqlglot has no node for."""
    function = _NAMED.get(str(node.this).lower())
    return function(reading, node, list(node.expressions)) if function is not None else None


def summand(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """+ and -, of numbers or of a date and an interval."""
    if isinstance(node.this, exp.Interval) or isinstance(node.expression, exp.Interval):
        return dates.with_interval(reading, node)
    return numbers.arithmetic(reading, node)


ALLOWED: frozenset[type[exp.Expr] | str] = frozenset(_NAMED).union(*(topic.ALLOWED for topic in _TOPICS))
RULES: dict[type[exp.Expr], Rule] = {
    **{kind: rule for topic in _TOPICS for kind, rule in topic.RULES.items()},
    exp.Anonymous: named, exp.Add: summand, exp.Sub: summand,
}  # fmt: skip
