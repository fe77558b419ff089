"""The items of a SELECT list."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from helpers.bridge.comments import lines_in
from helpers.bridge.context import Context
from helpers.bridge.names import auto
from helpers.bridge.python import quoted
from helpers.bridge.scope import Field
from helpers.bridge.types import type_of


@dataclass(frozen=True)
class Item:
    """One item. name: of the column that it gives; aliased: whether SQL names it; comments: lines above it.

    nameless: whether nobody asks for the column by a name, as in a subquery that stands for one value.
    """

    node: exp.Expr
    name: str
    aliased: bool
    comments: tuple[str, ...] = ()
    nameless: bool = False

    def code(self, ctx: Context, name: str) -> str:
        """The item as an argument of select() or agg(), its column called `name`."""
        code = ctx.code(self.node)
        above = "".join(f"\n# {line}\n" for line in self.comments)
        if code.name and (
            code.name == quoted(name) or (isinstance(self.node, exp.Column) and self.node.name == name)
        ):
            return above + code.short()
        if not self.aliased and _cast(self.node) and code.kind == "column":
            return above + code.text
        if not self.aliased and code.kind == "column" and (code.told or self.nameless) and name == self.name:
            return above + code.text
        return f"{above}{code.column().inside(7)}.alias({name!r})"

    def field(self, ctx: Context) -> Field:
        """The column that it gives."""
        return Field(self.name, type_of(ctx, self.node))


def _cast(node: exp.Expr) -> bool:
    """Whether it is a column's cast: Spark leaves it the column's name."""
    return isinstance(node, exp.Cast | exp.TryCast) and isinstance(node.this, exp.Column)


def item(node: exp.Expr) -> Item:
    """The item that a node of the SELECT list is."""
    comments = tuple(lines_in(node))
    if isinstance(node, exp.Alias):
        return Item(node.this, node.alias, True, comments)
    return Item(node, node.this.name if _cast(node) else auto(node), False, comments)
