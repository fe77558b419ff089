"""The items of a SELECT list."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from helpers.bridge.comments import lines_in
from helpers.bridge.context import Context
from helpers.bridge.names import auto
from helpers.bridge.python import quoted
from helpers.bridge.refusal import Refusal, refuse
from helpers.bridge.scope import Field
from helpers.bridge.types import type_of

_GENERATORS = {"explode", "explode_outer", "posexplode", "posexplode_outer", "inline", "inline_outer", "stack",
               "json_tuple"}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One item.

    name: of the column that it gives; aliased: whether SQL names it; comments: lines above it; names: those of a
    generator's columns, where SQL lists them; unknown: whether Spark's name of it is not known, and `name` is ours;
    nameless: whether nobody asks for the column by a name, as in a subquery that stands for one value.
    """

    node: exp.Expr
    name: str
    aliased: bool
    comments: tuple[str, ...] = ()
    nameless: bool = False
    names: tuple[str, ...] = ()
    unknown: bool = False

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of its columns: more than one where a generator makes several."""
        return self.names or (self.name,)

    def code(self, ctx: Context, name: str, referred: bool = False) -> str:
        """The item as an argument of select() or agg(), its column called `name`.

        referred: whether a later step finds the column by this name.
        """
        code = ctx.code(self.node)
        above = "".join(f"\n# {line}\n" for line in self.comments)
        if self.names:
            return f"{above}{code.column().inside(7)}.alias({', '.join(repr(one) for one in self.names)})"
        if code.name and (
            code.name == quoted(name) or (isinstance(self.node, exp.Column) and self.node.name == name)
        ):
            return above + code.short()
        if self.generator and not self.aliased:
            return above + code.text
        plain = not self.aliased and code.kind == "column" and name == self.name
        if plain and (_cast(self.node) or self.nameless or (code.told and not (self.unknown and referred))):
            return above + code.text
        if self.unknown:
            ctx.program.guessed.add(name)
        return f"{above}{code.column().inside(7)}.alias({name!r})"

    @property
    def generator(self) -> bool:
        """Whether it makes rows: without an alias its columns have names of their own."""
        return isinstance(self.node, exp.Anonymous) and str(self.node.this).lower() in _GENERATORS

    def fields(self, ctx: Context) -> tuple[Field, ...]:
        """The columns that it gives."""
        if self.names:
            return tuple(Field(one) for one in self.names)
        return (Field(self.name, type_of(ctx, self.node)),)


def _cast(node: exp.Expr) -> bool:
    """Whether it is a column's cast: Spark leaves it the column's name."""
    return isinstance(node, exp.Cast | exp.TryCast) and isinstance(node.this, exp.Column)


def item(ctx: Context, node: exp.Expr, place: int) -> Item:
    """The item that a node of the SELECT list is. place: of it in the list."""
    comments = tuple(lines_in(node))
    if isinstance(node, exp.Alias):
        return Item(node.this, node.alias, True, comments)
    if isinstance(node, exp.Aliases):
        names = tuple(one.name for one in node.expressions)
        return Item(node.this, names[0], True, comments, names=names)
    name = node.this.name if _cast(node) else auto(node, lambda one: _type(ctx, one))
    return Item(node, name or f"value_{place}", False, comments, unknown=not name)


def _type(ctx: Context, node: exp.Expr) -> str:
    try:
        return type_of(ctx, node)
    except Refusal:
        # An alias of the same SELECT, perhaps: whoever writes it says so.
        return ""


def each(orders: list[exp.Expr], count: int | None) -> list[exp.Expr]:
    """The items of ORDER BY; ORDER BY ALL means the places of all columns. count: of them, None = not known."""
    every = orders[0].this if len(orders) == 1 else None
    if not isinstance(every, exp.Var) or every.name.upper() != "ALL":
        return orders
    if count is None:
        raise refuse(orders[0], "ORDER BY ALL", "the columns that * stands for are not known",
                     "give the schema, or write the names")  # fmt: skip
    made = [orders[0].copy() for _ in range(count)]
    for place, one in enumerate(made, 1):
        one.set("this", exp.Literal.number(place))
    return made
