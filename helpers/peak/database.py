"""The schema `peak` in PostgreSQL: the relational world, written and kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from helpers.core.errors import ServiceError, UserError
from helpers.peak.recordings import Recording
from helpers.peak.relational import KEYS, TABLES, world

_MADE_FROM = "PEAK, made from seed "


def create(dsn: str, seed: int = 7, extra: Sequence[Recording] = ()) -> dict[str, int]:
    """Make the schema `peak`, or mend it, in one transaction: rows per table. A repetition ends in the same rows.

    dsn: a libpq URL; extra: a user's own recordings, as in world(). A world keeps the seed that it was made with,
    whatever later runs ask for, and the recordings of earlier runs: what was valid then must stay so, or what was
    computed with it would be wrong afterwards. Readers see the old world or the new one, never half.
    Raises UserError where a recording gives a channel of an earlier one another meaning, ServiceError.
    """
    try:
        with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL client_min_messages = warning")
            # Two creators at once take turns instead of meeting in the catalogue.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('gridbridge.peak'))")
            cursor.execute("CREATE SCHEMA IF NOT EXISTS peak")
            for name, columns in TABLES.items():
                cursor.execute(f"CREATE TABLE IF NOT EXISTS peak.{name} ({columns})".encode())
            rows = world(_kept_seed(cursor, seed), extra)
            _refuse_other_meanings(cursor, extra, rows["meter_assignments"])
            return {name: _upsert(cursor, name, rows[name]) for name in TABLES}
    except psycopg.Error as error:
        raise ServiceError(
            f"The schema peak could not be made: {' '.join(str(error).split()).rstrip('.?')}.",
            "Run: .venv/bin/gridbridge services status",
        ) from error


def _kept_seed(cursor: psycopg.Cursor[Any], seed: int) -> int:
    """The seed of the world that is there, noted as the schema's comment; else `seed`, and it is noted."""
    cursor.execute("SELECT obj_description('peak'::regnamespace, 'pg_namespace')")
    (comment,) = cursor.fetchone() or (None,)
    if comment and comment.startswith(_MADE_FROM):
        return int(comment.removeprefix(_MADE_FROM))
    cursor.execute(sql.SQL("COMMENT ON SCHEMA peak IS {}").format(sql.Literal(f"{_MADE_FROM}{seed}")))
    return seed


def _refuse_other_meanings(
    cursor: psycopg.Cursor[Any], extra: Sequence[Recording], assignments: list[tuple[Any, ...]]
) -> None:
    for found in extra:
        cursor.execute("SELECT * FROM peak.meter_assignments WHERE source = %s", [found.source])
        known = {row[:2]: row[2:7] for row in cursor.fetchall()}
        for row in assignments:
            if row[0] == found.source and known.get(row[:2], row[2:7]) != row[2:7]:
                raise UserError(
                    f"The file {found.file!r} maps the channel {row[1]!r} of {found.source!r} otherwise than an"
                    " earlier run did, whose readings stand in the lake.",
                    "Choose another source in the mapping, or the earlier mapping.",
                )


def _upsert(cursor: psycopg.Cursor[Any], name: str, rows: list[tuple[Any, ...]]) -> int:
    """Write a table's rows; the number of all that it has then."""
    parts = {
        "table": sql.Identifier("peak", name),
        "staged": sql.Identifier(f"staged_{name}"),
        "key": sql.SQL(", ").join(map(sql.Identifier, KEYS[name])),
    }
    cursor.execute(sql.SQL("CREATE TEMPORARY TABLE {staged} (LIKE {table}) ON COMMIT DROP").format(**parts))
    with cursor.copy(sql.SQL("COPY {staged} FROM STDIN").format(**parts)) as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute(sql.SQL("SELECT * FROM {staged} LIMIT 0").format(**parts))
    columns = [column.name for column in cursor.description or ()]
    parts["new"] = sql.SQL(", ").join(
        sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(c)) for c in columns if c not in KEYS[name]
    )
    cursor.execute(
        sql.SQL("INSERT INTO {table} SELECT * FROM {staged} ON CONFLICT ({key}) DO UPDATE SET {new}").format(**parts)
    )
    cursor.execute(sql.SQL("SELECT count(*) FROM {table}").format(**parts))
    (total,) = cursor.fetchone() or (0,)
    return int(total)
