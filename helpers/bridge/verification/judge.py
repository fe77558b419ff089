"""One set of tables, two answers: are they the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
from sqlglot import exp

from helpers.bridge.verification.data import Sample
from helpers.bridge.verification.ending import ending, fits, is_ordered
from helpers.bridge.verification.results import LATE, Failed, Outcome, outcome, outcomes, terms
from helpers.bridge.verification.sensitive import by_order
from helpers.bridge.verification.sides import Frames, Sides
from helpers.compare import Difference, difference

PATIENCE, LONG = 60.0, 600.0
"""Seconds that one side may take on made tables, and on given ones."""
_UNSTEADY = (
    "The query's own answer is not the same twice: it depends on the order of rows, on chance or on the clock."
)


@dataclass(frozen=True)
class Finding:
    """What one set of tables tells.

    word: "same", "different", or "nothing" (both raise, or the query's own answer is not the same on the same rows).
    """

    word: Literal["same", "different", "nothing"]
    sentence: str = ""
    yours: Outcome | None = None
    expected: Outcome | None = None
    difference: Difference | None = None

    @property
    def late(self) -> bool:
        """Whether a side was stopped because it took too long."""
        return any(isinstance(one, Failed) and one.condition == LATE for one in (self.yours, self.expected))

    def full(self, limit: int | None) -> bool:
        """Whether the query gives as many rows as its LIMIT lets through."""
        return isinstance(self.expected, pa.Table) and self.expected.num_rows == limit


class Judge:
    """Holds the code's answers against the query's, set by set; the query's are computed once."""

    def __init__(self, sides: Sides, columns: Sequence[str]) -> None:
        self.sides = sides
        self._known: dict[tuple[int, str | None], tuple[Sample, Outcome]] = {}
        self._ordered = is_ordered(sides.tree)
        self._ending = ending(sides.tree, columns) if self._ordered else None
        self._sensitive = by_order(sides.tree)

    @property
    def unsure(self) -> bool:
        """Whether the order of the tables' rows, or a limit, leaves more than one answer."""
        return self._sensitive or self.sides.tree.find(exp.Limit) is not None

    def findings(self, samples: Sequence[Sample], sides: Sides | None = None, keep: bool = True) -> list[Finding]:
        """A finding for each set, by two Spark jobs where nothing raises, and one more where something differs.

        sides: whose code, if another's than the query's. keep: the same sets will be judged again.
        """
        judged = sides or self.sides
        spark = self.sides.spark
        expected = self._answers(samples, keep)
        code = [lambda one=one: judged.code(one.frames(spark)) for one in samples]
        yours = outcomes(spark, code, PATIENCE)
        found = [self._compared(one, other) for one, other in zip(yours, expected, strict=True)]
        open_ones = [at for at, one in enumerate(found) if one.word == "different" and one.difference is not None]
        if self._ending is not None and open_ones:
            wholes = self._answers([samples[at] for at in open_ones], keep, self._ending.sql)
        else:
            wholes = [None] * len(open_ones)
        for at, whole in zip(open_ones, wholes, strict=True):
            found[at] = self._judged(samples[at], found[at], whole)
        return found

    def of_frames(self, given: Frames, sides: Sides | None = None) -> Finding:
        """A finding on tables that are frames already; what depends on the order of rows is not tried there."""
        judged = sides or self.sides
        spark = self.sides.spark
        yours = outcome(spark, lambda: judged.code(given), LONG)
        expected = outcome(spark, lambda: self.sides.query(given), LONG)
        found = self._compared(yours, expected)
        if found.word != "different" or isinstance(yours, Failed) or isinstance(expected, Failed):
            return found
        if self._ending is not None:
            text = self._ending.sql
            whole = outcome(spark, lambda: self.sides.query(given, text), LONG)
            if self._allowed(yours, expected, whole):
                return Finding("same", "", yours, expected)
        return Finding("nothing", _UNSTEADY) if self._sensitive else found

    def _answers(self, samples: Sequence[Sample], keep: bool, sql: str | None = None) -> list[Outcome]:
        """What the query gives, or another one over the same tables."""
        spark = self.sides.spark
        # A set is kept with its answer: a number that stood for another one must not come again.
        new = [one for one in samples if (id(one), sql) not in self._known]
        query = [lambda one=one: self.sides.query(one.frames(spark), sql) for one in new]
        made = outcomes(spark, query, PATIENCE)
        known = {id(one): (one, answer) for one, answer in zip(new, made, strict=True)}
        if keep:
            self._known.update({(at, sql): value for at, value in known.items()})
        return [(known.get(id(one)) or self._known[(id(one), sql)])[1] for one in samples]

    def _judged(self, sample: Sample, found: Finding, whole: Outcome | None) -> Finding:
        """What differs, if neither ties nor the order of the tables' rows explain it."""
        yours, expected = found.yours, found.expected
        assert isinstance(yours, pa.Table) and isinstance(expected, pa.Table)
        if self._allowed(yours, expected, whole):
            return Finding("same", "", yours, expected)
        open_order = self._ordered and self._ending is None
        if (self._sensitive or open_order) and not self._steady(sample, expected, whole):
            return Finding("nothing", _UNSTEADY, yours, expected)
        return found

    def _compared(self, yours: Outcome, expected: Outcome) -> Finding:
        return compared(yours, expected, self._ordered)

    def _allowed(self, yours: pa.Table, expected: pa.Table, whole: Outcome | None) -> bool:
        """Whether the query's order and limit leave room for the code's answer."""
        found = self._ending
        if found is None or not isinstance(whole, pa.Table) or yours.num_rows != expected.num_rows:
            return False
        return fits(yours, whole, found) and fits(expected, whole, found)

    def _steady(self, sample: Sample, expected: pa.Table, whole: Outcome | None) -> bool:
        """Whether the query gives the same again, on the same rows in other orders."""
        for again in self._answers([sample.shuffled(seed) for seed in (0, 1)], keep=False):
            found = self._compared(again, expected)
            if found.word == "same" or isinstance(again, Failed):
                continue
            if not self._allowed(again, expected, whole):
                return False
        return True


def compared(yours: Outcome, expected: Outcome, ordered: bool = False, what: str = "query") -> Finding:
    """What the code's answer is beside the right one. what: was translated, a query or a statement."""
    for name, answer in (("code", yours), (what, expected)):
        if isinstance(answer, Failed) and answer.condition == LATE:
            return Finding("nothing", f"The {name} took too long. {answer.sentence}", yours, expected)
    if isinstance(yours, Failed) and isinstance(expected, Failed):
        return Finding("nothing", f"Both stop: {expected.sentence}", yours, expected)
    if isinstance(yours, Failed):
        return Finding("different", f"The code stops, the {what} does not: {yours.sentence}", yours, expected)
    if isinstance(expected, Failed):
        return Finding("different", f"The {what} stops, the code does not: {expected.sentence}", yours, expected)
    asked = terms(expected)
    if asked is None:
        return Finding("same", "", yours, expected)
    found = difference(yours, expected, asked)
    if found is None and ordered:
        found = difference(yours, expected, terms(expected, total=True) or asked)
    if found is None:
        return Finding("same", "", yours, expected)
    words = found.sentence.replace("your result", "the code's result").replace("Your result", "The code's result")
    return Finding("different", words, yours, expected, found)
