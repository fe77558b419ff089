"""Errors in the learner's language: what went wrong, in the words of who comes from another database."""

from __future__ import annotations

from helpers.exercises.words.conditions import CONDITIONS
from helpers.exercises.words.dates import DATES
from helpers.exercises.words.facts import facts
from helpers.exercises.words.frames import FRAMES
from helpers.exercises.words.grain import GRAIN
from helpers.exercises.words.home import home, settle
from helpers.exercises.words.idioms import IDIOMS
from helpers.exercises.words.joins import JOINS
from helpers.exercises.words.methods import METHODS
from helpers.exercises.words.model import DIALECTS, Dialect, Entry, Explanation
from helpers.exercises.words.names import NAMES
from helpers.exercises.words.parsing import PARSING
from helpers.exercises.words.python import PYTHON
from helpers.exercises.words.routines import ROUTINES
from helpers.exercises.words.source import Place, place
from helpers.exercises.words.statements import STATEMENTS
from helpers.exercises.words.typed import TYPED
from helpers.exercises.words.types import TYPES
from helpers.exercises.words.values import VALUES

__all__ = ["DIALECTS", "ENTRIES", "Dialect", "Entry", "Explanation", "Place", "explained", "home", "place", "settle"]

ENTRIES: tuple[Entry, ...] = (
    *IDIOMS,
    *STATEMENTS,
    *PARSING,
    *DATES,
    *ROUTINES,
    *NAMES,
    *JOINS,
    *GRAIN,
    *VALUES,
    *TYPES,
    *CONDITIONS,
    *METHODS,
    *FRAMES,
    *PYTHON,
    *TYPED,
)
"""In the order in which they are asked: within a theme the particular stands before the general."""


def explained(error: BaseException, dialect: Dialect = "oracle", sql: str | None = None) -> Explanation | None:
    """The first entry about an error, in the words for who comes from that database; None where nobody listed it.

    sql: the text of the query, where the learner's answer is one.
    """
    told = facts(error, sql)
    return next((entry.explanation(told, dialect) for entry in ENTRIES if entry.matches(told)), None)
