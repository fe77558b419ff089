"""The wiring of the layers: streaming queries from the broker, the landing prefix and Delta, into Delta.

Each query runs until its source is drained (availableNow) and keeps its offsets in the lake. Every write of a batch
is one Delta transaction that carries the query's id and the batch's number, so that a batch that is run again after
a kill is committed once. Before each commit the writer's lease is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from helpers.core.errors import PipelineError
from helpers.pipeline.layers import bronze, gold, months, quality, silver
from helpers.pipeline.tables import TABLES, Lake

LARGEST_BATCH = 500_000
"""Messages of one bronze batch."""

READ = (
    "source",
    "channel",
    "site_id",
    "quantity",
    "event_id",
    "event_time",
    "value",
    "interval_seconds",
    "feeds_gold",
)
"""What gold reads of silver/readings."""

Progress = Callable[[int, int], None]
"""Told (steps done, steps to do)."""


class Steps:
    """Tells the steps of each batch as they are done; further batches add theirs."""

    def __init__(self, watch: Progress, of_a_batch: int) -> None:
        """Nothing is done yet."""
        self._watch, self._of_a_batch = watch, of_a_batch
        self._done = self._begun = 0

    def begin(self) -> None:
        """A batch begins."""
        self._begun += self._of_a_batch
        self._watch(self._done, self._begun)

    def done(self) -> None:
        """One step more is done."""
        self._done += 1
        self._watch(self._done, self._begun)


@dataclass(frozen=True)
class Batch:
    """One micro-batch: the query's id (kept in its checkpoint) and the batch's number."""

    frame: DataFrame
    query: str
    number: int


@dataclass(frozen=True)
class Writer:
    """Commits batches to tables of the lake. may_commit raises LeaseLost where another run took over."""

    lake: Lake
    may_commit: Callable[[], None]

    def append(self, batch: Batch, name: str, frame: DataFrame) -> None:
        """Append a batch's rows to a table, once however often the batch is run."""
        self._save(batch, name, frame, {})

    def append_by_month(self, batch: Batch, name: str, frame: DataFrame) -> None:
        """The same for rows of many months: one file a month, not one for each task and month."""
        self._save(batch, name, _by_month(frame, name), {})

    def replace_months(self, batch: Batch, name: str, frame: DataFrame, months: list[str]) -> None:
        """Replace whole months of a gold table by newly computed rows, in one transaction."""
        if months:
            listed = ", ".join(f"'{month}'" for month in sorted(months))
            self._save(batch, name, _by_month(frame, name), {"replaceWhere": f"month IN ({listed})"})

    def _save(self, batch: Batch, name: str, frame: DataFrame, options: dict[str, str]) -> None:
        writer = (
            frame.write.format("delta")
            .mode("overwrite" if options else "append")
            .option("txnAppId", f"{batch.query}/{name}")
            .option("txnVersion", batch.number)
        )
        self.may_commit()
        writer.options(**options).save(self.lake.path(name))


def _by_month(frame: DataFrame, name: str) -> DataFrame:
    # A number of our own: Spark would join such small tasks into one, which then waits for S3 file after file.
    return frame.repartition(frame.sparkSession.sparkContext.defaultParallelism, TABLES[name].partition)


def drain(frame: DataFrame, name: str, lake: Lake, commit: Callable[[Batch], None]) -> None:
    """Run a query until its source is drained.

    Raises what `commit` raised, or PipelineError with Spark's own words.
    """
    from pyspark.errors import StreamingQueryException

    raised: list[BaseException] = []

    def each(rows: DataFrame, number: int) -> None:
        try:
            query = rows.sparkSession.sparkContext.getLocalProperty("sql.streaming.queryId")
            commit(Batch(rows, str(query), number))
        except BaseException as error:
            raised.append(error)
            raise

    query = (
        frame.writeStream.queryName(name)
        .option("checkpointLocation", lake.checkpoint(name))
        .trigger(availableNow=True)
        .foreachBatch(each)
        .start()
    )
    try:
        # In short waits: a single long one would not see Ctrl-C.
        while not query.awaitTermination(1):
            pass
    except StreamingQueryException as error:
        if raised:
            raise raised[0] from error
        if "Some data may have been lost" in str(error):
            raise PipelineError(
                f"The lake in {lake.bucket} was built from topics that are no longer there: it has read further than"
                " the broker's topics go.",
                "Choose another lake (LAKE_BUCKET=...), or bring back the broker's data.",
            ) from error
        raise PipelineError(
            f"The query {name} failed: {_words(error)}", ".venv/bin/gridbridge services status"
        ) from error
    finally:
        if query.isActive:
            query.stop()


def _stream(spark: SparkSession, lake: Lake, name: str) -> DataFrame:
    # A commit's files must not be split between batches, or a higher offset could be judged first.
    return spark.readStream.format("delta").option("maxFilesPerTrigger", 100_000).load(lake.path(name))


def _words(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2])[:600]


def records(spark: SparkSession, kafka: dict[str, str], topics: list[str]) -> DataFrame:
    """The records of topics from their beginning, as a stream. kafka: options of Spark's Kafka source."""
    return (
        spark.readStream.format("kafka")
        .options(**kafka)
        .option("subscribe", ",".join(topics))
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", LARGEST_BATCH)
        .option("failOnDataLoss", "true")
        .load()
    )


