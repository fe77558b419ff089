"""The smallest tables on which code and query differ."""

from __future__ import annotations

import time
from collections.abc import Sequence

from helpers.adversary.near import cuts
from helpers.bridge.verification.data import Sample
from helpers.bridge.verification.judge import Finding, Judge
from helpers.bridge.verification.sides import Sides
from helpers.compare import shrink
from helpers.compare.shrink import Tables

_CHUNK = 8


def smallest(judge: Judge, sample: Sample, found: Finding, seconds: float, sides: Sides) -> tuple[Sample, Finding]:
    """Fewer rows that still show a difference, and it; the set itself where none were found in time."""
    end = time.monotonic() + seconds

    def differ(inputs: Sequence[Sample]) -> list[bool]:
        verdicts: list[bool] = []
        for start in range(0, len(inputs), _CHUNK):
            if start and time.monotonic() > end:
                break
            found = judge.findings(inputs[start : start + _CHUNK], sides, keep=False)
            verdicts += [one.word == "different" for one in found]
        return verdicts + [False] * (len(inputs) - len(verdicts))

    def together(inputs: Sequence[Tables]) -> list[bool]:
        return differ([sample.of(tables) for tables in inputs])

    starts = sorted((*_near(sample, found), *sample.parts), key=lambda one: one.size)
    starts = [one for one in starts if 0 < one.size < sample.size]
    differing = [one for one, verdict in zip(starts, differ(starts), strict=True) if verdict]
    start = differing[0] if differing else sample
    try:
        done = sample.of(shrink(start.tables, lambda _: True, max(0.2, end - time.monotonic()), together).tables)
    except ValueError:
        done = start
    again = judge.findings([done], sides, keep=False)[0]
    return (done, again) if again.word == "different" else (sample, found)


def _near(sample: Sample, found: Finding) -> list[Sample]:
    if found.difference is None:
        return []
    return [sample.of(tables) for tables in cuts(sample.tables, found.difference, (), ())[:1]]
