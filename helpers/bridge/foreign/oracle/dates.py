"""Oracle's dates: they hold a time of day, count in days, and keep to the ends of months."""

from __future__ import annotations

import re
from datetime import date, timedelta
from fractions import Fraction

from sqlglot import exp

from helpers.bridge.foreign.oracle import intervals, numbers
from helpers.bridge.foreign.oracle.kinds import MOMENTS, ORDER, WHOLE, kind_of, told
from helpers.bridge.foreign.reader import Reader, call
from helpers.bridge.refusal import refuse

_DAY = 86400
_UNITS = {_DAY: "DAY", 3600: "HOUR", 60: "MINUTE", 1: "SECOND"}
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2}(\.\d+)?)?")


def constant(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """DATE '...' and TIMESTAMP '...'."""
    name, kind = ("date", "date") if isinstance(node, exp.DateStrToDate) else ("timestamp", "instant")
    text = node.this.this if isinstance(node.this, exp.Literal) else ""
    if not _MOMENT.fullmatch(text) or (kind == "date" and ":" in text):
        raise refuse(node, f"The constant {text[:40]!r}", "it is no plain date or time without a zone")
    return told(numbers.cast(node.this.copy(), name), kind)


def now(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """SYSDATE, CURRENT_DATE and the rest hold a time of day."""
    return told(exp.CurrentTimestamp(), kind_of(reading, node))


def shifted(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """+ and -: dates differ by days with a fraction, and a number that is added is days."""
    left, right = kind_of(reading, node.this), kind_of(reading, node.expression)
    if left in MOMENTS and right in MOMENTS and isinstance(node, exp.Sub):
        return _difference(reading, node, left, right)
    if left in MOMENTS or right in MOMENTS:
        moment, by = (node.this, node.expression) if left in MOMENTS else (node.expression, node.this)
        made = intervals.added(reading, node, moment, by) or _later(reading, node, moment, by)
        if made is None:
            raise refuse(node, node.sql("oracle")[:40], "a type is not known, and dates count in days",
                         "give the schema, or add an INTERVAL")  # fmt: skip
        return made
    if isinstance(node, exp.Sub) and left == right == "":
        raise refuse(node, node.sql("oracle")[:40], "of dates it is a number of days, and no type is known",
                     "give the schema")  # fmt: skip
    if "" in (left, right) and not {left, right} & {*ORDER, "string", "interval", "null"}:
        reading.note("Where dates are added or subtracted, Oracle counts in days: give the schema to have it told.")
    return numbers.arithmetic(reading, node)


def _difference(reading: Reader, node: exp.Expr, left: str, right: str) -> exp.Expr | None:
    place = node.parent
    while isinstance(place, exp.Paren):
        place = place.parent
    other = [one for one in (place.this, place.args.get("expression")) if isinstance(one, exp.Interval)] \
        if isinstance(place, exp.Predicate) else []  # fmt: skip
    if "instant" in (left, right) or isinstance(place, exp.Extract) or other:
        for side in ("this", "expression"):
            if kind_of(reading, node.args[side]) == "date":
                node.set(side, numbers.cast(node.args[side].copy(), "timestamp"))
        told(node, "interval")
        return None
    if left == right == "date":
        return told(call("datediff", node.this.copy(), node.expression.copy()), "int")
    reading.note("A difference of dates is a number of days; of columns of Oracle's TIMESTAMP it is an INTERVAL.")
    seconds = call("timestampdiff", exp.var("SECOND"), node.expression.copy(), node.this.copy())
    return numbers.seconds_in(seconds, _DAY)


def folded(node: exp.Expr) -> Fraction | None:
    """The value of arithmetic with numbers that are all written out; None for anything else."""
    if isinstance(node, exp.Literal) and not node.is_string:
        return Fraction(node.this)
    if isinstance(node, exp.Paren | exp.Neg):
        inner = folded(node.this)
        return inner if inner is None or isinstance(node, exp.Paren) else -inner
    if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div):
        one, other = folded(node.this), folded(node.expression)
        if one is None or other is None or (isinstance(node, exp.Div) and other == 0):
            return None
        if isinstance(node, exp.Mul):
            return one * other
        return one / other if isinstance(node, exp.Div) else one + (other if isinstance(node, exp.Add) else -other)
    return None


def _later(reading: Reader, node: exp.Expr, moment: exp.Expr, days: exp.Expr) -> exp.Expr | None:
    kind, way = kind_of(reading, moment), kind_of(reading, days)
    if way == "string":
        days = numbers.as_number(reading, days)
        way = kind_of(reading, days)
    if way not in ORDER:
        return None
    if kind == "instant":
        raise refuse(node, node.sql("oracle")[:40], "days added to a TIMESTAMP make a DATE of it", "add an INTERVAL")
    fixed = folded(days)
    if fixed is not None:
        return _by_seconds(moment, kind, round(fixed * _DAY) * (-1 if isinstance(node, exp.Sub) else 1))
    unit = 1
    count: exp.Expr = exp.Mul(this=exp.Paren(this=days.copy()), expression=exp.Literal.number(_DAY))
    if way in WHOLE:
        unit, count = _DAY, days.copy()
    elif isinstance(days, exp.Div) and kind_of(reading, days.this) in WHOLE and days.expression.name in (
            "24", "1440", "86400"):  # fmt: skip
        unit, count = _DAY // int(days.expression.name), days.this.copy()
        way = kind_of(reading, days.this)
    else:
        # A DATE is exact to the second.
        count = exp.Round(this=count)
    if way != "int":
        count = numbers.cast(count, "int")
    if isinstance(node, exp.Sub):
        count = exp.Neg(this=exp.Paren(this=count) if isinstance(count, exp.Binary) else count)
    if unit == _DAY and kind == "date":
        return told(call("date_add", moment.copy(), count), "date")
    return told(call("timestampadd", exp.var(_UNITS[unit]), count, at_midnight(moment, kind)), "timestamp")


def at_midnight(moment: exp.Expr, kind: str) -> exp.Expr:
    """The moment with a time of day."""
    return numbers.cast(moment.copy(), "timestamp") if kind == "date" else moment.copy()


def _by_seconds(moment: exp.Expr, kind: str, seconds: int) -> exp.Expr:
    size, unit = next(pair for pair in _UNITS.items() if seconds % pair[0] == 0)
    count = seconds // size
    if kind == "date" and size == _DAY and not isinstance(moment, exp.Cast):
        return told(call("date_add" if count >= 0 else "date_sub", moment.copy(), abs(count)), "date")
    whole = kind == "date" and size == _DAY
    step = exp.Interval(this=exp.Literal.string(str(abs(count))), unit=exp.var(unit))
    base = moment.copy() if whole else at_midnight(moment, kind)
    made = exp.Add(this=base, expression=step) if count >= 0 else exp.Sub(this=base, expression=step)
    return told(exp.Paren(this=made), "date" if whole else "timestamp")


def known(reading: Reader, node: exp.Expr, inner: exp.Expr) -> str:
    """The kind of a date. Raises Refusal for what is none, or not known to be one."""
    kind = kind_of(reading, inner)
    if kind not in MOMENTS:
        raise refuse(node, node.sql("oracle")[:40], "it is not known to be of a date", "give the schema")
    return kind


def day(moment: exp.Expr, kind: str) -> exp.Expr:
    """The day of a moment, without its time."""
    return moment.copy() if kind == "date" else numbers.cast(moment.copy(), "date")


def months(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """ADD_MONTHS goes from a month's last day to a month's last day, and keeps the time of day."""
    moment, count = node.this, node.expression
    kind, way = known(reading, node, moment), kind_of(reading, count)
    if way not in ORDER:
        raise refuse(node, node.sql("oracle")[:40], "how many months is not known to be a number", "give the schema")
    count = count.copy() if way == "int" else numbers.cast(count.copy(), "int")
    step = day(moment, kind)
    first = moment.meta.get("first") or _not_last(moment)
    if not first:
        reading.note("ADD_MONTHS keeps to the last day of the month in Oracle; Spark's keeps the number of the day.")
    last = exp.EQ(this=step, expression=call("last_day", step.copy()))
    if kind == "date":
        plain = told(call("add_months", moment.copy(), count), "date")
        if first:
            return plain
        return told(exp.Case(ifs=[exp.If(this=last, true=call("last_day", plain.copy()))], default=plain), "date")
    plain = told(call("timestampadd", exp.var("MONTH"), count, moment.copy()), "timestamp")
    if first:
        return plain
    # The day after a last day is a first one, which every month has.
    next_day = call("timestampadd", exp.var("DAY"), 1, moment.copy())
    moved = call("timestampadd", exp.var("DAY"), exp.Literal.number(-1),
                 call("timestampadd", exp.var("MONTH"), count.copy(), next_day))  # fmt: skip
    return told(exp.Case(ifs=[exp.If(this=last, true=moved)], default=plain), "timestamp")


def _not_last(moment: exp.Expr) -> bool:
    """Whether a day that is written out is no last one of its month."""
    text = moment.this.this if isinstance(moment, exp.Cast) and isinstance(moment.this, exp.Literal) else ""
    return bool(text) and (date.fromisoformat(text[:10]) + timedelta(days=1)).day != 1


def _to_day(moment: exp.Expr, kind: str, found: exp.Expr) -> exp.Expr:
    """The day that was found, with the time of day of the moment."""
    if kind == "date":
        return told(found, "date")
    days = call("datediff", found, day(moment, kind))
    return told(call("timestampadd", exp.var("DAY"), days, moment.copy()), "timestamp")


def last_day(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LAST_DAY keeps the time of day."""
    kind = known(reading, node, node.this)
    return _to_day(node.this, kind, call("last_day", day(node.this, kind)))


def next_day(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """NEXT_DAY by an English name, with the time of day."""
    kind, name = known(reading, node, node.this), node.expression
    text = name.this.upper() if isinstance(name, exp.Literal) and name.is_string else ""
    names = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")
    if not any(one.startswith(text[:3]) and one.startswith(text) for one in names) or len(text) < 3:
        raise refuse(node, node.sql("oracle")[:40], "the day is not told by its English name")
    return _to_day(node.this, kind, call("next_day", day(node.this, kind), text[:3]))


def months_between(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """MONTHS_BETWEEN, without rounding."""
    for one in (node.this, node.expression):
        known(reading, node, one)
    parts = node.this.copy(), node.expression.copy(), exp.Boolean(this=False)
    return told(call("months_between", *parts), "double")


def extract(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """EXTRACT of a moment or an interval."""
    kind = kind_of(reading, node.expression)
    if kind not in (*MOMENTS, "interval") or node.name.upper() not in (
            "YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"):  # fmt: skip
        raise refuse(node, node.sql("oracle")[:40], "it is not known to be of a date, or Spark has no such part",
                     "give the schema")  # fmt: skip
    return None
