"""What the lake must hold, worked out from the truth alone: where each message belongs, what each reading means.

Runs on DuckDB and shares no code with the layers, so that a mistake there cannot hide itself here.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from helpers.pipeline.layers.units import UNITS

_MESSAGES = """
CREATE TEMP TABLE expected_messages AS
WITH judged AS (
    SELECT row_number() OVER () AS id, topic, partition, "offset", event_id, sha256, coalesce(late, false) AS late,
           list_sort(list_distinct(reasons)) AS reasons, expected = 'valid' AS valid,
           -- A station's files are one stream: a row may come again in the file of another month.
           regexp_replace(topic, '/[^/]*$', '') AS stream
    FROM truth_messages
), ranked AS (
    SELECT id, row_number() OVER event AS place, first_value(sha256) OVER event AS first_sha256,
           first_value("offset") OVER event AS first_offset
    FROM judged WHERE valid
    WINDOW event AS (PARTITION BY stream, partition, event_id ORDER BY topic, "offset")
)
SELECT id, topic, partition, "offset", event_id, sha256, late,
       CASE WHEN place = 1 THEN 'silver'
            WHEN sha256 IS NOT DISTINCT FROM first_sha256 AND valid THEN 'duplicates'
            ELSE 'quarantine' END AS target,
       CASE WHEN NOT valid THEN reasons
            WHEN place > 1 AND sha256 IS DISTINCT FROM first_sha256 THEN ['CONFLICT']
            ELSE []::VARCHAR[] END AS reasons,
       first_offset
FROM judged LEFT JOIN ranked USING (id)
"""

# The widths are silver's: a text with more than nine decimals is rounded there too, before it is converted.
# `small` says the same as `number` at a tenth of the cost wherever 64 bits suffice. DuckDB rounds 5e-11 to 1e-9
# instead of 0, so what is too small for nine decimals is told first.
_READINGS = """
CREATE TEMP TABLE expected_readings AS
WITH placed AS (
    SELECT m.id, m.event_id, r.source, r.channel, r.event_time, r.unit,
           CASE WHEN abs(try_cast(r.value_text AS DOUBLE)) < 1e-10 THEN 0
                ELSE try_cast(r.value_text AS DECIMAL(18,9)) END AS small,
           coalesce(small, try_cast(r.value_text AS DECIMAL(24,9))) AS number
    FROM truth_readings r JOIN expected_messages m USING (topic, partition, "offset")
), valued AS (
    SELECT placed.* EXCLUDE (unit, small, number),
           CASE WHEN u.factor = 1 AND u."offset" = 0 AND small IS NOT NULL THEN small::DECIMAL(18,6)
                ELSE try_cast((number + u."offset") * u.factor AS DECIMAL(18,6)) END AS value
    FROM placed LEFT JOIN units u ON u.unit = placed.unit
), latest AS (
    SELECT v.*, a.asset_id, a.site_id, a.quantity, a.interval_seconds, a.feeds_gold,
           a.valid_to IS NULL OR v.event_time < a.valid_to AS assigned
    FROM valued v
    ASOF LEFT JOIN assignments a ON a.source = v.source AND a.channel = v.channel AND a.valid_from <= v.event_time
)
SELECT id, event_id, source, channel, event_time, value, if(assigned, asset_id, NULL) AS asset_id,
       if(assigned, site_id, NULL) AS site_id, if(assigned, quantity, NULL) AS quantity,
       if(assigned, interval_seconds, NULL) AS interval_seconds, if(assigned, feeds_gold, NULL) AS feeds_gold
FROM latest
"""


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory, in UTC whatever the machine's zone."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def units_table() -> pa.Table:
    """Every unit that silver accepts: unit, factor DECIMAL(14,10), offset DECIMAL(9,4)."""
    return pa.table(
        {
            "unit": pa.array(UNITS),
            "factor": pa.array([unit.factor for unit in UNITS.values()], pa.decimal128(14, 10)),
            "offset": pa.array([unit.offset for unit in UNITS.values()], pa.decimal128(9, 4)),
        }
    )


def expect(
    connection: duckdb.DuckDBPyConnection,
    truth_messages: pa.Table,
    truth_readings: pa.Table,
    assignments: pa.Table,
    units: pa.Table,
) -> None:
    """Make the tables expected_messages and expected_readings in `connection`.

    expected_messages: id, topic, partition, offset, event_id, sha256, late, target ('silver', 'quarantine' or
    'duplicates'), reasons (sorted), first_offset (of the valid message that wins its event id, else NULL).
    expected_readings, of every valid message: id, event_id, source, channel, event_time, value DECIMAL(18,6) in the
    canonical unit, asset_id, site_id, quantity, interval_seconds, feeds_gold as of the event's time.
    truth_*: as the telemetry maker writes them; assignments: source, channel, asset_id, site_id, quantity,
    interval_seconds, feeds_gold, valid_from, valid_to (half open); units: as from `units_table`.
    """
    connection.register("truth_messages", truth_messages)
    connection.register("truth_readings", truth_readings)
    connection.register("assignments", assignments)
    connection.register("units", units)
    connection.execute(_MESSAGES)
    connection.execute(_READINGS)


def expected_silver(
    truth_messages: pa.Table, truth_readings: pa.Table, assignments: pa.Table, units: pa.Table
) -> pa.Table:
    """The readings that silver must hold: expected_readings of the messages that win their event id."""
    with connect() as connection:
        expect(connection, truth_messages, truth_readings, assignments, units)
        return connection.execute(
            "SELECT r.* EXCLUDE (id) FROM expected_readings r SEMI JOIN"
            " (SELECT id FROM expected_messages WHERE target = 'silver') USING (id)"
        ).to_arrow_table()
