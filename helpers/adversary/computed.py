"""What an expression is on single rows, as a function of their values: arithmetic, CASE and COALESCE."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlglot import exp

from helpers.adversary.pools import OPERATORS

Value = Callable[[Mapping[Any, Any]], Any]
"""Of the values of cells; None = NULL. Raises TypeError for what it cannot compute with."""


@dataclass(frozen=True)
class Computed:
    """A value that is computed of cells."""

    cells: frozenset[Any]
    value: Value

    def moved(self, to: Callable[[Any], Any]) -> Computed:
        """The same of other cells."""
        return Computed(
            frozenset(map(to, self.cells)),
            lambda values: self.value({one: values.get(to(one)) for one in self.cells}),
        )

    def holds(self, values: Mapping[Any, Any]) -> bool:
        """Whether it is true, or cannot be told."""
        try:
            return bool(self.value(values))
        except TypeError:
            return True


def computed(node: exp.Expr, known: Callable[[exp.Expr], Computed | None]) -> Computed | None:
    """The expression as a function; None where a part of it is none of those that are known here.

    known: what a column, a literal or the like is; None = look into it. An aggregate of a single row is that row's.
    """
    found = known(node)
    if found is not None:
        return found
    if isinstance(node, exp.Null):
        return constant_of(None)
    if isinstance(node, exp.Case):
        return _case(node, known)
    make = _MADE.get(type(node))
    parts = [computed(one, known) for one in _parts(node)] if make is not None else [None]
    if make is None or any(one is None for one in parts):
        return None
    return _of([one for one in parts if one is not None], make)


def _case(node: exp.Case, known: Callable[[exp.Expr], Computed | None]) -> Computed | None:
    subject = node.this
    whens = [exp.EQ(this=subject.copy(), expression=one.this) if subject else one.this for one in node.args["ifs"]]
    results = [one.args["true"] for one in node.args["ifs"]] + [node.args.get("default") or exp.Null()]
    parts = [computed(one, known) for one in (*whens, *results)]
    if any(one is None for one in parts):
        return None

    def chosen(*values: Any) -> Any:
        taken = next((at for at in range(len(whens)) if values[at]), len(whens))
        return values[len(whens) + taken]

    return _of([one for one in parts if one is not None], chosen)


def compared(operator: str, one: Computed, other: Computed) -> Computed:
    """The two held against each other. operator: of `pools.OPERATORS`."""
    return _of([one, other], _strict(OPERATORS[operator]))


def denied(one: Computed) -> Computed:
    """Its contrary."""
    return _of([one], _strict(operator.not_))


def constant_of(value: Any) -> Computed:
    """The same value for all rows."""
    return Computed(frozenset(), lambda _: value)


def cell_of(cell: Any) -> Computed:
    """A cell's own value."""
    return Computed(frozenset((cell,)), lambda values: _number(values.get(cell)))


def _of(parts: list[Computed], make: Callable[..., Any]) -> Computed:
    cells = frozenset(cell for one in parts for cell in one.cells)
    return Computed(cells, lambda values: make(*(one.value(values) for one in parts)))


def _parts(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.Coalesce):
        return [node.this, *node.expressions]
    if isinstance(node, exp.Is | exp.Round):
        return [node.this]
    return [node.this, node.expression] if isinstance(node, exp.Binary) else [node.this]


def _strict(make: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: None if any(one is None for one in values) else make(*values)


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def _itself(value: Any) -> Any:
    return value


def _divided(one: Any, other: Any) -> Any:
    return one / other if other else None


_MADE: dict[type[exp.Expr], Callable[..., Any]] = {
    **dict.fromkeys(
        (exp.Paren, exp.Alias, exp.Cast, exp.TryCast, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Round, exp.Window),
        _itself,
    ),
    exp.Add: _strict(operator.add),
    exp.Sub: _strict(operator.sub),
    exp.Mul: _strict(operator.mul),
    exp.Div: _strict(_divided),
    exp.Neg: _strict(operator.neg),
    exp.Abs: _strict(abs),
    exp.Coalesce: lambda *values: next((one for one in values if one is not None), None),
    exp.Is: lambda value: value is None,
    exp.Not: _strict(operator.not_),
    exp.And: lambda one, other: bool(one and other),
    exp.Or: lambda one, other: bool(one or other),
    **{getattr(exp, name): _strict(make) for name, make in OPERATORS.items()},
}
