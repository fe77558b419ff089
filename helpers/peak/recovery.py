"""After a kill: the messages that the broker took and the truth does not know yet are told after all."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from pydantic import ValidationError

from helpers.core.errors import UserError
from helpers.peak.ledger import settle, unsettled
from helpers.peak.plan import Plan
from helpers.peak.recordings import Recording
from helpers.peak.shares import Share, merge, share, truth_rows
from helpers.peak.topics import extent, read_back
from helpers.peak.truth import TruthStore

Planner = Callable[[Recording, int, float], Plan]


@dataclass(frozen=True)
class Recovered:
    """messages: told after all; foreign: messages in the topics that no plan of ours explains."""

    messages: int
    foreign: int
    warnings: tuple[str, ...]


def recover(
    store: TruthStore,
    config: Mapping[str, Any],
    prefix: str,
    topics: dict[str, int],
    planner: Planner,
    wanted: Sequence[tuple[Recording, int, float]],
) -> Recovered:
    """Tell what an interrupted replay sent. The store must be held. Raises ServiceError, never for foreign messages.

    Candidates are what the journal knows as begun, then `wanted` (recording, seed, fault rate), in case the truth was
    lost with its journal. A truth that knows more offsets than a topic has is of a deleted topic: it is set aside.
    """
    warnings = []
    store.tidy()
    ends = extent(config, topics)
    known = store.offsets()
    lost = {place[0] for place, (_, end) in ends.items() if place in known and known[place][-1] >= end}
    if lost:
        aside = store.set_aside(lost)
        warnings.append(f"{' and '.join(sorted(lost))} was made anew; the old truth lies in {aside}.")
        known = store.offsets()
    gaps = {place: _gaps(begin, end, known.get(place)) for place, (begin, end) in ends.items()}
    missing = sum(end - begin for ranges in gaps.values() for begin, end in ranges)
    if not missing:
        return Recovered(0, 0, tuple(warnings))
    shares: list[Share] = []
    begun = [(e["recording"], e["seed"], e["fault_rate"], e["send"]) for e in unsettled(store)]
    for origin, seed, fault_rate, send in [*begun, *((*one, 1) for one in wanted)]:
        try:
            recording = Recording.model_validate(origin)
            found = planner(recording, seed, fault_rate)
        except (UserError, ValidationError) as error:
            warnings.append(f"An interrupted replay cannot be told any more: {str(error).splitlines()[0]}")
            continue
        if not any(one.plan is found and one.send == send for one in shares):
            shares.append(share(found, send, store.sent(recording.file, seed, send), prefix, topics))
    matched = _match(config, gaps, shares) if shares else []
    if matched:
        store.append(*truth_rows(shares, matched))
    settle(store)
    return Recovered(len(matched), missing - len(matched), tuple(warnings))


def _gaps(begin: int, end: int, known: np.ndarray | None) -> list[tuple[int, int]]:
    """The ranges of offsets in [begin, end) that are not known."""
    inside = np.empty(0, np.int64) if known is None else known[(known >= begin) & (known < end)]
    edges = np.r_[begin - 1, inside, end]
    holes = np.flatnonzero(np.diff(edges) > 1)
    return [(int(edges[i]) + 1, int(edges[i + 1])) for i in holes]


def _match(
    config: Mapping[str, Any], gaps: Mapping[tuple[str, int], list[tuple[int, int]]], shares: Sequence[Share]
) -> list[tuple[int, int, int]]:
    """(share, sequence, offset) of each unknown message that is the next one owed with its key and bytes."""
    owed: dict[tuple[Any, ...], deque[tuple[int, int]]] = defaultdict(deque)
    digests = [one.plan.messages["sha256"].to_pylist() for one in shares]
    for number, sequence in zip(*(column.tolist() for column in merge(shares)), strict=True):
        one = shares[number]
        owed[one.topic, one.partition, one.plan.key, digests[number][sequence]].append((number, sequence))
    matched = []
    for (topic, partition), ranges in gaps.items():
        for offset, key, body in read_back(config, topic, partition, ranges):
            digest = None if body is None else sha256(body).hexdigest()
            waiting = owed.get((topic, partition, key, digest))
            if waiting:
                matched.append((*waiting.popleft(), offset))
    return matched
