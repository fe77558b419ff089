"""Slips with dates: the unit, the length of a span, the two sides of a difference, the cast to a day."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.adversary.names import Names
from helpers.adversary.slips.slip import Slip, became, changed, text

UNITS = {
    "YEAR": "MONTH",
    "QUARTER": "MONTH",
    "MONTH": "DAY",
    "WEEK": "DAY",
    "DAY": "WEEK",
    "HOUR": "DAY",
    "MINUTE": "HOUR",
    "SECOND": "MINUTE",
}
PARTS: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.Year: exp.Month,
    exp.Month: exp.Day,
    exp.Day: exp.Month,
    exp.Quarter: exp.Month,
}


def unit(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """Another unit in date_trunc, in an interval, and of a part (year, month, day)."""
    if isinstance(node, exp.TimestampTrunc | exp.DateTrunc | exp.Interval):
        given = node.args.get("unit")
        word = given.name.upper().rstrip("S") if given is not None else ""
        if word in UNITS:
            after = changed(node, unit=exp.var(UNITS[word]))
            yield Slip("date unit", after, became(node, after))
    if type(node) in PARTS:
        after = PARTS[type(node)](this=node.this.copy())
        yield Slip("date unit", after, became(node, after))


def span(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """An interval, or the days that are added to a date, one shorter and one longer."""
    if isinstance(node, exp.Interval) and isinstance(node.this, exp.Literal) and node.this.this.isdigit():
        name, literal = "this", node.this
    elif isinstance(node, exp.TsOrDsAdd) and isinstance(node.expression, exp.Literal) and node.expression.is_int:
        name, literal = "expression", node.expression
    else:
        return
    for count in (int(literal.this) - 1, int(literal.this) + 1):
        if count > 0:
            after = changed(node, **{name: exp.Literal(this=str(count), is_string=literal.is_string)})
            yield Slip("boundary", after, became(node, after))


def turned(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """DATEDIFF with its arguments exchanged."""
    if isinstance(node, exp.DateDiff):
        after = changed(node, this=node.expression, expression=node.this)
        yield Slip("date difference", after, f"the two dates of {text(node)} were exchanged")


def day_cast(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """A timestamp that is compared or joined as such instead of as a day."""
    if not isinstance(node, exp.Cast) or not isinstance(node.parent, exp.Predicate):
        return
    if text(node.to) == "DATE" and names.type(node.this) in ("timestamp", "timestamp_ntz"):
        yield Slip("date unit", node.this.copy(), f"{text(node)} became {text(node.this)}")


MAKERS = (unit, span, turned, day_cast)
