"""What the dialect's own product says: its answers to the query as written, held against the code's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import pyarrow as pa
import sqlglot
from sqlglot import exp

from helpers.bridge.verification.data import Sample
from helpers.bridge.verification.results import outcomes
from helpers.bridge.verification.sides import Sides

Origin: TypeAlias = Callable[[str, Mapping[str, pa.Table]], "Sequence[tuple[Any, ...]] | str"]
"""Asks the product: the query's text and its tables by their names; its rows, or in a sentence why there are none."""

MOST_ASKED = 8
"""Sets of tables on which the product is asked."""
_SECONDS, _DIGITS = 60.0, 9


@dataclass(frozen=True)
class Asked:
    """What the product's answers say.

    same: sets with the same rows; open: those with others where more than one answer is right; stopped: why it gave
    none; other: a set on which it gives others, the code's rows and its own.
    """

    same: int = 0
    open: int = 0
    stopped: str = ""
    other: tuple[Sample, pa.Table, pa.Table] | None = None


def asked(origin: Origin, sides: Sides, samples: Sequence[Sample], limited: bool) -> Asked:
    """Asks the product for each of the sets; rows are compared as a bag, numbers to so many digits.

    limited: whether LIMIT or the order of the tables' rows leaves more than one answer, so that no other is wrong.
    """
    if _qualified(sides):
        return Asked(stopped="its tables are named with their schemas")
    sets = sorted((one for one in samples if one.size or not one.tables), key=lambda one: one.size)
    # The smallest show a difference best, the largest have the most of them.
    sets = sets if len(sets) <= MOST_ASKED else [*sets[: MOST_ASKED // 2], *sets[-MOST_ASKED // 2 :]]
    code = [lambda one=one: sides.code(one.frames(sides.spark)) for one in sets]
    same, unsure, stopped = 0, 0, ""
    for one, ours in zip(sets, outcomes(sides.spark, code, _SECONDS), strict=True):
        theirs = origin(sides.translation.sql, {sides.names[name]: rows for name, rows in one.tables.items()})
        if isinstance(theirs, str):
            stopped = stopped or theirs
        elif isinstance(ours, pa.Table) and _alike(ours, theirs):
            same += 1
        elif isinstance(ours, pa.Table) and not limited:
            return Asked(same, unsure, stopped, (one, ours, _shown(ours, theirs)))
        else:
            unsure += 1
    return Asked(same, unsure, stopped)


def _qualified(sides: Sides) -> bool:
    """Whether the text names a table with its schema: then the product would not read the tables that are made."""
    tree = sqlglot.parse_one(sides.translation.sql, dialect=sides.translation.dialect)
    return any(one.db for one in tree.find_all(exp.Table))


def _alike(ours: pa.Table, theirs: Sequence[tuple[Any, ...]]) -> bool:
    rows = zip(*(column.to_pylist() for column in ours.columns), strict=True)
    return Counter(map(_plain, rows)) == Counter(map(_plain, theirs))


def _plain(value: Any) -> Any:
    """A value as it is compared: numbers of any type alike, but for true and false; times without their zone."""
    if isinstance(value, tuple | list):
        return tuple(_plain(one) for one in value)
    if isinstance(value, bool):
        return f"<{value}>"
    if isinstance(value, int | float | Decimal):
        return float(f"{value:.{_DIGITS}g}") + 0.0
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value


def _shown(ours: pa.Table, theirs: Sequence[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*theirs, strict=True)) or [()] * ours.num_columns
    made = {}
    for field, values in zip(ours.schema, columns, strict=True):
        try:
            made[field.name] = pa.array(values, type=field.type)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            made[field.name] = pa.array([None if one is None else str(one) for one in values], type=pa.string())
    return pa.table(made)


def told(found: Asked, product: str) -> str:
    """What is added to the verdict's sentence."""
    words = []
    if found.same:
        words.append(f"{product} itself gives the same rows on {found.same} set{'s' * (found.same != 1)} of tables.")
    if found.open:
        words.append(
            f"On {found.open} set{'s' * (found.open != 1)} {product} gives other rows, which LIMIT or the order of "
            "the tables' rows may explain."
        )
    if found.stopped:
        words.append(f"{product} itself gives no rows on some sets: {found.stopped}.")
    return "".join(f" {one}" for one in words)
