"""PostgreSQL's intervals: their texts, and dates moved by them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from sqlglot import exp

from helpers.bridge.foreign.reader import WHOLE, Reader, call, told
from helpers.bridge.refusal import refuse

TIMES = {"date", "timestamp"}
_DAY = 86_400_000_000
_MONTHS = {"month": 1, "mon": 1, "year": 12, "yr": 12, "y": 12, "decade": 120, "century": 1200}
_MICROS = {"us": 1, "microsecond": 1, "ms": 1000, "millisecond": 1000, "s": 1_000_000, "sec": 1_000_000,
           "second": 1_000_000, "m": 60_000_000, "min": 60_000_000, "minute": 60_000_000, "h": 3_600_000_000,
           "hr": 3_600_000_000, "hour": 3_600_000_000}  # fmt: skip
_DAYS = {"d": 1, "day": 1, "w": 7, "week": 7}
_TOKEN = re.compile(
    r"\s*(?P<sign>[+-]?)\s*(?:(?P<hours>\d+):(?P<minutes>\d\d)(?::(?P<seconds>\d\d(?:\.\d+)?))?"
    r"|(?P<count>\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>[a-z]+))\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Span:
    """An interval as PostgreSQL keeps it: months, days and microseconds, each on its own."""

    months: int = 0
    days: int = 0
    micros: int = 0

    def steps(self) -> list[tuple[int, str]]:
        """The same as whole numbers of units, the coarse ones first: in this order they are added."""
        found = [(self.months, "MONTH"), (self.days, "DAY")]
        sizes = (("HOUR", 3_600_000_000), ("MINUTE", 60_000_000), ("SECOND", 1_000_000), ("MICROSECOND", 1))
        unit, size = next(one for one in sizes if self.micros % one[1] == 0)
        return [one for one in [*found, (self.micros // size, unit)] if one[0]] or [(0, "DAY")]


def span(text: str) -> Span | None:
    """The interval that a text means; None where it is not written in the usual way."""
    text, ago = re.subn(r"\s+ago\s*$", "", text, flags=re.IGNORECASE)
    months = days = micros = Fraction(0)
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            return None
        at, sign = found.end(), -1 if found["sign"] == "-" else 1
        if found["hours"]:
            seconds = Fraction(found["seconds"] or 0) + 60 * int(found["minutes"]) + 3600 * int(found["hours"])
            micros += sign * seconds * 1_000_000
            continue
        count, unit = sign * Fraction(found["count"]), found["unit"].lower()
        unit = unit if unit in ("s", "ms", "us") else unit.removesuffix("s")
        if unit in _MONTHS and (count * _MONTHS[unit]).denominator == 1:
            months += count * _MONTHS[unit]
        elif unit in _DAYS:
            whole = int(count * _DAYS[unit])
            days += whole
            micros += (count * _DAYS[unit] - whole) * _DAY
        elif unit in _MICROS:
            micros += count * _MICROS[unit]
        else:
            return None
    if not at or micros.denominator != 1:
        return None
    back = -1 if ago else 1
    return Span(back * int(months), back * int(days), back * int(micros))


def text_of(node: exp.Expr | None) -> Span | None:
    """The interval of a constant: INTERVAL '...', one in parentheses, or with a minus; None for anything else."""
    if isinstance(node, exp.Paren):
        return text_of(node.this)
    if isinstance(node, exp.Neg):
        found = text_of(node.this)
        return None if found is None else Span(-found.months, -found.days, -found.micros)
    if not isinstance(node, exp.Interval) or not isinstance(node.this, exp.Literal):
        return None
    unit = node.args.get("unit")
    if unit is not None and not isinstance(unit, exp.Var):
        return None
    return span(f"{node.this.this} {unit.name if unit is not None else ''}".strip())


def interval(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """An interval's constant of one unit, as Spark has it; those of several are taken apart where they are added."""
    found = text_of(node)
    if found is None:
        raise refuse(node, node.sql("postgres"), "its text is not one of whole months, days and times",
                     "write it as in '1 month 2 days 03:00:00'")  # fmt: skip
    steps = found.steps()
    if len(steps) == 1:
        return told(_step(*steps[0]), "interval")
    told(node, "interval")
    return None


def written(reading: Reader, text: exp.Literal) -> exp.Expr:
    """The interval that a text means where one is needed. Raises Refusal where it is none."""
    made = exp.Interval(this=text.copy())
    return interval(reading, made) or made


def _step(count: int | exp.Expr, unit: str) -> exp.Interval:
    amount = exp.Literal.string(str(count)) if isinstance(count, int) else count
    return exp.Interval(this=amount, unit=exp.var(unit))


