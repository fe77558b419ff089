"""MySQL's days and months as numbers: days of a year, days since the year 0, periods such as 202401."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.mysql.dates import EPOCH
from helpers.bridge.foreign.mysql.kinds import typed
from helpers.bridge.foreign.mysql.texts import Named
from helpers.bridge.foreign.pieces import number
from helpers.bridge.foreign.reader import Reader, call
from helpers.bridge.refusal import refuse


def made_date(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    """MAKEDATE(year, day of the year): NULL below the first day."""
    year, day = parts
    if (number(year) or 1000) < 100 or reading.kind(year) in ("string", "decimal", "double"):
        raise refuse(node, "MAKEDATE", "it is known of whole years with four digits")
    first = call("make_date", year.copy(), 1, 1)
    found = number(day)
    one = exp.Literal.number(1)
    less = exp.Literal.number(found - 1) if found is not None else exp.Sub(this=day.copy(), expression=one)
    made = call("date_add", first, less)
    if found is not None:
        return made if found > 0 else typed(exp.Null(), "date")
    return exp.Case(ifs=[exp.If(this=exp.GT(this=day.copy(), expression=exp.Literal.number(0)), true=made)])


def months_of(node: exp.Expr, period: exp.Expr) -> exp.Expr:
    """The number of months since the year 0 of a period such as 202401."""
    found = number(period)
    if found is not None and found < 10000:
        raise refuse(node, "A period of a year with two digits", "only those with four are known")
    years = exp.Floor(this=exp.Div(this=period.copy(), expression=exp.Literal.number(100)))
    rest = exp.Mod(this=period.copy(), expression=exp.Literal.number(100))
    return exp.Add(this=exp.Mul(this=years, expression=exp.Literal.number(12)), expression=rest)


def period_difference(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    """PERIOD_DIFF(202403, 202312) in months."""
    left, right = (months_of(node, one) for one in parts)
    return exp.Paren(this=exp.Sub(this=left, expression=exp.Paren(this=right)))


def period_later(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    """PERIOD_ADD(202312, 3)."""
    one = exp.Literal.number(1)
    moved = exp.Add(this=months_of(node, parts[0]), expression=parts[1].copy())
    total = exp.Paren(this=exp.Sub(this=moved, expression=one))
    years = exp.Floor(this=exp.Div(this=total.copy(), expression=exp.Literal.number(12)))
    months = exp.Mod(this=total.copy(), expression=exp.Literal.number(12))
    made = exp.Add(this=exp.Mul(this=years, expression=exp.Literal.number(100)), expression=months)
    return exp.Paren(this=exp.Add(this=made, expression=one.copy()))


def of_day_number(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    """FROM_DAYS(n)."""
    return call("date_from_unix_date", exp.Sub(this=parts[0].copy(), expression=exp.Literal.number(EPOCH)))


NAMED: dict[str, Named] = {
    "makedate": made_date, "period_diff": period_difference, "period_add": period_later, "from_days": of_day_number,
}  # fmt: skip
