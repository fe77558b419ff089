"""PostgreSQL's rows out of nothing in FROM: series, unnested arrays, lateral values."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlglot import exp

from helpers.bridge.foreign import pieces
from helpers.bridge.foreign.postgres.intervals import Span, text_of
from helpers.bridge.foreign.reader import Reader, call
from helpers.bridge.refusal import refuse

_LONGEST = 120
"""The most months of a series that are written out one by one."""


def table(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A table, with ONLY or without; generate_series in FROM."""
    node.set("only", None)
    inner = node.this
    if not isinstance(inner, exp.ExplodingGenerateSeries | exp.GenerateSeries):
        return None
    alias = node.args.get("alias")
    columns = alias.args.get("columns") or [] if alias is not None else []
    name = columns[0].name if columns else (node.alias or "generate_series")
    query = exp.select(exp.alias_(call("explode", _series(reading, inner)), name))
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(node.alias or name)))


def series(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """generate_series in the list of SELECT."""
    if isinstance(node.parent, exp.Table):
        return None
    return call("explode", _series(reading, node))


def _series(reading: Reader, node: exp.Expr) -> exp.Expr:
    """The array of a series. Spark's counts down where the end is below the start; there it is empty then."""
    start, end, step = node.args["start"], node.args["end"], node.args.get("step")
    first, last, by = pieces.number(start), pieces.number(end), 1 if step is None else pieces.number(step)
    if first is not None and last is not None and by:
        if (last - first) * by < 0:
            raise refuse(node, "generate_series() without rows", "Spark's would count down, or fail")
        return call("sequence", start.copy(), end.copy(), *([step.copy()] if step is not None else []))
    size = text_of(step)
    if size is None:
        raise refuse(
            node,
            "generate_series() of computed bounds",
            "Spark's sequence counts down where the end is below the start",
        )
    parts = [exp.Cast(this=one.copy(), to=exp.DataType.build("timestamp", dialect="spark")) for one in (start, end)]
    if size.months and not _early(start):
        return call("array", *(_timestamp(one) for one in _written_out(node, start, end, size)))
    if len(size.steps()) != 1:
        raise refuse(node, "generate_series() by a step of several units", "Spark keeps months and days apart")
    count, unit = size.steps()[0]
    return call("sequence", *parts, exp.Interval(this=exp.Literal.string(str(count)), unit=exp.var(unit)))


def _early(start: exp.Expr) -> bool:
    """Whether a constant start is a day that every month has."""
    found = re.search(r"\d{4}-\d\d-(\d\d)", start.sql())
    return found is not None and int(found[1]) <= 28


def _written_out(node: exp.Expr, start: exp.Expr, end: exp.Expr, size: Span) -> list[datetime]:
    """The times of a series by months: each from the one before, so a short month shortens the later ones."""
    texts = [
        one.this.this if isinstance(one, exp.Cast) and isinstance(one.this, exp.Literal) else ""
        for one in (start, end)
    ]
    try:
        at, last = (datetime.fromisoformat(one) for one in texts)
    except ValueError:
        raise refuse(node, "generate_series() by months from a month's end",
                     "each step starts from the one before there, from the start in Spark",
                     "start at a month's first day") from None  # fmt: skip
    found: list[datetime] = []
    while at <= last and size.months > 0 and len(found) <= _LONGEST:
        found.append(at)
        year, month = divmod(at.year * 12 + at.month - 1 + size.months, 12)
        at = at.replace(year=year, month=month + 1, day=min(at.day, _days(year, month + 1)))
        at += timedelta(days=size.days, microseconds=size.micros)
    if not found or len(found) > _LONGEST:
        raise refuse(
            node, "generate_series() by months from a month's end", "it has no rows, or too many to write out"
        )
    return found


def _days(year: int, month: int) -> int:
    return (datetime(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day


def _timestamp(moment: datetime) -> exp.Expr:
    text = exp.Literal.string(str(moment))
    return exp.Cast(this=text, to=exp.DataType.build("timestamp", dialect="spark"))


def unnest(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """unnest() in FROM, whose places count from 1."""
    alias = (node.parent if isinstance(node.parent, exp.Lateral) else node).args.get("alias")
    if alias is None or alias.this is None:
        raise refuse(node, "unnest() without a name", "its column has none then", "write AS t(name) behind it")
    if not alias.columns:
        alias.set("columns", [alias.this.copy()])
    place = node.args.get("offset")
    if not place:
        return None
    name = place.name if isinstance(place, exp.Identifier) else "ordinality"
    if len(node.expressions) > 1 or node.find(exp.Column) or not isinstance(node.parent, exp.From | exp.Join):
        raise refuse(node, "unnest() WITH ORDINALITY of a column", "it is known of an array that is written out",
                     "use posexplode() on the frame")  # fmt: skip
    numbered = exp.Add(this=exp.column("pos"), expression=exp.Literal.number(1))
    items = [exp.alias_(exp.column("col"), alias.columns[0].name), exp.alias_(numbered, name)]
    rows = exp.Table(this=call("posexplode", node.expressions[0].copy()))
    return exp.Subquery(this=exp.select(*items).from_(rows), alias=exp.TableAlias(this=alias.this.copy()))


def lateral(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LATERAL (VALUES ...): rows made of each row, as an array of structs that is taken apart."""
    inner = node.this.this if isinstance(node.this, exp.Subquery) else None
    alias = node.args.get("alias")
    if not isinstance(inner, exp.Values) or alias is None:
        return None
    rows = [list(one.expressions) if isinstance(one, exp.Tuple) else [one] for one in inner.expressions]
    names = [one.name for one in alias.columns] or [f"column{place}" for place in range(1, len(rows[0]) + 1)]
    if any(len(row) != len(names) for row in rows):
        raise refuse(node, "LATERAL (VALUES ...)", "its rows have another number of values than it has names")
    structs = [
        call("struct", *(exp.alias_(value.copy(), name) for value, name in zip(row, names, strict=True)))
        for row in rows
    ]
    node.set("this", call("inline", call("array", *structs)))
    alias.set("columns", [exp.to_identifier(one) for one in names])
    return None
