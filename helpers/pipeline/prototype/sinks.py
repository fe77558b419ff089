"""Where a pipeline's readings go: a Delta table, a table of PostgreSQL, a topic. Every write is keyed.

Of two rows with one key the one that arrived last stands; a repetition changes nothing that was right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import psycopg
from psycopg import sql
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from helpers import services
from helpers.core.errors import UserError
from helpers.peak.topics import CONFIG, extent, make_topics, present
from helpers.pipeline.prototype.contract import schema
from helpers.pipeline.prototype.place import Place
from helpers.pipeline.stores import Stores


@dataclass(frozen=True)
class Columns:
    """The columns of what is written (Spark DDL), and the one that is its key."""

    ddl: str
    key: str

    @property
    def names(self) -> list[str]:
        """Their names."""
        return schema(self.ddl, "the readings").names

    @property
    def kinds(self) -> dict[str, str]:
        """Name → type, as Spark names it."""
        return _kinds(schema(self.ddl, "the readings"))


class Sink(Protocol):
    """One sink. service: what must be up."""

    service: ClassVar[str]

    def told(self, place: Place) -> str:
        """What it is called where its total is shown."""

    def ready(self, stores: Stores, place: Place, columns: Columns) -> None:
        """Make what is missing. Raises UserError where what is there has other columns."""

    def write(self, stores: Stores, place: Place, columns: Columns, rows: DataFrame) -> None:
        """Write rows, each key of which comes once."""

    def total(self, stores: Stores, place: Place) -> int:
        """How many rows, or records, it holds."""


@dataclass(frozen=True)
class Delta:
    """A table of the lake, below the pipeline's prefix."""

    service: ClassVar[str] = "s3"
    table: str = "readings"

    def told(self, place: Place) -> str:
        """The table's place in the lake."""
        return f"{place.prefix}/{self.table}"

    def ready(self, stores: Stores, place: Place, columns: Columns) -> None:
        """Make the table."""
        lake, name = stores.lake, self.told(place)
        if not lake.make(name, columns.ddl):
            found = StructType.fromJson(json.loads(lake.open(name).schema().to_json()))
            _same(f"The Delta table {name}", _kinds(found), columns.kinds, "delete it with its checkpoints")

    def write(self, stores: Stores, place: Place, columns: Columns, rows: DataFrame) -> None:
        """Merge the rows by their key."""
        where = stores.lake.path(self.told(place))
        rows.sparkSession.sql(
            f"MERGE INTO delta.`{where}` t USING {{rows}} s ON t.`{columns.key}` = s.`{columns.key}`"
            " WHEN MATCHED AND s.arrival_time > t.arrival_time THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
            rows=rows,
        )

    def total(self, stores: Stores, place: Place) -> int:
        """The table's rows."""
        return stores.lake.rows(self.told(place))


