"""One entry of the phrase book: the error it is about, and what to say about it to whom."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from helpers.exercises.words.facts import Facts

Dialect = Literal["oracle", "sqlserver", "postgresql", "mysql"]
DIALECTS: Mapping[Dialect, str] = {
    "oracle": "Oracle",
    "sqlserver": "SQL Server",
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
}
"""The databases that a learner may come from, and how their makers write them."""
_LONGEST = 120


@dataclass(frozen=True)
class Explanation:
    """An error in plain words. name: the entry's. instead: code that says it in Spark, "" where none is needed."""

    name: str
    sentence: str
    instead: str = ""


@dataclass(frozen=True)
class Entry:
    """What is said about one kind of error.

    It is about errors of these classes of Spark (`conditions`, subclasses included) or of Python (`errors`), whose
    parameters have one of the values `given` (small letters), and for which `test` is true.
    words: for everybody; oracle, sqlserver, postgresql, mysql: instead of them for who comes from there.
    instead: code. In both, `{objectName}` stands for Spark's parameter of that name, `{missing}`, `{called}`,
    `{asked}`, `{inner}` and `{routine}` for the fact, and `{home}` for the learner's database.
    """

    name: str
    words: str
    instead: str = ""
    conditions: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    given: Mapping[str, Collection[str]] = field(default_factory=dict)
    test: Callable[[Facts], bool] | None = None
    oracle: str = ""
    sqlserver: str = ""
    postgresql: str = ""
    mysql: str = ""

    def matches(self, facts: Facts) -> bool:
        """Is this entry about that error?"""
        if (self.conditions or self.errors) and not (
            facts.about(*self.conditions) or (not facts.condition and facts.error in self.errors)
        ):
            return False
        if any(facts.parameters.get(name, "").lower() not in values for name, values in self.given.items()):
            return False
        return self.test is None or self.test(facts)

    def explanation(self, facts: Facts, dialect: Dialect) -> Explanation:
        """The words for a learner who comes from there."""
        values = _Values(
            {name: _short(value) for name, value in facts.parameters.items()},
            home=DIALECTS[dialect],
            missing=facts.missing,
            called=facts.called,
            asked=facts.asked,
            inner=facts.inner,
            routine=facts.routine,
        )
        words = getattr(self, dialect) or self.words
        return Explanation(self.name, words.format_map(values), self.instead.format_map(values))


class _Values(dict[str, str]):
    def __missing__(self, name: str) -> str:
        # Another version of Spark may leave a parameter out.
        return "…"


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
