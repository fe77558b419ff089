"""`python -m tests.bridge.grammar SEED COUNT`: so many queries from a seed on, held against Spark."""

from __future__ import annotations

import sys

from helpers import spark as room
from tests.bridge.grammar.run import Run


def main(first: int, count: int) -> int:
    """0 = no query is silently different and enough are translated."""
    session = room.session("teaching", room.Endpoints("http://127.0.0.1:1", "us-east-1"), app="grammar")
    with Run(session) as run:
        for done, failing in enumerate(run.failing(first, count), start=1):
            if failing:
                print(failing, flush=True)
            if done % 25 == 0:
                print(f"{done} so far: {dict(run.words)}", flush=True)
    print(run.table())
    print(f"{count} from seed {first}: {dict(run.words)}")
    return 0 if run.right() else 1


if __name__ == "__main__":
    sys.exit(main(*(int(one) for one in sys.argv[1:3])))
