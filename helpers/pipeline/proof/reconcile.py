"""The truth against the lake: every event that was sent is in exactly one class, and accuracy is right / events."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from helpers.pipeline.proof.expectation import connect, expect

EXAMPLES = 100
"""The largest number of offending rows that a reconciliation shows."""

_PLACED = """
CREATE TEMP TABLE placed_{table} AS
SELECT t.*, m.id FROM (SELECT topic, partition, "offset", {columns} FROM {table}) t
LEFT JOIN expected_messages m USING (topic, partition, "offset")
"""
_COLUMNS = {
    "silver": "event_id, source, channel, event_time, value, asset_id, site_id, quantity, interval_seconds,"
    " feeds_gold, late",
    "quarantine": "list_sort(list_distinct(coalesce(reasons, []))) AS reasons",
    "duplicates": "duplicate_of",
}
_HASHES = {"sha256": "sha256", "raw": "sha256(raw) AS sha256"}

_COMPARED = """
CREATE TEMP TABLE compared_readings AS
SELECT s.id, s.channel, count(*) AS n, bool_or(r.id IS NOT NULL) AS known,
       bool_or(s.late IS DISTINCT FROM m.late) AS late_differs,
       bool_or(r.id IS NULL OR (s.event_id, s.source, s.event_time, s.value, s.asset_id, s.site_id, s.quantity,
                                s.interval_seconds, s.feeds_gold)
               IS DISTINCT FROM (r.event_id, r.source, r.event_time, r.value, r.asset_id, r.site_id, r.quantity,
                                 r.interval_seconds, r.feeds_gold)) AS differs
FROM placed_silver s
JOIN expected_messages m ON m.id = s.id
LEFT JOIN expected_readings r ON r.id = s.id AND r.channel = s.channel
GROUP BY s.id, s.channel
"""

_CLASSES = """
CREATE TEMP TABLE classes AS
WITH sent AS (SELECT id, count(*) AS n FROM expected_readings GROUP BY id),
bronze AS (SELECT b.id, count(*) AS n, bool_or(b.sha256 IS DISTINCT FROM m.sha256) AS differs
           FROM placed_bronze b JOIN expected_messages m ON m.id = b.id GROUP BY b.id),
silver AS (SELECT id, max(n) AS n, count_if(known) AS known, bool_or(late_differs) AS late_differs,
                  bool_or(differs) AS differs FROM compared_readings GROUP BY id),
quarantine AS (SELECT id, count(*) AS n, any_value(reasons) AS reasons FROM placed_quarantine GROUP BY id),
duplicates AS (SELECT id, count(*) AS n, any_value(duplicate_of) AS duplicate_of FROM placed_duplicates GROUP BY id),
found AS (
    SELECT m.*, coalesce(b.n, 0) AS in_bronze, coalesce(s.n, 0) AS in_silver, coalesce(q.n, 0) AS in_quarantine,
           coalesce(d.n, 0) AS in_duplicates, s.known < sent.n AS incomplete, b.differs AS bytes_differ,
           s.differs AS readings_differ, s.late_differs, q.reasons AS found_reasons, d.duplicate_of
    FROM expected_messages m LEFT JOIN bronze b USING (id) LEFT JOIN silver s USING (id)
    LEFT JOIN quarantine q USING (id) LEFT JOIN duplicates d USING (id) LEFT JOIN sent USING (id)
)
SELECT *, CASE
    WHEN in_bronze = 0 OR in_silver + in_quarantine + in_duplicates = 0 OR incomplete THEN 'missing'
    WHEN greatest(in_bronze, in_silver, in_quarantine, in_duplicates) > 1
        OR (in_silver > 0)::INT + (in_quarantine > 0)::INT + (in_duplicates > 0)::INT > 1 THEN 'duplicated'
    WHEN CASE target
        WHEN 'silver' THEN in_silver = 0 OR late_differs
        WHEN 'quarantine' THEN in_quarantine = 0 OR found_reasons IS DISTINCT FROM reasons
        ELSE in_duplicates = 0 OR duplicate_of IS DISTINCT FROM first_offset END THEN 'misfiled'
    WHEN bytes_differ OR readings_differ THEN 'wrong'
    ELSE 'right' END AS class
FROM found
"""

_FOREIGN = """
CREATE TEMP TABLE strangers AS
SELECT topic, partition, "offset", string_agg(name, ', ' ORDER BY name) AS found FROM (
    SELECT topic, partition, "offset", 'bronze' AS name FROM placed_bronze WHERE id IS NULL
    UNION SELECT topic, partition, "offset", 'silver' FROM placed_silver WHERE id IS NULL
    UNION SELECT topic, partition, "offset", 'quarantine' FROM placed_quarantine WHERE id IS NULL
    UNION SELECT topic, partition, "offset", 'duplicates' FROM placed_duplicates WHERE id IS NULL
) GROUP BY ALL
"""

_MACROS = """
CREATE TEMP MACRO times(what, n) AS CASE WHEN n = 1 THEN what WHEN n > 1 THEN what || ' × ' || n END;
CREATE TEMP MACRO told(r) AS concat_ws(' ', r.channel, r.value, r.quantity, r.asset_id, r.site_id, r.source,
                                       strftime(r.event_time, '%Y-%m-%dT%H:%M:%S.%fZ'));
