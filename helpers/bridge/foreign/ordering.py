"""ORDER BY: which of its names are columns and which are aliases of SELECT; what an item of it stands for."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.reader import Reader
from helpers.bridge.refusal import Refusal, refuse

_COLUMNS_FIRST = ("postgres", "tsql")
"""Dialects that take an alias for one where it stands alone only. Spark takes it within expressions too."""


def told_apart(reading: Reader, tree: exp.Expr, dialect: str) -> None:
    """Tells columns in expressions of ORDER BY by their tables, where an alias has their name; changed in place.

    Raises Refusal where the table is not known, and for dialects of which it is not sure whether they take the alias.
    """
    for select in tree.find_all(exp.Select):
        order = select.args.get("order")
        given = {one.alias.lower(): one.this for one in select.selects if isinstance(one, exp.Alias)}
        for item in order.expressions if order is not None else ():
            if isinstance(_alone(item.this, dialect), exp.Column | exp.Literal):
                continue
            shared = [one for one in _columns(item.this) if not one.table and _hides(given, one)]
            if select.args.get("distinct") is not None and shared:
                _by_alias(item, given)
                continue
            for column in shared:
                _told(reading, select, column, given[column.name.lower()], dialect)


def meant(select: exp.Select, item: exp.Expr) -> exp.Expr:
    """The item of ORDER BY with what a number or an alias that stands alone means in the list of SELECT."""
    copy, inner = item.copy(), item.this
    found: exp.Expr | None = None
    if isinstance(inner, exp.Literal) and inner.is_int and 0 < int(inner.this) <= len(select.selects):
        found = select.selects[int(inner.this) - 1]
    elif isinstance(inner, exp.Column) and not inner.table:
        found = next((one for one in select.selects if isinstance(one, exp.Alias)
                      and one.alias.lower() == inner.name.lower()), None)  # fmt: skip
    if found is not None:
        copy.set("this", found.unalias().copy())
    return copy


def _alone(node: exp.Expr, dialect: str) -> exp.Expr:
    while isinstance(node, exp.Paren) or (isinstance(node, exp.Collate) and dialect == "tsql"):
        node = node.this
    return node


def _columns(node: exp.Expr) -> list[exp.Column]:
    """The columns of an expression, but for those of queries in it."""
    return [one for one in node.walk(prune=lambda one: isinstance(one, exp.Query)) if isinstance(one, exp.Column)]


def _hides(given: dict[str, exp.Expr], column: exp.Column) -> bool:
    """Whether an alias of the column's name stands for something else than a column of that name."""
    inner = given.get(column.name.lower())
    return inner is not None and not (isinstance(inner, exp.Column) and inner.name.lower() == column.name.lower())


def _by_alias(item: exp.Expr, given: dict[str, exp.Expr]) -> None:
    """DISTINCT is ordered by what it selects only, so that the whole item is one of these."""
    name = next((name for name, inner in given.items() if inner == item.this), None)
    if name is not None:
        item.set("this", exp.column(name))


def _told(reading: Reader, select: exp.Select, column: exp.Column, inner: exp.Expr, dialect: str) -> None:
    sources = reading.names.sources(select)
    holding = [
        alias for alias, fields in sources.items() if column.name.lower() in {one.name.lower() for one in fields}
    ]
    unknown = [alias for alias, fields in sources.items() if not fields]
    used = any(one.name.lower() == column.name.lower() for one in inner.find_all(exp.Column))
    if not holding and unknown and (used or dialect in _COLUMNS_FIRST):
        holding = unknown
    if not holding:
        return
    aggregated = column.find_ancestor(exp.AggFunc, exp.Select) is not select and inner.find(exp.AggFunc) is not None
    if dialect not in _COLUMNS_FIRST and not aggregated:
        raise _unsure(column, "it may be the column or the alias: it is not sure which is meant there")
    if len(holding) > 1:
        raise _unsure(column, "it is a column, and of which table is not known")
    column.set("table", exp.to_identifier(holding[0]))


def _unsure(column: exp.Column, reason: str) -> Refusal:
    words = f"{column.name} in an expression of ORDER BY"
    return refuse(column, words, reason, "write its table before it, or give the alias another name")
