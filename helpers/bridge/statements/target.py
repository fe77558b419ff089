"""The table that a statement writes: its name in the code, its columns, and how expressions tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from helpers.bridge.context import Context
from helpers.bridge.program import Program
from helpers.bridge.python import quoted
from helpers.bridge.refusal import refuse
from helpers.bridge.scope import Field, Scope, Source
from helpers.bridge.statements.reads import is_read


@dataclass(frozen=True)
class Target:
    """A table that is written. name: as the catalogue knows it; alias: what the statement calls it."""

    node: exp.Table
    name: str
    alias: str
    fields: tuple[Field, ...] | None

    @property
    def short(self) -> str:
        """The last part of its name, by which the code tells its columns."""
        return self.node.name

    @property
    def text(self) -> str:
        """The name as an argument."""
        return repr(self.name)

    def context(self, program: Program, *others: Source) -> Context:
        """Where expressions of the statement stand: the table's columns and those of other sources, all qualified."""
        own = Source(self.short, self.fields, qualified=True)
        return Context(program, Scope(sources=[own, *others]))

    def told(self, node: exp.Expr, ctx: Context) -> exp.Expr:
        """A copy of the expression in which each column has its table's name before it, where that is known."""
        holder = exp.Paren(this=node.copy())
        for column in list(holder.find_all(exp.Column)):
            parts = column.parts
            if self._own(column):
                column.set("table", exp.to_identifier(self.short, quoted=True))
                column.set("db", None)
                column.set("catalog", None)
            elif len(parts) > 1 and parts[0].name.lower() == self.alias.lower():
                parts[0].replace(exp.to_identifier(self.short, quoted=True))
            elif len(parts) == 1 and is_read(column):
                found = ctx.scope.find(column)
                if found.source is not None and (found.source.fields is not None or len(ctx.scope.sources) == 1):
                    column.set("table", exp.to_identifier(found.source.alias, quoted=True))
        return holder.this

    def _own(self, column: exp.Column) -> bool:
        """Whether the table's whole name stands before the column."""
        parts = [part.name.lower() for part in self.node.parts]
        return [part.name.lower() for part in column.parts][:-1] == parts

    def assigned(self, node: exp.Expr) -> str:
        """The name of the column that an assignment changes. Raises Refusal for a field of a struct."""
        parts = [part.name for part in node.parts] if isinstance(node, exp.Column) else []
        before = [part.lower() for part in parts[:-1]]
        own: tuple[list[str], ...] = (
            [],
            [self.alias.lower()],
            [self.short.lower()],
            [part.name.lower() for part in self.node.parts],
        )
        if not parts or before not in own:
            raise refuse(node, f"SET {node.sql('spark')}", f"it is no column of {self.name}",
                         "assign a whole column; a field of a struct with withField()")  # fmt: skip
        return self.column(parts[-1])

    def column(self, name: str) -> str:
        """The table's own spelling of a column's name, quoted where a dot is in it. Raises Refusal for another's."""
        if self.fields is None:
            return quoted(name)
        for one in self.fields:
            if one.name.lower() == name.lower():
                return quoted(one.name)
        raise refuse(self.node, f"The column {name}", f"{self.name} has no such column",
                     f"the columns are: {', '.join(one.name for one in self.fields)}")  # fmt: skip

    def columns(self, names: Sequence[str], node: exp.Expr, what: str) -> list[Field]:
        """The columns that values go to by position: the named ones, or all. Raises Refusal where all are unknown."""
        if names:
            found = [self.column(name) for name in names]
            kinds = {quoted(one.name): one for one in self.fields or ()}
            return [kinds.get(name, Field(name)) for name in found]
        if self.fields is None:
            raise refuse(node, what, f"the columns of {self.name} are not known", "name them, or give the schema")
        return list(self.fields)


def target(program: Program, node: exp.Expr) -> Target:
    """The target that a table of the tree is. Raises Refusal for what is no table of the catalogue."""
    if isinstance(node, exp.Schema):
        node = node.this
    if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
        raise refuse(node, f"{node.sql('spark')[:40]} as the table that is written", "it is no name of a table",
                     "write to a table of the catalogue")  # fmt: skip
    if "/" in node.name:
        raise refuse(node, f"The table at {node.name}", "mergeInto() and writeTo() take tables of the catalogue",
                     "register it: spark.catalog.createTable(name, path=..., source='delta')")  # fmt: skip
    name = ".".join(quoted(part.name) for part in node.parts)
    fields = program.schema.get(node.name.lower())
    program.written = name
    return Target(node, name, node.alias or node.name, fields)


def named(node: exp.Expr) -> list[str]:
    """The names of the column list behind the table; [] = there is none."""
    return [one.name for one in node.expressions] if isinstance(node, exp.Schema) else []


def is_default(node: exp.Expr) -> bool:
    """Whether it is the word DEFAULT."""
    if isinstance(node, exp.Column) and not node.table:
        return node.name.upper() == "DEFAULT" and not node.this.args.get("quoted")
    return isinstance(node, exp.Var) and node.name.upper() == "DEFAULT"
