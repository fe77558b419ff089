"""The wiring of the layers: streaming queries from the broker, the landing prefix and Delta, into Delta.

Each query runs until its source is drained (availableNow) and keeps its offsets in the lake. Every write of a batch
is one Delta transaction that carries the query's id and the batch's number, so that a batch that is run again after
a kill is committed once. Before each commit the writer's lease is checked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from helpers.core.errors import PipelineError
from helpers.pipeline import bronze, gold, months, quality, silver
from helpers.pipeline.tables import TABLES, Lake

LARGEST_BATCH = 250_000
"""Messages of one bronze batch: bounds the memory of what follows."""

CHANGED = (
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
"""What gold asks of the readings of a batch to tell what they change."""

Progress = Callable[[int, int], None]
"""Told (rows done, rows to do)."""


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
        self._save(batch, name, frame.repartition(TABLES[name].partition), {})

    def replace_months(self, batch: Batch, name: str, frame: DataFrame, months: list[str]) -> None:
        """Replace whole months of a gold table by newly computed rows, in one transaction."""
        if months:
            listed = ", ".join(f"'{month}'" for month in sorted(months))
            rows = frame.repartition(TABLES[name].partition)
            self._save(batch, name, rows, {"replaceWhere": f"month IN ({listed})"})

    def _save(self, batch: Batch, name: str, frame: DataFrame, options: dict[str, str]) -> None:
        writer = (
            frame.write.format("delta")
            .mode("overwrite" if options else "append")
            .option("txnAppId", f"{batch.query}/{name}")
            .option("txnVersion", batch.number)
        )
        self.may_commit()
        writer.options(**options).save(self.lake.path(name))


def drain(frame: DataFrame, name: str, lake: Lake, commit: Callable[[Batch], None], watch: Progress) -> int:
    """Run a query until its source is drained; returns the rows that it read.

    Raises what `commit` raised, or PipelineError with Spark's own words.
    """
    from pyspark.errors import StreamingQueryException

    raised: list[BaseException] = []
    done = 0

    def each(rows: DataFrame, number: int) -> None:
        nonlocal done
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
        while not query.awaitTermination(1):
            done = sum(int(p["numInputRows"]) for p in query.recentProgress)
            watch(done, 0)
    except StreamingQueryException as error:
        if raised:
            raise raised[0] from error
        if "Some data may have been lost" in str(error):
            raise PipelineError(
                f"The lake in {lake.bucket} was built from topics that are no longer there: it has read further than"
                " the broker's topics go.",
                "Choose another lake (LAKE_BUCKET=...), or bring back the broker's data.",
            ) from error
        raise PipelineError(f"The query {name} failed: {_words(error)}", "gridbridge services status") from error
    finally:
        if query.isActive:
            query.stop()
    return sum(int(p["numInputRows"]) for p in query.recentProgress)


def _words(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2])[:600]


def ingest_messages(
    spark: SparkSession, writer: Writer, kafka: dict[str, str], topics: list[str], watch: Progress
) -> int:
    """Topics → bronze/messages. kafka: options of Spark's Kafka source. Returns the records read."""
    records = (
        spark.readStream.format("kafka")
        .options(**kafka)
        .option("subscribe", ",".join(topics))
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", LARGEST_BATCH)
        .option("failOnDataLoss", "true")
        .load()
    )
    return drain(
        bronze.to_bronze(records),
        "bronze_messages",
        writer.lake,
        lambda batch: writer.append(batch, "bronze/messages", batch.frame),
        watch,
    )


def ingest_weather(spark: SparkSession, writer: Writer, bucket: str, watch: Progress) -> int:
    """Files under the landing prefix → bronze/weather; a file's name is read once. Returns the files read."""
    files = (
        spark.readStream.format("binaryFile")
        .schema("path STRING, modificationTime TIMESTAMP, length BIGINT, content BINARY")
        .option("recursiveFileLookup", "true")
        .option("pathGlobFilter", "*.csv")
        .load(f"s3a://{bucket}/weather")
    )
    return drain(
        bronze.weather_to_bronze(files, bucket),
        "bronze_weather",
        writer.lake,
        lambda batch: writer.append(batch, "bronze/weather", batch.frame),
        watch,
    )


