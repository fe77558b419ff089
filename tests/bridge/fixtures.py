"""Pairs of text: a query and what becomes of it. `python -m tests.bridge.fixtures` writes the second half anew.

A file of `fixtures/` is a topic. Each pair has a title (`## title`), the query, a line `=>`,
    and the code with its imports,
or the refusal's sentence.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from helpers.bridge import Refusal, translate
from tests.bridge.world import SCHEMA

FOLDER = Path(__file__).parent / "fixtures"


@dataclass(frozen=True)
class Pair:
    """One query and what is expected of it."""

    topic: str
    title: str
    sql: str
    expected: str

    @property
    def dialect(self) -> str:
        """The dialect: a topic may be named after it, as in `postgres-dates`."""
        first = self.topic.split("-")[0]
        return first if first in ("postgres", "tsql", "mysql", "oracle") else "spark"

    def got(self) -> str:
        """What the translator makes of the query now."""
        return _text(self.sql, self.dialect)


@cache
def _text(sql: str, dialect: str) -> str:
    try:
        done = translate(sql, dialect, SCHEMA)
    except Refusal as refusal:
        return f"refused: {refusal}\n"
    notes = "".join(f"# note: {note}\n" for note in done.notes)
    return "\n".join(done.imports) + ("\n\n" if done.imports else "") + done.code + notes


def pairs() -> list[Pair]:
    """All pairs of all topics."""
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        for block in path.read_text().split("\n## ")[0:]:
            title, _, rest = block.removeprefix("## ").partition("\n")
            sql, _, expected = rest.partition("\n=>\n")
            if title.strip():
                found.append(Pair(path.stem, title.strip(), sql.strip(), expected.strip() + "\n"))
    return found


def write(topics: list[str]) -> None:
    """Writes what the translator makes of each query of the topics (all, if none is named) into the files."""
    for path in sorted(FOLDER.glob("*.txt")):
        if topics and path.stem not in topics:
            continue
        blocks = [f"## {one.title}\n{one.sql}\n=>\n{one.got()}" for one in pairs() if one.topic == path.stem]
        path.write_text("\n".join(blocks))


if __name__ == "__main__":
    write(sys.argv[1:])
