"""Intervals, and dates moved by them."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.context import Context, writes
from helpers.bridge.literals import value
from helpers.bridge.python import ADD, Py, binary, call
from helpers.bridge.refusal import refuse
from helpers.bridge.spans import Span, span
from helpers.bridge.types import type_of

_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_DAYS = {"week": 7, "day": 1}
_TIMES = ("hour", "minute", "second", "millisecond", "microsecond")


def amount(node: exp.Interval) -> tuple[int, str] | None:
    """A constant interval's whole number and unit; None for a computed or a composed one."""
    unit = node.text("unit").lower().removesuffix("s")
    inner = node.this
    sign = 1
    while isinstance(inner, exp.Neg | exp.Paren):
        sign, inner = (-sign if isinstance(inner, exp.Neg) else sign), inner.this
    text = inner.this.strip() if isinstance(inner, exp.Literal) else ""
    if text.lstrip("+-").isdigit() and (unit in _MONTHS or unit in _DAYS or unit in _TIMES):
        return sign * int(text), unit
    return None


def with_interval(ctx: Context, node: exp.Expr) -> Py | None:
    """A date or a time plus or minus a constant interval; None where no interval is added."""
    left, right = node.this, node.expression
    if isinstance(left, exp.Interval) and isinstance(node, exp.Add) and not isinstance(right, exp.Interval):
        left, right = right, left
    if not isinstance(right, exp.Interval):
        return None
    kind = type_of(ctx, left)
    moved = ctx.code(left)
    several = span(right)
    if several is not None:
        several = several.turned() if isinstance(node, exp.Sub) else several
        if kind == "date" and several.months:
            return call("F.add_months", [moved.short(), str(several.months)], told=False)
        return binary(moved.column(), "+", _spanning(ctx, several), ADD).untold()
    found = amount(right)
    if found is None:
        return None
    count, unit = found
    if isinstance(node, exp.Sub):
        count = -count
    if kind == "date" and unit in _MONTHS:
        return call("F.add_months", [moved.short(), str(count * _MONTHS[unit])], told=False)
    if kind == "date" and unit in _DAYS:
        days = count * _DAYS[unit]
        if moved.kind == "value":
            return _constant(ctx, moved, days)
        return call("F.date_add" if days >= 0 else "F.date_sub", [moved.short(), str(abs(days))], told=False)
    return binary(moved.column(), "+", interval_of(ctx, count, unit, known=kind != ""), ADD).untold()


def _constant(ctx: Context, moved: Py, days: int) -> Py:
    ctx.program.imports.add("from datetime import timedelta")
    sign = "+" if days >= 0 else "-"
    return value(f"{moved.inside(ADD)} {sign} timedelta(days={abs(days)})", level=ADD, told=False)


def interval_of(ctx: Context, count: int, unit: str, known: bool = True) -> Py:
    """An interval. known: whether it is added to a time; else the type stays the narrow one that SQL gives it."""
    if unit in _MONTHS:
        years, months = divmod(abs(count) * _MONTHS[unit], 12)
        sign = -1 if count < 0 else 1
        return call("F.make_ym_interval", [f"F.lit({sign * years})", f"F.lit({sign * months})"], told=False)
    ctx.program.imports.add("from datetime import timedelta")
    made = Py(f"F.lit(timedelta({unit}s={count}))", told=False)
    # Added to a date, an interval of days alone leaves a date; with hours in its type it makes a timestamp.
    return made if known or unit not in _DAYS else Py(f"{made.text}.cast('interval day')", told=False)


def _spanning(ctx: Context, several: Span) -> Py:
    if several.months or not several.parts:
        return interval_of(ctx, several.months, "month")
    ctx.program.imports.add("from datetime import timedelta")
    parts = ", ".join(f"{name}={number}" for name, number in several.parts)
    return Py(f"F.lit(timedelta({parts}))", told=False)


@writes(exp.Interval)
def interval(ctx: Context, node: exp.Expr) -> Py:
    """An interval that stands alone."""
    assert isinstance(node, exp.Interval)
    several = span(node)
    if several is not None:
        return Py(f"{_spanning(ctx, several).text}.cast({several.kind!r})", told=False)
    found = amount(node)
    if found is None:
        return _computed(ctx, node)
    count, unit = found
    made = interval_of(ctx, count, unit)
    single = {"year": "interval year", "month": "interval month", "day": "interval day", "week": "interval day"}
    name = single.get(unit, f"interval {unit}" if unit in ("hour", "minute", "second") else "interval second")
    return Py(f"{made.text}.cast({name!r})", told=False)


def _computed(ctx: Context, node: exp.Interval) -> Py:
    unit = node.text("unit").lower().removesuffix("s")
    inner = node.this
    if inner is None or (isinstance(inner, exp.Literal) and inner.is_string) or not unit:
        raise refuse(node, node.sql("spark"), "only intervals of one whole number and one unit are known",
                     "write them as a sum, such as INTERVAL 1 DAY + INTERVAL 2 HOUR")  # fmt: skip
    code = ctx.code(inner)
    names = {"year": "years", "month": "months", "week": "weeks", "day": "days", "hour": "hours",
             "minute": "mins", "second": "secs"}  # fmt: skip
    if unit not in names:
        raise refuse(node, node.sql("spark"), f"a computed number of {unit}s is not known")
    return call("F.make_interval", [f"{names[unit]}={code.column().text}"], told=False)