def refine(spark: SparkSession, writer: Writer, assignments: DataFrame, watch: Progress) -> int:
    """bronze → silver/readings, silver/quarantine and silver/duplicates. Returns the messages judged."""
    lake = writer.lake

    def stream(name: str) -> DataFrame:
        # A commit's files must not be split between batches, or a higher offset could be judged first.
        return spark.readStream.format("delta").option("maxFilesPerTrigger", 100_000).load(lake.path(name))

    def commit(batch: Batch) -> None:
        messages = batch.frame.repartition(spark.sparkContext.defaultParallelism)
        judged = silver.judge(messages, assignments).persist()
        repeated = silver.repeats(judged, spark.read.format("delta").load(lake.path("silver/readings"))).persist()
        try:
            found = silver.classify(judged, repeated)
            writer.append_by_month(batch, "silver/readings", found.readings)
            writer.append_by_month(batch, "silver/quarantine", found.quarantine)
            writer.append_by_month(batch, "silver/duplicates", found.duplicates)
        finally:
            repeated.unpersist()
            judged.unpersist()

    messages = bronze.messages(stream("bronze/messages"), stream("bronze/weather"))
    return drain(messages, "silver", lake, commit, watch)


def aggregate(spark: SparkSession, writer: Writer, dimensions: dict[str, DataFrame], watch: Progress) -> int:
    """silver/readings → gold: every month that a batch changes is computed anew from silver and replaced.

    Whole months, so that late data corrects gold, and gold is the same however the readings came in batches.
    dimensions: sites, assets, assignments, tariffs as `gold.energy` takes them. Returns the new readings.
    """
    lake, sites = writer.lake, dimensions["sites"]

    def table(name: str, wanted: set[str]) -> DataFrame:
        return spark.read.format("delta").load(lake.path(name)).where(F.col(TABLES[name].partition).isin(*wanted))

    def measure(batch: Batch, changed: DataFrame) -> None:
        wanted = months.of_readings(changed)
        if not wanted:
            return
        readings = table("silver/readings", months.with_neighbours(wanted, after=0))
        scope = gold.affected(readings, sites)
        names = ("assets", "assignments", "tariffs")
        energy = gold.energy(readings, scope, sites, *(dimensions[name] for name in names))
        writer.replace_months(batch, "gold/energy", energy.where(F.col("month").isin(*wanted)), sorted(wanted))
        # A local day may lie in two UTC months.
        days = months.with_neighbours(wanted)
        daily = gold.daily(table("gold/energy", months.with_neighbours(days)), sites)
        writer.replace_months(batch, "gold/daily", daily.where(F.col("month").isin(*days)), sorted(days))

    def flag(batch: Batch, changed: DataFrame) -> None:
        # A batch belongs to a session of the query's own, which does not know the views of this one.
        own_sites = changed.sparkSession.createDataFrame(sites.collect(), sites.schema)
        wanted = months.of_days(quality.affected_days(changed, own_sites))
        # Drift looks back over more than a month, and a local day may lie in the UTC month after its own.
        readings = table("silver/readings", months.with_neighbours(wanted, before=2))
        in_scope = F.date_format("local_date", "yyyy-MM").isin(*wanted)
        days = quality.days(readings, sites).where(in_scope).persist()
        marks = quality.marks(readings, days, sites).persist()
        try:
            scores = quality.quality(marks, quality.drift(readings, days, sites))
            writer.replace_months(batch, "gold/quality", scores, sorted(wanted))
            writer.replace_months(batch, "gold/flags", quality.flags(marks), sorted(wanted))
        finally:
            marks.unpersist()
            days.unpersist()

    def commit(batch: Batch) -> None:
        changed = batch.frame.select(*CHANGED).persist()
        try:
            measure(batch, changed)
            flag(batch, changed)
        finally:
            changed.unpersist()

    stream = spark.readStream.format("delta").option("maxFilesPerTrigger", 100_000).load(lake.path("silver/readings"))
    return drain(stream, "gold", lake, commit, watch)
