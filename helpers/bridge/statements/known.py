"""What is known of the tables: their columns, types and keys, whatever the case of a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp


class Known:
    """schema: table → column → Spark's type; keys: table → the columns of its one unique key."""

    def __init__(self, schema: Mapping[str, Mapping[str, str]], keys: Mapping[str, Sequence[str]]) -> None:
        self.schema = schema
        self._columns = {table.lower(): dict(columns) for table, columns in schema.items()}
        self._keys = {table.lower(): tuple(key) for table, key in keys.items()}

    def columns(self, table: exp.Expr) -> dict[str, str] | None:
        """Column → type of a table; None = not known."""
        return self._columns.get(table.name.lower())

    def type(self, table: exp.Expr, column: str) -> str:
        """The type of a column; "" = not known."""
        found = self.columns(table) or {}
        return next((kind for name, kind in found.items() if name.lower() == column.lower()), "")

    def key(self, table: exp.Expr) -> tuple[str, ...]:
        """The table's key; () = not known."""
        return self._keys.get(table.name.lower(), ())