@dataclass(frozen=True)
class Postgres:
    """A table of the pipeline's schema, `pipeline_NAME`."""

    service: ClassVar[str] = "postgres"
    table: str = "readings"

    def told(self, place: Place) -> str:
        """The table with its schema."""
        return f"{place.schema}.{self.table}"

    def ready(self, stores: Stores, place: Place, columns: Columns) -> None:
        """Make the schema; the table comes with its first rows, whose types Spark knows."""
        with psycopg.connect(services.endpoints().postgres_dsn, connect_timeout=10) as connection:
            connection.execute("SET LOCAL client_min_messages = warning")
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(place.schema)))
            found = connection.execute(
                "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attnum > 0"
                " AND NOT attisdropped AND attrelid = to_regclass(format('%%I.%%I', %s::text, %s::text))"
                " ORDER BY attnum",
                [place.schema, self.table],
            ).fetchall()
        if found:
            told = f"The table {self.told(place)}"
            wanted = {name: _in_postgres(kind) for name, kind in columns.kinds.items()}
            _same(told, dict(found), wanted, f"DROP TABLE {self.told(place)}")

    def write(self, stores: Stores, place: Place, columns: Columns, rows: DataFrame) -> None:
        """Bring the rows to a table beside it, then upsert them by their key in one transaction."""
        where, staged = services.endpoints(), f"{self.table}_staged"
        rows.write.jdbc(where.jdbc_url, f'"{place.schema}"."{staged}"', "overwrite", where.jdbc_properties)
        parts = {
            "table": sql.Identifier(place.schema, self.table),
            "staged": sql.Identifier(place.schema, staged),
            "key": sql.Identifier(columns.key),
            "names": sql.SQL(", ").join(map(sql.Identifier, columns.names)),
            "news": sql.SQL(", ").join(
                sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name))
                for name in columns.names
                if name != columns.key
            ),
        }
        with psycopg.connect(where.postgres_dsn, connect_timeout=10) as connection:
            connection.execute("SET LOCAL client_min_messages = warning")
            for text in (
                "CREATE TABLE IF NOT EXISTS {table} (LIKE {staged}, PRIMARY KEY ({key}))",
                "INSERT INTO {table} AS t ({names}) SELECT {names} FROM {staged} ON CONFLICT ({key})"
                " DO UPDATE SET {news} WHERE EXCLUDED.arrival_time > t.arrival_time",
                "DROP TABLE {staged}",
            ):
                connection.execute(sql.SQL(text).format(**parts))

    def total(self, stores: Stores, place: Place) -> int:
        """The table's rows; 0 where nothing was written yet."""
        with psycopg.connect(services.endpoints().postgres_dsn, connect_timeout=10) as connection:
            (there,) = connection.execute("SELECT to_regclass(%s)", [self.told(place)]).fetchone() or (None,)
            if there is None:
                return 0
            count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(place.schema, self.table))
            (rows,) = connection.execute(count).fetchone() or (0,)
        return int(rows)


@dataclass(frozen=True)
class Kafka:
    """A compacted topic of JSON by key; "" = the pipeline's own, `pipeline.NAME.out`.

    A batch that is written again after a kill sends its records again: compaction keeps the last of a key.
    """

    service: ClassVar[str] = "kafka"
    topic: str = ""

    def told(self, place: Place) -> str:
        """The topic."""
        return self.topic or place.topic("out")

    def ready(self, stores: Stores, place: Place, columns: Columns) -> None:
        """Make the topic."""
        config = services.endpoints().kafka_client_config
        make_topics(config, [self.told(place)], settings={**CONFIG, "cleanup.policy": "compact"})

    def write(self, stores: Stores, place: Place, columns: Columns, rows: DataFrame) -> None:
        """Send the rows."""
        sent = rows.select(
            F.col(columns.key).cast("string").alias("key"), F.to_json(F.struct(*columns.names)).alias("value")
        )
        sent.write.format("kafka").options(**stores.kafka_source()).option("topic", self.told(place)).save()

    def total(self, stores: Stores, place: Place) -> int:
        """The offsets of the topic."""
        config, topic = services.endpoints().kafka_client_config, self.told(place)
        return sum(high - low for low, high in extent(config, present(config, [topic])).values())


def _same(what: str, found: Mapping[str, str], wanted: Mapping[str, str], anew: str) -> None:
    remedy = f"Change the table alike, or begin anew: {anew}."
    if odd := [name for name in (*wanted, *found) if (name in wanted) != (name in found)]:
        side = "lacks" if odd[0] in wanted else "still has"
        raise UserError(
            f"{what} {side} the column {odd[0]!r}: READINGS of layers.py was changed after it was made.", remedy
        )
    for name, kind in wanted.items():
        if found[name] != kind:
            raise UserError(
                f"{what} has the column {name!r} as {found[name].upper()}, and READINGS of layers.py has "
                f"{kind.upper()}: it was changed after the table was made.",
                remedy,
            )


def _kinds(columns: StructType) -> dict[str, str]:
    return {field.name: field.dataType.simpleString() for field in columns.fields}


_IN_POSTGRES = {
    "string": "text", "timestamp": "timestamp with time zone", "timestamp_ntz": "timestamp without time zone",
    "int": "integer", "tinyint": "smallint", "double": "double precision", "float": "real", "binary": "bytea",
}  # fmt: skip
"""What Spark makes of a type in PostgreSQL, where that has another name."""


def _in_postgres(kind: str) -> str:
    if kind.startswith("array<"):
        return f"{_in_postgres(kind[6:-1])}[]"
    return _IN_POSTGRES.get(kind, kind.replace("decimal", "numeric"))
