"""Parts of SQL Server's dates, and dates made of parts."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign import pieces
from helpers.bridge.foreign.reader import Reader, as_type, call, told
from helpers.bridge.foreign.tsql.dates import day, moment, shifted, unit_of
from helpers.bridge.refusal import refuse

_PLAIN = {
    "YEAR": "year", "QUARTER": "quarter", "MONTH": "month", "DAY": "day", "DAYOFYEAR": "dayofyear", "HOUR": "hour",
    "MINUTE": "minute", "SECOND": "second", "ISO_WEEK": "weekofyear", "WEEKDAY": "dayofweek",
}  # fmt: skip
_OF_TIMES = ("HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND")
_FRACTIONS = {"MILLISECOND": "SSS", "MICROSECOND": "SSSSSS"}
_NAMES = {"MONTH": "MMMM", "WEEKDAY": "EEEE"}


def part(reading: Reader, node: exp.Anonymous) -> exp.Expr:
    """DATEPART(unit, date): weekdays from Sunday = 1, weeks from the first of January."""
    unit = unit_of(node.expressions[0], (*_PLAIN, *_FRACTIONS, "WEEK"))
    base = moment(reading, node.expressions[1])
    if unit in _OF_TIMES and reading.kind(base) == "date":
        raise refuse(node, f"DATEPART({unit}) of a date", "SQL Server has no times in a date", "cast it to datetime2")
    if unit in ("WEEK", "WEEKDAY"):
        reading.note("Weeks begin on Sunday, as DATEFIRST is without further setting.")
    if unit == "WEEK":
        # The Saturday that ends the week is so many days into the year, begun weeks counted.
        left = exp.Sub(this=exp.Literal.number(13), expression=call("dayofweek", base))
        total = exp.Paren(this=exp.Add(this=call("dayofyear", base.copy()), expression=left))
        return told(exp.Paren(this=exp.IntDiv(this=total, expression=exp.Literal.number(7))), "int")
    if unit in _FRACTIONS:
        return as_type(call("date_format", base, _FRACTIONS[unit]), "int")
    return told(call(_PLAIN[unit], base), "int")


def named(reading: Reader, node: exp.Anonymous) -> exp.Expr:
    """DATENAME(unit, date): a month's or a weekday's name, or the number as text."""
    unit = unit_of(node.expressions[0])
    if unit in _NAMES:
        return told(call("date_format", moment(reading, node.expressions[1]), _NAMES[unit]), "string")
    return as_type(part(reading, node), "string")


def month_end(reading: Reader, node: exp.Anonymous) -> exp.Expr:
    """EOMONTH(date), EOMONTH(date, months)."""
    base = day(reading, node.expressions[0])
    if len(node.expressions) > 1:
        base = shifted(reading, node, "MONTH", node.expressions[1].copy(), told(base, "date"))
    return told(call("last_day", base), "date")


def from_parts(reading: Reader, node: exp.Anonymous) -> exp.Expr:
    """DATEFROMPARTS(y, m, d), and moments of their parts without a fraction of a second."""
    name = str(node.this).lower()
    parts = [one.copy() for one in node.expressions]
    if name == "datefromparts":
        return told(call("make_date", *parts), "date")
    wanted = {"datetime2fromparts": 8, "datetimefromparts": 7, "smalldatetimefromparts": 5}[name]
    if len(parts) != wanted or any(pieces.number(one) != 0 for one in parts[6:7]):
        raise refuse(
            node,
            f"{name.upper()} with a fraction of a second",
            "Spark takes it as part of the seconds",
            "add it by DATEADD",
        )
    return told(call("make_timestamp", *[*parts, exp.Literal.number(0)][:6]), "timestamp")


def calendar(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """What YEAR, MONTH and DAY are taken of."""
    kind = reading.kind(node.this)
    return None if kind == "" and not isinstance(node.this, exp.Literal) else moment(reading, node.this)
