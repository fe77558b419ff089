"""SQL Server's dates: their units, their constants, DATEADD, DATEDIFF, DATETRUNC, and days added by + and -."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from sqlglot import exp

from helpers.bridge.foreign import pieces
from helpers.bridge.foreign.reader import WHOLE, Reader, as_type, call, told
from helpers.bridge.refusal import refuse

_UNITS = {
    "YEAR": "year yy yyyy", "QUARTER": "quarter qq q", "MONTH": "month mm m", "DAYOFYEAR": "dayofyear dy y",
    "DAY": "day dd d", "WEEK": "week wk ww", "WEEKDAY": "weekday dw w", "HOUR": "hour hh", "MINUTE": "minute mi n",
    "SECOND": "second ss s", "MILLISECOND": "millisecond ms", "MICROSECOND": "microsecond mcs",
    "NANOSECOND": "nanosecond ns", "ISO_WEEK": "iso_week isowk isoww", "TZOFFSET": "tzoffset tz",
}  # fmt: skip
_BY_NAME = {name: unit for unit, names in _UNITS.items() for name in names.split()}
_DAYS = {"DAY": 1, "DAYOFYEAR": 1, "WEEKDAY": 1, "WEEK": 7}
_MONTHS = {"YEAR": 12, "QUARTER": 3, "MONTH": 1}
_TIMES = ("HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND")
_ZERO = date(1900, 1, 1)
_TEXT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[ T](\d\d?):(\d\d)(?::(\d\d)(\.\d{1,6})?)?)?")


def unit_of(node: exp.Expr, allowed: tuple[str, ...] = ()) -> str:
    """The unit that a word of T-SQL means. Raises Refusal for one that is not known, or not allowed here."""
    unit = _BY_NAME.get(node.name.lower(), "")
    if not unit or (allowed and unit not in allowed):
        raise refuse(node, f"The unit {node.name}", "it is not known to mean the same in Spark")
    return unit


def constant_of(text: str) -> str | None:
    """A date's text as Spark writes it, with its time of day where it has one; None for other forms."""
    text = text.strip()
    found = _TEXT.fullmatch(text)
    if not found or ("-" in text[:10] and (text[4] != "-" or text[7] != "-")):
        return None
    year, month, day, hour, minute, second, fraction = found.groups()
    try:
        datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        return None
    clock = f" {int(hour):02}:{minute}:{second or '00'}{fraction or ''}" if hour else ""
    return f"{year}-{month}-{day}{clock}"


def moment(reading: Reader, node: exp.Expr) -> exp.Expr:
    """A date or a time as SQL Server takes it: texts are read, numbers are days from 1900. It is told its type."""
    inner = node.this if isinstance(node, exp.Paren) else node
    if isinstance(inner, exp.Literal) and inner.is_string:
        text = constant_of(inner.this)
        if text is None:
            raise refuse(
                node,
                f"The date {inner.this!r}",
                "there is no such day, or its form goes by the language",
                "write it as 'yyyy-mm-dd'",
            )
        return as_type(exp.Literal.string(text), "timestamp")
    days = pieces.number(inner)
    if days is not None and -53690 <= days <= 2958463:
        return as_type(exp.Literal.string((_ZERO + timedelta(days=days)).isoformat()), "timestamp")
    kind = reading.kind(node)
    if kind in ("date", "timestamp"):
        return told(node.copy(), kind)
    if kind == "string":
        return as_type(node.copy(), "timestamp")
    raise refuse(node, f"{node.sql('tsql')[:40]} as a date", "it is not known to be one", "give the schema, or cast")


def day(reading: Reader, node: exp.Expr) -> exp.Expr:
    """A date or a time without its time of day."""
    made = moment(reading, node)
    if reading.kind(made) == "date":
        return made
    if isinstance(made, exp.Cast) and isinstance(made.this, exp.Literal):
        return as_type(exp.Literal.string(made.this.this[:10]), "date")
    return as_type(made, "date")


