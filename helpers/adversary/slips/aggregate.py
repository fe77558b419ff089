"""Slips at aggregates: what is counted, and which function."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.adversary.names import Names, numeric, temporal
from helpers.adversary.slips.slip import Slip, became, changed

FUNCTIONS = (exp.Sum, exp.Avg, exp.Min, exp.Max)


def counted(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """COUNT(*), COUNT(c) and COUNT(DISTINCT c) in one another's place."""
    if not isinstance(node, exp.Count):
        return
    windowed = isinstance(node.parent, exp.Window)
    if isinstance(node.this, exp.Star | exp.Literal):
        for column in _countable(node, names):
            after = changed(node, this=column)
            yield Slip("count", after, became(node, after))
        return
    single = isinstance(node.this, exp.Distinct)
    inner = node.this.expressions[0] if single else node.this
    others = (
        [inner, exp.Star()]
        if single
        else [exp.Star()] + ([] if windowed else [exp.Distinct(expressions=[inner.copy()])])
    )
    for other in others:
        after = changed(node, this=other)
        yield Slip("count", after, became(node, after))


def function(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """SUM, AVG, MIN and MAX in one another's place, as far as the type allows; SUM of distinct values."""
    if type(node) not in FUNCTIONS:
        return
    kind = names.type(node.this)
    for other in FUNCTIONS:
        summing = other in (exp.Sum, exp.Avg)
        if type(node) is other or (summing and (temporal(kind) or kind in ("string", "boolean"))):
            continue
        after = other(this=node.this.copy())
        yield Slip("aggregate", after, became(node, after))
    plain = not isinstance(node.this, exp.Distinct) and not isinstance(node.parent, exp.Window)
    if isinstance(node, exp.Sum | exp.Avg) and plain and (numeric(kind) or kind == ""):
        unique = changed(node, this=exp.Distinct(expressions=[node.this.copy()]))
        yield Slip("aggregate", unique, became(node, unique))


def _countable(node: exp.Expr, names: Names) -> list[exp.Column]:
    """Up to two columns that may be NULL, those of outer-joined tables first; none that an inner join compares."""
    select = node.find_ancestor(exp.Select)
    joins = select.args.get("joins") or [] if select is not None else []
    outer = {
        join.alias_or_name for join in joins if join.side in ("LEFT", "FULL") and join.kind not in ("SEMI", "ANTI")
    }
    narrow = {join.alias_or_name for join in joins if join.kind in ("SEMI", "ANTI")}
    joined = {
        (column.table.lower(), column.name.lower())
        for join in joins if not join.side for column in join.find_all(exp.Column)
    }  # fmt: skip
    found: list[exp.Column] = []
    for alias, fields in sorted(names.sources(node).items(), key=lambda item: item[0] not in outer):
        if alias in narrow:
            continue
        own = [field for field in fields if field.nullable and (alias.lower(), field.name.lower()) not in joined] or (
            fields[:1] if alias in outer else []
        )
        found.extend(exp.column(field.name, table=alias or None) for field in own[:1])
    return found[:2]


MAKERS = (counted, function)
