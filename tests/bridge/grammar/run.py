"""Queries of the grammar held against Spark: verdicts, what they reach, and smaller ones that fail alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Self

from helpers.spark.conf import quick
from tests.bridge import world as peak
from tests.bridge.grammar.queries import Query, query
from tests.bridge.grammar.shrink import shrunk
from tests.bridge.grammar.worlds import ORDERS, PEAK, tpch_rows
from tests.bridge.hold import WRONG, Held, held, views

TRANSLATED = 0.98
"""The least share of those that Spark takes."""


class Run:
    """Queries one after the other, in a `with` block, in one session that has the tables of both worlds."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.frames = views(session, PEAK.schema, peak.ROWS)
        self.frames |= views(session, ORDERS.schema, tpch_rows())
        self.reached: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self._settings = ExitStack()

    def __enter__(self) -> Self:
        self._settings.enter_context(quick(self.session))
        return self

    def __exit__(self, *_: object) -> None:
        self._settings.close()

    def one(self, seed: int) -> tuple[Query, Held]:
        """The query of a seed, and the verdict on its code."""
        drawn = query(seed)
        found = self._held(drawn, drawn.text)
        self.words[found.word] += 1
        if found.counted:
            self.reached.update(drawn.constructs)
        return drawn, found

    def failing(self, first: int, count: int) -> Iterator[str]:
        """For each of so many seeds "", or in full what is wrong with its query's code."""
        for seed in range(first, first + count):
            drawn, found = self.one(seed)
            yield "" if found.word in _WELL else _told(drawn, found, self.smaller(drawn, found))

    def _held(self, drawn: Query, text: str) -> Held:
        return held(self.session, self.frames, text, drawn.world.schema, drawn.ordered)

    def smaller(self, drawn: Query, found: Held, most: int = 60) -> str:
        """A smaller text that Spark takes and that gets the same verdict for a like reason."""

        def fails(text: str) -> bool:
            other = self._held(drawn, text)
            return other.word == found.word and other.told[:25] == found.told[:25]

        return shrunk(drawn.text, fails, most)

    def right(self) -> bool:
        """Whether none is silently different, none stops, and enough are translated."""
        counted = sum(count for word, count in self.words.items() if word != "refused by Spark")
        wrong = sum(self.words[word] for word in WRONG)
        return wrong == 0 and self.words["refused"] <= (1 - TRANSLATED) * counted

    def table(self) -> str:
        """How many queries reached each construct."""
        return "\n".join(f"{count:6} {name}" for name, count in sorted(self.reached.items()))


_WELL = ("same plan", "same rows", "both stop", "refused by Spark")


def _told(drawn: Query, found: Held, smaller: str) -> str:
    return f"{found.word}, seed {drawn.seed}: {found.told}\n    smaller: {smaller}\n    drawn: {drawn.text}\n"
