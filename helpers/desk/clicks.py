"""The desk's verbs as buttons, for those who would rather click than type."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from helpers.core.errors import GridbridgeError, UserError
from helpers.desk.card import Card
from helpers.desk.errors import why
from helpers.desk.verbs import Named, check, contract, data, find, hint, solution

if TYPE_CHECKING:
    from ipywidgets import Button, Output


class Buttons:
    """A row of buttons for one exercise, and the card of the last one clicked below it.

    `str()` is its plain text twin: the calls that do the same.
    """

    def __init__(self, name: str) -> None:
        from ipywidgets import Button, HBox, Output, VBox

        self._calls: dict[str, tuple[str, Callable[[], Card]]] = {
            "Check": (f"check({name})", lambda: check(_defined(name))),
            "Hint": (f'hint("{name}")', partial(hint, name)),
            "Contract": (f'contract("{name}")', partial(contract, name)),
            "Data": (f'data("{name}")', partial(data, name)),
            "Solution": (f'solution("{name}")', partial(solution, name)),
        }
        self.output: Output = Output()
        self.buttons: dict[str, Button] = {
            words: Button(description=words, tooltip=call) for words, (call, _) in self._calls.items()
        }
        for words, button in self.buttons.items():
            button.on_click(lambda _, words=words: self._clicked(words))
        self._box = VBox([HBox(list(self.buttons.values())), self.output])

    def __str__(self) -> str:
        width = max(map(len, self._calls))
        return "\n".join(f"{words:{width}}  {call}" for words, (call, _) in self._calls.items())

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The widget, and the text for where no widget is shown."""
        return {**self._box._repr_mimebundle_(), "text/plain": str(self)}

    def _clicked(self, words: str) -> None:
        from IPython.display import clear_output, display

        # One at a time: a check takes a moment, and a second click would queue a second one.
        for button in self.buttons.values():
            button.disabled = True
        try:
            with self.output:
                clear_output(wait=True)
                display(_shown(self._calls[words][1]))
        finally:
            for button in self.buttons.values():
                button.disabled = False


def buttons(name: Named) -> Buttons:
    """Check, hint, contract, data and solution of an exercise, to click. Raises UserError for an unknown name.

    Check judges the function of that name as this notebook has it at the click.
    """
    return Buttons(find(name).name)


def _shown(call: Callable[[], Card]) -> Card:
    try:
        return call()
    except GridbridgeError as error:
        return why(error)


def _defined(name: str) -> Callable[..., Any]:
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    answer = shell.user_ns.get(name) if shell else None
    if not callable(answer):
        raise UserError(
            f"This notebook has no function {name} yet.", "Run the cell that defines it, then click Check."
        )
    return answer
