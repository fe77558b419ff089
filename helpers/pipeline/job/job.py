"""A pipeline run again and again by papermill: one run at a time, each kept with its report, failures told."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from helpers import services
from helpers.core.clock import now_utc
from helpers.core.errors import GridbridgeError, LeaseHeld, LeaseLost, ServiceError
from helpers.core.settings import settings
from helpers.pipeline.attempt import new_run_id
from helpers.pipeline.execute import execute, summary
from helpers.pipeline.failure import passes
from helpers.pipeline.job import tell
from helpers.pipeline.job.history import History
from helpers.pipeline.job.objects import rewritten, unseen
from helpers.pipeline.job.when import When
from helpers.pipeline.lease import Lease
from helpers.pipeline.prototype.place import Place
from helpers.pipeline.stores import Stores
from helpers.services.buckets import is_there

REPORT = "report.html"
PAUSE = 60.0
"""Seconds until objects are tried again whose run failed for what may pass by itself; doubled each time."""
LONGEST_PAUSE = 900.0


@dataclass
class Job:
    """A pipeline's job in this process. parameters: of each run; keep: how many runs; say: told each sentence.

    A context manager: inside it the job is claimed, so that no second one of its name runs anywhere on this lake.
    """

    place: Place
    notebook: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)
    keep: int = 20
    topic: str = tell.TOPIC
    say: Callable[[str], None] = print
    history: History = field(init=False)
    _lease: Lease | None = None
    _pause: float = PAUSE
    _not_before: float = 0.0

    def __post_init__(self) -> None:
        self.history = History(self.place)

    def __enter__(self) -> Job:
        """Claim the job. Raises LeaseHeld where another process runs it: who, since when; ServiceError."""
        Stores().make_buckets()
        self._claim()
        return self

    def __exit__(self, *_: object) -> None:
        if self._lease is not None:
            self._lease.release()

    def once(self, why: str, objects: Sequence[str] = ()) -> bool:
        """One run now, kept with its notebook and report; True if it succeeded. objects: those that it is for.

        A failed run is told and never raised; Ctrl-C ends it and is raised.
        """
        run_id, started = new_run_id(), time.monotonic()
        folder = self.place.runs / run_id
        folder.mkdir(parents=True)
        self.history.run_begins(run_id, why)
        self.say(f"Run {run_id} begins ({why}).")
        output = folder / self.notebook.name
        cause = remedy = untold = ""
        passing = False
        try:
            services.ensure("s3")
            self._hold()
            execute(self.notebook, output, {**self.parameters, "run_id": run_id}, self.notebook.parent)
        except KeyboardInterrupt:
            self.history.run_ends(run_id, "interrupted", seconds=round(time.monotonic() - started, 1))
            raise
        except LeaseHeld as error:
            self.history.run_ends(run_id, "failed", cause=error.cause, remedy=error.remedy)
            raise
        except GridbridgeError as error:
            cause, remedy = error.cause, error.remedy
            passing = passes(error) or summary(folder).get("error", {}).get("passing", False)
        except Exception as error:
            # A job must outlive whatever a notebook, or papermill with it, comes up with.
            cause = f"{type(error).__name__}: {' '.join(str(error).split())[:400]}"
        report = _report(output, folder / REPORT)
        seconds = round(time.monotonic() - started, 1)
        facts: dict[str, Any] = {"seconds": seconds, "report": str(report)}
        # What passes by itself has not read them: they come again.
        facts["objects"] = [] if passing else list(objects)
        if cause:
            untold = tell.failure(self.topic, self.place.name, run_id, cause, report)
            facts |= {"cause": cause, "remedy": remedy, "untold": untold}
        self.history.run_ends(run_id, "failed" if cause else "succeeded", **facts)
        self.history.prune(self.keep)
        self.say(f"Run {run_id} {'failed' if cause else 'succeeded'} after {seconds:.0f} s: {cause or report}")
        if remedy:
            self.say(f"Next: {remedy}")
        if untold:
            self.say(f"The SNS topic {self.topic} was not told: {untold}")
        return not cause

    def serve(self, when: When) -> None:
        """Run whenever it is due, until Ctrl-C, which is raised. What falls due during a run is made up by one.

        The scheduler's thread only says that it is time: a run is made in this thread, where Ctrl-C reaches it.
        """
        due: queue.Queue[None] = queue.Queue(maxsize=1)

        def remind() -> None:
            if due.empty():
                due.put(None)

        past = self.history.runs()
        self.history.begin(when.told)
        if when.objects is not None:
            self._look_for(when.objects[0])
        clock = BackgroundScheduler(timezone=UTC, executors={"default": {"type": "threadpool", "max_workers": 1}})
        first = now_utc() if when.objects else when.first(past[-1].at if past else None, now_utc())
        clock.add_job(
            remind, when.trigger, next_run_time=first, coalesce=True, misfire_grace_time=None, max_instances=1
        )
        clock.start()
        try:
            while True:
                due.get()
                self._due(when)
        finally:
            clock.shutdown(wait=False)
            self.history.end()

    def _due(self, when: When) -> None:
        if when.objects is None:
            self.once(when.told)
            return
        try:
            seen = self.history.seen()
            found = unseen(services.aws("s3"), when.objects, seen)
        except GridbridgeError as error:
            self.say(error.cause)
            with suppress(GridbridgeError):
                services.ensure("s3")
            return
        if not found or time.monotonic() < self._not_before:
            return
        for key in rewritten(found, seen):
            self.say(
                f"{key} was written again: a run comes, and a source that reads a file by its name once skips it."
            )
        if self.once(f"{len(found)} new object{'s' if len(found) > 1 else ''}", found):
            self._pause = PAUSE
        elif self.history.seen().isdisjoint(found):
            self.say(f"What failed may pass by itself: it is tried again in {self._pause / 60:.0f} minutes.")
            self._not_before = time.monotonic() + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _look_for(self, bucket: str) -> None:
        with suppress(GridbridgeError):
            if not is_there(services.aws("s3"), bucket):
                self.say(f"There is no bucket {bucket!r}: no run comes until somebody makes it.")

    def _claim(self) -> None:
        try:
            self._lease = Lease.acquire(
                services.aws("s3"), settings().lake_bucket, f"job-{self.place.name}", f"job {self.place.name}"
            )
        except LeaseHeld as error:
            raise LeaseHeld(f"The job {self.place.name} runs already. {error.cause}", error.remedy) from None

    def _hold(self) -> None:
        """Prove that the job is ours; claim it anew where S3 forgot it. Raises LeaseHeld where another has it."""
        try:
            if self._lease is not None:
                self._lease.check()
        except (LeaseLost, ServiceError):
            # S3 came back empty, or at another port.
            self.__exit__()
            self.__enter__()


def _report(notebook: Path, page: Path) -> Path:
    """The executed notebook as a page to look at; the run's folder where there is no notebook."""
    if not notebook.exists():
        return page.parent
    import nbformat
    from nbconvert import HTMLExporter

    try:
        body, _ = HTMLExporter(exclude_input_prompt=True).from_notebook_node(nbformat.read(notebook, as_version=4))
    except Exception:
        # A kernel that died may leave a notebook that is cut off: what failed is told all the same.
        return page.parent
    page.write_text(body, encoding="utf-8")
    return page
