"""A bar that shows how far something is, with a button that stops it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def heard_at_once(*widgets: Any) -> None:
    """Has the kernel hear clicks on these while a cell runs, by the subshell that Lab sends them to."""
    for one in widgets:
        # ipykernel would have them wait for the cell that last changed the widget.
        one.comm._reply_subshell_for = _as_sent


def _as_sent(data: Any, subshell: str | None) -> str | None:
    return subshell


class Meter:
    """A progress bar, words beside it and a Stop button, for whatever goes on in the background.

    stop: what a click calls; stop_words: the call that does the same, told on the button.
    """

    def __init__(self, stop: Callable[[], object], stop_words: str) -> None:
        from ipywidgets import Button, FloatProgress, HBox, Label

        self.bar: FloatProgress = FloatProgress(min=0.0, max=1.0, tooltip="How far it is")
        self.words: Label = Label()
        self.stop: Button = Button(description="Stop", tooltip=stop_words)
        self.stop.on_click(lambda _: stop())
        self.box: HBox = HBox([self.bar, self.words, self.stop])
        heard_at_once(self.stop)

    def show(self, share: float, words: str, over: bool = False) -> None:
        """How far it is, from 0 to 1, in a bar and in words. over: nothing is left to stop."""
        self.bar.value = share
        self.words.value = words
        self.stop.disabled = over

    def bundle(self, text: str) -> dict[str, Any]:
        """The widget, and a text for where no widget is shown."""
        return {**self.box._repr_mimebundle_(), "text/plain": text}
