"""What two results are compared by: the part of an exercise's contract that a comparison needs."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from pyarrow import types

from helpers.compare.table import arrow_type, is_list
from helpers.core.errors import GridbridgeError

_NULLS = re.compile(r"(.+?)\s+nulls\s+(first|last)", re.IGNORECASE | re.DOTALL)


class TermsBroken(GridbridgeError):
    """The terms contradict themselves, or the expected result contradicts them: the author's fault, no verdict."""


@dataclass(frozen=True)
class Column:
    """One column of a contract.

    type: Spark's name of it, as in `table.arrow_type`.
    nullable: False = the expected result has no NULL here; what Spark infers of an answer's column is not compared.
    exact: True = the contract insists on this very type; else other integer widths, float for double (or the
    reverse), other precision and scale of a decimal, and another order of a struct's fields are spellings of the
    same.
    """

    name: str
    type: str
    nullable: bool = True
    exact: bool = False


@dataclass(frozen=True)
class OrderItem:
    """One column of an order, its direction, and where its NULLs go."""

    name: str
    descending: bool
    nulls_last: bool

    @property
    def words(self) -> str:
        """As a sentence says it: `a ascending`; NULLs are told only where they differ from Spark's own habit."""
        direction = "descending" if self.descending else "ascending"
        nulls = "" if self.nulls_last == self.descending else f" (NULLs {'last' if self.nulls_last else 'first'})"
        return f"{self.name} {direction}{nulls}"


@dataclass(frozen=True)
class Terms:
    """How an answer is held against the expected result.

    columns: names (case matters) and types; their order counts only with `column_order`.
    key: columns that tell the expected rows apart; rows of the same key are paired to name the cells that differ.
    order: None = any. ("a", "-b") = by a ascending, then b descending, ties free; NULLs first where ascending, last
    where descending, as in Spark, unless " nulls first" or " nulls last" follows. () is the same as None.
    total: True = the expected result's own sequence is the one right one; no `order` beside it.
    tolerance: doubles a and b are the same when |a - b| <= tolerance * max(|a|, |b|, 0.001); see `closeness`.
    Raises TermsBroken for terms that cannot be meant.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    order: tuple[str, ...] | None = None
    total: bool = False
    column_order: bool = False
    tolerance: float = 1e-9

    def __post_init__(self) -> None:
        names = self.names
        if not names:
            raise TermsBroken("The terms have no columns.", "Name each column with its type.")
        if len(set(names)) < len(names):
            raise TermsBroken(f"The terms name a column twice: {', '.join(names)}.")
        for name in self.key:
            if name not in names:
                raise TermsBroken(f"The key's column {name} is not among the columns {', '.join(names)}.")
        if self.total and self.order:
            raise TermsBroken("The terms ask for a total order and for one by columns.", "Choose one of the two.")
        if not (math.isfinite(self.tolerance) and 0 <= self.tolerance < 1):
            raise TermsBroken(f"The tolerance {self.tolerance} is not in [0, 1).")
        kinds = {column.name: arrow_type(column.type) for column in self.columns}
        for item in self.order_items:
            if _has_map(kinds[item.name]):
                raise TermsBroken(f"The column {item.name} holds a map, which has no order.")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in the contract's order."""
        return tuple(column.name for column in self.columns)

    @property
    def order_items(self) -> tuple[OrderItem, ...]:
        """`order` taken apart; empty where any order will do. Raises TermsBroken for a name that is no column."""
        return tuple(self._item(text) for text in self.order or ())

    def _item(self, text: str) -> OrderItem:
        rest, nulls = text, None
        if rest not in self.names and (found := _NULLS.fullmatch(text.strip())):
            rest, nulls = found[1], found[2].lower()
        descending = rest not in self.names and rest.startswith("-")
        name = rest[1:].strip() if descending else rest
        if name not in self.names:
            raise TermsBroken(f"The order's {text!r} names no column of {', '.join(self.names)}.")
        return OrderItem(name, descending, descending if nulls is None else nulls == "last")


def _has_map(kind: object) -> bool:
    if types.is_map(kind):
        return True
    if is_list(kind):
        return _has_map(kind.value_type)  # type: ignore[attr-defined]
    return types.is_struct(kind) and any(_has_map(field.type) for field in kind)  # type: ignore[attr-defined]
