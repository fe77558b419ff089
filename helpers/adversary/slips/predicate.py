"""Slips in conditions: comparison, boundary, lost or mixed up conjuncts, NOT, NULL idioms."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.adversary.names import Names, numeric, temporal
from helpers.adversary.slips.slip import Slip, became, changed, shifted, text, without

COMPARISONS = (exp.LT, exp.LTE, exp.EQ, exp.GTE, exp.GT, exp.NEQ)


def comparison(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """Another of < <= = >= > <>; text and equal keys only turn into their contrary."""
    if type(node) not in COMPARISONS:
        return
    kind = names.type(node.this) or names.type(node.expression)
    keys = isinstance(node.this, exp.Column) and isinstance(node.expression, exp.Column)
    ordered = numeric(kind) or temporal(kind) or not isinstance(node, exp.EQ | exp.NEQ)
    others = COMPARISONS if ordered and not (keys and isinstance(node, exp.EQ)) else (exp.EQ, exp.NEQ)
    for other in others:
        if type(node) is not other:
            after = other(this=node.this.copy(), expression=node.expression.copy())
            yield Slip("join condition" if _joins(node) else "comparison", after, became(node, after))


def boundary(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """A literal that something is compared with, one step below and above."""
    if isinstance(node, exp.Literal):
        for after in shifted(node, _compared_type(node, names)):
            yield Slip("boundary", after, f"{text(node)} became {text(after)}")


def conjunct(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """One side of AND or OR dropped; and the one became the other."""
    if not isinstance(node, exp.And | exp.Or):
        return
    kind = "join condition" if _joins(node) else "dropped predicate"
    yield Slip(kind, node.this.copy(), f"{text(node.expression)} was dropped")
    if type(node.this) is not type(node):
        yield Slip(kind, node.expression.copy(), f"{text(node.this)} was dropped")
    other = exp.Or if isinstance(node, exp.And) else exp.And
    words = ("AND", "OR") if isinstance(node, exp.And) else ("OR", "AND")
    after = other(this=node.this.copy(), expression=node.expression.copy())
    yield Slip("and/or", after, f"{words[0]} before {text(node.expression)} became {words[1]}")


def where_dropped(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """A WHERE or FILTER of one predicate is gone."""
    if isinstance(node, exp.Where) and not isinstance(node.this, exp.And):
        holder = node.parent
        if isinstance(holder, exp.Select):
            yield Slip("dropped predicate", None, f"WHERE {text(node.this)} was dropped")
    if isinstance(node, exp.Filter):
        yield Slip("dropped predicate", node.this.copy(), f"FILTER ({text(node.expression)}) was dropped")


def negation(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """NOT dropped, and NOT added before IN, EXISTS, LIKE, BETWEEN and IS NULL."""
    if isinstance(node, exp.Not):
        yield Slip("not dropped", node.this.copy(), f"NOT before {text(node.this)} was dropped")
    elif isinstance(node, exp.In | exp.Exists | exp.Like | exp.Between | exp.Is) and not isinstance(
        node.parent, exp.Not
    ):
        kind = "in / not in / exists" if isinstance(node, exp.In | exp.Exists) else "not added"
        yield Slip(kind, exp.Not(this=node.copy()), f"{text(node)} became its contrary")


def null_idiom(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """IS NULL became = NULL, IS NOT NULL became <> NULL."""
    if not isinstance(node, exp.Is | exp.Not):
        return
    inner = node.this if isinstance(node, exp.Not) else node
    if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null) and not isinstance(node.parent, exp.Not):
        other = exp.NEQ if isinstance(node, exp.Not) else exp.EQ
        after = other(this=inner.this.copy(), expression=exp.Null())
        yield Slip("is null / = null", after, became(node, after))


def listed(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """A member of an IN list is missing; the wildcard of a LIKE is at another place."""
    if isinstance(node, exp.In) and len(node.expressions) > 1:
        for position, member in enumerate(node.expressions):
            yield Slip(
                "dropped predicate",
                without(node, "expressions", position),
                f"{text(member)} is missing in the IN list",
            )
    if isinstance(node, exp.Like) and isinstance(node.expression, exp.Literal):
        pattern = node.expression.this
        for other in dict.fromkeys((pattern.rstrip("%"), "%" + pattern.lstrip("%"), pattern.strip("%") + "%")):
            after = changed(node, expression=exp.Literal.string(other))
            yield Slip("comparison", after, became(node, after))


def _joins(node: exp.Expr) -> bool:
    holder = node.find_ancestor(exp.Join, exp.Select)
    return isinstance(holder, exp.Join)


def _compared_type(literal: exp.Literal, names: Names) -> str:
    """The type on the other side of the comparison that the literal stands in; "?" where it stands in none."""
    node: exp.Expr | None = literal.parent
    inside: exp.Expr = literal
    while isinstance(node, exp.Cast | exp.Neg | exp.Paren):
        inside, node = node, node.parent
    if type(node) in COMPARISONS or isinstance(node, exp.Between):
        if isinstance(inside, exp.Cast):
            return names.type(inside)
        assert node is not None
        other = node.expression if inside is node.this else node.this
        return names.type(other) or "unknown"
    return "?"


MAKERS = (comparison, boundary, conjunct, where_dropped, negation, null_idiom, listed)
