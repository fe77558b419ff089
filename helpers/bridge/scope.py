"""Which source a column's name means: the tables in FROM first, then those of the outer queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlglot import exp

from helpers.bridge.refusal import Refusal, refuse


@dataclass(frozen=True)
class Field:
    """A column that a source offers. type: Spark's text of it, "" = not known."""

    name: str
    type: str = ""

    def named(self, name: str) -> Field:
        """The same under another name."""
        return replace(self, name=name)


@dataclass
class Source:
    """One table in FROM. fields: None = not known; qualified: its columns must be told by its alias."""

    alias: str
    fields: tuple[Field, ...] | None
    qualified: bool = False
    text: str = ""
    merged: frozenset[str] = frozenset()
    hidden: bool = False

    def find(self, name: str) -> Field | None:
        """The column of that name, whatever its case; a source of unknown columns offers any."""
        if self.fields is None:
            return Field(name)
        return next((one for one in self.fields if one.name.lower() == name.lower()), None)


@dataclass(frozen=True)
class Found:
    """What a column's name means. source: None = more than one, merged by USING; depth: 0 = own query."""

    field: Field
    source: Source | None
    depth: int
    path: tuple[str, ...] = ()


@dataclass
class Scope:
    """The names that one SELECT can use.

    merged: columns that USING made one of two; ctes: the named queries that its subqueries can read.
    """

    parent: Scope | None = None
    sources: list[Source] = field(default_factory=list)
    merged: set[str] = field(default_factory=set)
    correlated: bool = False
    ctes: Mapping[str, Any] = field(default_factory=dict)

    def find(self, column: exp.Column) -> Found:
        """What the column means. Raises Refusal where the text leaves it open."""
        scope: Scope | None = self
        depth = 0
        while scope is not None:
            found = scope._own(column, depth)
            if found is not None:
                return found
            scope, depth = scope.parent, depth + 1
        raise refuse(
            column,
            f"The column {column.sql('spark')}",
            "no table in FROM offers it",
            f"the columns are: {', '.join(self.offered()) or 'none'}",
        )

    def offers(self, column: exp.Column) -> bool:
        """Whether a table of this SELECT itself offers the column, or may; also where more than one does."""
        try:
            return self._own(column, 0) is not None
        except Refusal:
            return True

    def offered(self) -> list[str]:
        """The names of all known columns."""
        return [one.name for source in self.sources for one in source.fields or ()]

    def _own(self, column: exp.Column, depth: int) -> Found | None:
        parts = [part.name for part in column.parts]
        for skip in range(min(len(parts) - 1, 3), 0, -1):
            alias = parts[skip - 1].lower()
            for source in self.sources:
                if source.alias.lower() == alias and (one := source.find(parts[skip])) and not source.hidden:
                    return Found(one.named(parts[skip]), source, depth, tuple(parts[skip + 1 :]))
        if len(parts) > 1 and any(source.alias.lower() == parts[0].lower() for source in self.sources):
            return None
        return self._plain(column, parts, depth)

    def _plain(self, column: exp.Column, parts: list[str], depth: int) -> Found | None:
        name, path = parts[0], tuple(parts[1:])
        visible = [source for source in self.sources if not source.hidden]
        known = [(one, source) for source in visible if source.fields is not None and (one := source.find(name))]
        if name.lower() in self.merged:
            return Found(known[0][0].named(name) if known else Field(name), None, depth, path)
        if len(known) > 1:
            raise refuse(
                column,
                f"The column {name}",
                f"it is ambiguous: {' and '.join(source.alias for _, source in known)} both offer it",
                "write the table's name before it",
            )
        if known:
            return Found(known[0][0].named(name), known[0][1], depth, path)
        unknown = [source for source in visible if source.fields is None]
        # Spark itself finds the one among the tables of this query, or says that there is none.
        if unknown:
            return Found(Field(name), unknown[0] if len(unknown) == 1 else None, depth, path)
        return None


def clashing(sources: Iterable[Source], name: str) -> bool:
    """Whether more than one of the sources offers, or may offer, a column of that name."""
    return sum(source.find(name) is not None for source in sources) > 1
