"""MySQL's functions of dates and times."""

from __future__ import annotations

import re
from datetime import datetime

from sqlglot import exp

from helpers.bridge.foreign.mysql.kinds import typed
from helpers.bridge.foreign.mysql.texts import Named
from helpers.bridge.foreign.mysql.weeks import week, year_of_week
from helpers.bridge.foreign.pieces import dated, number
from helpers.bridge.foreign.reader import Reader, Rule, call
from helpers.bridge.refusal import refuse

_DAYS = {"YEAR", "QUARTER", "MONTH", "WEEK", "DAY"}
_UNITS = _DAYS | {"HOUR", "MINUTE", "SECOND"}
_PARTS = (exp.Year, exp.Quarter, exp.Month, exp.Day, exp.DayOfMonth, exp.DayOfWeek, exp.DayOfYear, exp.Week,
          exp.WeekOfYear, exp.TimeToStr)  # fmt: skip
_LENGTHS = {"MONTH": ("add_months", 1), "QUARTER": ("add_months", 3), "YEAR": ("add_months", 12), 
            "DAY": ("date_add", 1), "WEEK": ("date_add", 7)}  # fmt: skip
_SECONDS = {"DAY": 86400, "HOUR": 3600, "MINUTE": 60, "SECOND": 1}
_CHAIN = ["DAY", "HOUR", "MINUTE", "SECOND"]
_WRITTEN = re.compile(
    r"\s*(\d{4})[^\w\s](\d{1,2})[^\w\s](\d{1,2})(?:[T\s]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?)?\s*"
)
EPOCH = 719528
"""The number that TO_DAYS gives the day from which Spark counts."""


def parts_of(unit: str) -> list[str]:
    """The units of a compound one, the largest first: DAY_MINUTE holds DAY, HOUR and MINUTE; [] for others."""
    if unit == "YEAR_MONTH":
        return ["YEAR", "MONTH"]
    first, _, last = unit.partition("_")
    known = first in _CHAIN and last in _CHAIN and first != last
    return _CHAIN[_CHAIN.index(first) : _CHAIN.index(last) + 1] if known else []


def read(reading: Reader, node: exp.Expr, kind: str) -> exp.Expr:
    """A value that MySQL takes for a date or a time; a constant that is none becomes NULL."""
    found = reading.kind(node)
    if found == kind or (kind == "timestamp" and found == "date"):
        return node.copy()
    if isinstance(node, exp.Literal) and node.is_string:
        match = _WRITTEN.fullmatch(dated(node.this) or node.this)
        try:
            if match is not None:
                year, month, day, hour, minute, second = (int(one or 0) for one in match.groups())
                datetime(year, month, day, hour, minute, second)
        except ValueError:
            return typed(exp.Null(), kind)
        if not node.this.strip()[:1].isdigit():
            return typed(exp.Null(), kind)
        if match is not None and (kind == "date" or dated(node.this)):
            return typed(exp.Literal.string(_day(match)), kind)
    elif found == "string":
        reading.note("Of a text that is no date MySQL makes NULL; Spark stops with an error.")
    return typed(node, kind)


def _day(match: re.Match[str]) -> str:
    return "-".join(one.zfill(2) for one in match.groups()[:3])


def beside_dates(reading: Reader, sides: list[exp.Expr]) -> None:
    """Texts that are compared with a date are read as MySQL reads them: in place, in their tree.

    Beside a time of day the date is midnight.
    """
    kinds = {reading.kind(one) for one in sides}
    if not kinds & {"date", "timestamp"}:
        return
    for one in sides:
        match = (
            _WRITTEN.fullmatch(dated(one.this) or one.this)
            if isinstance(one, exp.Literal) and one.is_string
            else None
        )
        if match is None:
            continue
        time = re.search(r"\d{1,2}:.*", one.this)
        timed = time is not None and re.search("[1-9]", time[0]) is not None
        plain = f"{_day(match)} {time[0].strip()}" if time is not None and timed else _day(match)
        made = exp.Literal.string(one.this if one.this.startswith(_day(match)) else plain)
        one.replace(typed(made, "timestamp") if timed and "timestamp" not in kinds else made)


