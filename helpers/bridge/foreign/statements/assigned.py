"""Assignments: one after the other where the dialect says so, several from one row, values of the column's type."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.reader import WHOLE, Reader, as_type
from helpers.bridge.refusal import refuse
from helpers.bridge.statements.changes import Assignment
from helpers.bridge.statements.known import Known
from helpers.bridge.statements.target import is_default

_FRACTIONS = ("decimal", "double", "float")


def assignments(node: exp.Expr) -> list[Assignment]:
    """Column and value of each SET. `(a, b) = (1, 2)` and `(a, b) = (SELECT ...)` are two each."""
    found: list[Assignment] = []
    for one in node.expressions:
        if not isinstance(one, exp.EQ) or isinstance(one.this, exp.Parameter):
            raise refuse(one, f"SET {one.sql()[:40]}", "it is no assignment to a column", "write column = value")
        left = one.this.this if isinstance(one.this, exp.Paren) else one.this
        if not isinstance(left, exp.Tuple) and left is one.this:
            found.append((left, one.expression))
            continue
        columns = list(left.expressions) if isinstance(left, exp.Tuple) else [left]
        found += zip(columns, _values(one.expression, len(columns)), strict=True)
    return found


def _values(node: exp.Expr, count: int) -> list[exp.Expr]:
    inner = node
    while isinstance(inner, exp.Paren) or (isinstance(inner, exp.Anonymous) and str(inner.this).upper() == "ROW"):
        if isinstance(inner, exp.Anonymous):
            inner = exp.Tuple(expressions=inner.expressions)
            break
        inner = inner.this
    if isinstance(inner, exp.Subquery) and isinstance(inner.this, exp.Select):
        # Each column takes its own item; a query that gives no row gives NULL to each.
        values: list[exp.Expr] = []
        for item in inner.this.expressions:
            one = inner.copy()
            one.this.set("expressions", [item.copy()])
            values.append(one)
    else:
        values = list(inner.expressions) if isinstance(inner, exp.Tuple) else [inner]
    if len(values) != count:
        raise refuse(node, "SET (...) = ...", f"it has {len(values)} values for {count} columns")
    return values


def in_order(sets: list[Assignment], table: exp.Table, known: Known) -> list[Assignment]:
    """The same where later assignments see the earlier ones: what they read is replaced by the value."""
    alias = (table.alias or table.name).lower()
    done: dict[str, exp.Expr] = {}
    found: list[Assignment] = []
    for name, value in sets:
        holder = exp.Paren(this=value.copy())
        for column in list(holder.find_all(exp.Column)):
            earlier = done.get(column.name.lower())
            if earlier is not None and column.table.lower() in ("", alias):
                column.replace(_as_stored(earlier, known.type(table, column.name)))
        found.append((name, holder.this))
        done[name.name.lower()] = holder.this
    return found


def _as_stored(value: exp.Expr, kind: str) -> exp.Expr:
    if isinstance(value, exp.Column | exp.Null | exp.Literal) or not kind:
        return value.copy() if not isinstance(value, exp.Binary) else exp.Paren(this=value.copy())
    if kind.split("(")[0] in WHOLE and not value.find(exp.Div, exp.Func):
        return exp.Paren(this=value.copy())
    return as_type(value.copy(), kind)


def fitted(reading: Reader, value: exp.Expr, kind: str) -> exp.Expr:
    """The value with a cast where the column is of another type, so that it is converted by the dialect's rules."""
    base = kind.split("(")[0]
    found = reading.kind(value)
    if not kind or is_default(value) or isinstance(value, exp.Null) or found in ("", base, "boolean"):
        return value
    if base in WHOLE and found in _FRACTIONS:
        return as_type(value.copy(), kind)
    if found == "string" or (base == "date" and found == "timestamp"):
        return as_type(value.copy(), kind)
    return value
