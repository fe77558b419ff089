"""Where a pipeline of one's own has its things: its folder, and what it is called on each service."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from keyword import iskeyword
from pathlib import Path

from helpers.core.errors import UserError
from helpers.core.settings import ROOT, settings

FOLDER = ROOT / "pipelines"
"""One folder per pipeline, found by looking. Gridbridge itself puts nothing there: pulling never collides."""
NOTEBOOK = "pipeline.ipynb"
LONGEST = 40
"""Characters of a name: it becomes part of a schema's name in PostgreSQL, which holds 63."""
RESERVED = ("run", "list", "status", "peak")
"""Words of `gridbridge job`, and the name that the metrics of the house's own pipeline have."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Place:
    """The names of one pipeline; nothing of another one, and nothing of the house's own, is called so."""

    name: str

    @property
    def prefix(self) -> str:
        """Where its tables lie in the lake's bucket, and its files in the landing bucket."""
        return f"pipelines/{self.name}"

    @property
    def schema(self) -> str:
        """Its schema in PostgreSQL."""
        return f"pipeline_{self.name}"

    @property
    def lease(self) -> str:
        """The lease that says which run writes it."""
        return f"pipeline-{self.name}"

    @property
    def runs(self) -> Path:
        """Where the folders of its runs lie."""
        return settings().work / "pipelines" / self.name

    def topic(self, end: str) -> str:
        """A topic of it. end: "in" or "out"."""
        return f"pipeline.{self.name}.{end}"


def checked(name: str) -> str:
    """The name, if a new pipeline can have it. Raises UserError."""
    if len(name) > LONGEST or not _NAME.fullmatch(name) or iskeyword(name) or name in RESERVED:
        raise UserError(
            f"{name!r} cannot be a pipeline's name: at most {LONGEST} small letters, digits and _, a letter first, "
            f"no word of Python, none of {', '.join(RESERVED)}.",
            "Give another, as in:  .venv/bin/gridbridge new pipeline meter_check",
        )
    return name


def pipelines() -> list[str]:
    """The names of the pipelines that are there."""
    found = [file.parent.name for file in FOLDER.glob(f"*/{NOTEBOOK}")]
    return sorted(name for name in found if _NAME.fullmatch(name))


def notebook(name: str) -> Path:
    """A pipeline's notebook. Raises UserError with the near names where there is none."""
    known = pipelines()
    if name not in known:
        near = get_close_matches(name, known, 3, 0.5) or known
        there = f"near it: {', '.join(near)}" if near else "there is none yet"
        raise UserError(
            f"There is no pipeline {name!r}; {there}.", f".venv/bin/gridbridge new pipeline {name or 'NAME'}"
        )
    return FOLDER / name / NOTEBOOK
