"""Which database the learner comes from: said once, kept in a small file of the work folder."""

from __future__ import annotations

from pathlib import Path

from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.exercises.words.model import DIALECTS, Dialect


def home() -> Dialect:
    """The database that the learner said they come from; "oracle" as long as they said nothing."""
    try:
        said = _file().read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return "oracle"
    return next((one for one in DIALECTS if one == said), "oracle")


def settle(dialect: str) -> Dialect:
    """Keep it for all lessons to come, and return it. Raises UserError for a database that nobody wrote words for."""
    known = next((one for one in DIALECTS if one == dialect.strip().lower()), None)
    if known is None:
        named = ", ".join(f'dialect("{one}")' for one in DIALECTS)
        raise UserError(f"There are no words for {dialect!r}.", f"Use one of: {named}.")
    _file().parent.mkdir(parents=True, exist_ok=True)
    _file().write_text(f"{known}\n", encoding="utf-8")
    return known


def _file() -> Path:
    return settings().work / "progress" / "dialect.txt"
