"""Are these the rows that were asked for, each as often as asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from helpers.compare.bag import Bag
from helpers.compare.closeness import Vector, near, unpaired
from helpers.compare.finding import Cell, Difference
from helpers.compare.grid import Marks
from helpers.compare.terms import Terms
from helpers.compare.words import (
    counts_sentence,
    key_sentence,
    often_sentence,
    pair_sentence,
    rows_sentence,
    value_words,
)

_Groups = dict[tuple[Any, ...], dict[Vector, list[int]]]


def rows_difference(actual: Bag, expected: Bag, terms: Terms) -> Difference | None:
    """Rows that one side has and the other lacks, as multisets; None where there are none."""
    ours, theirs = _groups(actual), _groups(expected)
    extra, missing = _left_over(actual, ours, theirs)
    if not extra and not missing:
        return None
    pairs = _pairs(actual, expected, extra, missing, terms.key) if terms.key else []
    extra = _first([one for one, _ in pairs], extra)
    missing = _first([two for _, two in pairs], missing)
    found = tuple(
        Cell(place, name, value_words(actual, one, name), value_words(expected, two, name))
        for place, (one, two) in enumerate(pairs)
        for at, name in enumerate(terms.names)
        if not actual.same(at, one, expected, two)
    )
    sentence = (
        (pair_sentence(found, expected, missing, terms.key) if found else "")
        or _often_sentence(actual, expected, extra, missing, (ours, theirs))
        or key_sentence(actual, extra, terms.key)
        or rows_sentence(actual, expected, extra, missing, terms.key)
    )
    sentence += counts_sentence(actual.table.num_rows, expected.table.num_rows)
    return Difference(
        "rows",
        sentence,
        _taken(expected, missing),
        _taken(actual, extra),
        found,
        marks=_marks(extra, found),
        expected_marks=_marks(missing, found),
    )


def _marks(rows: Sequence[int], cells: Sequence[Cell]) -> Marks:
    """The cells that differ of rows that were paired, which come first, and the whole of all others."""
    return {row: [cell.column for cell in cells if cell.row == place] for place, row in enumerate(rows)}


def _taken(bag: Bag, rows: list[int]) -> pa.Table:
    return bag.table.take(pa.array(rows, pa.int64()))


def _groups(bag: Bag) -> _Groups:
    groups: _Groups = defaultdict(lambda: defaultdict(list))
    for row, (exact, numbers) in enumerate(zip(bag.exact, bag.numbers, strict=True)):
        groups[exact][numbers].append(row)
    return groups


def _left_over(actual: Bag, ours: _Groups, theirs: _Groups) -> tuple[list[int], list[int]]:
    extra: list[int] = []
    missing: list[int] = []
    for exact in {**ours, **theirs}:
        one, two = ours.get(exact, {}), theirs.get(exact, {})
        left, right = unpaired(_counted(one), _counted(two), actual.tolerances_of(exact))
        extra += [row for vector, count in left.items() for row in one[vector][:count]]
        missing += [row for vector, count in right.items() for row in two[vector][:count]]
    return sorted(extra), sorted(missing)


def _counted(rows: dict[Vector, list[int]]) -> dict[Vector, int]:
    return {vector: len(places) for vector, places in rows.items()}


def _pairs(
    actual: Bag, expected: Bag, extra: list[int], missing: list[int], key: Sequence[str]
) -> list[tuple[int, int]]:
    """(row of the answer, expected row) of each key that stands once on either side."""
    often = Counter(actual.part(row, key) for row in range(actual.table.num_rows))
    ours = {actual.part(row, key): row for row in extra if often[actual.part(row, key)] == 1}
    keys = [(expected.part(row, key), row) for row in missing]
    return [(ours[value], row) for value, row in keys if value in ours]


def _first(chosen: list[int], rows: list[int]) -> list[int]:
    there = set(chosen)
    return chosen + [row for row in rows if row not in there]


def _often_sentence(
    actual: Bag, expected: Bag, extra: list[int], missing: list[int], both: tuple[_Groups, _Groups]
) -> str:
    """For the first row that both sides have, but not as often; "" where there is none among the first hundred."""
    for bag, rows in ((actual, extra), (expected, missing)):
        for row in rows[:100]:
            exact, numbers = bag.exact[row], bag.numbers[row]
            counts = [_often(groups, exact, numbers, bag.tolerances_of(exact)) for groups in both]
            if all(counts):
                return often_sentence(bag, row, *counts)
    return ""


def _often(groups: _Groups, exact: tuple[Any, ...], numbers: Vector, tolerances: Sequence[float]) -> int:
    vectors = groups.get(exact, {})
    return sum(len(rows) for vector, rows in vectors.items() if near(vector, numbers, tolerances))
