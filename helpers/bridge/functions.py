"""The map from SQL's functions to pyspark's, made from pyspark itself (tests/bridge/mapping.py writes the data)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Function:
    """How a SQL function is called in Python.

    kinds: what each parameter takes (`column`: text is a column's name; `number`: the same, and plain numbers;
    `either`: a Column or a plain value; `str`, `int`, `float`, `bool`, `any`: a plain value; `column!`: a Column);
    counts: the numbers of arguments it can be called with; order: SQL's place of each Python parameter;
    names: of the parameters, where some may be left out.
    """

    python: str
    kinds: tuple[str, ...]
    counts: tuple[int, ...]
    order: tuple[int, ...]
    various: bool
    names: tuple[str, ...]

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        return count in self.counts or (self.various and count >= min(self.counts))

    def kind(self, place: int) -> str:
        """What the parameter at that place takes."""
        return self.kinds[min(place, len(self.kinds) - 1)]


@cache
def _all() -> dict[str, Function]:
    data = json.loads(Path(__file__).with_name("functions.json").read_text())
    return {
        name: Function(
            entry["python"],
            tuple(entry["kinds"]),
            tuple(entry["counts"]),
            tuple(entry.get("order", range(len(entry["kinds"])))),
            entry.get("various", False),
            tuple(entry.get("names", ())),
        )
        for name, entry in data.items()
    }


def function(name: str) -> Function | None:
    """The Python function that builds the SQL function of that name; None where there is none."""
    return _all().get(name.lower())
