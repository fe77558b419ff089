"""Spark's own SQL as a list of statements: every construct of its reference, over the tables of the dialect pairs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("surface.yaml")


@dataclass(frozen=True)
class Statement:
    """One statement. ordered: its rows' sequence counts; refuse: why declining is right as well, else None."""

    id: str
    construct: str
    sql: str
    ordered: bool
    refuse: str | None


@cache
def statements() -> tuple[Statement, ...]:
    """All statements in the file's order. Raises KeyError or ValueError where the file breaks its own format."""
    found: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(_statement(group["construct"], entry) for group in found for entry in group["statements"])


def _statement(construct: str, entry: dict[str, Any]) -> Statement:
    if unknown := set(entry) - {"id", "sql", "ordered", "refuse"}:
        raise ValueError(f"{entry['id']} has the unknown keys {', '.join(sorted(unknown))}.")
    return Statement(entry["id"], construct, entry["sql"], entry.get("ordered", False), entry.get("refuse"))
