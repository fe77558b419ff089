"""What the code of an expression depends on: names in scope, what grouping left of them, and the whole program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from helpers.bridge.plain import PlainSpark
from helpers.bridge.python import Py, quoted
from helpers.bridge.refusal import Refusal, refuse
from helpers.bridge.scope import Found, Scope

if TYPE_CHECKING:
    from helpers.bridge.program import Program


@dataclass(frozen=True)
class Context:
    """Where an expression stands.

    groups: after grouping, or after SELECT for ORDER BY, the column's name that stands for an expression (by its
    canonical text); outputs: names that SELECT gives, lower case; grouped: whether only those exist any more;
    lambdas: names that a lambda around binds.
    """

    program: Program
    scope: Scope
    groups: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    grouped: bool = False
    lambdas: frozenset[str] = frozenset()

    def code(self, node: exp.Expr) -> Py:
        """The Python of an expression. Raises Refusal for what has none."""
        # A constant stays what it is, whatever column holds the same.
        if self.groups and not isinstance(node, exp.Literal):
            name = self.groups.get(canonical(node, self.scope))
            if name is not None:
                return reference(name)
        return self.anew(node)

    def anew(self, node: exp.Expr) -> Py:
        """The Python of an expression that no column stands for, whatever grouping left."""
        writer = TABLE.get(type(node))
        if writer is None:
            construct = type(node).__name__.upper()
            raise refuse(node, f"{construct} ({node.sql('spark')[:60]})", "the bridge has no DataFrame code for it")
        return writer(self, node)

    def binding(self, names: list[str]) -> Context:
        """The context inside a lambda that binds these names."""
        return replace(self, lambdas=self.lambdas | {name.lower() for name in names})


Writer = Callable[[Context, "exp.Expr"], Py]
TABLE: dict[type[exp.Expr], Writer] = {}
"""How each kind of node is written."""


def writes(*kinds: type[exp.Expr]) -> Callable[[Writer], Writer]:
    """Enters a function into the table for these kinds of nodes."""

    def enter(writer: Writer) -> Writer:
        TABLE.update(dict.fromkeys(kinds, writer))
        return writer

    return enter


def reference(name: str) -> Py:
    """A column by its plain name."""
    text = quoted(name)
    return Py(f"F.col({text!r})", name=text)


def canonical(node: exp.Expr, scope: Scope) -> str:
    """Text that is equal for equal expressions, however their names are written."""
    while isinstance(node, exp.Paren | exp.Alias):
        node = node.this
    copy = node.copy()
    if isinstance(copy, exp.Column):
        return _column(copy, scope)
    for one in list(copy.walk()):
        if isinstance(one, exp.Column) and not one.is_star:
            one.replace(exp.var(_column(one, scope)))
        elif isinstance(one, exp.Anonymous) and isinstance(one.this, str):
            one.set("this", one.this.lower())
        one.comments = None
    return copy.sql(PlainSpark)


def _column(column: exp.Column, scope: Scope) -> str:
    if column.is_star or column.find_ancestor(exp.Lambda, exp.Query):
        return column.sql(PlainSpark).lower()
    try:
        found: Found | None = scope.find(column)
    except Refusal:
        # An alias of SELECT, perhaps: whoever writes the column says so, or refuses it.
        found = None
    if found is None:
        return column.sql(PlainSpark).lower()
    alias = found.source.alias.lower() if found.source else ""
    return ".".join([str(found.depth), alias, found.field.name.lower(), *(part.lower() for part in found.path)])
