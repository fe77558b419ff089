"""MySQL's eight ways to count the weeks of a year."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.reader import call

_ISO = 3


def _from_monday(mode: int) -> bool:
    return bool(mode & 1)


def _by_four_days(mode: int) -> bool:
    """Whether the first week has four days of the year; else it begins with the week's first day."""
    return mode in (1, 3, 4, 6)


def _day(value: exp.Expr, mode: int) -> exp.Expr:
    """The day of the week, 0 for its first one from Monday, 1 from Sunday."""
    return call("weekday" if _from_monday(mode) else "dayofweek", value.copy())


def _anchor(value: exp.Expr, mode: int) -> exp.Expr:
    """The day of the same week whose year is that of the week."""
    shift = (4 if _by_four_days(mode) else 1) - (1 if _from_monday(mode) else 0)
    days = exp.Sub(this=exp.Literal.number(shift), expression=_day(value, mode))
    return call("date_add", value.copy(), days)


def week(value: exp.Expr, mode: int) -> exp.Expr:
    """The number of the week that a date is in, by the mode of WEEK."""
    if mode == _ISO:
        return call("weekofyear", value.copy())
    if mode & 2:
        days: exp.Expr = exp.Add(this=call("dayofyear", _anchor(value, mode)), expression=exp.Literal.number(6))
    else:
        more = (10 if _by_four_days(mode) else 7) - (1 if _from_monday(mode) else 0)
        later = exp.Add(this=call("dayofyear", value.copy()), expression=exp.Literal.number(more))
        days = exp.Sub(this=later, expression=_day(value, mode))
    return exp.Floor(this=exp.Div(this=exp.Paren(this=days), expression=exp.Literal.number(7)))


def year_of_week(value: exp.Expr, mode: int) -> exp.Expr:
    """The year that the week of a date belongs to, by a mode that counts from 1."""
    if mode == _ISO:
        return exp.Extract(this=exp.var("YEAROFWEEK"), expression=value.copy())
    return call("year", _anchor(value, mode))
