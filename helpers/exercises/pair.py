"""Two people at one notebook: who drives, who navigates, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpers.core.clock import now_utc
from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.exercises.progress import progress

MINUTES = 15
"""How long one drives before the two change seats."""


@dataclass(frozen=True)
class Turn:
    """Who types, who thinks ahead, and since when (UTC)."""

    driver: str
    navigator: str
    since: datetime

    @property
    def ends(self) -> datetime:
        """When the two should change seats (UTC)."""
        return self.since + timedelta(minutes=MINUTES)

    @property
    def left(self) -> timedelta:
        """How long until then; zero once it is over."""
        return max(self.ends - now_utc(), timedelta())


def people(learner: str | None = None) -> tuple[str, str]:
    """The two names in "Ada & Edgar"; learner: by default the settings'. Raises UserError where it is no pair."""
    learner = settings().learner if learner is None else learner
    names = [name.strip() for name in learner.split("&")]
    if len(names) != 2 or not all(names) or names[0] == names[1]:
        raise UserError(f"{learner!r} is no pair of two names.", 'Start Lab with:  make lab PAIR="Ada & Edgar"')
    return names[0], names[1]


def turn() -> Turn:
    """Whose turn it is: what the pair's journal says last; with the first of the two it begins.

    Raises UserError where the learner is no pair.
    """
    seats = people()
    turns = list(_turns(seats))
    return turns[-1] if turns else _drives(seats[0])


def swap() -> Turn:
    """Change seats; the clock begins anew. Raises UserError where the learner is no pair."""
    return _drives(turn().navigator)


def _drives(driver: str) -> Turn:
    progress().journal.append("drives", driver=driver)
    return turn()


def _turns(seats: tuple[str, str]) -> Iterator[Turn]:
    """The turns in the pair's journal, in order; a line that cannot be read is passed over."""
    for event in progress().journal.events():
        driver = event.get("driver")
        if event["kind"] == "drives" and driver in seats:
            with suppress(KeyError, TypeError, ValueError):
                since = datetime.fromisoformat(event["at"])
                if since.tzinfo is not None:
                    yield Turn(driver, seats[driver == seats[0]], since)
