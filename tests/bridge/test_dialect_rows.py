"""PostgreSQL's pairs against the real PostgreSQL: what they call right is what the server answers."""

import psycopg
import pytest

from helpers import services
from tests.bridge import statements
from tests.bridge.pairs import load

pytestmark = pytest.mark.services

POSTGRES = load("postgres")
STATEMENTS = statements.load("postgres")


@pytest.fixture(scope="module")
def connection(running):
    """A connection whose temporary schema holds the pairs' tables; what it did is rolled back."""
    with psycopg.connect(services.endpoints().postgres_dsn) as found:
        found.execute("SET LOCAL TIME ZONE 'UTC'")
        for table in (*POSTGRES.tables, *STATEMENTS.tables):
            columns = [f"{name} {kind}" for name, kind in table.product.items()]
            columns += [f"PRIMARY KEY ({', '.join(table.key)})"] if table.key else []
            found.execute(f"CREATE TEMPORARY TABLE {table.name} ({', '.join(columns)})")
            places = ", ".join(["%s"] * len(table.product))
            found.cursor().executemany(f"INSERT INTO {table.name} VALUES ({places})", table.rows)
        yield found
        found.rollback()


@pytest.mark.parametrize("pair", [pair for pair in POSTGRES.pairs if pair.columns], ids=lambda pair: pair.id)
def test_postgresql_gives_the_expected_rows(connection, pair):
    with connection.transaction():
        cursor = connection.execute(pair.sql)
        names = [column.name for column in cursor.description]
        assert pair.difference(names, cursor.fetchall()) is None


def test_a_pair_to_be_refused_is_valid_sql(connection):
    for pair in POSTGRES.pairs:
        if pair.refuse is not None:
            with connection.transaction():
                connection.execute(pair.sql)


@pytest.mark.parametrize("one", STATEMENTS.statements, ids=lambda one: one.id)
def test_postgresql_leaves_the_expected_rows(connection, one):
    with connection.transaction(force_rollback=True):
        connection.execute(one.sql)
        if one.rows is not None:
            cursor = connection.execute(f"SELECT * FROM {one.table}")
            assert one.difference([column.name for column in cursor.description], cursor.fetchall()) is None
