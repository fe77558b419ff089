"""The relational world in the real PostgreSQL."""

import psycopg
import pytest

from helpers import services
from helpers.core.errors import UserError
from helpers.peak import database, relational
from helpers.peak.recordings import recording

pytestmark = pytest.mark.services


@pytest.fixture
def dsn(running):
    """A PostgreSQL without PEAK's schema: other tests may have left a world with recordings of their own."""
    found = services.endpoints().postgres_dsn
    with psycopg.connect(found) as connection:
        connection.execute("DROP SCHEMA IF EXISTS peak CASCADE")
    yield found
    with psycopg.connect(found) as connection:
        connection.execute("DROP SCHEMA IF EXISTS peak CASCADE")


def contents(dsn, table):
    with psycopg.connect(dsn) as connection:
        return sorted(connection.execute(f"SELECT t::text FROM peak.{table} t").fetchall())


def test_the_world_is_made_whole_and_made_again_it_is_the_same(dsn):
    counts = database.create(dsn)
    first = {table: contents(dsn, table) for table in counts}
    assert {table: len(rows) for table, rows in first.items()} == {
        table: len(rows) for table, rows in relational.world().items()
    }
    with psycopg.connect(dsn) as connection:
        connection.execute("DELETE FROM peak.tariffs WHERE site_id = 'rsf'")
        connection.execute("UPDATE peak.assets SET rated_kw = 1")
    database.create(dsn)
    assert {table: contents(dsn, table) for table in counts} == first


def test_a_world_keeps_its_seed(dsn):
    """Gold was computed with its tariffs: another seed must not change them under it."""
    database.create(dsn, 11)
    made = contents(dsn, "tariffs")
    database.create(dsn, 7)
    assert contents(dsn, "tariffs") == made
    assert made != sorted(made_from_seven(dsn))


def made_from_seven(dsn):
    with psycopg.connect(dsn) as connection:
        connection.execute("DROP SCHEMA peak CASCADE")
    database.create(dsn, 7)
    return contents(dsn, "tariffs")


def own(tmp_path, **changes):
    (tmp_path / "roof.csv").write_text("time,power_w\n2024-03-30 12:00,1000\n")
    channel = {"column": "power_w", "name": "ac_power", "asset": "attic-inv", "quantity": "ac_power", "unit": "W"}
    entry = {"source": "roof", "site": "attic", "kind": "iot", "time_column": "time", "time_zone": "Europe/Lisbon"}
    channels = [{**channel, "feeds_gold": "energy", **changes}]
    entry |= {"interval_seconds": 900, "channels": channels}
    return recording(entry, tmp_path / "roof.csv")


def test_a_recording_of_ones_own_stays_when_a_later_run_does_not_name_it(dsn, tmp_path):
    database.create(dsn, extra=[own(tmp_path)])
    database.create(dsn)
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT asset_id FROM peak.meter_assignments WHERE source = 'roof'").fetchall() == [
            ("attic-inv",)
        ]
        assert connection.execute("SELECT latitude FROM peak.sites WHERE site_id = 'attic'").fetchall() == [(None,)]
    database.create(dsn, extra=[own(tmp_path)])


def test_a_recording_cannot_give_the_channels_of_an_earlier_one_another_meaning(dsn, tmp_path):
    database.create(dsn, extra=[own(tmp_path)])
    with pytest.raises(UserError, match=r"'ac_power' of 'roof' otherwise than an earlier run"):
        database.create(dsn, extra=[own(tmp_path, unit="kW")])


def test_no_two_assignments_of_a_channel_are_valid_at_once(dsn):
    database.create(dsn)
    with psycopg.connect(dsn) as connection:
        (overlaps,) = connection.execute(
            """SELECT count(*) FROM peak.meter_assignments a JOIN peak.meter_assignments b
               ON a.source = b.source AND a.channel = b.channel AND a.valid_from < b.valid_from
               AND b.valid_from < coalesce(a.valid_to, 'infinity')"""
        ).fetchone()
    assert overlaps == 0
