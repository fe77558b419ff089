"""A handful of PEAK's rows for each kind of source, some of them spoilt, and the truth about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import orjson

from helpers.core.clock import seeded
from helpers.peak.events import bodies, events
from helpers.peak.faults import REASONS, SPOIL
from helpers.peak.recordings import catalogue

RECORDING = "nrel_1axis_tracker_mesa_ac_power.csv"
"""The power of a plant's meter in kW, every 15 minutes."""
KINDS = ("kafka", "s3", "postgres")
"""The kinds of sources; each has rows of its own."""
SOUND = 8
FAULTS = ("missing_field", "unknown_unit", "out_of_range")
"""One row of each is spoilt so; besides, the first sound row comes twice."""


@dataclass(frozen=True)
class Sample:
    """bodies: the JSON of each event, in the order of sending; quarantined: reason → how many of them it refuses."""

    bodies: list[bytes]
    readings: int
    quarantined: dict[str, int]


@cache
def sample(kind: str, seed: int = 7) -> Sample:
    """The rows that a source of this kind is filled with; the same seed gives the same bytes."""
    chosen = next(one for one in catalogue() if one.file == RECORDING)
    found = events(chosen)
    random = seeded(seed, "sample", kind)
    # By day: at night a meter shows nothing that anybody would like to look at.
    by_day = np.flatnonzero(found.readings["value"].to_numpy()[found.starts[:-1]] > 1)
    each = SOUND + len(FAULTS)
    first = KINDS.index(kind) * each
    whole = bodies(found)
    sent = [whole[at] for at in by_day[first : first + each]]
    spoilt = [
        SPOIL[fault](orjson.loads(body), chosen, random) or b""
        for fault, body in zip(FAULTS, sent[SOUND:], strict=True)
    ]
    reasons = Counter(reason for fault in FAULTS for reason in REASONS[fault])
    return Sample([*sent[:SOUND], sent[0], *spoilt], SOUND, dict(sorted(reasons.items())))


def truth(kinds: Iterable[str]) -> dict[str, int]:
    """What a pipeline must hold that was filled from sources of these kinds: readings, quarantine, and by reason."""
    found = [sample(kind) for kind in kinds]
    reasons: Counter[str] = Counter()
    for one in found:
        reasons.update(one.quarantined)
    refused = sum(len(FAULTS) for _ in found)
    return {"readings": sum(one.readings for one in found), "quarantine": refused, **dict(sorted(reasons.items()))}
