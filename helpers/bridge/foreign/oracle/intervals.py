"""Oracle's intervals: of several units, of numbers, and times a number."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign.oracle.kinds import WHOLE, kind_of, told
from helpers.bridge.foreign.pieces import number
from helpers.bridge.foreign.reader import Reader, as_type, call
from helpers.bridge.refusal import refuse

_TIMES, _LONG = ("DAY", "HOUR", "MINUTE", "SECOND"), ("YEAR", "MONTH")


def added(reading: Reader, node: exp.Expr, moment: exp.Expr, by: exp.Expr) -> exp.Expr | None:
    """The moment later, or earlier, by what is some interval; None where it is none."""
    steps = _steps(reading, by)
    if steps is None:
        return None
    made, kind = moment.copy(), kind_of(reading, moment)
    for count, unit in steps:
        if unit in _LONG:
            reading.note(
                "A month added to a day that the new month lacks is an error in Oracle, its last day in Spark."
            )
        elif unit != "DAY" and kind == "date":
            made = exp.Cast(this=made, to=exp.DataType.build("timestamp", dialect="spark"))
            kind = "timestamp"
        size = number(count)
        if size is not None:
            step = exp.Interval(this=exp.Literal.string(str(size)), unit=exp.var(unit))
            made = type(node)(this=made, expression=step)
        else:
            made = _computed(reading, node, made, kind, count, unit)
    return told(exp.Paren(this=made) if isinstance(made, exp.Binary) else made, kind)


def alone(node: exp.Expr) -> exp.Expr | None:
    """NUMTODSINTERVAL and NUMTOYMINTERVAL that stand for themselves, not added to a date: an interval of Spark's."""
    place = node.parent
    while isinstance(place, exp.Paren | exp.Mul):
        place = place.parent
    if isinstance(place, exp.Add | exp.Sub):
        return None
    count, unit = node.expressions[0], node.expressions[1].name.upper() if len(node.expressions) > 1 else ""
    days = str(node.this).lower() == "numtodsinterval"
    units = _TIMES if days else _LONG
    if unit not in units:
        raise refuse(node, node.sql("oracle")[:40], "its unit is not known")
    whole = count.copy() if unit == "SECOND" or isinstance(count, exp.Literal) else as_type(count.copy(), "int")
    parts = [whole if one == unit else exp.Literal.number(0) for one in units]
    return told(call("make_dt_interval" if days else "make_ym_interval", *parts), "interval")


def _computed(reading: Reader, node: exp.Expr, base: exp.Expr, kind: str, count: exp.Expr, unit: str) -> exp.Expr:
    way = kind_of(reading, count)
    if way not in WHOLE:
        raise refuse(node, node.sql("oracle")[:40], f"its number of {unit.lower()}s is not known to be whole",
                     "give the schema, or round() it")  # fmt: skip
    amount: exp.Expr = count.copy()
    if way != "int":
        amount = exp.Cast(this=amount, to=exp.DataType.build("int", dialect="spark"))
    if isinstance(node, exp.Sub):
        amount = exp.Neg(this=exp.Paren(this=amount) if isinstance(amount, exp.Binary) else amount)
    if kind == "date":
        if unit == "YEAR":
            amount = exp.Mul(this=exp.Paren(this=amount), expression=exp.Literal.number(12))
        return call("date_add" if unit == "DAY" else "add_months", base, amount)
    return call("timestampadd", exp.var(unit), amount, base)


def _steps(reading: Reader, by: exp.Expr) -> list[tuple[exp.Expr, str]] | None:
    """The numbers of units that an interval is made of."""
    while isinstance(by, exp.Paren):
        by = by.this
    if isinstance(by, exp.Interval):
        return _written(by)
    if isinstance(by, exp.Anonymous) and str(by.this).lower() in ("numtodsinterval", "numtoyminterval"):
        unit = by.expressions[1].name.upper() if len(by.expressions) > 1 else ""
        if unit not in (_TIMES if str(by.this).lower() == "numtodsinterval" else _LONG):
            raise refuse(by, by.sql("oracle")[:40], "its unit is not known")
        return [(by.expressions[0], unit)]
    if isinstance(by, exp.Mul):
        count, one = (by.this, by.expression) if isinstance(by.expression, exp.Interval) else (by.expression, by.this)
        parts = _written(one) if isinstance(one, exp.Interval) else None
        if parts is None or len(parts) != 1:
            return None
        size, unit = parts[0]
        return [(count if number(size) == 1 else exp.Mul(this=exp.Paren(this=count.copy()), expression=size), unit)]
    return None


def _written(node: exp.Interval) -> list[tuple[exp.Expr, str]]:
    text = node.this.this.strip() if isinstance(node.this, exp.Literal) else ""
    unit = node.args.get("unit")
    names = [node.text("unit").upper()]
    if isinstance(unit, exp.IntervalSpan):
        first, last = unit.this.name.upper(), unit.expression.name.upper()
        known = _TIMES if first in _TIMES else _LONG
        names = list(known[known.index(first) : known.index(last) + 1]) if {first, last} <= set(known) else []
    parts = re.split(r"[ :-]", text.lstrip("+-"))
    if len(parts) != len(names) or not all(one.isdigit() for one in parts) or not set(names) <= {*_TIMES, *_LONG}:
        raise refuse(node, node.sql("oracle")[:40], "only whole numbers of units are known in an interval")
    sign = -1 if text.startswith("-") else 1
    counted = [(sign * int(one), name) for one, name in zip(parts, names, strict=True)]
    # A unit of which there is none is left out, but not the only one.
    given = [pair for pair in counted if pair[0]] or counted[:1]
    return [(_signed(count), name) for count, name in given]


def _signed(count: int) -> exp.Expr:
    made: exp.Expr = exp.Literal.number(abs(count))
    return exp.Neg(this=made) if count < 0 else made
