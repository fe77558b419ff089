"""`python -m tests.bridge.grammar SEED COUNT`: so many queries from a seed on, held against Spark."""

from __future__ import annotations

import sys
from collections import Counter

from helpers import spark as room
from tests.bridge.grammar.run import Run, told


def main(first: int, count: int) -> int:
    """0 = no query is silently different and enough are translated."""
    session = room.session("teaching", room.Endpoints("http://127.0.0.1:1", "us-east-1"), app="grammar")
    run = Run(session)
    words: Counter[str] = Counter()
    for seed in range(first, first + count):
        query, found = run.one(seed)
        words[found.word] += 1
        if found.word not in ("same plan", "same rows", "both stop", "refused by Spark"):
            print(told(query, found, run.smaller(query, found)), flush=True)
        if sum(words.values()) % 25 == 0:
            print(f"{sum(words.values())} so far: {dict(words)}", flush=True)
    print(run.table())
    print(f"{count} from seed {first}: {dict(words)}")
    return 0 if run.right() else 1


if __name__ == "__main__":
    sys.exit(main(*(int(one) for one in sys.argv[1:3])))
