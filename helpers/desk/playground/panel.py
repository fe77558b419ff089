"""Running queries as they go on: a bar for this notebook's, a list of all, and buttons that look again and stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from helpers.core.errors import GridbridgeError
from helpers.desk.card import Card
from helpers.desk.errors import why
from helpers.desk.playground.meter import Meter, heard_at_once
from helpers.desk.session import session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from helpers.desk.playground.queries import Running


class Panel:
    """Buttons and a list; `str()` is the list's plain text. The bar follows whatever query a later cell runs.

    running, stop: the calls behind the buttons. A click is heard while a cell runs: Lab sends it to the kernel by a
    way of its own.
    """

    def __init__(self, running: Callable[[], Running], stop: Callable[..., Card]) -> None:
        from ipywidgets import HTML, Button, Dropdown, HBox, VBox

        self._running = running
        self._followed: SparkSession | None = None
        self.meter = Meter(lambda: self._do(stop), "stop()")
        self.again: Button = Button(description="Look again", tooltip="running()")
        self.which: Dropdown = Dropdown(description="Query", options=[])
        self.one: Button = Button(description="Stop this one", tooltip='stop("...")')
        self.list: HTML = HTML()
        heard_at_once(self.again, self.which, self.one)
        self.again.on_click(lambda _: self._do(None))
        self.one.on_click(lambda _: self._do(lambda: stop(self.which.value)))
        self._box = VBox([self.meter.box, HBox([self.again, self.which, self.one]), self.list])
        self._do(None)
        self.meter.show(0.0, "No query of this notebook has run since.", over=True)

    def __str__(self) -> str:
        return str(self._running())

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The widget, and the text for where no widget is shown."""
        return {**self._box._repr_mimebundle_(), "text/plain": str(self)}

    def _follow(self) -> None:
        """Has the session tell how far its queries are, also one that was made since."""
        spark = session()
        if spark is not self._followed:
            self._followed = spark
            spark.registerProgressHandler(self._progress)  # type: ignore[arg-type]

    def _progress(
        self, stages: Iterable[Any] | None, inflight_tasks: int, operation_id: str | None, done: bool
    ) -> None:
        """What Spark tells while a query of this notebook runs."""
        known = list(stages or ())
        if not operation_id or (done and not known):
            return
        total = sum(one.num_tasks for one in known)
        finished = sum(one.num_completed_tasks for one in known)
        words = f"query {operation_id[:8]}: {finished:,} of {total:,} tasks"
        # A query that was stopped is over too: the bar stays where it was.
        more = "; over" if done else f", {inflight_tasks} at work"
        self.meter.show(finished / total if total else 0.0, words + more, over=done)

    def _do(self, deed: Callable[[], Card] | None) -> None:
        """Does what a button says, then looks again; what goes wrong is shown where the list would be."""
        try:
            self._follow()
            told = deed()._repr_html_() if deed else ""
            found = self._running()
            names = [one.name for one in found.queries if one.jobs or one.since is None]
            chosen = self.which.value if self.which.value in names else next(iter(names), None)
            self.which.options = names
            self.which.value = chosen
            self.one.disabled = not names
            self.list.value = told + found._repr_html_()
        except GridbridgeError as error:
            self.list.value = why(error)._repr_html_()