def made(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """make_interval(): the sum of its parts, which stands where an interval is added."""
    if not isinstance(_above(node), exp.Add | exp.Sub):
        raise refuse(node, "make_interval() on its own", "Spark gives no such intervals out", "add it to a time")
    told(node, "interval")
    return None


def _above(node: exp.Expr) -> exp.Expr | None:
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    return parent


def _made_steps(node: exp.MakeInterval) -> list[exp.Interval]:
    """The parts of make_interval() in the order in which they are added."""
    given = {
        unit: value.expression if isinstance(value, exp.Kwarg) else value
        for unit, value in node.args.items()
        if isinstance(value, exp.Expr)
    }
    if "year" in given:
        years: exp.Expr = exp.Mul(this=_operand(given.pop("year")), expression=exp.Literal.number(12))
        given["month"] = exp.Add(this=years, expression=given["month"].copy()) if "month" in given else years
    order = [unit for unit in ("month", "week", "day", "hour", "minute", "second") if unit in given]
    steps = []
    for unit in order:
        value = given[unit]
        whole = isinstance(value, exp.Literal) and value.is_int
        steps.append(_step(int(value.this) if whole else _operand(value), unit.upper()))
    return steps


def _operand(node: exp.Expr) -> exp.Expr:
    return node.copy() if isinstance(node, exp.Column | exp.Literal | exp.Paren) else exp.Paren(this=node.copy())


def _moves(node: exp.Expr) -> list[exp.Expr]:
    """The parts that an interval is added in."""
    inner = node
    while isinstance(inner, exp.Paren):
        inner = inner.this
    if isinstance(inner, exp.MakeInterval):
        return list(_made_steps(inner))
    found = text_of(node)
    return [node.copy()] if found is None else [_step(*one) for one in found.steps()]


def moved(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Date minus date is a number of days, time minus time an interval; date plus an interval is a timestamp."""
    one, other, back = node.this, node.expression, isinstance(node, exp.Sub)
    left, right = reading.kind(one), reading.kind(other)
    if isinstance(other, exp.Literal) and other.is_string and left in TIMES:
        other, right = _needed(reading, other, left, back)
    if left == "interval" and right != "interval" and not back:
        one, other, left, right = other, one, right, left
    if right == "interval":
        return _moved(node, one, other, left)
    if not back:
        return None
    if left == right == "date":
        return call("datediff", one.copy(), other.copy())
    if {left, right} <= TIMES:
        made = exp.Sub(this=_time(one, left), expression=_time(other, right))
        return told(made, "interval")
    if "" in (left, right) and {left, right} & TIMES:
        raise refuse(
            node,
            f"The difference {node.sql('postgres')[:40]}",
            "of two dates it is a number, and a type is not known",
            "give the schema",
        )
    return None


def _needed(reading: Reader, text: exp.Literal, kind: str, back: bool) -> tuple[exp.Expr, str]:
    """A text beside a time, and its type there: one of a time where times are subtracted, else an interval."""
    if back and span(text.this) is None:
        return exp.Cast(this=text.copy(), to=exp.DataType.build(kind, dialect="spark")), kind
    return written(reading, text), "interval"


def _time(node: exp.Expr, kind: str) -> exp.Expr:
    if kind != "date":
        return node.copy()
    return exp.Cast(this=node.copy(), to=exp.DataType.build("timestamp", dialect="spark"))


def _moved(node: exp.Expr, base: exp.Expr, by: exp.Expr, kind: str) -> exp.Expr | None:
    moves = _moves(by)
    if kind == "interval":
        if len(moves) > 1 or len(_moves(base)) > 1:
            raise refuse(node, "A sum of intervals of several units", "Spark keeps months and days apart")
        return told(type(node)(this=base.copy(), expression=by.copy()), "interval")
    result = _time(base, kind)
    for move in moves:
        result = type(node)(this=result, expression=move)
    return told(result, "timestamp") if kind in TIMES else result


def times(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A number times an interval, or an interval by a number: months only by whole numbers."""
    kinds = reading.kind(node.this), reading.kind(node.expression)
    if "interval" not in kinds:
        return None
    one, other = (node.this, node.expression) if kinds[0] == "interval" else (node.expression, node.this)
    found, kind = text_of(one), reading.kind(other)
    whole = kind in WHOLE and isinstance(node, exp.Mul)
    if found is None or len(found.steps()) > 1 or (found.months and not whole) or not kind:
        raise refuse(node, node.sql("postgres")[:60], "a fraction of its parts is another thing in Spark",
                     "multiply an interval of one unit by a whole number")  # fmt: skip
    told(node, "interval")
    return None


def age(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """age(), of which the whole years and months between two dates are known."""
    field = _above(node)
    name = field.this.name.upper() if isinstance(field, exp.Extract) else ""
    dates = [one for one in node.expressions if reading.kind(one) == "date"]
    if name not in ("YEAR", "MONTH") or len(dates) != len(node.expressions) or len(dates) > 2:
        raise refuse(node, "age()", "only the years and the months of it, and only between dates, are known",
                     "write extract(year FROM age(one::date, other::date))")  # fmt: skip
    last = dates[0].copy() if len(dates) == 2 else exp.CurrentDate()
    return told(call("timestampdiff", exp.var("MONTH"), dates[-1].copy(), last), "age")
