"""The pages of a table to click through."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from helpers.core.errors import GridbridgeError
from helpers.desk.errors import why

if TYPE_CHECKING:
    from helpers.desk.playground.paged import Page


class Turner:
    """A page with buttons for the next and the one before. `str()` is the page's plain text."""

    def __init__(self, page: Page) -> None:
        from ipywidgets import Button, HBox, Output, VBox

        self.page = page
        self.output: Output = Output()
        self.back: Button = Button(description="Back", tooltip=".back()")
        self.next: Button = Button(description="Next", tooltip=".next()")
        self.back.on_click(lambda _: self._turn(lambda: self.page.back()))
        self.next.on_click(lambda _: self._turn(lambda: self.page.next()))
        self._box = VBox([HBox([self.back, self.next]), self.output])
        self._turn(lambda: page)

    def __str__(self) -> str:
        return str(self.page)

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The widget, and the text for where no widget is shown."""
        return {**self._box._repr_mimebundle_(), "text/plain": str(self)}

    def _turn(self, turned: Callable[[], Page]) -> None:
        from IPython.display import clear_output, display

        # What goes wrong is shown where the page would be.
        with self.output:
            clear_output(wait=True)
            try:
                self.page = turned()
                display(self.page)
            except GridbridgeError as error:
                display(why(error))
