"""Collations that the rules put on the tables of a query, put on a statement's expressions instead."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.reader import call


class Collations:
    """Of a query in Spark's words whose parts of WITH give the text columns of tables a collation."""

    def __init__(self, query: exp.Expr, target: exp.Expr | None = None) -> None:
        self.query = query
        self.alias = target.alias_or_name.lower() if target is not None else ""
        clause = query.args.get("with_")
        self._parts = list(clause.expressions) if clause is not None else []
        self._collated: dict[str, dict[str, str]] = {}
        for one in self._parts:
            found = {item.alias.lower(): str(item.this.expressions[1].this) for item in one.this.expressions
                     if _collate(item)}  # fmt: skip
            if found:
                self._collated[one.alias.lower()] = found
        origin = query.args.get("from_")
        table = origin.this.name.lower() if origin is not None and isinstance(origin.this, exp.Table) else ""
        self._own = self._collated.get(table, {})

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return bool(self._collated)

    def has(self, column: exp.Expr) -> bool:
        """Whether a column of that name has one."""
        return any(column.name.lower() in one for one in self._collated.values())

    def told(self, node: exp.Expr) -> exp.Expr:
        """An expression with the collation at each column of the target."""
        holder = exp.Paren(this=node.copy())
        for column in list(holder.find_all(exp.Column)):
            kind = self._own.get(column.name.lower())
            if kind is not None and column.table.lower() in ("", self.alias):
                column.replace(call("collate", column.copy(), kind))
        return holder.this

    def stored(self, node: exp.Expr) -> exp.Expr:
        """A text as the target keeps it. Delta's columns of texts have no collation, and take any."""
        return node.copy() if isinstance(node, exp.Column) else self.told(node)

    def source(self, using: exp.Expr) -> exp.Expr:
        """The source of a merge with the parts of WITH that it reads inside of it."""
        parts = self._needed(using)
        if not parts:
            return using
        if isinstance(using, exp.Subquery):
            inner, alias = using.this.copy(), using.args.get("alias")
        else:
            name = using.alias_or_name
            plain = using.copy()
            plain.set("alias", None)
            inner = exp.Select(expressions=[exp.Star()]).from_(plain)
            alias = exp.TableAlias(this=exp.to_identifier(name))
        own = inner.args.get("with_")
        inner.set("with_", exp.With(expressions=[*parts, *(own.expressions if own is not None else [])]))
        return exp.Subquery(this=inner, alias=alias)

    def plain_rows(self) -> exp.Expr:
        """The query with its texts as tables keep them: Delta makes no column with a collation."""
        if not self.any or not isinstance(self.query, exp.Select):
            return self.query
        for item in self.query.expressions:
            if isinstance(item.unalias(), exp.Column) and self.has(item.unalias()):
                name = item.alias_or_name
                item.replace(exp.Alias(this=call("collate", item.unalias().copy(), "UTF8_BINARY"),
                                       alias=exp.to_identifier(name)))  # fmt: skip
        return self.query

    def _needed(self, node: exp.Expr) -> list[exp.Expr]:
        """The parts that a source reads, and those that these read, in their order."""
        names = {one.name.lower() for one in node.find_all(exp.Table)}
        found: list[exp.Expr] = []
        for one in reversed(self._parts):
            if one.alias.lower() in names:
                found.insert(0, one.copy())
                names |= {table.name.lower() for table in one.find_all(exp.Table)}
        return found


def _collate(item: exp.Expr) -> bool:
    inner = item.this if isinstance(item, exp.Alias) else None
    return isinstance(inner, exp.Anonymous) and str(inner.this).lower() == "collate"
