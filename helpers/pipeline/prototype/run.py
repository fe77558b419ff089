"""One run of a pipeline of one's own: its sources through its layer into its sinks, with quarantine and metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pandas as pd
from pyspark.errors import AnalysisException

from helpers import services
from helpers import spark as spark_room
from helpers.core.errors import PipelineError, UserError
from helpers.core.settings import settings
from helpers.pipeline.attempt import Attempt, refuse_read_only, refuse_spark_remote
from helpers.pipeline.layers.rules import plainly
from helpers.pipeline.parameters import assigned, injected
from helpers.pipeline.prototype import balance
from helpers.pipeline.prototype.contract import QUARANTINE, ROWS, complete, expect, keyed
from helpers.pipeline.prototype.place import Place
from helpers.pipeline.prototype.sample import sample
from helpers.pipeline.prototype.sinks import Columns, Delta, Sink
from helpers.pipeline.prototype.sources import Source
from helpers.pipeline.run import SMALL_DATA
from helpers.pipeline.stores import Stores

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_QUARANTINE = Delta("quarantine")
_REFUSED = Columns(QUARANTINE, "place")


def start(name: str, layers: ModuleType, namespace: Mapping[str, Any]) -> Prototype:
    """A run of the pipeline `name`, from a notebook whose globals() `namespace` is. Nothing is started yet.

    layers: its layers.py. Raises UserError where that lacks something, where a parameter was injected that the
    notebook's parameters cell does not have, and where the desk is read-only.
    """
    refuse_read_only(f"run the pipeline {name}")
    refuse_spark_remote()
    complete(layers)
    _refuse_unknown(namespace)
    return Prototype(Place(name), layers, str(namespace.get("run_id", "")))


class Prototype(Attempt):
    """One run; its cells call prepare, fill, read, totals and finish, in this order.

    Its folder work/pipelines/<name>/<run id>/ holds journal.jsonl and summary.json.
    """

    def __init__(self, place: Place, layers: ModuleType, run_id: str = "") -> None:
        """Make the run's folder. Raises UserError where a run of that name has ended there."""
        super().__init__(place.runs, run_id)
        self.dimensions = {"Pipeline": place.name}
        self.again = f".venv/bin/gridbridge job {place.name} --once"
        self.place, self.layers, self.stores = place, layers, Stores()
        self.columns = Columns(layers.READINGS, layers.KEY)
        self.using = ("s3",)
        self.sources: Sequence[Source] = ()
        self.sinks: Sequence[Sink] = ()
        self._told: dict[str, Counter[str]] = {}

    def prepare(self, sources: Sequence[Source], sinks: Sequence[Sink]) -> pd.DataFrame:
        """Services, lease, Spark, and what the sources and sinks lack. Returns the services."""
        from helpers.pipeline.lease import Lease

        with self.stage("prepare"):
            if not sources or not sinks:
                raise UserError("A pipeline needs a source and a sink.", "Name one of each in run.prepare().")
            services.enter(f"run {self.id} of {self.place.name}")
            self.using = {"s3", *(source.service for source in sources), *(sink.service for sink in sinks)}
            self.facts["services_started"] = services.ensure(*sorted(self.using))
            self.stores.make_buckets()
            self._lease = Lease.acquire(services.aws("s3"), settings().lake_bucket, self.place.lease, self.id)
            where = services.endpoints()
            self._spark = spark_room.session(
                "teaching",
                spark_room.Endpoints(where.s3_endpoint, where.region),
                app=f"pipeline {self.place.name} {self.id}",
                conf=SMALL_DATA,
            )
            keyed(self.layers)
            for source in sources:
                source.ready(self.place)
            _QUARANTINE.ready(self.stores, self.place, _REFUSED)
            for sink in sinks:
                sink.ready(self.stores, self.place, self.columns)
            self.sources, self.sinks = sources, sinks
        return self.service_table()

    def fill(self, seed: int = 7) -> None:
        """Put a handful of PEAK's rows into each source where nothing else is; a repetition adds nothing."""
        with self.stage("fill"):
            for source in self.sources:
                source.fill(self.place, sample(source.kind, seed).bodies)

    def read(self) -> pd.DataFrame:
        """What is new in each source → refine → sinks and quarantine. Returns the rows of this run by source."""
        for source in self.sources:
            told = self._told.setdefault(source.kind, Counter())
            with self.stage(source.kind):
                source.read(self.spark, self.stores, self.place, partial(self._take, told))
        names = ("rows", "readings", "repeated", "quarantined")
        found = [{"source": kind, **{name: told[name] for name in names}} for kind, told in self._told.items()]
        return pd.DataFrame(found)

    def totals(self) -> pd.DataFrame:
        """What the sinks and the quarantine hold, of this and all earlier runs: the same after a repetition."""
        reasons: Counter[str] = Counter()
        for found in self.stores.lake.arrow(_QUARANTINE.told(self.place), ["reasons"])["reasons"].to_pylist():
            reasons.update(found)
        rows = {sink.told(self.place): sink.total(self.stores, self.place) for sink in (*self.sinks, _QUARANTINE)}
        rows |= {f"  {reason}": reasons[reason] for reason in sorted(reasons)}
        return pd.DataFrame(rows.items(), columns=["what", "rows"])

    def finish(self) -> pd.DataFrame:
        """Metrics and their alarm, summary.json; lets go of the lease. Returns the key figures."""
        from helpers.pipeline import metrics

        with self.stage("metrics"):
            whole = sum(self._told.values(), Counter())
            reasons = {name.removeprefix("reason "): n for name, n in whole.items() if name.startswith("reason ")}
            self.facts |= {
                "bronze_rows": {"run": whole["rows"]},
                "silver_rows": {"run": whole["readings"]},
                "duplicates": {"run": whole["repeated"]},
                "quarantined_rows": {"run": whole["quarantined"]},
                "quarantined": {reason: {"run": n} for reason, n in sorted(reasons.items())},
                "totals": dict(self.totals().itertuples(index=False, name=None)),
            }
            cloudwatch = services.aws("cloudwatch")
            self.facts["alarm_topic"] = metrics.ensure_alarm(
                cloudwatch, services.aws("sns"), dimensions=self.dimensions
            )
            self.facts["status"] = "succeeded"
            metrics.publish(cloudwatch, self.facts, self.dimensions)
        self.release()
        self._write()
        rate = metrics.error_rate(self.facts)
        figures = {
            "run": self.id,
            "rows": whole["rows"],
            "readings": whole["readings"],
            "quarantined": "nothing arrived" if rate is None else f"{rate:.1f} %",
            "seconds": round(sum(self.facts["stage_seconds"].values()), 1),
            "folder": str(self.folder),
        }
        return pd.DataFrame(figures.items(), columns=["figure", "value"])

    def _take(self, told: Counter[str], rows: DataFrame) -> None:
        """One batch: judged once, then written keyed, so that a batch that comes again changes nothing."""
        rows = expect(rows, ROWS, "the rows").persist()
        valid, refused = (one.persist() for one in self._refined(rows))
        try:
            count, good, bad = rows.count(), valid.count(), refused.count()
            again = count - good - bad
            if again < 0:
                raise PipelineError(
                    f"refine() of layers.py made {good + bad:,} rows of {count:,}: a join that multiplies does so.",
                    "Let it give each row at most once.",
                )
            if again:
                balance.none_lost(rows, valid, refused, self.columns.key, self._refined)
            balance.unique(valid, self.columns.key)
            for sink in self.sinks if good else ():
                self._held().check()
                sink.write(self.stores, self.place, self.columns, valid)
            if bad:
                self._held().check()
                _QUARANTINE.write(self.stores, self.place, _REFUSED, refused)
            for row in refused.selectExpr("explode(reasons) AS reason").groupBy("reason").count().collect():
                told[f"reason {row['reason']}"] += row["count"]
            told.update(rows=count, readings=good, repeated=again, quarantined=bad)
        finally:
            for one in (refused, valid, rows):
                one.unpersist()

    def _refined(self, rows: DataFrame) -> tuple[DataFrame, DataFrame]:
        try:
            valid, refused = self.layers.refine(rows)
        except AnalysisException as error:
            raise UserError(
                f"refine() of layers.py does not fit its rows: {plainly(error)}.",
                f".venv/bin/pytest pipelines/{self.place.name} tells it without any service",
            ) from error
        except (TypeError, ValueError) as error:
            raise UserError(
                f"refine() of layers.py must give two DataFrames, the readings and the refused rows: {error}.",
                f".venv/bin/pytest pipelines/{self.place.name} tells it without any service",
            ) from error
        return expect(valid, self.columns.ddl, "the readings"), expect(refused, QUARANTINE, "the refused rows")


def _refuse_unknown(namespace: Mapping[str, Any]) -> None:
    """Raises UserError where papermill injected a name that the cell before, the parameters cell, does not have."""
    names = injected(namespace)
    if not names:
        return
    cells = [source for source in namespace.get("In", ()) if source.strip()]
    at = next(number for number, source in enumerate(cells) if source.lstrip().startswith("# Parameters"))
    declared = [name for source in cells[:at] for name in assigned(source)]
    if unknown := [name for name in names if name not in declared]:
        raise UserError(
            f"There is no parameter {unknown[0]!r}; the parameters are {', '.join(declared)}.",
            "Correct it, or add it to the notebook's parameters cell.",
        )
