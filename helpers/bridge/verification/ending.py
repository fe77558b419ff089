"""The order of a query's rows, and which of them LIMIT takes: right is whatever the ties leave open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp

from helpers.bridge.parse import deep
from helpers.bridge.plain import PlainSpark
from helpers.bridge.verification.results import terms
from helpers.compare import difference
from helpers.compare.canonical import cells

_KEY = "key of the order"


@dataclass(frozen=True)
class Ending:
    """A query's last ORDER BY, LIMIT and OFFSET.

    sql: the same query without LIMIT and OFFSET, its hidden sort keys as columns behind its own; width: how many its
    own are; keys: places of the columns by which it is ordered; offset: how many rows are left out at first.
    """

    sql: str
    width: int
    keys: tuple[int, ...]
    offset: int


def is_ordered(tree: exp.Expr) -> bool:
    """Whether the query's last word is ORDER BY or LIMIT."""
    return any(tree.args.get(name) is not None for name in ("order", "limit", "offset"))


def most(tree: exp.Expr) -> int | None:
    """How many rows the query's last LIMIT lets through; None where it has none, or none that can be told."""
    limit = tree.args.get("limit")
    count = limit.expression if isinstance(limit, exp.Limit) else None
    return int(count.this) if isinstance(count, exp.Literal) and count.is_int else None


def ending(tree: exp.Expr, columns: Sequence[str]) -> Ending | None:
    """How such a query ends; None where its sort keys cannot be told from its text."""
    offset = tree.args.get("offset")
    if offset is not None and not (isinstance(offset.expression, exp.Literal) and offset.expression.is_int):
        return None
    with deep():
        copy = tree.copy()
        copy.set("limit", None)
        copy.set("offset", None)
        keys: list[int] = []
        hidden: list[exp.Expr] = []
        for item in copy.args["order"].expressions if copy.args.get("order") else ():
            places = _places(copy, item.this, columns)
            if not places:
                if not isinstance(copy, exp.Select) or copy.args.get("distinct"):
                    return None
                places = [len(columns) + len(hidden)]
                hidden.append(exp.alias_(item.this.copy(), f"{_KEY} {len(hidden)}", quoted=True))
            keys += places
        if hidden:
            copy.set("expressions", [*copy.expressions, *hidden])
        text = copy.sql(dialect=PlainSpark)
    return Ending(text, len(columns), tuple(keys), int(offset.expression.this) if offset is not None else 0)


def fits(answer: pa.Table, whole: pa.Table, found: Ending) -> bool:
    """Whether the answer's rows may come in this sequence. whole: what `found.sql` gives, in its order."""
    own = whole.select(list(range(found.width)))
    asked = terms(own)
    if asked is None:
        return answer.num_rows == whole.num_rows
    end = found.offset + answer.num_rows
    for first, last in _ties(whole, found.keys):
        start, stop = max(first, found.offset), min(last, end)
        if start >= stop:
            continue
        wrong = difference(answer.slice(start - found.offset, stop - start), own.slice(first, last - first), asked)
        part = stop - start < last - first
        if wrong is not None and not (part and wrong.extra is not None and not wrong.extra.num_rows):
            return False
    return end <= max(whole.num_rows, found.offset)


def _places(tree: exp.Expr, key: exp.Expr, columns: Sequence[str]) -> list[int]:
    """The result's columns that a sort key names: by number, by name, or by the same expression."""
    if isinstance(key, exp.Literal) and key.is_int:
        return [int(key.this) - 1]
    names = [name.lower() for name in columns]
    if isinstance(key, exp.Column) and not key.table and key.name.lower() in names:
        return [names.index(key.name.lower())]
    if key.sql().upper() == "ALL":
        return list(range(len(columns)))
    items = tree.selects if isinstance(tree, exp.Query) else []
    if len(items) != len(columns) or any(item.is_star for item in items):
        return []
    return [at for at, item in enumerate(items) if (item.this if isinstance(item, exp.Alias) else item) == key][:1]


def _ties(whole: pa.Table, keys: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where each run of rows with equal keys begins and ends."""
    values = list(zip(*(cells(whole.column(at), whole.schema.field(at).type) for at in keys), strict=True))
    values = values or [()] * whole.num_rows
    first = 0
    for at in range(1, len(values) + 1):
        if at == len(values) or values[at] != values[first]:
            yield first, at
            first = at
