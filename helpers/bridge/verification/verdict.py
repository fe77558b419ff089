"""What a verification found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import pyarrow as pa

from helpers.spark.plan import Plan

Word = Literal[
    "proved", "same operators and same rows", "same rows", "different", "undecided", "refused by Spark", "code fails"
]
VERDICTS: tuple[str, ...] = get_args(Word)
"""From the best to the worst."""


@dataclass(frozen=True)
class Verification:
    """Whether a translation's code means what its query means.

    verdict: "proved" (Spark's optimised plans are the same: on any data), "same operators and same rows", "same
    rows", "different", "undecided" (no data told anything), "refused by Spark" (the query), "code fails" (before it
    met any rows).
    sentence: for people, and why the verdict is not better. assumed: what was taken for granted of the tables.
    inputs: the smallest tables found on which the two differ, by the code's variables; yours: what the code gives
    on them, expected: what the query gives; None where it raises, and all three where nothing differs in rows.
    """

    verdict: Word
    sentence: str
    assumed: tuple[str, ...] = ()
    inputs: Mapping[str, pa.Table] | None = None
    yours: pa.Table | None = None
    expected: pa.Table | None = None
    _plans: Callable[[], dict[str, Plan]] = field(default=dict, repr=False, compare=False)

    @property
    def good(self) -> bool:
        """Whether nothing speaks against the translation."""
        return self.verdict in VERDICTS[:3]

    def plans(self) -> dict[str, Plan]:
        """The physical plans, as Spark plans them now: "query" and "code"; empty where there are none."""
        return self._plans()
