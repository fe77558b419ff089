"""What a check that takes its time is at, while it is at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from IPython.display import HTML, DisplayHandle, display

from helpers.desk.card import Card, Say


@contextmanager
def steps(title: str) -> Iterator[Callable[[str], None]]:
    """A function that shows a sentence at once, below those before it; all are gone when the block ends."""
    told: list[str] = []
    shown: list[DisplayHandle | None] = []

    def tell(words: str) -> None:
        told.append(words)
        card = Card(f"Checking: {title}", [Say(f"{at}. {one}") for at, one in enumerate(told, start=1)])
        if shown and shown[0] is not None:
            shown[0].update(card)
        else:
            shown.append(display(card, display_id=True))

    try:
        yield tell
    finally:
        if shown and shown[0] is not None:
            shown[0].update(HTML(""))
