"""The relational world in the real PostgreSQL."""

import psycopg
import pytest

from helpers import services
from helpers.peak import relational

pytestmark = pytest.mark.services


def contents(dsn, table):
    with psycopg.connect(dsn) as connection:
        return sorted(connection.execute(f"SELECT t::text FROM peak.{table} t").fetchall())


def test_the_world_is_made_whole_and_made_again_it_is_the_same(running):
    dsn = services.endpoints().postgres_dsn
    counts = relational.create(dsn)
    first = {table: contents(dsn, table) for table in counts}
    assert {table: len(rows) for table, rows in first.items()} == {
        table: len(rows) for table, rows in relational.world().items()
    }
    relational.create(dsn)
    assert {table: contents(dsn, table) for table in counts} == first


def test_no_two_assignments_of_a_channel_are_valid_at_once(running):
    dsn = services.endpoints().postgres_dsn
    relational.create(dsn)
    with psycopg.connect(dsn) as connection:
        (overlaps,) = connection.execute(
            """SELECT count(*) FROM peak.meter_assignments a JOIN peak.meter_assignments b
               ON a.source = b.source AND a.channel = b.channel AND a.valid_from < b.valid_from
               AND b.valid_from < coalesce(a.valid_to, 'infinity')"""
        ).fetchone()
    assert overlaps == 0
