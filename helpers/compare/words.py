"""Sentences about rows, addressed to the one who answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from helpers.compare.bag import Bag
from helpers.compare.finding import Cell
from helpers.compare.text import cell_text, name_text

_MOST = 4
_LONGEST = 60
_LIKEST_OF = 100
"""Of so many rows the one that is most like another is looked for."""


def value_words(bag: Bag, row: int, name: str) -> str:
    """The cell as text, texts in quotes."""
    return cell_text(bag.table.column(name)[row], quoted=True)


def row_words(bag: Bag, row: int, names: Sequence[str] = ()) -> str:
    """`a = 1, b = 'x'`: the cells in these columns, or in the first four."""
    told = [f"{name_text(name)} = {_short(value_words(bag, row, name))}" for name in names or bag.names[:_MOST]]
    return ", ".join(told) + ("" if names else _rest(bag))


def _rest(bag: Bag) -> str:
    return ", …" if len(bag.names) > _MOST else ""


def pair_sentence(cells: Sequence[Cell], expected: Bag, missing: Sequence[int], key: Sequence[str]) -> str:
    """The first of the cells in which rows of the same key differ, and how many more there are."""
    first = cells[0]
    more = len(cells) - 1
    rows = len({cell.row for cell in cells})
    where = f" in {rows} rows" if rows > 1 else ""
    rest = f" {more} more {'cells differ' if more > 1 else 'cell differs'}{where}." if more else ""
    return (
        f"In the row with {row_words(expected, missing[first.row], key)}, {name_text(first.column)} is "
        f"{_short(first.actual)}; expected is {_short(first.expected)}.{rest}"
    )


def often_sentence(bag: Bag, row: int, actual: int, expected: int) -> str:
    """A row that stands another number of times."""
    return f"The row {row_words(bag, row)} stands {_times(actual)} in your result; expected is {_times(expected)}."


def key_sentence(actual: Bag, extra: Sequence[int], key: Sequence[str]) -> str:
    """A key of the rows too many that stands in more than one row of the answer; "" where there is none."""
    often = Counter(actual.part(row, key) for row in range(actual.table.num_rows)) if key else Counter()
    for row in extra:
        count = often[actual.part(row, key)]
        if count > 1:
            return (
                f"{row_words(actual, row, key)} stands in {count} rows of your result; expected is one row for each."
            )
    return ""


def rows_sentence(
    actual: Bag, expected: Bag, extra: Sequence[int], missing: Sequence[int], key: Sequence[str]
) -> str:
    """Rows that are missing, rows that are too many, or both."""
    if not actual.table.num_rows:
        count = expected.table.num_rows
        return f"Your result has no rows; {_rows(count).lower()} expected."
    if not expected.table.num_rows:
        count = actual.table.num_rows
        return f"No rows are expected here; your result has {count}, first {row_words(actual, 0, key)}."
    if missing and extra and not key:
        return _unlike_sentence(actual, expected, extra, missing)
    told = []
    if missing:
        told.append(f"{_rows(len(missing))} missing: {row_words(expected, missing[0], key)}{_more(missing)}.")
    if extra:
        told.append(
            f"{_rows(len(extra))} not expected: {row_words(actual, extra[0], () if missing else key)}{_more(extra)}."
        )
    return " ".join(told)


def _unlike_sentence(actual: Bag, expected: Bag, extra: Sequence[int], missing: Sequence[int]) -> str:
    """A missing row and the row too many that is most like it, in four columns: those that differ are among them."""
    row = missing[0]
    unlike = {
        one: [name for at, name in enumerate(actual.names) if not actual.same(at, one, expected, row)]
        for one in extra[:_LIKEST_OF]
    }
    nearest = min(unlike, key=lambda one: len(unlike[one]))
    alike = [name for name in actual.names if name not in unlike[nearest]]
    shown = {*unlike[nearest][:_MOST], *alike[: max(0, _MOST - len(unlike[nearest]))]}
    names = [name for name in actual.names if name in shown]
    return (
        f"{_rows(len(missing))} missing: {row_words(expected, row, names)}{_rest(expected)}{_more(missing)}. "
        f"{_rows(len(extra))} not expected: {row_words(actual, nearest, names)}{_rest(actual)}{_more(extra)}."
    )


def counts_sentence(actual: int, expected: int) -> str:
    """How many rows there are in all, where the two numbers differ and neither is 0."""
    if actual == expected or not actual or not expected:
        return ""
    return (
        f" Your result has {actual} row{'s' * (actual != 1)}, expected {'is' if expected == 1 else 'are'} {expected}."
    )


def _rows(count: int) -> str:
    return "One row is" if count == 1 else f"{count} rows are"


def _more(rows: Sequence[int]) -> str:
    return f" and {len(rows) - 1} more" if len(rows) > 1 else ""


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST // 2] + "…" + text[-_LONGEST // 2 :]
