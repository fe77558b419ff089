"""The card of a pair: driver, navigator and a clock."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from helpers.desk.card import Card, Say
from helpers.exercises import pair as seats
from helpers.exercises.pair import MINUTES, Turn


@dataclass(frozen=True)
class Clock:
    """How much of a turn is left, as a bar and in words."""

    turn: Turn

    def text(self) -> str:
        """The time at which it ends, and the minutes until then."""
        # In the clock of whoever looks at it; the journal has UTC.
        end = f"{self.turn.ends.astimezone():%H:%M}"
        minutes = round(self.turn.left.total_seconds() / 60)
        if not self.turn.left:
            return f"The turn ended at {end}. Change seats: swap()"
        return f"Until {end}: {minutes or 'less than 1'} of {MINUTES} minutes left."

    def html(self) -> str:
        """A meter with the words beside it."""
        words, left = escape(self.text()), self.turn.left.total_seconds() / 60
        return f'<p><meter min="0" max="{MINUTES}" value="{left:.1f}" aria-hidden="true"></meter> {words}</p>'


def pair() -> Card:
    """Who drives, who navigates, and how long still. Raises UserError where Lab was not started for a pair."""
    return _card(seats.turn())


def swap() -> Card:
    """Change seats: the navigator drives, and the clock begins anew. Raises UserError as `pair` does."""
    return _card(seats.swap())


def _card(turn: Turn) -> Card:
    return Card(
        f"{turn.driver} drives, {turn.navigator} navigates",
        [Say("Who drives types. Who navigates reads ahead, asks and looks for the trap."), Clock(turn)],
    )
