"""Which events a seed lets go wrong, how, and when each of these is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from helpers.peak.events import DELAY, Events
from helpers.peak.faults import REASONS

MINUTE, HOUR, DAY = 60, 3600, 86400
LATE_AFTER, TOO_LATE_AFTER, FUTURE_AFTER = HOUR, 7 * DAY, 10 * MINUTE
"""Seconds between event and sending beyond which an event is late, too late, or (the other way round) future."""
_NEAR = HOUR - 5 * MINUTE
"""A delayed event must still be sent within the hour, so the one that overtakes it must be near."""


@dataclass
class Dealt:
    """kinds: event → its fault; due: event → when the changed or added message is sent (seconds since the epoch)."""

    kinds: dict[int, str] = field(default_factory=dict)
    due: dict[int, int] = field(default_factory=dict)


def deal(found: Events, random: Random, rate: float) -> Dealt:
    """Faults for a share of the events, each kind about equally often; genuine oddities are left alone.

    An oversized body goes only into a wide record of more than four channels, once a recording: each costs 5 MB.
    """
    free = {index for index, odd in enumerate(found.oddities) if odd is None}
    wanted = min(round(rate * len(found)), len(free))
    kinds = [kind for kind in REASONS if kind != "oversize"]
    if found.recording.interval_seconds > _NEAR:
        kinds.remove("out_of_order")
    wide = found.recording.kind == "scada" and len(found.recording.channels) > 4
    deck = random.sample([*kinds, *(["oversize"] if wide else [])], len(kinds) + wide)
    dealt = Dealt()
    for index in random.sample(sorted(free), len(free)):
        if len(dealt.kinds) >= wanted:
            break
        if index not in free:
            continue
        fits = [kind for kind in deck if kind != "out_of_order" or _overtaken(found, index, free)]
        if not fits:
            deck = random.sample(kinds, len(kinds)) + deck
            fits = [kind for kind in deck if kind != "out_of_order" or _overtaken(found, index, free)]
        deck.remove(fits[-1])
        _put(dealt, found, random, index, fits[-1], free)
    return dealt


def _overtaken(found: Events, index: int, free: set[int]) -> bool:
    following = index + 1
    return following in free and int(found.sent_at[following] - found.sent_at[index]) < _NEAR


def _put(dealt: Dealt, found: Events, random: Random, index: int, kind: str, free: set[int]) -> None:
    event, sent = int(found.times[index] // 1_000_000), int(found.sent_at[index])
    free.discard(index)
    dealt.kinds[index] = kind
    if kind in ("duplicate", "conflict"):
        dealt.due[index] = sent + random.randint(2, 2 * DAY)
    elif kind == "too_late":
        dealt.due[index] = event + TOO_LATE_AFTER + random.choice((1, random.randint(1, 30 * DAY)))
    elif kind == "future":
        dealt.due[index] = event - FUTURE_AFTER - random.choice((1, random.randint(1, DAY)))
    elif kind == "out_of_order":
        # The event that overtakes it stays as it is.
        free.discard(index + 1)
        dealt.due[index] = int(found.sent_at[index + 1]) + random.randint(1, MINUTE)
    elif kind == "late":
        _put_late(dealt, found, random, index, event, free)


def _put_late(dealt: Dealt, found: Events, random: Random, index: int, event: int, free: set[int]) -> None:
    """One late event at a border of what is late, or up to three in a row that were held back and come together."""
    border = random.choice((LATE_AFTER + 1, TOO_LATE_AFTER, *(0,) * 6))
    if border:
        dealt.due[index] = event + border
        return
    group = [index]
    for following in range(index + 1, index + random.randint(1, 3)):
        if following not in free or found.times[following] - found.times[following - 1] > 2 * HOUR * 1_000_000:
            break
        group.append(following)
    last = int(found.times[group[-1]] // 1_000_000)
    arrival = last + random.randint(LATE_AFTER + DELAY, 6 * DAY)
    for number, member in enumerate(group):
        free.discard(member)
        dealt.kinds[member], dealt.due[member] = "late", arrival + number