def added(reading: Reader, node: exp.Anonymous) -> exp.Expr:
    """DATEADD(unit, number, date): of a date's type where it is one."""
    unit = unit_of(node.expressions[0], (*_DAYS, *_MONTHS, *_TIMES))
    amount, given = node.expressions[1], node.expressions[2]
    since = amount.meta.get("since_0")
    if since and since[0] == unit and pieces.number(given) == 0 and unit != "WEEK":
        # The idiom for cutting off: so many whole units from day 0.
        whole = since[1] if reading.kind(since[1]) == "timestamp" else as_type(since[1].copy(), "timestamp")
        return told(call("date_trunc", "DAY" if unit in _DAYS else unit, whole.copy()), "timestamp")
    return shifted(reading, node, unit, _count(reading, amount), moment(reading, given))


def shifted(reading: Reader, node: exp.Expr, unit: str, count: exp.Expr, base: exp.Expr) -> exp.Expr:
    """A moment moved by so many units."""
    kind = reading.kind(base)
    if kind == "date":
        if unit in _TIMES:
            raise refuse(node, f"{unit} added to a date", "SQL Server has no times in a date", "cast it to datetime2")
        size = _DAYS.get(unit) or _MONTHS[unit]
        name = "date_add" if unit in _DAYS else "add_months"
        return told(call(name, base, _times(count, size)), "date")
    name = "DAY" if unit in ("DAYOFYEAR", "WEEKDAY") else unit
    return told(call("timestampadd", exp.var(name), count, base), "timestamp")


def _count(reading: Reader, node: exp.Expr) -> exp.Expr:
    kind = reading.kind(node)
    if kind in WHOLE:
        return node.copy()
    return as_type(node.copy(), "int")


def _times(count: exp.Expr, size: int) -> exp.Expr:
    if size == 1:
        return count
    known = pieces.number(count)
    if known is not None:
        made = exp.Literal.number(abs(known) * size)
        return exp.Neg(this=made) if known < 0 else made
    return exp.Mul(this=exp.Paren(this=count), expression=exp.Literal.number(size))


def difference(reading: Reader, node: exp.Anonymous) -> exp.Expr:
    """DATEDIFF counts the boundaries that are crossed; Spark's counts whole units."""
    unit = unit_of(node.expressions[0], (*_DAYS, *_MONTHS, *_TIMES))
    start, end = node.expressions[1], node.expressions[2]
    made = told(_boundaries(reading, unit, start, end), "int")
    if pieces.number(start) == 0 and isinstance(start, exp.Literal):
        made.meta["since_0"] = (unit, moment(reading, end))
    return made


def _boundaries(reading: Reader, unit: str, start: exp.Expr, end: exp.Expr) -> exp.Expr:
    if unit in _TIMES:
        cut = [call("date_trunc", unit, _timed(reading, one)) for one in (start, end)]
        return call("timestampdiff", exp.var(unit), *cut)
    if unit in _MONTHS:
        reading.note(
            f"DATEDIFF({unit.lower()}) counts boundaries in SQL Server: it became a difference of calendar numbers."
        )
        parts = [_number(unit, _dated(reading, one)) for one in (end, start)]
        return exp.Paren(this=exp.Sub(this=parts[0], expression=parts[1]))
    days = [day(reading, one) for one in (end, start)]
    if unit == "WEEK":
        sundays = call("datediff", *(week_start(one) for one in days))
        return exp.Paren(this=exp.IntDiv(this=sundays, expression=exp.Literal.number(7)))
    return call("datediff", *days)


def _dated(reading: Reader, node: exp.Expr) -> exp.Expr:
    """What a calendar number is taken of: a time needs no cast for it."""
    return moment(reading, node) if reading.kind(node) == "timestamp" else day(reading, node)


def _timed(reading: Reader, node: exp.Expr) -> exp.Expr:
    made = moment(reading, node)
    return made if reading.kind(made) == "timestamp" else as_type(made, "timestamp")


def week_start(node: exp.Expr) -> exp.Expr:
    """The Sunday on or before a date."""
    back = exp.Sub(this=call("dayofweek", node.copy()), expression=exp.Literal.number(1))
    return told(call("date_sub", node.copy(), back), "date")


