"""An error of a cell in the learner's words, and which words those are."""

from __future__ import annotations

import sys

from helpers.core.errors import GridbridgeError
from helpers.desk.card import Block, Card, Code, Say
from helpers.exercises.failure import failure
from helpers.exercises.words import DIALECTS, home, place, settle


def why(error: BaseException | None = None) -> Card:
    """What the last error of this notebook means: your line, what went wrong, and what to write instead.

    error: another one than the last.
    """
    found = error if error is not None else getattr(sys, "last_value", None)
    if found is None:
        return Card("Why", [Say("No cell has failed yet. When one does, why() says what its error means.")])
    if isinstance(found, GridbridgeError):
        return Card("Why", [Say(found.cause, strong=True), *([Say(f"Next: {found.remedy}")] if found.remedy else [])])
    told = failure(found)
    blocks: list[Block] = [Say(told.sentence, strong=True)]
    if line := _line(found):
        blocks.insert(0, Code("Your line:", line))
    if told.instead:
        blocks.append(Code("Instead:", told.instead))
    return Card("Why", blocks)


def dialect(name: str | None = None) -> Card:
    """Say once which database you come from, as in dialect("sqlserver"): errors are then told in its words.

    name: oracle, sqlserver, postgresql or mysql; None only tells which it is. Raises UserError for another.
    """
    chosen = home() if name is None else settle(name)
    others = ", ".join(f'dialect("{one}")' for one in DIALECTS if one != chosen)
    return Card(
        f"You come from {DIALECTS[chosen]}",
        [Say(f"Errors are told in the words of {DIALECTS[chosen]}. To change that: {others}.")],
    )


def _line(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: {(error.text or '').strip()}"
    where = place(error)
    return f"line {where.line}: {where.text}" if where else ""
