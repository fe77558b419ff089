"""What any run of a pipeline has: a folder, a journal, stages that are timed, a lease, and a readable failure."""

from __future__ import annotations

import json
import logging
import secrets
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import services
from helpers.core.clock import now_utc
from helpers.core.errors import GridbridgeError, UserError
from helpers.core.journal import Journal
from helpers.core.settings import settings
from helpers.pipeline.failure import passes, readable

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import SparkSession

    from helpers.pipeline.lease import Lease


def new_run_id() -> str:
    """A name for a run: its time in UTC and four random characters."""
    return f"{now_utc():%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def refuse_spark_remote() -> None:
    """Raises UserError where SPARK_REMOTE is set: by Spark Connect a run could not drain its streams."""
    if settings().spark_remote:
        raise UserError(
            "The pipeline needs a Spark session of its own, and SPARK_REMOTE names a Spark Connect server.",
            "unset SPARK_REMOTE   (a cluster is named by SPARK_MASTER)",
        )


def refuse_read_only(deed: str) -> None:
    """Raises UserError where only looking was asked for. deed: what would have been done, as in "run the job x"."""
    if settings().read_only:
        raise UserError(f"Gridbridge is read-only: it does not {deed}.", "unset GRIDBRIDGE_READ_ONLY")


class Attempt:
    """One run. A stage that fails ends it: summary.json has the cause, error.txt the whole story."""

    dimensions: Mapping[str, str] = {}
    """What CloudWatch tells this pipeline's metrics by."""
    again = "make pipeline"
    """The command that goes on where an interrupted run stopped."""
    using: Collection[str] = ("kafka", "s3", "postgres")
    """The services that it needs."""

    def __init__(self, runs: Path, run_id: str) -> None:
        """Make the run's folder below `runs`. Raises UserError where a run of that name has ended there."""
        self.id = run_id or new_run_id()
        self.folder = runs / self.id
        if (self.folder / "summary.json").exists():
            raise UserError(f"There is a run {self.id!r} already.", "Choose another run_id, or leave it empty.")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(self.folder / "journal.jsonl")
        self.facts: dict[str, Any] = {
            "run_id": self.id,
            "status": "running",
            "started_at": now_utc().isoformat(timespec="seconds"),
            "stage_seconds": {},
        }
        self._lease: Lease | None = None
        self._spark: SparkSession | None = None

    @property
    def spark(self) -> SparkSession:
        """The run's session. Raises UserError before `prepare`."""
        if self._spark is None:
            raise UserError("The run is not prepared.", "Run the notebook's cells in their order, from the top.")
        return self._spark

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[int, int], None]]:
        """Time a stage, tell the journal, and turn what goes wrong into a failed run with a readable cause."""
        started = time.monotonic()
        self.journal.append("stage", stage=name, state="started")

        def watch(done: int, total: int) -> None:
            self.journal.append("progress", stage=name, done=done, total=total, unit=self.unit_of(name))

        try:
            yield watch
        except BaseException as error:
            raise self._fail(name, error) from error
        seconds = round(time.monotonic() - started, 3)
        self.facts["stage_seconds"][name] = round(self.facts["stage_seconds"].get(name, 0) + seconds, 3)
        self.journal.append("stage", stage=name, state="done", seconds=seconds)

    def service_table(self) -> pd.DataFrame:
        """The services as they are now: name, state, port, memory in MB."""
        # Who asks for a run's name only, as a job does, need not wait for it.
        import pandas as pd

        return pd.DataFrame([one.__dict__ for one in services.status()])[["name", "state", "port", "memory_mb"]]

    def unit_of(self, stage: str) -> str:
        """What a stage's progress counts."""
        return "steps"

    def release(self) -> None:
        """Let go of the writer's lease and of the services, which stay up; the run can commit nothing more."""
        if self._lease is not None:
            self._lease.release()
            self._lease = None
        services.leave([], stop=lambda _: [])

    def _held(self) -> Lease:
        if self._lease is None:
            raise UserError("This run has ended or was not prepared.", "Run the notebook again from the top.")
        return self._lease

    def _fail(self, stage: str, error: BaseException) -> BaseException:
        if isinstance(error, KeyboardInterrupt):
            # The kernel that ends now leaves tasks of its own behind; asyncio's complaint would bury our sentence.
            logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        (self.folder / "error.txt").write_text(traceback.format_exc(), encoding="utf-8")
        told = readable(stage, error, self.folder, self.again, self.using)
        self.facts["status"] = "failed"
        self.facts["error"] = {
            "stage": stage,
            "cause": told.cause,
            "remedy": told.remedy,
            "passing": passes(told),
        }
        self.journal.append("stage", stage=stage, state="failed", cause=told.cause, remedy=told.remedy)
        self.release()
        self._write()
        if not isinstance(error, KeyboardInterrupt):
            self._tell_failure()
        return error if isinstance(error, KeyboardInterrupt) else told

    def _tell_failure(self) -> None:
        """Put what is known of a failed run into CloudWatch, where that is up: the failure itself is told already."""
        from botocore.exceptions import BotoCoreError, ClientError

        from helpers.pipeline import metrics

        try:
            metrics.publish(services.aws("cloudwatch"), self.facts, self.dimensions)
        except (BotoCoreError, ClientError, GridbridgeError) as gone:
            self.journal.append("note", text=f"CloudWatch was not told: {gone}")

    def _write(self) -> None:
        """Write summary.json, whole or not at all."""
        self.facts["ended_at"] = now_utc().isoformat(timespec="seconds")
        summary = self.folder / "summary.json"
        part = summary.with_suffix(".part")
        part.write_text(json.dumps(self.facts, indent=2, default=str), encoding="utf-8")
        part.replace(summary)
