"""One run of the pipeline: its folder, its journal, its lease and its stages, in the order of the notebook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from helpers import services
from helpers import spark as spark_room
from helpers.core.clock import now_utc
from helpers.core.settings import settings
from helpers.pipeline import summary as summaries
from helpers.pipeline.attempt import Attempt, refuse_read_only, refuse_spark_remote
from helpers.pipeline.parameters import Parameters, from_notebook
from helpers.pipeline.stores import Stores
from helpers.pipeline.tables import GOLD, TABLES
from helpers.pipeline.usage import Usage

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from helpers.pipeline.streams import Writer

STAGES = ("prepare", "replay", "bronze", "silver", "gold", "serving", "reconciliation", "report")
"""The stages of a run, in order."""
LARGE = 1_000_000
"""Bytes of recordings from which on a run takes the JVM that computes fast; the one that starts fast needs half the
time for less."""
SMALL_DATA = {"spark.sql.codegen.wholeStage": "false", "spark.sql.adaptive.enabled": "false"}
"""On small data compiling code and planning anew cost more than they save: measured, a third of the time."""


def runs_folder() -> Path:
    """Where the folders of all runs lie."""
    return settings().work / "runs"


def start(namespace: Mapping[str, Any]) -> Run:
    """A run from a notebook's parameters cell.

    Raises UserError before anything starts where one is wrong, and where the desk is read-only.
    """
    return Run(from_notebook(namespace))


class Run(Attempt):
    """One run. Each stage is one method, called in the order of STAGES; a stage that fails ends the run.

    Its folder work/runs/<run id>/ holds journal.jsonl (events of the stages), summary.json, report.html and gold/.
    """

    dimensions: Mapping[str, str] = {"Pipeline": "peak"}

    def __init__(self, parameters: Parameters) -> None:
        """Refuse wrong parameters and a read-only desk, then make the folder. Nothing is started yet."""
        refuse_read_only("run the pipeline")
        refuse_spark_remote()
        self.parameters = parameters
        self.recordings = parameters.chosen()
        super().__init__(runs_folder(), parameters.run_id)
        self.stores = Stores()
        self.facts |= {"seed": parameters.seed, "recordings": [each.source for each in self.recordings]}
        self.frames: dict[str, pd.DataFrame] = {}
        self.usage = Usage()
        self._world: dict[str, DataFrame] = {}
        self._gold: dict[str, pa.Table] = {}
        self._before: dict[str, int] = {}

    # Stages

    def prepare(self) -> pd.DataFrame:
        """Services, lease, buckets, PEAK's relational tables, Spark and the lake's tables. Returns the services."""
        from helpers.peak import database
        from helpers.pipeline.lease import Lease

        with self.stage("prepare"), ThreadPoolExecutor(1) as beside:
            services.enter(f"run {self.id}")
            self.facts["services_started"] = services.ensure()
            starting = beside.submit(self._start_spark)
            made = self.stores.make_buckets()
            self._lease = Lease.acquire(services.aws("s3"), settings().lake_bucket, "writer", self.id)
            own = [each for each in self.recordings if self.parameters.recording and each is self.recordings[-1]]
            dsn = services.endpoints().postgres_dsn
            self.facts["relational_rows"] = database.create(dsn, self.parameters.seed, own)
            self._spark = starting.result()
            lake = self.stores.lake
            missing = lake.ensure()
            self._before = {name: version for name, version in lake.versions().items() if name not in missing}
            self.facts["tables"] = {name: lake.path(name) for name in TABLES}
            self.facts["notes"] = [one.note for one in services.status() if one.note]
            if made:
                self.facts["notes"].append(f"Made the buckets {', '.join(made)}; the lake is built from the broker.")
        return self.service_table()

    def replay(self) -> pd.DataFrame:
        """Replay the recordings to the topics and drop the weather files. Returns messages by what was planted."""
        from helpers.peak import maker, recordings, weather
        from helpers.peak.truth import truth_store

        with self.stage("replay") as watch:
            chosen = self.parameters
            before = truth_store().messages(["fault"]).num_rows
            sent = maker.replay(
                self.recordings,
                chosen.seed,
                chosen.fault_rate,
                resend=chosen.resend,
                rate=chosen.rate or None,
                limit=chosen.limit or None,
                progress=watch,
            )
            self.facts["points"] = recordings.count_points(self.recordings)
            dropped = weather.drop_weather(services.aws("s3"), settings().landing_bucket, self.recordings)
            total = truth_store().messages(["fault"]).num_rows
        planted = Counter({"as recorded": sent.messages - sum(sent.planted.values()), **sent.planted})
        self.facts["events_sent"] = {"run": total - before, "total": total}
        self.facts["planted"] = dict(planted)
        self.facts["recovered"], self.facts["foreign_messages"] = sent.recovered, sent.foreign
        self.facts.setdefault("notes", []).extend(sent.warnings)
        planted["lines of weather files"] = dropped.lines
        return pd.DataFrame(planted.items(), columns=["what was sent", "messages"])

    def bronze(self) -> pd.DataFrame:
        """Topics and weather files → bronze. Returns the rows of this run and in all."""
        from helpers.pipeline.streams import ingest_messages, ingest_weather

        with self.stage("bronze") as watch:
            watch(0, 2)
            ingest_messages(self.spark, self._writer(), self.stores.kafka_source(), self.stores.topics)
            watch(1, 2)
            ingest_weather(self.spark, self._writer(), settings().landing_bucket)
            watch(2, 2)
        return self._grown("bronze/")

    def silver(self) -> pd.DataFrame:
        """Bronze → silver, quarantine and duplicates. Returns the rows of this run and in all."""
        from helpers.pipeline.streams import refine

        with self.stage("silver") as watch:
            refine(self.spark, self._writer(), self.world["assignments"], watch)
        return self._grown("silver/")

    def gold(self) -> pd.DataFrame:
        """Silver → gold, whole months anew where something changed. Returns energy and value by site."""
        from helpers.pipeline.streams import aggregate

        with self.stage("gold") as watch:
            aggregate(self.spark, self._writer(), self.world, self.stores.zones(), watch)
            self.facts["gold_committed_at"] = now_utc().isoformat()
            # Once, for all that follows: the tables are some hundred files.
            self._gold = {name.removeprefix("gold/"): self.stores.lake.arrow(name) for name in GOLD}
        self.frames["energy_by_site"] = summaries.energy_by_site(self._gold["energy"])
        return self.frames["energy_by_site"]

    def serve(self) -> pd.DataFrame:
        """Gold → PostgreSQL. Returns, per table, its rows and how many of them were written or deleted."""
        from helpers.pipeline.serving import TYPES, publish

        with self.stage("serving"):
            where, schema = services.endpoints().postgres_dsn, settings().serving_schema
            served = publish(where, schema, {name: self._gold[name] for name in TYPES}, self._held().check)
        self.facts["served"] = served
        return pd.DataFrame(served).T.rename_axis("table").reset_index()

    def reconcile(self) -> pd.DataFrame:
        """What was sent against what the tables hold, and gold against its recomputation. Returns the classes."""
        from helpers.pipeline.proof import checks

        with self.stage("reconciliation"):
            self.facts |= checks.reconciled(self.stores, self._gold)
            self.facts["quality"] = checks.against_labels(self._gold["flags"], self.recordings)
        return checks.as_frame(self.facts)

    def finish(self) -> pd.DataFrame:
        """Gold as Parquet, metrics, summary.json and report.html; lets go of the lease. Returns the key figures."""
        from helpers.pipeline import metrics

        with self.stage("report"):
            lake = self.stores.lake
            self.facts |= summaries.counted(lake, self._before)
            gold = {f"gold/{name}": rows for name, rows in self._gold.items()}
            self.facts |= summaries.exported(gold, self.folder / "gold")
            self.facts["freshness_seconds"] = summaries.freshness(lake, self._before, self.facts["gold_committed_at"])
            self.facts["lag_messages"] = self.stores.lag()
            for name in ("daily", "quality"):
                self.frames[name] = self._gold[name].to_pandas()
            self.facts["site_days"] = summaries.site_days(self._gold["daily"])
            self.facts |= self.usage.end()
            events = self.facts["bronze_rows"]["run"]
            self.facts["events_per_cpu_second"] = round(events / self.facts["cpu_seconds"], 1)
            self.facts["alarm_topic"] = metrics.ensure_alarm(
                services.aws("cloudwatch"), services.aws("sns"), dimensions=self.dimensions
            )
            self.facts["status"] = "succeeded"
            metrics.publish(services.aws("cloudwatch"), self.facts, self.dimensions)
        self.release()
        self._write()
        return summaries.key_figures(self.facts)

    # What the stages share

    def _start_spark(self) -> SparkSession:
        where = services.endpoints()
        small = sum(each.path.stat().st_size for each in self.recordings) < LARGE
        return spark_room.session(
            "teaching" if small else "throughput",
            spark_room.Endpoints(where.s3_endpoint, where.region),
            app=f"pipeline {self.id}",
            conf=SMALL_DATA if small else None,
        )

    @property
    def world(self) -> dict[str, DataFrame]:
        """PEAK's relational tables as the layers take them, read once a run."""
        if not self._world:
            self._world = self.stores.dimensions(self.spark)
        return self._world

    def unit_of(self, stage: str) -> str:
        """What a stage's progress counts."""
        return "messages" if stage == "replay" else super().unit_of(stage)

    def _write(self) -> None:
        from helpers.pipeline import report

        super()._write()
        (self.folder / "report.html").write_text(report.render(self.facts, self.frames), encoding="utf-8")

    def _writer(self) -> Writer:
        from helpers.pipeline.streams import Writer

        return Writer(self.stores.lake, self._held().check)

    def _grown(self, prefix: str) -> pd.DataFrame:
        lake = self.stores.lake
        rows = []
        for name in (name for name in TABLES if name.startswith(prefix)):
            total = lake.rows(name)
            before = lake.rows(name, self._before[name]) if name in self._before else 0
            rows.append({"table": name, "this run": total - before, "total": total})
        return pd.DataFrame(rows)
