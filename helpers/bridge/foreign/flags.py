"""Columns of true and false that a database holds as 1 and 0: BIT of SQL Server, BOOLEAN of MySQL."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.pieces import number, selected
from helpers.bridge.foreign.reader import WHOLE, Reader, as_type, told

_CONDITIONS = (exp.Predicate, exp.Connector, exp.Not, exp.Boolean)
_NUMBERS = WHOLE | {"decimal", "double", "float"}


def is_flag(reading: Reader, node: exp.Expr) -> bool:
    """Whether it is a value of true and false, not a condition and not a constant."""
    inner = node.unnest()
    made = [selected(reading, one) for one in inner.find_all(exp.Column)]
    known = [one for one in (inner, *made) if one is not None]
    return reading.kind(inner) == "boolean" and not any(isinstance(one.unnest(), _CONDITIONS) for one in known)


def as_number(node: exp.Expr) -> exp.Expr:
    """The flag as 1, 0 or NULL."""
    return told(as_type(node.copy(), "int"), "int")


def compared(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A flag compared with 1 or 0 as itself or negated; None for others: beside a number it is made one, in place."""
    if isinstance(node, exp.Between):
        sides = [node.this, node.args["low"], node.args["high"]]
    elif isinstance(node, exp.In):
        sides = [node.this, *node.expressions]
    else:
        sides = [node.this, node.expression]
    flags = [one for one in sides if is_flag(reading, one)]
    others = [one for one in sides if reading.kind(one) in _NUMBERS]
    if not flags or not others:
        return None
    if isinstance(node, exp.EQ | exp.NEQ) and number(others[0]) in (0, 1):
        same = (number(others[0]) == 1) == isinstance(node, exp.EQ)
        flag = flags[0].copy()
        return told(flag if same else exp.Not(this=flag), "boolean")
    numbered(reading, flags)
    return None


def numbered(reading: Reader, nodes: list[exp.Expr]) -> None:
    """Makes numbers of the flags among the nodes, in their tree."""
    for one in nodes:
        if is_flag(reading, one):
            one.replace(as_number(one))
