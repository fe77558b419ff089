"""Names that SELECT's own items, or the spans of GROUP BY window(...), give to later items of the same SELECT."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.bridge.aggregates import own
from helpers.bridge.refusal import refuse
from helpers.bridge.scope import Scope

_OF_CHANCE = {"rand", "randn", "random", "uuid", "shuffle", "monotonically_increasing_id"}
_SPANS = {"window": "window", "session_window": "session_window"}


def inlined(scope: Scope, node: exp.Select) -> None:
    """Puts the item in the place of its alias, where a later item names it; a table's column of that name wins."""
    earlier: dict[str, exp.Expr] = _spans(node)
    for item in list(node.expressions):
        for column in _named(scope, item, earlier):
            _replace(column, earlier[column.parts[0].name.lower()])
        if isinstance(item, exp.Alias):
            earlier[item.alias.lower()] = item.this
    spans = _spans(node)
    for key in ("having", "qualify", "order"):
        clause = node.args.get(key)
        for column in _named(scope, clause, spans) if clause is not None and spans else ():
            _replace(column, spans[column.parts[0].name.lower()])


def span(node: exp.Expr) -> str:
    """The name that Spark gives a key of spans of time; "" where the key is none."""
    return _SPANS.get(str(node.this).lower(), "") if isinstance(node, exp.Anonymous) else ""


def _spans(node: exp.Select) -> dict[str, exp.Expr]:
    group = node.args.get("group")
    return {span(one): one for one in group.expressions if span(one)} if group is not None else {}


def _named(scope: Scope, node: exp.Expr, names: dict[str, exp.Expr]) -> Iterator[exp.Column]:
    """The columns below the node that mean one of the names: no table of this SELECT offers them."""
    found = [one for one in own(node) if isinstance(one, exp.Column) and not one.is_star]
    for column in found:
        if column.parts[0].name.lower() in names and not _bound(column) and not scope.offers(column):
            yield column


def _bound(column: exp.Column) -> bool:
    """Whether a lambda around binds the name."""
    name = column.parts[0].name.lower()
    around = column.find_ancestor(exp.Lambda, exp.Query)
    while isinstance(around, exp.Lambda):
        if any(one.name.lower() == name for one in around.expressions):
            return True
        around = around.find_ancestor(exp.Lambda, exp.Query)
    return False


def _replace(column: exp.Column, meant: exp.Expr) -> None:
    if any(isinstance(one, exp.Anonymous) and str(one.this).lower() in _OF_CHANCE for one in own(meant)):
        raise refuse(column, f"The alias {column.name} in the same SELECT", "it stands for a value drawn by chance",
                     "name it in a subquery")  # fmt: skip
    made: exp.Expr = meant.copy()
    if not isinstance(made, exp.Column | exp.Anonymous | exp.Literal):
        made = exp.Paren(this=made)
    for part in column.parts[1:]:
        made = exp.Dot(this=made, expression=part.copy())
    if isinstance(column.parent, exp.Select):
        # An item keeps the name that it had.
        made = exp.alias_(made, column.name, quoted=True)
    column.replace(made)
