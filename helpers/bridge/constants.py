"""VALUES of plain constants as rows of Python."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.context import Context
from helpers.bridge.literals import INT_MAX
from helpers.bridge.program import Frame
from helpers.bridge.python import quoted
from helpers.bridge.scope import Field
from helpers.bridge.types import type_text


def constants(ctx: Context, rows: list[list[exp.Expr]], names: list[str]) -> Frame | None:
    """`spark.createDataFrame(...)` of the rows; None where a value is computed or a column's types differ."""
    kinds: list[str] = []
    for column in zip(*rows, strict=True):
        found = {_kind(one) for one in column if not isinstance(one, exp.Null)}
        if len(found) != 1 or None in found:
            decimal = _decimal(column)
            if decimal is None:
                return None
            found = {decimal}
        kinds.append(str(found.pop()))
    codes = [[ctx.code(one).text for one in row] for row in rows]
    data = ", ".join(f"({', '.join(row)}{',' if len(row) == 1 else ''})" for row in codes)
    schema = ", ".join(f"{_name(name)} {kind}" for name, kind in zip(names, kinds, strict=True))
    fields = tuple(Field(name, kind) for name, kind in zip(names, kinds, strict=True))
    return Frame(f"spark.createDataFrame([{data}], {schema!r})", fields=fields)


def rows_of(ctx: Context, rows: list[list[exp.Expr]], fields: list[Field]) -> Frame | None:
    """`spark.createDataFrame(...)` of rows for columns of these types; None where a value is no constant of its."""
    codes = [[_typed(ctx, one, field.type) for one, field in zip(row, fields, strict=True)] for row in rows]
    texts = [[one for one in row if one is not None] for row in codes]
    if any(len(row) != len(fields) for row in texts):
        return None
    data = ", ".join(f"({', '.join(row)}{',' if len(row) == 1 else ''})" for row in texts)
    schema = ", ".join(f"{_name(one.name)} {one.type}" for one in fields)
    return Frame(f"spark.createDataFrame([{data}], {schema!r})", fields=tuple(fields))


def _typed(ctx: Context, node: exp.Expr, kind: str) -> str | None:
    """A constant as Python has values of that type; None where it is another's, or does not fit in."""
    if isinstance(node, exp.Null):
        return "None" if kind else None
    inner = node.this if isinstance(node, exp.Neg) else node
    found = _kind(node)
    if kind == found or (kind in ("int", "bigint") and found == "int"):
        return ctx.code(node).text
    if kind.startswith("decimal(") and isinstance(inner, exp.Literal) and not inner.is_string:
        digits, places = (int(one) for one in kind[8:-1].split(","))
        before, _, after = inner.this.partition(".")
        if "e" in inner.this.lower() or len(after) > places or len(before.lstrip("0")) > digits - places:
            return None
        ctx.program.imports.add("from decimal import Decimal")
        return f'Decimal("{"-" if inner is not node else ""}{inner.this}")'
    return None


def _name(name: str) -> str:
    return name if name.isidentifier() else f"`{quoted(name).strip('`')}`"


def _kind(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Neg):
        node = node.this
    if isinstance(node, exp.Boolean):
        return "boolean"
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and type_text(node.args["to"]) == "date":
        return "date"
    if not isinstance(node, exp.Literal):
        return None
    if node.is_string:
        return "string"
    if node.is_int:
        return "int" if int(node.this) <= INT_MAX else "bigint"
    # Decimals of one column may differ in their digits.
    return "double" if "e" in node.this.lower() else None


def _decimal(column: tuple[exp.Expr, ...]) -> str | None:
    digits = places = 0
    for one in column:
        inner = one.this if isinstance(one, exp.Neg) else one
        if isinstance(inner, exp.Null):
            continue
        if (
            not isinstance(inner, exp.Literal)
            or inner.is_string
            or "." not in inner.this
            or "e" in inner.this.lower()
        ):
            return None
        before, after = inner.this.split(".")
        digits, places = max(digits, len(before.lstrip("0"))), max(places, len(after))
    return f"decimal({max(digits + places, 1)},{places})" if places else None
