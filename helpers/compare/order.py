"""Do the rows stand in the order that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from helpers.compare.bag import Bag
from helpers.compare.canonical import sort_key
from helpers.compare.closeness import close
from helpers.compare.finding import Difference
from helpers.compare.table import arrow_type
from helpers.compare.terms import OrderItem, Terms
from helpers.compare.words import row_words


def order_difference(actual: Bag, expected: Bag, terms: Terms) -> Difference | None:
    """The first place at which the answer leaves the order of the terms; both sides have the same rows."""
    if terms.total:
        return _sequence(actual, expected, terms)
    place, before = broken_place(actual, terms)
    if place is None:
        return None
    names = [item.name for item in terms.order_items]
    sentence = (
        f"The order is {', then '.join(item.words for item in terms.order_items)}; row {place + 1} of your result "
        f"({row_words(actual, place, names)}) stands after row {before + 1} ({row_words(actual, before, names)})."
    )
    return Difference("order", sentence, place=place, marks={place: names})


def broken_place(bag: Bag, terms: Terms) -> tuple[int | None, int]:
    """(the first row that should stand before an earlier one, that earlier row); (None, 0) where the order holds.

    Doubles that are close but not equal tie freely. A row is held against the greatest one before it, not against its
    neighbour: many small steps down are no tie.
    """
    items = terms.order_items
    kinds = {column.name: arrow_type(column.type) for column in terms.columns}
    if not items:
        return None, 0
    columns = [bag.columns[bag.names.index(item.name)] for item in items]
    tolerances = [bag.tolerances[bag.names.index(item.name)] for item in items]
    greatest = 0
    for row in range(1, bag.table.num_rows):
        step = _step(columns, greatest, row, items, kinds, tolerances)
        if step < 0:
            return row, greatest
        if step > 0:
            greatest = row
    return None, 0


def _step(
    columns: Sequence[list[Any]],
    before: int,
    row: int,
    items: Sequence[OrderItem],
    kinds: dict[str, pa.DataType],
    tolerances: Sequence[float],
) -> int:
    """1 where the row stands after the one before it, -1 where it should not, 0 where they tie."""
    for cells, item, tolerance in zip(columns, items, tolerances, strict=True):
        one, two = cells[before], cells[row]
        if one == two:
            continue
        if one is None or two is None:
            return 1 if (two is None) == item.nulls_last else -1
        up = sort_key(two, kinds[item.name]) > sort_key(one, kinds[item.name])
        forward = up != item.descending
        if isinstance(one, float) and isinstance(two, float) and close(one, two, tolerance):
            return 1 if forward else 0
        return 1 if forward else -1
    return 0


def _sequence(actual: Bag, expected: Bag, terms: Terms) -> Difference | None:
    for row in range(expected.table.num_rows):
        if not all(actual.same(at, row, expected, row) for at in range(len(terms.names))):
            names = terms.key
            return Difference(
                "order",
                f"Row {row + 1} of your result is {row_words(actual, row, names)}; in the order that is asked for, "
                f"row {row + 1} is {row_words(expected, row, names)}.",
                place=row,
                marks={row: ()},
                expected_marks={row: ()},
            )
    return None