def files(spark: SparkSession, bucket: str, prefix: str, names: str) -> DataFrame:
    """Whole files below a prefix as a stream, each name once. names: a glob, as in "*.csv"; the prefix must exist."""
    return (
        spark.readStream.format("binaryFile")
        .schema("path STRING, modificationTime TIMESTAMP, length BIGINT, content BINARY")
        .option("recursiveFileLookup", "true")
        .option("pathGlobFilter", names)
        .load(f"s3a://{bucket}/{prefix}")
    )


def ingest_messages(spark: SparkSession, writer: Writer, kafka: dict[str, str], topics: list[str]) -> None:
    """Topics → bronze/messages. kafka: options of Spark's Kafka source."""
    drain(
        bronze.to_bronze(records(spark, kafka, topics)),
        "bronze_messages",
        writer.lake,
        lambda batch: writer.append(batch, "bronze/messages", batch.frame),
    )


def ingest_weather(spark: SparkSession, writer: Writer, bucket: str) -> None:
    """Files under the landing prefix → bronze/weather; a file's name is read once."""
    drain(
        bronze.weather_to_bronze(files(spark, bucket, "weather", "*.csv"), bucket),
        "bronze_weather",
        writer.lake,
        lambda batch: writer.append(batch, "bronze/weather", batch.frame),
    )


def refine(spark: SparkSession, writer: Writer, assignments: DataFrame, watch: Progress) -> None:
    """bronze → silver/readings, silver/quarantine and silver/duplicates."""
    lake, steps = writer.lake, Steps(watch, 4)

    def commit(batch: Batch) -> None:
        steps.begin()
        messages = batch.frame.repartition(spark.sparkContext.defaultParallelism)
        judged = silver.judge(messages, assignments).persist()
        repeated = silver.repeats(judged, spark.read.format("delta").load(lake.path("silver/readings"))).persist()
        try:
            found = silver.classify(judged, repeated)
            judged.count()
            steps.done()
            # Readings last: `repeated` reads them, and a commit to them makes Spark compute the cached frame again.
            for name in ("quarantine", "duplicates", "readings"):
                writer.append_by_month(batch, f"silver/{name}", getattr(found, name))
                steps.done()
        finally:
            repeated.unpersist()
            judged.unpersist()

    messages = bronze.messages(_stream(spark, lake, "bronze/messages"), _stream(spark, lake, "bronze/weather"))
    drain(messages, "silver", lake, commit)


def aggregate(
    spark: SparkSession, writer: Writer, dimensions: dict[str, DataFrame], zones: Mapping[str, str], watch: Progress
) -> None:
    """silver/readings → gold: every month that a batch changes is computed anew from silver and replaced.

    Whole months, so that late data corrects gold, and gold is the same however the readings came in batches.
    dimensions: assets, assignments, tariffs as `gold.energy` takes them; zones: site_id → IANA zone.
    """
    lake, steps = writer.lake, Steps(watch, 6)

    def table(name: str, wanted: set[str]) -> DataFrame:
        return spark.read.format("delta").load(lake.path(name)).where(F.col(TABLES[name].partition).isin(*wanted))

    def measure(batch: Batch, readings: DataFrame, wanted: set[str]) -> None:
        energy = gold.energy(readings, **dimensions).where(F.col("month").isin(*wanted))
        writer.replace_months(batch, "gold/energy", energy, sorted(wanted))
        steps.done()
        # A local day may lie in two UTC months.
        days = months.with_neighbours(wanted)
        daily = gold.daily(table("gold/energy", months.with_neighbours(days)), zones)
        writer.replace_months(batch, "gold/daily", daily.where(F.col("month").isin(*days)), sorted(days))
        steps.done()

    def flag(batch: Batch, readings: DataFrame, wanted: set[str]) -> None:
        placed = quality.placed(readings, zones)
        days = quality.days(placed).where(F.date_format("local_date", "yyyy-MM").isin(*wanted)).localCheckpoint()
        marks = quality.marks(placed, days).localCheckpoint()
        steps.done()
        scores = quality.quality(marks, quality.drift(placed, days))
        writer.replace_months(batch, "gold/quality", scores, sorted(wanted))
        steps.done()
        writer.replace_months(batch, "gold/flags", quality.flags(marks), sorted(wanted))
        steps.done()

    def commit(batch: Batch) -> None:
        steps.begin()
        changed = batch.frame.select(*READ).persist()
        try:
            measured = months.of_readings(changed)
            flagged = months.of_days(quality.affected_days(quality.placed(changed, zones)))
        finally:
            changed.unpersist()
        # Drift looks back over more than a month; a local day may lie in the UTC month after its own, and a reading
        # reach into the one after.
        wanted = months.with_neighbours(flagged, before=2) | months.with_neighbours(measured, after=0)
        # Checkpointed, not persisted: SQL over a Delta frame loads its table anew and never finds the cached rows.
        readings = table("silver/readings", wanted).select(*READ).localCheckpoint()
        steps.done()
        measure(batch, readings, measured)
        flag(batch, readings, flagged)

    drain(_stream(spark, lake, "silver/readings"), "gold", lake, commit)
