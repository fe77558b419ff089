"""PostgreSQL's dates and times: their fields, bins, zones and periods."""

from __future__ import annotations

import datetime
import re

from sqlglot import exp

from helpers.bridge.foreign import pieces
from helpers.bridge.foreign.postgres.intervals import TIMES, span, text_of
from helpers.bridge.foreign.reader import WHOLE, Reader, call, told
from helpers.bridge.refusal import refuse

_FIELDS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "QUARTER", "WEEK", "DOY")
_TRUNCATED = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND")
_ZONE = re.compile(r"[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_-]+)+")
_UTC = ("UTC", "GMT", "ETC/UTC", "UCT", "ZULU")
_CONDITIONS = (exp.And, exp.Paren, exp.Where, exp.Having, exp.Join, exp.Or)


def extract(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """EXTRACT, which gives numeric: the week begins with Sunday = 0, and EPOCH is seconds with a fraction."""
    field, source = node.this.name.upper(), node.expression
    kind = reading.kind(source)
    if kind == "age":
        months = _bare(source).copy()
        divided = (exp.IntDiv if field == "YEAR" else exp.Mod)(this=months, expression=exp.Literal.number(12))
        return whole(exp.Paren(this=divided))
    if kind == "interval":
        return _of_interval(node, field, source)
    if field == "DOW":
        return whole(exp.Paren(this=exp.Sub(this=call("dayofweek", source.copy()), expression=exp.Literal.number(1))))
    if field == "ISODOW":
        return whole(exp.Paren(this=exp.Add(this=call("weekday", source.copy()), expression=exp.Literal.number(1))))
    if field == "EPOCH" and kind in TIMES:
        inner = exp.Cast(this=source.copy(), to=exp.DataType.build("timestamp", dialect="spark"))
        return _seconds(call("unix_micros", inner if kind == "date" else source.copy()))
    if field == "ISOYEAR":
        node.set("this", exp.var("YEAROFWEEK"))
    elif field not in _FIELDS:
        raise refuse(node, f"EXTRACT({field})", "Spark has no such field, or another one of that name")
    if field == "SECOND":
        told(node, "decimal")
    else:
        whole(node)
    return None


def beside_dates(reading: Reader, sides: list[exp.Expr]) -> None:
    """Days of digits only, which are compared with dates, in the usual form; changed in place, in their tree."""
    if not {reading.kind(one) for one in sides} & {"date", "timestamp"}:
        return
    for one in sides:
        if isinstance(one, exp.Literal) and one.is_string and (day := pieces.dated(one.this)):
            one.replace(exp.Literal.string(day))


def whole(node: exp.Expr) -> exp.Expr:
    """The node as a numeric there that has no fraction."""
    node.meta["whole"] = True
    return told(node, "decimal")


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _seconds(micros: exp.Expr) -> exp.Expr:
    return told(exp.Paren(this=exp.Div(this=micros, expression=exp.Literal.number(1000000))), "decimal")


def _of_interval(node: exp.Expr, field: str, source: exp.Expr) -> exp.Expr | None:
    """A field of a difference of times: it has days and times, and never months."""
    inner = _bare(source)
    between = isinstance(inner, exp.Sub) and not inner.find(exp.Interval, exp.MakeInterval)
    if field == "EPOCH" and between:
        ends = [call("unix_micros", one.copy()) for one in (inner.this, inner.expression)]
        return _seconds(exp.Paren(this=exp.Sub(this=ends[0], expression=ends[1])))
    if not between or field not in ("DAY", "HOUR", "MINUTE", "SECOND"):
        raise refuse(node, f"EXTRACT({field}) of an interval", "it is known of the time between two times only")
    node = told(node, "decimal") if field == "SECOND" else whole(node)
    return None


def truncated(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """date_trunc(): Spark gives NULL for a unit that it does not know."""
    unit = node.args["unit"].name.upper()
    if unit.removesuffix("S") not in _TRUNCATED or node.args.get("zone") is not None:
        raise refuse(node, f"date_trunc({unit.lower()})", "Spark has no such unit, and no zone in it")
    return None


def binned(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """date_bin(stride, time, origin): whole seconds counted from the origin."""
    stride, source, origin = node.this, node.expression, node.args.get("unit")
    found = text_of(stride) or (span(stride.this) if isinstance(stride, exp.Literal) and stride.is_string else None)
    start = _moment(origin)
    if found is None or found.months or reading.kind(source) not in TIMES or start is None:
        raise refuse(node, "date_bin()", "it is known of a time, a constant stride and a constant origin",
                     "write the stride and the origin as constants, and give the schema")  # fmt: skip
    size, rest = divmod(found.days * 86_400_000_000 + found.micros, 1_000_000)
    if rest or size <= 0:
        raise refuse(node, "date_bin() by parts of a second", "bins are counted in whole seconds")
    offset = start % size
    seconds: exp.Expr = call("unix_seconds", source.copy())
    if offset:
        seconds = exp.Paren(this=exp.Sub(this=seconds, expression=exp.Literal.number(offset)))
    bins = exp.Floor(this=exp.Div(this=seconds, expression=exp.Literal.number(size)))
    made: exp.Expr = exp.Mul(this=bins, expression=exp.Literal.number(size))
    if offset:
        made = exp.Add(this=made, expression=exp.Literal.number(offset))
    return told(call("timestamp_seconds", made), "timestamp")


def _moment(node: exp.Expr | None) -> int | None:
    """The seconds since 1970 of a constant time; None for any other."""
    inner = node.this if isinstance(node, exp.Cast) else node
    if not isinstance(inner, exp.Literal) or not inner.is_string:
        return None
    try:
        moment = datetime.datetime.fromisoformat(inner.this.strip())
    except ValueError:
        return None
    if moment.tzinfo is not None or moment.microsecond:
        return None
    return int(moment.replace(tzinfo=datetime.UTC).timestamp())


def from_parts(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """make_timestamp()."""
    keys = ("year", "month", "day", "hour", "min", "sec")
    if any(node.args.get(one) is None for one in keys) or len([one for one in node.args.values() if one]) != len(
        keys
    ):
        raise refuse(node, "make_timestamp()", "it is known with six parts in their order")
    return told(call("make_timestamp", *(node.args[one].copy() for one in keys)), "timestamp")


def moment_of(reading: Reader, node: exp.Expr) -> exp.Expr:
    """to_timestamp(seconds)."""
    seconds = node.expressions[0]
    if reading.kind(seconds) not in {*WHOLE, "decimal", "double", "float"}:
        raise refuse(node, "to_timestamp()", "of one argument it is known of a number", "give the schema")
    made = told(call("timestamp_seconds", seconds.copy()), "timestamp")
    made.meta["zoned"] = True
    return made


def zoned(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """AT TIME ZONE: a time without zone is read in the zone, one with zone is shown in it."""
    inner, zone = _bare(node.this), node.args["zone"]
    name = zone.this if isinstance(zone, exp.Literal) and zone.is_string else ""
    utc = name.upper() in _UTC
    if not utc and not _ZONE.fullmatch(name):
        raise refuse(
            node, f"AT TIME ZONE {zone.sql('postgres')}", "only UTC and names such as Europe/Berlin are known"
        )
    if reading.kind(inner) != "timestamp":
        raise refuse(node, "AT TIME ZONE", "the value is not known to be a timestamp", "give the schema")
    known = has_zone(inner)
    if known is None and not utc:
        raise refuse(node, f"AT TIME ZONE '{name}'", "the schema does not tell whether the time has a zone",
                     "write x::timestamp or x::timestamptz before it")  # fmt: skip
    if known is None:
        reading.note("A timestamp column before AT TIME ZONE is taken to be one without time zone, in UTC.")
    made = inner.copy()
    if not utc:
        if not known:
            reading.note("A local time that a change of the clocks repeats may be read as the other one of the two.")
        made = call("from_utc_timestamp" if known else "to_utc_timestamp", made, name)
    made.meta["zoned"] = not known
    return told(made, "timestamp")


def has_zone(node: exp.Expr) -> bool | None:
    """Whether a time is one with time zone; None where it is not known."""
    if "zoned" in node.meta:
        return bool(node.meta["zoned"])
    if isinstance(node, exp.CurrentTimestamp):
        return True
    if isinstance(node, exp.Cast):
        return bool(node.to.is_type("timestamptz", "timestampltz"))
    return None


def overlapping(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """(a, b) OVERLAPS (c, d): the ends in either order, excluded; two moments overlap where they are one."""
    pairs = [one.expressions if isinstance(one, exp.Tuple) else [] for one in (node.this, node.expression)]
    if any(len(pair) != 2 or not {reading.kind(one) for one in pair} <= TIMES for pair in pairs):
        raise refuse(node, "OVERLAPS", "it is known of two pairs of dates or times", "give the schema")
    above = node.parent
    while isinstance(above, exp.And | exp.Or | exp.Paren):
        above = above.parent
    if not isinstance(above, _CONDITIONS):
        raise refuse(node, "OVERLAPS as a value", "with NULL it is NULL there, and false here",
                     "use it as a condition in WHERE")  # fmt: skip
    (one, other), (third, last) = pairs
    starts = [call("least", first.copy(), second.copy()) for first, second in pairs]
    ends = [call("greatest", first.copy(), second.copy()) for first, second in pairs]
    crossing = exp.and_(
        exp.LT(this=starts[0], expression=ends[1]), exp.LT(this=starts[1].copy(), expression=ends[0].copy())
    )
    # least() skips NULL: a period without an end would be a moment.
    given = [
        exp.Not(this=exp.Is(this=part.copy(), expression=exp.Null()))
        for part in (one, other, third, last)
        if not part.find(exp.Literal) or part.find(exp.Column)
    ]
    same = exp.and_(exp.EQ(this=starts[0].copy(), expression=starts[1].copy()), *given)
    return exp.Paren(this=exp.or_(crossing, same))
