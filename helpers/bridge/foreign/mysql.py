"""MySQL's SQL in Spark's words: the rules of its topics, put together."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign import (
    mysql_bits,
    mysql_conditions,
    mysql_dates,
    mysql_formats,
    mysql_joined,
    mysql_numbers,
    mysql_patterns,
    mysql_periods,
    mysql_queries,
    mysql_texts,
)
from helpers.bridge.foreign.mysql_numbers import unless_null as extreme
from helpers.bridge.foreign.mysql_queries import prepared
from helpers.bridge.foreign.reader import Reader, Rule

__all__ = ["ALLOWED", "RULES", "extreme", "prepared"]
_TOPICS = (mysql_bits, mysql_conditions, mysql_dates, mysql_formats, mysql_joined, mysql_numbers, mysql_patterns,
           mysql_queries, mysql_texts)  # fmt: skip
_NAMED = {**mysql_texts.NAMED, **mysql_dates.NAMED, **mysql_periods.NAMED, **mysql_joined.NAMED}


def named(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A function that sqlglot has no node for."""
    function = _NAMED.get(str(node.this).lower())
    return function(reading, node, list(node.expressions)) if function is not None else None


def summand(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """+ and -, of numbers or of a date and an interval."""
    if isinstance(node.this, exp.Interval) or isinstance(node.expression, exp.Interval):
        return mysql_dates.with_interval(reading, node)
    return mysql_numbers.arithmetic(reading, node)


ALLOWED: frozenset[type[exp.Expr] | str] = frozenset(_NAMED).union(*(topic.ALLOWED for topic in _TOPICS))
RULES: dict[type[exp.Expr], Rule] = {
    **{kind: rule for topic in _TOPICS for kind, rule in topic.RULES.items()},
    exp.Anonymous: named, exp.Add: summand, exp.Sub: summand,
}  # fmt: skip
