"""The journal beside the truth: which plans were begun, which sends are under way, when all was told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from helpers.core.errors import UserError
from helpers.peak.plan import Plan
from helpers.peak.recordings import Recording
from helpers.peak.shares import Share
from helpers.peak.truth import TruthStore


def begin(store: TruthStore, shares: Sequence[Share]) -> None:
    """Note in the journal what is about to be sent, so that a later process can finish the truth of it."""
    for one in shares:
        store.journal.append(
            "sending",
            recording=one.plan.recording.model_dump(mode="json"),
            seed=one.plan.seed,
            fault_rate=one.plan.fault_rate,
            send=one.send,
        )


def settle(store: TruthStore) -> None:
    """Note that the truth knows of everything that was sent."""
    store.journal.append("settled")


def unsettled(store: TruthStore) -> list[dict[str, Any]]:
    """What was begun since the last time that all was told; each send of a recording once."""
    begun: dict[tuple[Any, ...], dict[str, Any]] = {}
    for event in store.journal.events():
        if event["kind"] == "settled":
            begun.clear()
        elif event["kind"] == "sending":
            begun[event["recording"]["file"], event["seed"], event["send"]] = event
    return list(begun.values())


def check_rate(store: TruthStore, recording: Recording, seed: int, fault_rate: float) -> None:
    """A seed stands for one plan of a recording. Raises UserError for another fault rate than it was begun with."""
    before = noted(store, recording, seed).get("fault_rate", fault_rate)
    if before != fault_rate:
        raise UserError(
            f"The recording {recording.file!r} was sent with seed {seed} at the fault rate {before} before.",
            "Choose another seed, or that fault rate.",
        )


def next_send(store: TruthStore, recording: Recording, seed: int, resend: bool) -> tuple[int, np.ndarray, bool]:
    """(number of the send that is due, what it has sent, whether that is all)."""
    send = max(store.last_send(recording.file, seed), 1) if resend else 1
    sent = store.sent(recording.file, seed, send)
    complete = len(sent) == noted(store, recording, seed).get("messages")
    if complete and resend:
        return send + 1, np.empty(0, np.int64), False
    return send, sent, complete


def noted(store: TruthStore, recording: Recording, seed: int) -> dict[str, Any]:
    """What the journal says of a plan: fault_rate, messages, digest; empty if it was never begun."""
    plans = [event for event in store.journal.events() if event["kind"] == "plan"]
    return next((one for one in plans if (one["recording"], one["seed"]) == (recording.file, seed)), {})


def note(store: TruthStore, one: Plan) -> None:
    """Keep what was begun: a plan that changed since cannot be carried on. Raises UserError."""
    before = noted(store, one.recording, one.seed)
    if not before:
        store.journal.append(
            "plan",
            recording=one.recording.file,
            seed=one.seed,
            fault_rate=one.fault_rate,
            messages=len(one),
            digest=one.digest,
        )
    elif before["digest"] != one.digest:
        raise UserError(
            f"The recording {one.recording.file!r} or its mapping changed since it was sent with seed {one.seed}.",
            "Choose another seed.",
        )
