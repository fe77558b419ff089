"""What a query is drawn with: one seeded source of chance that counts which constructs it was used for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import TypeVar

Thing = TypeVar("Thing")


class Draw:
    """Chance by a seed. constructs: how often each construct of the grammar was drawn."""

    def __init__(self, seed: int | str) -> None:
        self._random = Random(str(seed))
        self.constructs: Counter[str] = Counter()
        self._names: Counter[str] = Counter()

    def one(self, options: Sequence[Thing]) -> Thing:
        """One of them."""
        return options[self._random.randrange(len(options))]

    def some(self, options: Sequence[Thing], least: int = 1, most: int = 3) -> list[Thing]:
        """Some of them, none twice, in any order; fewer than `least` where there are not so many."""
        return self._random.sample(list(options), min(len(options), self.number(least, most)))

    def number(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return self._random.randint(least, most)

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return self._random.random() < share

    def note(self, construct: str) -> None:
        """Counts a construct."""
        self.constructs[construct] += 1

    def name(self, base: str) -> str:
        """A name that this query has not used."""
        self._names[base] += 1
        return f"{base}{self._names[base]}"
