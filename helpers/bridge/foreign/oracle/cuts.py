"""Oracle's TRUNC and ROUND of dates, by their units."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.oracle import numbers
from helpers.bridge.foreign.oracle.dates import at_midnight, day, known
from helpers.bridge.foreign.oracle.kinds import MOMENTS, ORDER, kind_of, told
from helpers.bridge.foreign.reader import Reader, call
from helpers.bridge.refusal import refuse

_UNITS = {
    **dict.fromkeys(("SYYYY", "YYYY", "YEAR", "SYEAR", "YYY", "YY", "Y"), "YEAR"),
    **dict.fromkeys(("MONTH", "MON", "MM", "RM"), "MONTH"), "Q": "QUARTER", "IW": "WEEK",
    **dict.fromkeys(("DDD", "DD", "J"), "DAY"), **dict.fromkeys(("DAY", "DY", "D"), "SUNDAY"),
    "WW": "dayofyear", "W": "day", **dict.fromkeys(("HH", "HH12", "HH24"), "HOUR"), "MI": "MINUTE",
}  # fmt: skip


def _unit(node: exp.Expr, unit: exp.Expr | None) -> str:
    if unit is None:
        return "DAY"
    text = unit.this.upper() if isinstance(unit, exp.Literal) and unit.is_string else ""
    if text not in _UNITS:
        raise refuse(
            node, node.sql("oracle")[:40], "the unit is none of year, quarter, month, week, day, hour, minute"
        )
    return _UNITS[text]


def cut(reading: Reader, node: exp.Expr) -> exp.Expr:
    """TRUNC(number, digits), TRUNC(date, unit)."""
    inner, *rest = node.expressions
    if kind_of(reading, inner) in ORDER:
        return numbers.cut(reading, node)
    if kind_of(reading, inner) not in MOMENTS:
        raise refuse(node, node.sql("oracle")[:40], "whether it is of a date or a number is not known",
                     "give the schema, or cast it")  # fmt: skip
    return _cut(reading, node, inner, _unit(node, rest[0] if rest else None))


def _cut(reading: Reader, node: exp.Expr, inner: exp.Expr, unit: str) -> exp.Expr:
    kind = known(reading, node, inner)
    if unit == "DAY":
        return told(day(inner, kind), "date")
    if unit in ("HOUR", "MINUTE"):
        return told(call("date_trunc", unit, at_midnight(inner, kind)), "timestamp")
    if unit in ("YEAR", "QUARTER", "MONTH", "WEEK"):
        made = call("trunc", day(inner, kind), unit)
        made.meta["first"] = unit != "WEEK"
        return told(made, "date")
    since = call("dayofweek", inner.copy()) if unit == "SUNDAY" else call(unit, inner.copy())
    days: exp.Expr = exp.Sub(this=since, expression=exp.Literal.number(1))
    if unit == "SUNDAY":
        reading.note("A week by 'D' or 'DAY' begins on Sunday, as in the territory AMERICA.")
    else:
        days = exp.Mod(this=exp.Paren(this=days), expression=exp.Literal.number(7))
    return told(call("date_sub", day(inner, kind), days), "date")


def rounded(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """ROUND(date, unit): up from noon, from the sixteenth, from July, from the half hour."""
    inner, kind = node.this, kind_of(reading, node.this)
    unit = node.args.get("decimals")
    if kind not in MOMENTS:
        if isinstance(unit, exp.Literal) and unit.is_string:
            known(reading, node, inner)
        if kind == "string":
            node.set("this", numbers.as_number(reading, inner))
        return None
    name = _unit(node, unit)
    if name == "DAY" and kind == "date":
        return inner.copy()
    if name in ("DAY", "HOUR", "MINUTE"):
        half = {"DAY": ("12", "HOUR"), "HOUR": ("30", "MINUTE"), "MINUTE": ("30", "SECOND")}[name]
        step = exp.Interval(this=exp.Literal.string(half[0]), unit=exp.var(half[1]))
        later = told(exp.Paren(this=exp.Add(this=at_midnight(inner, kind), expression=step)), "timestamp")
        return _cut(reading, node, later, name)
    if name not in ("MONTH", "YEAR"):
        raise refuse(node, node.sql("oracle")[:40], "ROUND of a date is known by day, month, year, hour and minute")
    start = _cut(reading, node, inner, name)
    part, least, months = ("day", 16, 1) if name == "MONTH" else ("month", 7, 12)
    late = exp.GTE(this=call(part, inner.copy()), expression=exp.Literal.number(least))
    # A condition counts as 0 or 1, and of no date there is none.
    up: exp.Expr = numbers.cast(exp.Paren(this=late), "int")
    if months > 1:
        up = exp.Mul(this=up, expression=exp.Literal.number(months))
    return told(call("add_months", start, up), "date")
