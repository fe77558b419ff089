"""TPC-H, as the extension of duckdb carries it: each query's code answers as its SQL, in its order."""

import importlib.util
import re
from pathlib import Path

import duckdb
import pytest

from helpers.bridge import translate
from tests.conftest import connect_session

pytestmark = [pytest.mark.services, pytest.mark.proof]

SETS = {"tpch": ("dbgen", 22)}


def extension(kind: str) -> Path | None:
    """The file of the duckdb extension in its package; None where the package is not installed."""
    found = importlib.util.find_spec(f"duckdb_extension_{kind}")
    folder = Path(found.origin).parent if found is not None and found.origin else None
    return next(folder.rglob("*.duckdb_extension"), None) if folder is not None else None


@pytest.fixture(scope="module", params=SETS)
def benchmark(request, running, tmp_path_factory):
    kind = request.param
    path = extension(kind)
    if path is None:
        pytest.skip(f"duckdb-extension-{kind} is not installed")
    made, folder = SETS[kind][0], tmp_path_factory.mktemp(kind)
    with duckdb.connect(config={"allow_unsigned_extensions": True}) as database:
        database.execute(f"LOAD '{path}'")
        database.execute(f"CALL {made}(sf = 0.01)")
        names = [name for (name,) in database.execute("SHOW TABLES").fetchall()]
        for name in names:
            database.execute(f"COPY {name} TO '{folder / name}.parquet'")
        queries = dict(database.execute(f"SELECT query_nr, query FROM {kind}_queries()").fetchall())
    with connect_session() as session:
        tables = {name: session.read.parquet(str(folder / f"{name}.parquet")) for name in names}
        for name, frame in tables.items():
            frame.createOrReplaceTempView(name)
        yield kind, session, tables, queries


def test_every_query_answers_as_its_sql(benchmark) -> None:
    kind, session, tables, queries = benchmark
    assert len(queries) == SETS[kind][1]
    schema = {name: {one.name: one.dataType.simpleString() for one in frame.schema} for name, frame in tables.items()}
    told = {}
    for number, text in queries.items():
        # Spark takes a name in double quotes for a text; these queries name columns with it.
        sql = re.sub(r'"([^"]*)"', r"`\1`", text.strip().rstrip(";"))
        done = translate(sql, schema=schema)
        names = {"spark": session, **tables}
        exec("\n".join(done.imports) + "\n" + done.code, names)
        wanted, got = session.sql(sql), names["result"]
        if [(one.name, one.dataType) for one in wanted.schema] != [(one.name, one.dataType) for one in got.schema]:
            told[number] = f"{wanted.schema.simpleString()} became {got.schema.simpleString()}"
        elif sorted(map(repr, wanted.collect())) != sorted(map(repr, got.collect())):
            told[number] = "other rows"
    assert not told
