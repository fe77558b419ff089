"""The telemetry maker: replays recordings to the topics, plants faults, and keeps the truth of what it sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np

from helpers.core.errors import ServiceError, UserError
from helpers.core.settings import settings
from helpers.peak.ledger import begin, check_rate, next_send, note, settle
from helpers.peak.plan import Plan, plan
from helpers.peak.recordings import Recording
from helpers.peak.recovery import recover
from helpers.peak.sender import Sender
from helpers.peak.shares import Share, merge, share, truth_rows
from helpers.peak.topics import ensure_topics
from helpers.peak.truth import TruthStore, truth_store
from helpers.services.endpoints import endpoints

CHUNK = 20_000
"""Messages between two writings of the truth, at full speed."""


@dataclass(frozen=True)
class Sent:
    """What one replay did.

    messages, by_topic, planted (fault → messages): sent by this call; already: owed nothing any more before it;
    recovered: sent by an interrupted replay and told now; foreign: messages in the topics that are none of ours.
    """

    messages: int
    by_topic: dict[str, int]
    planted: dict[str, int]
    already: int = 0
    recovered: int = 0
    foreign: int = 0
    warnings: tuple[str, ...] = ()


def replay(
    recordings: Sequence[Recording],
    seed: int = 7,
    fault_rate: float = 0.02,
    *,
    resend: bool = False,
    rate: float | None = None,
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Sent:
    """Send what each recording still owes, merged by the time of sending; weather recordings are passed over.

    resend: if nothing is owed any more, send everything again, byte for byte. rate: events per second, None = as fast
    as they go; limit: the next messages only; progress: called with (sent, total). A second call, also after a kill,
    sends nothing twice. Raises UserError for wrong arguments, ServiceError where the broker fails; the truth of what
    it had acknowledged is kept, also at Ctrl-C.
    """
    wanted = _checked(recordings, rate, limit)
    config, prefix = endpoints().kafka_client_config, settings().topic_prefix
    topics = ensure_topics(config, prefix)
    store = truth_store(config)
    made: dict[tuple[Path, int, float], Plan] = {}

    def planned(recording: Recording, chosen: int, faulty: float) -> Plan:
        key = (recording.path, chosen, faulty)
        if key not in made:
            made[key] = plan(recording, chosen, faulty)
        return made[key]

    with store.held():
        for recording in wanted:
            check_rate(store, recording, seed, fault_rate)
        found = recover(store, config, prefix, topics, planned, [(one, seed, fault_rate) for one in wanted])
        shares, already = [], 0
        for recording in wanted:
            send, sent, complete = next_send(store, recording, seed, resend)
            if complete:
                already += len(sent)
                continue
            whole = planned(recording, seed, fault_rate)
            note(store, whole)
            shares.append(share(whole, send, sent, prefix, topics))
            already += len(sent)
        owner, sequence = (column[:limit] for column in merge(shares))
        faults: Counter[str] = Counter()
        if len(owner):
            begin(store, shares)
            _send(store, Sender(config), shares, owner, sequence, rate, progress)
            settle(store)
            for number, one in enumerate(shares):
                faults.update(one.plan.messages["fault"].take(sequence[owner == number]).to_pylist())
    counts = Counter(shares[number].topic for number in owner.tolist())
    planted = {kind: n for kind, n in sorted(faults.items()) if kind not in ("none", "oddity")}
    return Sent(
        len(owner), dict(sorted(counts.items())), planted, already, found.messages, found.foreign, found.warnings
    )


def _checked(recordings: Sequence[Recording], rate: float | None, limit: int | None) -> list[Recording]:
    wanted = [one for one in recordings if one.kind != "weather"]
    files = [one.file for one in wanted]
    twice = [file for file in files if files.count(file) > 1]
    if twice:
        raise UserError(f"The recording {twice[0]!r} is to be replayed twice at once.", "Name each file once.")
    if rate is not None and not rate > 0:
        raise UserError(f"The rate {rate} is no number of events per second.", "Choose one above 0, or none.")
    if limit is not None and limit < 0:
        raise UserError(f"The limit {limit} is no number of messages.", "Choose one from 0, or none.")
    return wanted


@contextmanager
def _told(store: TruthStore, sender: Sender, shares: Sequence[Share], chunk: np.ndarray) -> Iterator[None]:
    """Afterwards the truth knows what the broker took of a chunk of (share, sequence), whatever happened inside."""
    try:
        yield
    except BaseException:
        with suppress(ServiceError):
            sender.flush()
        _tell(store, sender, shares, chunk)
        raise
    _tell(store, sender, shares, chunk)


def _tell(store: TruthStore, sender: Sender, shares: Sequence[Share], chunk: np.ndarray) -> None:
    taken, sender.taken = sender.taken, []
    if taken:
        store.append(*truth_rows(shares, [(*chunk[number], offset) for number, offset in taken]))


def _send(
    store: TruthStore,
    sender: Sender,
    shares: Sequence[Share],
    owner: np.ndarray,
    sequence: np.ndarray,
    rate: float | None,
    progress: Callable[[int, int], None] | None,
) -> None:
    total, started = len(owner), monotonic()
    step = CHUNK if rate is None else max(1, min(CHUNK, int(2 * rate)))
    for first in range(0, total, step):
        chunk = np.column_stack((owner[first : first + step], sequence[first : first + step]))
        with _told(store, sender, shares, chunk):
            for number, (who, what) in enumerate(chunk.tolist()):
                one = shares[who]
                sender.send(number, one.topic, one.partition, one.plan.key, one.plan.bodies[what])
                if rate is not None:
                    sender.wait(started + (first + number + 1) / rate)
            sender.flush()
        if progress is not None:
            progress(first + len(chunk), total)
