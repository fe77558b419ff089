"""Which columns of the written table an expression reads, through its subqueries too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from helpers.bridge.refusal import refuse

_UNITS = {"dateadd", "datediff", "timestampadd", "timestampdiff", "date_diff", "date_add", "date_trunc", "datetrunc",
          "datepart", "datename", "datediff_big"}  # fmt: skip
Columns = Mapping[str, Iterable[str]]
"""The columns of the tables that are known, all names in lower case."""


@dataclass(frozen=True)
class Reads:
    """The names at hand: the written table's alias and name, and the other sources of the statement."""

    alias: str
    name: str
    others: tuple[exp.Expr, ...]
    known: Columns

    def columns(self, nodes: Iterable[exp.Expr]) -> list[str]:
        """The columns of the written table that these expressions read, each once, as they are first written."""
        found: dict[str, str] = {}
        for node in nodes:
            self._refuse_stars(node)
            for column in node.find_all(exp.Column, bfs=False):
                if is_read(column) and self._own(column, node):
                    found.setdefault(column.name.lower(), column.name)
        return list(found.values())

    def only(self, node: exp.Expr) -> bool:
        """Whether the expression has no subquery and reads no other source."""
        return node.find(exp.Query) is None and all(
            self._own(one, node) for one in node.find_all(exp.Column) if is_read(one)
        )

    def _refuse_stars(self, node: exp.Expr) -> None:
        """Raises Refusal where all columns of the row are meant: which these are is not written."""
        for star in node.find_all(exp.Star):
            told = star.parent.table if isinstance(star.parent, exp.Column) else ""
            counted = isinstance(star.parent, exp.Count) or (
                isinstance(star.parent, exp.Anonymous) and str(star.parent.this).lower() == "count"
            )
            here = told.lower() == self.alias.lower() if told else not counted and not star.find_ancestor(exp.Select)
            if here:
                raise refuse(star, f"{told or ''}{'.' if told else ''}* in a statement", "it reads single columns",
                             "name the columns")  # fmt: skip

    def _own(self, column: exp.Column, root: exp.Expr) -> bool:
        around = column.parent
        while around is not None and around is not root.parent:
            if isinstance(around, exp.Select) and self._offers(_sources(around), column):
                return False
            around = around.parent
        return self._outer(column)

    def _offers(self, sources: Iterable[exp.Expr], column: exp.Column) -> bool:
        """Whether one of a subquery's sources has the column; one of unknown columns is taken to have it."""
        for one in sources:
            if column.table:
                if one.alias_or_name.lower() == column.table.lower():
                    return True
                continue
            columns = self._columns(one)
            if columns is None or column.name.lower() in columns:
                return True
        return False

    def _outer(self, column: exp.Column) -> bool:
        if column.table:
            return column.table.lower() == self.alias.lower()
        own = self.known.get(self.name.lower())
        if own is not None:
            return column.name.lower() in own
        if all((columns := self._columns(one)) is not None and column.name.lower() not in columns
               for one in self.others):  # fmt: skip
            return True
        raise refuse(column, f"The column {column.name}", "which table it is of is not known",
                     "write the table's name before it, or give the schema")  # fmt: skip

    def _columns(self, source: exp.Expr) -> set[str] | None:
        if isinstance(source, exp.Subquery) and isinstance(source.this, exp.Query):
            alias = source.args.get("alias")
            named = [one.name.lower() for one in alias.args.get("columns") or []] if alias is not None else []
            found = named or [one.lower() for one in source.this.named_selects]
            return None if "*" in found else set(found)
        if not isinstance(source, exp.Table):
            return None
        known = self.known.get(source.name.lower())
        return None if known is None else set(known)


def is_read(column: exp.Column) -> bool:
    """Whether it is a column, and not the unit of a function on dates."""
    around = column.parent
    first = isinstance(around, exp.Anonymous) and around.expressions and around.expressions[0] is column
    unit = first and str(getattr(around, "this", "")).lower() in _UNITS and not column.table
    return isinstance(column.this, exp.Identifier) and not unit


def _sources(select: exp.Select) -> list[exp.Expr]:
    origin = select.args.get("from_")
    first = [origin.this] if origin is not None else []
    joins = [*(select.args.get("joins") or []), *((first[0].args.get("joins") or []) if first else [])]
    return [*first, *(one.this for one in joins)]
