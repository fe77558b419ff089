"""The smallest input on which an answer is wrong: from the made families and the rows around the first difference."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pyarrow as pa

from helpers.adversary.near import cuts, keeps_references
from helpers.compare import Difference, Terms, TermsBroken, difference, shrink
from helpers.exercises.attempt import Attempt, NotAttempted, Refused
from helpers.exercises.variants import Variant, declared, families, fingerprint
from helpers.spark.frames import Tables, collect_together

SECONDS = 2.0
_CHUNK = 16
_FAMILIES = 4
"""How many families are judged by one job."""
Start = tuple[str, dict[str, pa.Table]]
Answered: TypeAlias = pa.Table | None
_known: dict[tuple[str, int, str], Answered] = {}


@dataclass(frozen=True)
class Smallest:
    """family: the data it was found in. tables: the input. minimal: no row of it can go, references kept."""

    family: str
    tables: dict[str, pa.Table]
    minimal: bool


def smallest_difference(
    attempt: Attempt, right: Attempt, variant: Variant, found: Difference, seed: int, seconds: float = SECONDS
) -> Smallest:
    """Where the answer differs from a right one, on few rows; the variant itself where nothing smaller differs.

    right: a solution, faster to run on many inputs than the oracle. found: the difference on the variant.
    """
    terms = attempt.exercise.contract.terms()
    laws = declared(attempt.exercise)
    end = time.monotonic() + seconds

    def judge(inputs: Sequence[Tables], answers: Sequence[Answered]) -> list[bool]:
        yours = _answers(attempt, inputs)
        return [
            one is not None and other is not None and differs(one, other, terms)
            for one, other in zip(yours, answers, strict=True)
        ]

    def together(inputs: Sequence[Tables]) -> list[bool]:
        verdicts = [False] * len(inputs)
        lawful = [at for at, tables in enumerate(inputs) if keeps_references(tables, laws)]
        for start in range(0, len(lawful), _CHUNK):
            part = lawful[start : start + _CHUNK]
            if start and time.monotonic() > end:
                break
            chunk = [inputs[at] for at in part]
            for at, verdict in zip(part, judge(chunk, _answers(right, chunk)), strict=True):
                verdicts[at] = verdict
        return verdicts

    near: list[Start] = [(variant.name, cut) for cut in cuts(variant.tables, found, terms.key, laws)]
    chosen = _choose(near, together([tables for _, tables in near])) or (variant.name, variant.tables)
    # From the smallest family on: the first few that differ hold the smallest that does.
    made = _by_size(attempt, seed)
    for start in range(0, len(made), _FAMILIES):
        part = [one for one in made[start : start + _FAMILIES] if _rows(one) < _rows(chosen)]
        if not part:
            break
        verdicts = judge([tables for _, tables in part], _family_answers(right, seed, part))
        if smaller := _choose(part, verdicts):
            chosen = smaller
            break
    try:
        shrunk = shrink(chosen[1], lambda _: True, max(0.2, end - time.monotonic()), together)
    except ValueError:
        return Smallest(variant.name, variant.tables, False)
    return Smallest(chosen[0], shrunk.tables, shrunk.minimal)


def differs(actual: pa.Table, expected: pa.Table, terms: Terms) -> bool:
    """Whether two answers differ on an input that may be shown."""
    try:
        return difference(actual, expected, terms) is not None
    except TermsBroken:
        # Fewer rows than the contract's author thought of: not an input to show.
        return False


def smallest_error(
    attempt: Attempt, variant: Variant, condition: str, seed: int, seconds: float = SECONDS
) -> Smallest:
    """Where the answer still raises the error of this class, on few rows."""
    laws = declared(attempt.exercise)
    end = time.monotonic() + seconds

    def raises(tables: Tables) -> bool:
        if not keeps_references(tables, laws):
            return False
        try:
            attempt.table(tables)
        except Refused as error:
            return error.condition == condition
        return False

    chosen: Start = (variant.name, variant.tables)
    for one in _by_size(attempt, seed):
        if time.monotonic() > end - seconds / 2:
            break
        if raises(one[1]):
            chosen = one
            break
    try:
        shrunk = shrink(chosen[1], raises, max(0.2, end - time.monotonic()))
    except ValueError:
        return Smallest(variant.name, variant.tables, False)
    return Smallest(chosen[0], shrunk.tables, shrunk.minimal)


def _answers(attempt: Attempt, inputs: Sequence[Tables]) -> list[Answered]:
    """The answer's rows on each input by one job; None where it raises."""
    if not inputs:
        return []
    try:
        return list(collect_together([attempt.frame(tables, one_partition=True) for tables in inputs]))
    except Exception:
        return [_answer(attempt, tables) for tables in inputs]


def _answer(attempt: Attempt, tables: Tables) -> Answered:
    try:
        return attempt.table(tables)
    except (Refused, NotAttempted):
        return None


def _family_answers(right: Attempt, seed: int, made: Sequence[Start]) -> list[Answered]:
    exercise = fingerprint(right.exercise)
    new = [one for one in made if (exercise, seed, one[0]) not in _known]
    for (name, _), answer in zip(new, _answers(right, [tables for _, tables in new]), strict=True):
        _known[exercise, seed, name] = answer
    return [_known[exercise, seed, name] for name, _ in made]


def _choose(starts: Sequence[Start], verdicts: Sequence[bool]) -> Start | None:
    differing = [start for start, verdict in zip(starts, verdicts, strict=True) if verdict]
    return min(differing, key=_rows, default=None)


def _by_size(attempt: Attempt, seed: int) -> list[Start]:
    # A verdict's "usual" are PEAK's own rows, not rows like them.
    named = (("drawn" if one.name == "usual" else one.name, one.tables) for one in families(attempt.exercise, seed))
    return sorted(named, key=_rows)


def _rows(start: Start) -> int:
    return sum(table.num_rows for table in start[1].values())