def _number(unit: str, node: exp.Expr) -> exp.Expr:
    year = call("year", node)
    if unit == "YEAR":
        return year
    part, size = ("month", 12) if unit == "MONTH" else ("quarter", 4)
    return exp.Paren(
        this=exp.Add(this=exp.Mul(this=year, expression=exp.Literal.number(size)), expression=call(part, node.copy()))
    )


def cut(reading: Reader, node: exp.Anonymous) -> exp.Expr:
    """DATETRUNC: weeks begin on Sunday, and a date stays a date."""
    unit = unit_of(node.expressions[0], (*_DAYS, *_MONTHS, *_TIMES, "ISO_WEEK"))
    base = moment(reading, node.expressions[1])
    kind = reading.kind(base)
    if kind == "date" and unit in _TIMES:
        raise refuse(
            node, f"DATETRUNC({unit}) of a date", "SQL Server has no times in a date", "cast it to datetime2"
        )
    if unit == "WEEK":
        reading.note("Weeks begin on Sunday, as DATEFIRST is without further setting.")
        start = week_start(day(reading, node.expressions[1]))
        return start if kind == "date" else told(as_type(start, "timestamp"), "timestamp")
    name = {"ISO_WEEK": "WEEK", "DAYOFYEAR": "DAY", "WEEKDAY": ""}.get(unit, unit)
    if not name:
        raise refuse(node, "DATETRUNC(weekday)", "SQL Server has none")
    if kind == "date":
        return base if name == "DAY" else told(call("trunc", base, name), "date")
    return told(call("date_trunc", name, base), "timestamp")


def moved_by_days(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A datetime plus or minus a number: days, with their fraction; None where neither side is a time."""
    left, right = reading.kind(node.this), reading.kind(node.expression)
    base, amount = node.this, node.expression
    if right == "timestamp" and left != "timestamp" and isinstance(node, exp.Add):
        left, right, base, amount = right, left, amount, base
    if left != "timestamp" or isinstance(amount, exp.Interval):
        return None
    back = isinstance(node, exp.Sub)
    if right in WHOLE:
        count = amount.copy()
        known = pieces.number(amount)
        if back:
            count = exp.Neg(this=count if known is not None and known >= 0 else exp.Paren(this=count))
        return shifted(reading, node, "DAY", count, told(base.copy(), "timestamp"))
    sign = -1 if back else 1
    inner = amount
    while isinstance(inner, exp.Neg | exp.Paren):
        sign, inner = (-sign if isinstance(inner, exp.Neg) else sign), inner.this
    seconds = float(inner.this) * 86400 if isinstance(inner, exp.Literal) and not inner.is_string else 0.5
    if seconds != int(seconds):
        raise refuse(
            node, f"{node.sql('tsql')[:40]}", "days are added there, in steps of 1/300 of a second", "use DATEADD"
        )
    number: exp.Expr = exp.Literal.number(int(seconds))
    return shifted(reading, node, "SECOND", exp.Neg(this=number) if sign < 0 else number,
                   told(base.copy(), "timestamp"))  # fmt: skip


def compared(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Texts beside a date in a comparison are read as SQL Server reads them."""
    if isinstance(node, exp.Between):
        parts = [node.this, node.args["low"], node.args["high"]]
    elif isinstance(node, exp.In):
        parts = [node.this, *node.expressions]
    else:
        parts = [node.this, node.expression]
    kinds = {reading.kind(one) for one in parts if one is not None} & {"date", "timestamp"}
    if len(kinds) != 1:
        return None
    for one in parts:
        if not isinstance(one, exp.Literal):
            continue
        if not one.is_string:
            raise refuse(node, "A date compared with a number", "the number is days from 1900 in SQL Server")
        made = moment(reading, one).this
        plain = made.this[:10] if kinds == {"date"} else made.this
        if plain != one.this:
            one.replace(exp.Literal.string(plain))
    return None
