"""What an exercise says of its input tables: columns, keys, and references that made data must keep."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.compare.table import arrow_type, spark_type
from helpers.compare.terms import Column
from helpers.core.errors import UserError


@dataclass(frozen=True)
class Reference:
    """A declared foreign key: `columns` of this table hold values of `target` in `table`, or NULL."""

    columns: tuple[str, ...]
    table: str
    target: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One input table. Names match whatever their case, as in Spark.

    key: columns that identify a row (never NULL, never twice); () = rows may repeat.
    references: kept by all made data. A join that is not declared gets orphans on both sides.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()

    def column(self, name: str) -> Column:
        """The column of that name. Raises UserError naming the columns there are."""
        for column in self.columns:
            if column.name.lower() == name.lower():
                return column
        held = ", ".join(column.name for column in self.columns)
        raise UserError(f"The table {self.name} has no column {name!r}.", f"Use one of: {held}.")

    def kind(self, name: str) -> str:
        """Spark's own name of the column's type, whatever synonym was declared."""
        return spark_type(arrow_type(self.column(name).type))

    def nullable(self, name: str) -> bool:
        """Whether made data may hold NULL there: the column allows it and is no part of the key."""
        return self.column(name).nullable and name.lower() not in {part.lower() for part in self.key}
