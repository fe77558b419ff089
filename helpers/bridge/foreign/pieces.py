"""Rules of more than one dialect on pieces: of texts by place and length, of rows by a limit, of pivoted counts."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign.reader import Reader, call
from helpers.bridge.refusal import refuse


def number(node: exp.Expr | None) -> int | None:
    """The value of a whole number that is written out, with its sign; None for anything else."""
    if isinstance(node, exp.Paren):
        return number(node.this)
    if isinstance(node, exp.Neg):
        found = number(node.this)
        return None if found is None else -found
    return int(node.this) if isinstance(node, exp.Literal) and node.is_int and not node.is_string else None


def dated(text: str) -> str | None:
    """A day that is written with digits only, 20240229 or 240229, in the usual form; None for any other text.

    Years of two digits are those from 1970 to 2069. Spark takes six digits for a year.
    """
    found = re.fullmatch(r"\s*(\d{2}|\d{4})(\d\d)(\d\d)\s*", text)
    if found is None:
        return None
    year, month, day = found.groups()
    if len(year) == 2:
        year = f"{'19' if year >= '70' else '20'}{year}"
    return f"{year}-{month}-{day}"


def selected(reading: Reader, column: exp.Column) -> exp.Expr | None:
    """What a derived table or a CTE selects as that column; None for a table's own."""
    scope = reading.names.scope(column)
    for alias, (_, source) in (scope.selected_sources if scope is not None else {}).items():
        query = getattr(source, "expression", None)
        if column.table.lower() not in ("", alias.lower()) or not isinstance(query, exp.Select):
            continue
        for item in query.selects:
            if item.alias_or_name.lower() == column.name.lower():
                return item.unalias()
    return None


def substring(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A start below 1 stands before the text and shortens the piece; in Spark it counts from the end."""
    start, length = number(node.args.get("start")), node.args.get("length")
    if start is None:
        reading.note("A start below 1 shortens a piece of text there; in Spark it counts from the end.")
        return None
    if start >= 1:
        return None
    node.set("start", exp.Literal.number(1))
    if length is not None:
        size = number(length)
        left = exp.Add(this=length.copy(), expression=exp.Literal.number(start - 1))
        node.set("length", exp.Literal.number(max(0, size + start - 1)) if size is not None else _at_least_0(left))
    return None


def end_of_text(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """left(x, -n) and right(x, -n) leave n characters out; Spark's give nothing."""
    count = number(node.expression)
    if count is None:
        reading.note("A negative length of left() or right() leaves characters out there; Spark's give nothing.")
        return None
    if count >= 0:
        return None
    if isinstance(node, exp.Right):
        return exp.Substring(this=node.this.copy(), start=exp.Literal.number(1 - count))
    rest = exp.Add(this=exp.Length(this=node.this.copy()), expression=exp.Literal.number(count))
    return exp.Substring(this=node.this.copy(), start=exp.Literal.number(1), length=call("greatest", rest, 0))


def _at_least_0(node: exp.Expr) -> exp.Expr:
    # GREATEST would make 0 of NULL too.
    below = exp.LT(this=node.copy(), expression=exp.Literal.number(0))
    return exp.Case(ifs=[exp.If(this=below, true=exp.Literal.number(0))], default=node.copy())


def limited(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Raises Refusal for a number of rows that is a share, or that ties may raise."""
    limit = node.args.get("limit")
    options = limit.args.get("limit_options") if limit is not None else None
    asked = [one.args.get(key) for one in (limit, options) if one is not None for key in ("with_ties", "percent")]
    if any(asked):
        raise refuse(
            node,
            "A limit WITH TIES or in PERCENT",
            "limit() takes a number of rows only",
            "filter by rank() OVER (ORDER BY ...) <= n",
        )
    return None


def pivoted(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Raises Refusal for counts in a PIVOT: they are 0 there where nothing is counted, and NULL in Spark."""
    if any(one.find(exp.Count) for one in node.expressions):
        raise refuse(
            node,
            "COUNT in a PIVOT",
            "it gives 0 for no rows, and Spark's NULL",
            "write sum(CASE WHEN ... THEN 1 ...)",
        )
    return None
