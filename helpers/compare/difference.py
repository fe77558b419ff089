"""Are these two results the same, and if not, what is the first thing wrong."""

from __future__ import annotations

import pyarrow as pa

from helpers.compare.bag import Bag, bags
from helpers.compare.columns import columns_difference
from helpers.compare.finding import Cell, Difference
from helpers.compare.order import broken_place, order_difference
from helpers.compare.rows import rows_difference
from helpers.compare.terms import Terms, TermsBroken
from helpers.compare.words import row_words

__all__ = ["Cell", "Difference", "difference"]


def difference(actual: pa.Table, expected: pa.Table, terms: Terms) -> Difference | None:
    """What is first wrong with an answer: its columns, then its rows, then their order; None = they are the same.

    actual: the answer, with any columns, even two of one name. expected: the right result, in the columns of the
    terms. NULL equals NULL and NaN equals NaN; -0.0 equals 0.0; doubles with the tolerance of the terms, decimals in
    value, texts byte by byte; timestamps with zone as instants; arrays in order, maps without, structs by field.
    Each row counts as often as it is there. Raises TermsBroken where the expected result itself contradicts the
    terms: columns, a NULL where none may be, a key that stands twice, the order.
    """
    if wrong := columns_difference(expected.schema, terms):
        raise TermsBroken(f"The expected result contradicts its terms. {wrong.sentence}")
    if found := columns_difference(actual.schema, terms):
        return found
    ours, theirs = bags(actual, expected, terms)
    _check(theirs, terms)
    return rows_difference(ours, theirs, terms) or order_difference(ours, theirs, terms)


def _check(expected: Bag, terms: Terms) -> None:
    for column, cells in zip(terms.columns, expected.columns, strict=True):
        if not column.nullable and None in cells:
            raise TermsBroken(f"The expected result has a NULL in {column.name}, which the terms forbid.")
    seen = set()
    for row in range(expected.table.num_rows if terms.key else 0):
        key = expected.part(row, terms.key)
        if key in seen:
            raise TermsBroken(f"The key {row_words(expected, row, terms.key)} stands twice in the expected result.")
        seen.add(key)
    place, _ = broken_place(expected, terms)
    if place is not None:
        raise TermsBroken(f"Row {place + 1} of the expected result breaks the order {', '.join(terms.order or ())}.")
