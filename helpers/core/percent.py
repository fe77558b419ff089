"""A notebook's source in percent format: cells that begin with `# %%` or `# %% [markdown]`, and their tags."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BEGINS = re.compile(r"# %%(?P<text> \[markdown\])?(?: tags=(?P<tags>[\w,-]+))?\s*")


@dataclass(frozen=True)
class Cell:
    """kind: "markdown" or "code"; tags: as in `# %% tags=parameters,other`."""

    kind: str
    text: str
    tags: tuple[str, ...] = ()


def cells(source: str) -> list[Cell]:
    """The cells of a source. Raises ValueError, with a sentence, for what is no cell."""
    found: list[tuple[str, tuple[str, ...], list[str]]] = []
    for line in source.splitlines():
        if begins := _BEGINS.fullmatch(line):
            tags = tuple((begins["tags"] or "").split(",")) if begins["tags"] else ()
            found.append(("markdown" if begins["text"] else "code", tags, []))
        elif found:
            found[-1][2].append(line)
        elif line.strip():
            raise ValueError(f"A notebook's source begins with a cell (# %% [markdown]), not with {line!r}.")
    return [Cell(kind, _text(kind, lines), tags) for kind, tags, lines in found]


def _text(kind: str, lines: list[str]) -> str:
    if kind == "markdown":
        if odd := next((line for line in lines if line.strip() and not line.startswith("#")), ""):
            raise ValueError(f"A line of a markdown cell begins with no #: {odd!r}.")
        lines = [line.removeprefix("#").removeprefix(" ") for line in lines]
    return "\n".join(lines).strip("\n")
