"""The lake: where each Delta table and checkpoint lies, and how tables are made and read without a JVM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, Schema
from deltalake.exceptions import TableNotFoundError

from helpers.pipeline.layers import bronze, silver

GOLD_ENERGY = (
    "site_id STRING, quarter TIMESTAMP, energy_kwh DECIMAL(18,6), availability DECIMAL(7,6),"
    " irradiation_kwh_m2 DECIMAL(12,9), irradiation_basis STRING, rated_kw DECIMAL(12,3),"
    " price_per_kwh DECIMAL(12,6), currency STRING, value DECIMAL(18,6), month STRING"
)
GOLD_DAILY = (
    "site_id STRING, local_date DATE, energy_kwh DECIMAL(18,6), availability DECIMAL(7,6),"
    " irradiation_kwh_m2 DECIMAL(12,9), irradiation_basis STRING, performance_ratio DECIMAL(18,6),"
    " performance_reason STRING, month STRING"
)
GOLD_QUALITY = (
    "source STRING, channel STRING, local_date DATE, readings INT, stuck INT, spike INT, interpolated INT,"
    " drift BOOLEAN, score DECIMAL(7,6), month STRING"
)
GOLD_FLAGS = "source STRING, channel STRING, event_time TIMESTAMP, flag STRING, month STRING"


@dataclass(frozen=True)
class Table:
    """A table of the lake: its columns (Spark DDL), the column it is partitioned by, and its key."""

    name: str
    ddl: str
    partition: str
    key: tuple[str, ...]


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table("bronze/messages", bronze.MESSAGES, "arrival_month", silver.PLACE),
        Table("bronze/weather", bronze.WEATHER, "arrival_month", ("path",)),
        Table("silver/readings", silver.READINGS, "event_month", (*silver.PLACE, "channel")),
        Table("silver/quarantine", silver.QUARANTINE, "arrival_month", silver.PLACE),
        Table("silver/duplicates", silver.DUPLICATES, "arrival_month", silver.PLACE),
        Table("gold/energy", GOLD_ENERGY, "month", ("site_id", "quarter")),
        Table("gold/daily", GOLD_DAILY, "month", ("site_id", "local_date")),
        Table("gold/quality", GOLD_QUALITY, "month", ("source", "channel", "local_date")),
        Table("gold/flags", GOLD_FLAGS, "month", ("source", "channel", "event_time", "flag")),
    )
}
GOLD = tuple(name for name in TABLES if name.startswith("gold/"))


@dataclass(frozen=True)
class Lake:
    """Addresses in the lake's bucket. storage: options of the library deltalake (endpoint, region, keys)."""

    bucket: str
    storage: dict[str, str]

    def path(self, name: str) -> str:
        """The table's address for Spark (s3a)."""
        return f"s3a://{self.bucket}/{name}"

    def checkpoint(self, query: str) -> str:
        """Where a streaming query keeps its offsets: in the lake, so that it lives and dies with the tables."""
        return f"s3a://{self.bucket}/{self.checkpoint_prefix(query)}"

    @staticmethod
    def checkpoint_prefix(query: str) -> str:
        """The checkpoint's prefix in the bucket."""
        return f"_checkpoints/{query}"

    def open(self, name: str, version: int | None = None) -> DeltaTable:
        """The table through deltalake, now or at a version. Raises TableNotFoundError."""
        return DeltaTable(f"s3://{self.bucket}/{name}", version=version, storage_options=self.storage)

    def ensure(self) -> list[str]:
        """Make the tables that are missing, empty; returns their names. Needs a Spark session for its DDL parser."""
        return [table.name for table in TABLES.values() if self.make(table.name, table.ddl, [table.partition])]

    def make(self, name: str, ddl: str, partition_by: Sequence[str] = ()) -> bool:
        """Make a table where it is missing, empty; True if this call made it. ddl: its columns as in Spark."""
        from pyspark.sql.types import StructType

        try:
            self.open(name)
        except TableNotFoundError:
            DeltaTable.create(
                f"s3://{self.bucket}/{name}",
                Schema.from_json(StructType.fromDDL(ddl).json()),
                partition_by=list(partition_by),
                storage_options=self.storage,
            )
            return True
        return False

    def versions(self) -> dict[str, int]:
        """The newest version of every table."""
        return {name: self.open(name).version() for name in TABLES}

    def rows(self, name: str, version: int | None = None) -> int:
        """The number of rows: by the table's log alone, by its files' footers where the log tells it not of all."""
        table = self.open(name, version)
        told = rows_told(table)
        return int(table.to_pyarrow_dataset().count_rows()) if told is None else told

    def appended(self, name: str, since: int | None, columns: Sequence[str]) -> pa.Table:
        """Columns of the rows that were appended after version `since` (None = all rows)."""
        table = self.open(name)
        dataset: Any = table.to_pyarrow_dataset()
        if since is None:
            return dataset.to_table(columns=list(columns))
        before = {uri.rsplit("/", 1)[-1] for uri in self.open(name, since).file_uris()}
        fragments = [f for f in dataset.get_fragments() if f.path.rsplit("/", 1)[-1] not in before]
        found = [fragment.to_table(schema=dataset.schema, columns=list(columns)) for fragment in fragments]
        return pa.concat_tables(found) if found else dataset.schema.empty_table().select(list(columns))

    def arrow(self, name: str, columns: Sequence[str] | None = None, version: int | None = None) -> pa.Table:
        """Columns of a table (None = all) as Arrow."""
        table = self.open(name, version)
        return table.to_pyarrow_table(columns=list(columns) if columns else None)


def rows_told(table: DeltaTable) -> int | None:
    """The number of rows by the table's log; None where some writer did not tell it of all files."""
    files = pa.table(table.get_add_actions(flatten=True))
    # Where it tells it of no file there is no such column.
    told = files.column("num_records").to_pylist() if "num_records" in files.column_names else [None] * files.num_rows
    return None if None in told else int(sum(told))