"""

# Some of each class, so that a flood of one does not hide the others.
_EXAMPLES = f"""
WITH chosen AS (
    SELECT * FROM classes WHERE class <> 'right'
    QUALIFY row_number() OVER (PARTITION BY class ORDER BY topic, partition, "offset") <= {EXAMPLES}
), readings AS (
    SELECT c.id, string_agg(told(r), '; ' ORDER BY r.channel) FILTER (r.id IS NOT NULL) AS expected,
           string_agg(told(s), '; ' ORDER BY s.channel) FILTER (s.id IS NOT NULL) AS found
    FROM chosen c
    JOIN compared_readings d ON d.id = c.id AND d.differs
    LEFT JOIN expected_readings r ON r.id = d.id AND r.channel = d.channel
    LEFT JOIN placed_silver s ON s.id = d.id AND s.channel = d.channel
    WHERE c.class = 'wrong' GROUP BY c.id
), lines AS (
    SELECT class, topic, partition, "offset", event_id,
        concat_ws(': ', CASE target
            WHEN 'silver' THEN 'silver' || if(class = 'misfiled' AND late, ', late', '')
            WHEN 'quarantine' THEN 'quarantine ' || array_to_string(reasons, ', ')
            ELSE 'duplicates of ' || first_offset END, readings.expected) AS expected,
        concat_ws(', ', if(in_bronze = 0, 'not in bronze', if(in_bronze > 1, times('bronze', in_bronze), NULL)),
            if(incomplete, 'silver without some of its readings', times('silver', in_silver))
                || if(class = 'misfiled' AND late <> late_differs, ', late', ''),
            times('quarantine ' || array_to_string(found_reasons, ', '), in_quarantine),
            times('duplicates of ' || coalesce(duplicate_of::VARCHAR, 'none'), in_duplicates),
            if(in_silver + in_quarantine + in_duplicates = 0, 'in no table of silver', NULL),
            if(class = 'wrong' AND bytes_differ, 'other bytes in bronze', NULL))
            || coalesce(': ' || readings.found, '') AS found
    FROM chosen LEFT JOIN readings USING (id)
    UNION ALL SELECT 'foreign', topic, partition, "offset", NULL, 'nothing', found FROM strangers
)
SELECT * FROM lines
ORDER BY row_number() OVER (PARTITION BY class ORDER BY topic, partition, "offset"), class LIMIT {EXAMPLES}
"""


@dataclass(frozen=True)
class Reconciliation:
    """How many events are in each class; a class is counted once per event, so that they add up to `events`.

    foreign: messages in the lake that nobody sent; they are no events. examples: up to 100 rows of class, topic,
    partition, offset, event_id, expected, found, some of each class.
    """

    events: int
    right: int
    missing: int
    duplicated: int
    misfiled: int
    wrong: int
    foreign: int
    examples: pa.Table

    @property
    def accuracy(self) -> float | None:
        """right / events; None where nothing was sent."""
        return self.right / self.events if self.events else None


def reconcile(
    truth_messages: pa.Table,
    truth_readings: pa.Table,
    bronze: pa.Table,
    silver: pa.Table,
    quarantine: pa.Table,
    duplicates: pa.Table,
    assignments: pa.Table,
    units: pa.Table,
) -> Reconciliation:
    """Put every event of the truth into the first class that holds.

    missing: not in bronze, in none of silver, quarantine and duplicates, or in silver without some of its readings;
    duplicated: more than once in a table, or in more than one of silver, quarantine and duplicates;
    misfiled: in another table than expected, with other reasons, as a duplicate of another, or with another `late`;
    wrong: a reading has another value, asset, site, quantity, interval, time, source or id, or one too many; or the
    bytes in bronze differ; right: all else.
    bronze: topic, partition, offset and sha256 (hex) or raw (bytes), weather line by line; silver, quarantine and
    duplicates: the columns of the lake's tables; the others as in `expectation.expect`. None may be NULL as a whole.
    """
    with connect() as connection:
        expect(connection, truth_messages, truth_readings, assignments, units)
        hashed = next(sql for name, sql in _HASHES.items() if name in bronze.column_names)
        tables = {"bronze": bronze, "silver": silver, "quarantine": quarantine, "duplicates": duplicates}
        for name, table in tables.items():
            connection.register(name, table)
            connection.execute(_PLACED.format(table=name, columns=_COLUMNS.get(name, hashed)))
            connection.unregister(name)
        for statement in (_COMPARED, _CLASSES, _FOREIGN, _MACROS):
            connection.execute(statement)
        counts = dict(connection.execute("SELECT class, count(*) FROM classes GROUP BY class").fetchall())
        foreign = connection.execute("SELECT count(*) FROM strangers").fetchone()
        examples = connection.execute(_EXAMPLES).to_arrow_table()
    return Reconciliation(
        events=sum(counts.values()),
        **{name: counts.get(name, 0) for name in ("right", "missing", "duplicated", "misfiled", "wrong")},
        foreign=foreign[0] if foreign else 0,
        examples=examples,
    )