def moment(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """An argument that MySQL takes for a date or a time."""
    if _year_0(node):
        return None
    # A part of a day is the same whether the time is with it or not.
    whole = isinstance(node, exp.TsOrDsToDate | exp.Date) and not isinstance(node.parent, _PARTS)
    return read(reading, node.this, "date" if whole else "timestamp")


def difference(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """DATEDIFF counts days; TO_DAYS is read as days since the year 0."""
    if _year_0(node.expression):
        return None
    return call("datediff", *(read(reading, one, "date") for one in (node.this, node.expression)))


def _year_0(node: exp.Expr) -> bool:
    return any(isinstance(one, exp.Literal) and one.this == "0000-01-01" for one in node.walk())


def day_number(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """TO_DAYS, which sqlglot takes apart."""
    days = node.this.this if isinstance(node.this, exp.Add) else None
    if not isinstance(days, exp.DateDiff):
        return None
    since = call("unix_date", read(reading, days.this, "date"))
    return exp.Paren(this=exp.Add(this=since, expression=exp.Literal.number(EPOCH)))


def units_between(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """TIMESTAMPDIFF counts whole units."""
    unit = node.text("unit").upper()
    if unit not in _UNITS:
        raise refuse(node, f"TIMESTAMPDIFF of {unit}", "the unit is not known")
    start, end = (read(reading, one, "timestamp") for one in (node.expression, node.this))
    return call("timestampdiff", exp.var(unit), start, end)


def added(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """DATE_ADD, DATE_SUB and TIMESTAMPADD."""
    unit, amount = node.text("unit").upper() or "DAY", node.expression
    if isinstance(amount, exp.Interval):
        unit, amount = amount.text("unit").upper() or unit, amount.this
    return _moved(reading, node, node.this, amount, unit, back=isinstance(node, exp.DateSub))


def with_interval(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """x + INTERVAL ... where Spark has no such interval, or x is a text."""
    moved, interval = node.this, node.expression
    if isinstance(moved, exp.Interval):
        moved, interval = interval, moved
    unit = interval.text("unit").upper()
    if unit in _UNITS and reading.kind(moved) != "string":
        return None
    return _moved(reading, node, moved, interval.this, unit, back=isinstance(node, exp.Sub))


def _moved(reading: Reader, node: exp.Expr, moment: exp.Expr, amount: exp.Expr, unit: str, back: bool) -> exp.Expr:
    moment = moment.this if isinstance(moment, exp.TsOrDsToDate | exp.Date) else moment
    if unit not in _UNITS:
        unit, amount = _compound(node, unit, amount)
    elif isinstance(amount, exp.Literal) and not re.fullmatch(r"\s*-?\d+\s*", amount.this):
        raise refuse(node, f"INTERVAL {amount.sql()} {unit}", "only whole numbers are known")
    elif isinstance(amount, exp.Literal):
        amount = exp.Literal.number(int(amount.this))
    if back:
        count = number(amount)
        amount = exp.Literal.number(-count) if count is not None else exp.Neg(this=exp.Paren(this=amount.copy()))
    whole_days = unit in _DAYS
    if isinstance(moment, exp.Literal) and moment.is_string:
        moment = read(reading, moment, "date" if re.fullmatch(r"[^\s:T]+", moment.this.strip()) else "timestamp")
    elif reading.kind(moment) == "string":
        raise refuse(node, "An interval added to a text", "MySQL gives a date or a time by what the text holds",
                     "cast it to DATE or DATETIME")  # fmt: skip
    elif not reading.kind(moment) and whole_days:
        reading.note("What a day or a month is added to became a time; with the schema a date stays a date.")
    if reading.kind(moment) == "date" and whole_days:
        return _later_day(moment, amount, unit)
    return call("timestampadd", exp.var(unit), amount.copy(), moment.copy())


def _later_day(day: exp.Expr, amount: exp.Expr, unit: str) -> exp.Expr:
    name, size = _LENGTHS[unit]
    count = number(amount)
    if count is not None and count < 0 and name == "date_add":
        return call("date_sub", day.copy(), -count * size)
    if count is not None:
        amount = exp.Literal.number(count * size)
    elif size > 1:
        amount = exp.Mul(this=exp.Paren(this=amount.copy()), expression=exp.Literal.number(size))
    return call(name, day.copy(), amount.copy())


def _compound(node: exp.Expr, unit: str, amount: exp.Expr) -> tuple[str, exp.Expr]:
    """An interval such as '1:30' HOUR_MINUTE as one number of its smallest unit."""
    parts = parts_of(unit)
    numbers = re.findall(r"\d+", amount.this) if isinstance(amount, exp.Literal) else []
    if not parts or not numbers or len(numbers) > len(parts) or "." in amount.this:
        raise refuse(node, f"An interval of {unit}", "the unit, or how its amount is written, is not known",
                     "write one interval for each unit")  # fmt: skip
    # Fewer numbers than units are those of the smaller units.
    held = dict(zip(reversed(parts), (int(one) for one in reversed(numbers)), strict=False))
    sign = -1 if amount.this.strip().startswith("-") else 1
    if unit == "YEAR_MONTH":
        return "MONTH", exp.Literal.number(sign * (12 * held.get("YEAR", 0) + held.get("MONTH", 0)))
    smallest = parts[-1]
    seconds = sum(count * _SECONDS[one] for one, count in held.items())
    return smallest, exp.Literal.number(sign * seconds // _SECONDS[smallest])


def extracted(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """EXTRACT of one unit, or of several as one number of their digits."""
    unit = node.this.name.upper()
    value = read(reading, node.expression, "timestamp")
    if unit == "WEEK":
        return week(value, 0)
    parts = [unit] if unit in _UNITS else parts_of(unit)
    if not parts:
        raise refuse(node, f"EXTRACT({unit} ...)", "the unit is not known")
    made: exp.Expr = call(parts[0].lower(), value.copy())
    for one in parts[1:]:
        shifted = exp.Mul(this=made, expression=exp.Literal.number(100))
        made = exp.Paren(this=exp.Add(this=shifted, expression=call(one.lower(), value.copy())))
    return made


def weeks(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """WEEK(date, mode) and WEEKOFYEAR."""
    mode = 3 if isinstance(node, exp.WeekOfYear) else 0
    if node.args.get("mode") is not None:
        found = number(node.args["mode"])
        if found is None or not 0 <= found <= 7:
            raise refuse(node, "WEEK with a computed mode", "only constants from 0 to 7 are known")
        mode = found
    return week(read(reading, node.this, "timestamp"), mode)


def year_week(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    """YEARWEEK(date, mode)."""
    mode = number(parts[1]) if len(parts) > 1 else 0
    if mode is None or not 0 <= mode <= 7:
        raise refuse(node, "YEARWEEK with a computed mode", "only constants from 0 to 7 are known")
    value = read(reading, parts[0], "timestamp")
    years = exp.Mul(this=year_of_week(value, mode | 2), expression=exp.Literal.number(100))
    return exp.Paren(this=exp.Add(this=years, expression=week(value, mode | 2)))


def seconds_of_day(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    """TIME_TO_SEC of a date with a time."""
    if reading.kind(parts[0]) != "timestamp":
        raise refuse(node, "TIME_TO_SEC", "it is known of dates with a time", "give the schema, or cast to DATETIME")
    hours, minutes, rest = (call(name, parts[0].copy()) for name in ("hour", "minute", "second"))
    seconds = exp.Add(this=exp.Mul(this=hours, expression=exp.Literal.number(3600)),
                      expression=exp.Mul(this=minutes, expression=exp.Literal.number(60)))  # fmt: skip
    return exp.Paren(this=exp.Add(this=seconds, expression=rest))


def shifted_days(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    """ADDDATE and SUBDATE: of days, or of an interval."""
    amount, unit = parts[1], "DAY"
    if isinstance(amount, exp.Interval):
        amount, unit = amount.this, amount.text("unit").upper()
    return _moved(reading, node, parts[0], amount, unit, back=str(node.this).upper() == "SUBDATE")


def epoch(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    """UNIX_TIMESTAMP."""
    return call("unix_timestamp", *(read(reading, one, "timestamp") for one in parts))


NAMED: dict[str, Named] = {
    "yearweek": year_week, "time_to_sec": seconds_of_day, "adddate": shifted_days, "subdate": shifted_days,
    "unix_timestamp": epoch,
}  # fmt: skip
RULES: dict[type[exp.Expr], Rule] = {
    exp.TsOrDsToDate: moment, exp.TsOrDsToTimestamp: moment, exp.Date: moment, exp.DateDiff: difference,
    exp.Paren: day_number, exp.TimestampDiff: units_between, exp.DateAdd: added, exp.DateSub: added,
    exp.TsOrDsAdd: added, exp.TimestampAdd: added, exp.Extract: extracted, exp.Week: weeks, exp.WeekOfYear: weeks,
}  # fmt: skip
ALLOWED: frozenset[type[exp.Expr] | str] = frozenset({
    exp.DateDiff, exp.DateAdd, exp.DateSub, exp.TsOrDsAdd, exp.TsOrDsToDate, exp.TsOrDsToTimestamp, exp.Date,
    exp.Year, exp.Month, exp.Day, exp.DayOfMonth, exp.Quarter, exp.LastDay, exp.DayOfWeek, exp.Hour,
    exp.Minute, exp.Second, exp.DayOfYear, exp.CurrentTime, exp.TimestampDiff, exp.TimestampAdd, exp.Week,
    exp.WeekOfYear, *NAMED,
})  # fmt: skip
