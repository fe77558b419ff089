"""The exercises as attributes, so that TAB shows them."""

from __future__ import annotations

from helpers.core.errors import UserError
from helpers.desk.card import Card
from helpers.desk.show import contract_card
from helpers.exercises import exercise, lessons


class Exercises:
    """`exercises.<TAB>` shows the names; `exercises.some_name` shows its task and contract."""

    def __dir__(self) -> list[str]:
        return [one.name for entry in lessons() for one in entry.exercises]

    def __getattr__(self, name: str) -> Card:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return contract_card(exercise(name))
        except UserError as error:
            raise AttributeError(str(error)) from None

    def __repr__(self) -> str:
        return "\n".join(
            line
            for entry in lessons()
            for line in (
                f"{entry.lesson.number}. {entry.lesson.title}",
                *(f"   {one.name}" for one in entry.exercises),
            )
        )


exercises = Exercises()
"""Every exercise there is."""
