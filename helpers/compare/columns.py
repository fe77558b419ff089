"""Are these the columns that were asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa

from helpers.compare.finding import Difference
from helpers.compare.kinds import same_spelling, type_words
from helpers.compare.table import arrow_type, spark_type
from helpers.compare.terms import Column, Terms
from helpers.compare.text import name_text


def columns_difference(schema: pa.Schema, terms: Terms) -> Difference | None:
    """The first thing wrong with the columns: missing, extra, twice the same name, type, and place if it counts."""
    sentence = (
        _names(schema.names, terms)
        or _twice(schema.names)
        or _types(schema, terms.columns)
        or (terms.column_order and _places(schema.names, terms.names))
    )
    return Difference("columns", sentence) if sentence else None


def _names(names: Sequence[str], terms: Terms) -> str:
    missing = [name for name in terms.names if name not in names]
    extra = list(dict.fromkeys(name for name in names if name not in terms.names))
    for name in missing:
        for other in extra:
            if other.strip().casefold() == name.strip().casefold():
                return (
                    f"A column of your result is named {name_text(other)}, the contract names it {name_text(name)}: "
                    f"upper and lower case and blanks count."
                )
    if missing:
        told = f" Your result has {_listed(extra)}, which the contract does not name." if extra else ""
        return f"{_columns(missing)} missing.{told}"
    return f"{_columns(extra)} not in the contract." if extra else ""


def _columns(names: Sequence[str]) -> str:
    return f"The column {name_text(names[0])} is" if len(names) == 1 else f"The columns {_listed(names)} are"


def _listed(names: Sequence[str]) -> str:
    words = [name_text(name) for name in names[:8]]
    rest = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 and not rest else ", ".join(words) + rest


def _twice(names: Sequence[str]) -> str:
    often = {name: count for name, count in Counter(names).items() if count > 1}
    if not often:
        return ""
    name, count = next(iter(often.items()))
    return f"Your result has {count} columns named {name_text(name)}; the contract has one."


def _types(schema: pa.Schema, columns: Sequence[Column]) -> str:
    for column in columns:
        kind, asked = schema.field(column.name).type, arrow_type(column.type)
        same = type_words(kind) == spark_type(asked) if column.exact else same_spelling(kind, asked)
        if not same:
            return (
                f"The column {name_text(column.name)} is {type_words(kind)}; the contract says {spark_type(asked)}."
                + (" A column of NULLs without a type needs a cast." if pa.types.is_null(kind) else "")
            )
    return ""


def _places(names: Sequence[str], asked: Sequence[str]) -> str:
    if list(names) == list(asked):
        return ""
    return f"Your columns stand in the order {_listed(names)}; the contract's order is {_listed(asked)}."
