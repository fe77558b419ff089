"""Which table's column a name in a query means, and of which type an expression is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from helpers.adversary.schema import Table

COUNTS: tuple[type[exp.Expr], ...] = (exp.Count, exp.CountIf, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile)
"""Functions whose result is a number of rows, never NULL."""


@dataclass(frozen=True)
class Field:
    """A column that a source offers. type: Spark's name, "" = unknown; origin: (table, column) it is passed on from.

    parts: the base columns of a computed one, but for counts and ranks, whose values are no values of columns.
    """

    name: str
    type: str
    nullable: bool
    origin: tuple[str, str] | None = None
    parts: tuple[tuple[str, str], ...] = ()


class Names:
    """The scopes of one parsed query over the given tables; the tree is only read."""

    def __init__(self, tree: exp.Expr, tables: Sequence[Table]) -> None:
        self.tables = {table.name.lower(): table for table in tables}
        try:
            scopes = traverse_scope(tree)
        except SqlglotError:
            scopes = []
        self._scopes = {id(scope.expression): scope for scope in scopes}
        self._looked_into: set[int] = set()
        self._known: dict[int, list[Field]] = {}
        self._cuts = 0

    def scope(self, node: exp.Expr) -> Scope | None:
        """The scope that the node's names are looked up in."""
        select = node if isinstance(node, exp.Select) else node.find_ancestor(exp.Select)
        return self._scopes.get(id(select))

    def selected(self, node: exp.Expr) -> dict[str, Any]:
        """The sources in the FROM of the node's own SELECT, by alias: a table's node, or the scope of a query."""
        scope = self.scope(node)
        return {} if scope is None else _selected(scope)

    def sources(self, node: exp.Expr) -> dict[str, list[Field]]:
        """The sources in the FROM of the node's own SELECT, by alias, and what each offers; no outer ones."""
        return {alias: self._offered(source) for alias, source in self.selected(node).items()}

    def field(self, column: exp.Column) -> Field | None:
        """What the column reference means, looked for in its own query first, then in the outer ones."""
        scope = self.scope(column)
        while scope is not None:
            for alias, source in _selected(scope).items():
                if column.table and column.table.lower() != alias.lower():
                    continue
                for field in self._offered(source):
                    if field.name.lower() == column.name.lower():
                        return field
            scope = scope.parent
        return self._alias(column)

    def _alias(self, column: exp.Column) -> Field | None:
        """A name that ORDER BY or HAVING borrows from the SELECT list."""
        select = column.find_ancestor(exp.Select)
        for item in select.selects if select is not None and not column.table else ():
            # A cast has its column's name: what the column itself stands in is no alias for it.
            own = any(one is column for one in item.walk())
            if item.alias_or_name.lower() == column.name.lower() and not own:
                return self._passed(item)
        return None

    def listed(self, column: exp.Column) -> list[exp.Literal]:
        """The literals of a column of VALUES; none for any other."""
        scope = self.scope(column)
        source = _selected(scope).get(column.table) if scope is not None else None
        names = source.outer_columns if isinstance(source, Scope) else []
        if not isinstance(source, Scope) or not isinstance(source.expression, exp.Values) or column.name not in names:
            return []
        members = [row.expressions[names.index(column.name)] for row in source.expression.find_all(exp.Tuple)]
        return [member for member in members if isinstance(member, exp.Literal)]

    def origin(self, column: exp.Column) -> tuple[str, str] | None:
        """The (table, column), in lower case, that the values come from unchanged; None if they are computed."""
        field = self.field(column)
        return field.origin if field else None

    def origins(self, node: exp.Expr) -> list[tuple[str, str]]:
        """The base columns that an expression is made of, through derived tables too, in the order of the text.

        Of a subquery only what it selects counts, not what it filters and joins by.
        """
        found: dict[tuple[str, str], None] = {}
        inner: list[exp.Expr] = []
        for part in node.walk(prune=lambda one: isinstance(one, exp.Query)):
            if isinstance(part, exp.Query):
                inner += part.this.selects if isinstance(part, exp.Subquery) else part.selects
            field = self.field(part) if isinstance(part, exp.Column) else None
            found.update(dict.fromkeys(((field.origin,) if field.origin else field.parts) if field else ()))
        for item in inner:
            found.update(dict.fromkeys(self.origins(item)))
        return list(found)

    def type(self, node: exp.Expr) -> str:
        """Spark's name of the expression's type, as far as it can be told; "" = unknown."""
        if isinstance(node, exp.Column):
            field = self.field(node)
            return field.type if field else ""
        if isinstance(node, exp.Cast):
            return node.to.sql("spark").lower()
        if isinstance(node, exp.Literal):
            return "string" if node.is_string else ("int" if node.is_int else "double")
        if isinstance(node, exp.Count | exp.CountIf | exp.RowNumber | exp.Rank | exp.DenseRank | exp.DateDiff):
            return "bigint"
        if isinstance(node, exp.Avg):
            return "double"
        if isinstance(node, exp.Case):
            return self.type(node.args["ifs"][0].args["true"])
        if isinstance(node, exp.If):
            return self.type(node.args["true"])
        if isinstance(node, exp.Upper | exp.Lower | exp.Trim | exp.Concat | exp.Substring):
            return "string"
        passing = (exp.Sum, exp.Min, exp.Max, exp.Coalesce, exp.Paren, exp.Window, exp.Lag, exp.Lead, exp.Alias,
                   exp.Binary, exp.Neg, exp.Abs, exp.Round, exp.FirstValue, exp.LastValue, exp.TsOrDsAdd,
                   exp.TimestampTrunc, exp.Distinct, exp.Nullif, exp.IgnoreNulls)  # fmt: skip
        if isinstance(node, passing) and isinstance(node.this, exp.Expr):
            return self.type(node.this)
        return ""

    def _offered(self, source: exp.Expr | Scope) -> list[Field]:
        key = id(source)
        if key in self._known:
            return self._known[key]
        if isinstance(source, Scope):
            # A scope may be told as its own source, as with PIVOT of a query.
            if key in self._looked_into:
                self._cuts += 1
                return []
            cuts = self._cuts
            self._looked_into.add(key)
            try:
                given = self._outputs(source.expression)
            finally:
                self._looked_into.discard(key)
            # As in x(a, b): the alias names the columns anew.
            found = [replace(one, name=name) for one, name in zip(given, _again(source, given), strict=True)]
            if cuts == self._cuts:
                self._known[key] = found
            return found
        table = self.tables.get(source.name.lower()) if isinstance(source, exp.Table) else None
        if table is None:
            return []
        name = table.name.lower()
        self._known[key] = [
            Field(one.name, table.kind(one.name), table.nullable(one.name), (name, one.name.lower()))
            for one in table.columns
        ]
        return self._known[key]

    def _outputs(self, query: exp.Expr) -> list[Field]:
        if isinstance(query, exp.SetOperation):
            return self._outputs(query.this)
        if isinstance(query, exp.Subquery):
            return self._outputs(query.this)
        if not isinstance(query, exp.Select):
            return []
        found: list[Field] = []
        for item in query.selects:
            if item.is_star:
                wanted = item.table if isinstance(item, exp.Column) else ""
                for alias, fields in self.sources(query).items():
                    if wanted.lower() in ("", alias.lower()):
                        found.extend(fields)
            else:
                found.append(self._passed(item))
        return found

    def _passed(self, item: exp.Expr) -> Field:
        inner = item.this if isinstance(item, exp.Alias) else item
        field = self.field(inner) if isinstance(inner, exp.Column) else None
        if field:
            return Field(item.alias_or_name, field.type, field.nullable, field.origin)
        parts = (
            () if inner.find(*COUNTS) else tuple(self.origins(inner.this if isinstance(inner, exp.Window) else inner))
        )
        sure = isinstance(inner, (*COUNTS, exp.Literal)) or (
            isinstance(inner, exp.Window) and isinstance(inner.this, COUNTS)
        )
        return Field(item.alias_or_name, self.type(inner), not sure, parts=parts)


def _selected(scope: Scope) -> dict[str, Any]:
    try:
        return {alias: source for alias, (_, source) in scope.selected_sources.items()}
    except SqlglotError:
        # Two derived tables without an alias, which Spark allows.
        return {}


def _again(source: Scope, found: Sequence[Field]) -> list[str]:
    return [*source.outer_columns, *(one.name for one in found[len(source.outer_columns) :])][: len(found)]


def numeric(kind: str) -> bool:
    """Whether the Spark type of that name is a number."""
    return kind.split("(")[0] in {"tinyint", "smallint", "int", "bigint", "float", "double", "decimal"}


def temporal(kind: str) -> bool:
    """Whether the Spark type of that name is a date or a timestamp."""
    return kind in {"date", "timestamp", "timestamp_ntz"}


def alike(one: str, other: str) -> bool:
    """Whether two types may stand for one another in an expression without an error."""
    return one != "" and (one == other or (numeric(one) and numeric(other)))
