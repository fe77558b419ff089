"""Own data on the real services: a file or a table, its profile, a topic that replays it, a table in the lake."""

import time
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from helpers.core.errors import UserError
from helpers.core.settings import settings
from helpers.desk import playground
from helpers.desk.playground import delta, history, own_data, profile, replay, sql, to_lake, topic, topics
from helpers.exercises.sandbox.objects import drop_bucket
from helpers.services import aws
from tests.conftest import desk_session

pytestmark = [pytest.mark.services, pytest.mark.proof]
CSV = """meter;power;from;until;site
007;1,5;13.02.2024;31.12.9999;North
008;2,25;14.02.2024;31.12.9999; north
008;-999;14.02.2024;31.12.9999;N/A
009;2,5;15.02.2024;01.01.2100;
010;1,75;16.02.2024;31.12.9999;South
011;950,0;17.02.2024;31.12.9999;South
"""


@pytest.fixture(scope="module")
def spark(running):
    with desk_session() as own:
        yield own


@pytest.fixture
def mine(spark, tmp_path):
    """A file as people have them, as a DataFrame."""
    path = tmp_path / "meters.csv"
    path.write_text(CSV)
    return own_data(path)


@pytest.fixture
def lake(monkeypatch):
    """A bucket of its own for the lake."""
    name = f"desk-{uuid4().hex[:6]}"
    monkeypatch.setenv("LAKE_BUCKET", name)
    settings.cache_clear()
    yield name
    drop_bucket(aws("s3"), name)
    monkeypatch.undo()
    settings.cache_clear()


def test_a_file_becomes_a_typed_dataframe(mine):
    types = {row["column"]: row["type"] for row in mine.columns.to_pylist()}
    assert types == {"meter": "string", "power": "decimal(5,2)", "from": "date", "until": "date", "site": "string"}
    assert mine.frame.where("meter = '007'").collect()[0]["power"] == Decimal("1.50")
    assert "leading zeros would be lost: 007" in str(mine)
    assert "Rows 1 to 6" in str(mine)


def test_a_profile_tells_ranges_and_what_looks_wrong(mine):
    found = profile(mine, key="meter")
    power = {row["column"]: row for row in found.table.to_pylist()}["power"]
    assert (power["least"], power["greatest"], power["NULL"]) == ("-999.00", "950.00", 0)
    told = {(row["column"], row["what"]): (row["rows"], row["example"]) for row in found.doubts.to_pylist()}
    assert told == {
        ("meter", "several rows with the same"): (2, "008"),
        ("power", "a stand-in for no value?"): (1, "-999.00"),
        ("power", "far from the others"): (1, "950.00"),
        ("until", "a stand-in for no value?"): (5, "9999-12-31"),
        ("until", "in the future"): (1, "2100-01-01"),
        ("site", "blanks around the text"): (1, " north"),
        ("site", "a word for NULL"): (1, "N/A"),
        ("site", "differ only in case or blanks"): (2, " north and North"),
    }
    with pytest.raises(UserError, match="near it: meter"):
        profile(mine, key="metr")


def test_a_profile_of_odd_columns_and_of_nothing(spark):
    rows = spark.sql(
        "SELECT id AS `a.b`, double('NaN') AS nan, CAST(NULL AS INT) AS none, 7 AS same, array(1) AS list,"
        " map('a', 1) AS m, TIMESTAMP_NTZ '2024-01-01 00:00:00' AS t, true AS b FROM range(20)"
    )
    found = profile(rows)
    told = {(row["column"], row["what"]) for row in found.doubts.to_pylist()}
    assert {("none", "no value at all"), ("same", "the same value in all rows"), ("nan", "no number (NaN)")} <= told
    assert "No two rows have the same a.b." in str(found)
    assert profile(rows.limit(0)).count == 0


def test_parquet_of_nanoseconds_and_excel_and_tables(spark, tmp_path):
    pq.write_table(pa.table({"t": pa.array([1], pa.timestamp("ns")), "n": [1]}), tmp_path / "a.parquet")
    assert "cut to microseconds" in str(own_data(tmp_path / "a.parquet"))
    assert own_data(tmp_path / "a.parquet").frame.count() == 1
    book = Workbook()
    book.active.append(("day", "n"))
    book.active.append((date(2024, 1, 2), 5))
    book.save(tmp_path / "b.xlsx")
    assert own_data(tmp_path / "b.xlsx").table.to_pylist() == [{"day": date(2024, 1, 2), "n": 5}]
    sql("CREATE TABLE own_t (a int PRIMARY KEY, t timestamptz, n timestamp)", on="postgres")
    try:
        types = [row["type"] for row in own_data("public.own_t").columns.to_pylist()]
        assert types == ["int", "timestamp", "timestamp_ntz"]
        with pytest.raises(UserError, match=r"near it: public\.own_t"):
            own_data("public.own_x")
    finally:
        sql("DROP TABLE own_t", on="postgres")
    with pytest.raises(UserError, match=r"near it: a\.parquet"):
        own_data(tmp_path / "b.parquet")
    with pytest.raises(UserError, match="A DataFrame of Spark is wanted, this is a int"):
        profile(1)


def test_rows_are_replayed_into_a_topic_and_stopped(mine, spark):
    name = f"desk-{uuid4().hex[:6]}"
    with pytest.raises(UserError, match="There is no topic"):
        replay(mine, name)
    assert "6 messages into" in str(replay(mine, name, key="meter", time="from", speed=1e9, new=True).wait())
    bodies = [row for part in (0, 1) for row in topic(name).browse(part).table.to_pylist()]
    assert {row["key"] for row in bodies} == {"007", "008", "009", "010", "011"}
    first = next(row["value"] for row in bodies if row["key"] == "007")
    assert first == '{"meter":"007","power":1.50,"from":"2024-02-13","until":"9999-12-31","site":"North"}'
    slow = replay(spark.range(100_000), name, speed=20)
    bundle = slow._repr_mimebundle_()
    assert "of 100,000 messages are in" in bundle["text/plain"]
    while slow.sent < 3:
        time.sleep(0.05)
    assert "stopped, " in str(slow.stop())
    assert slow.sent < 1000
    assert {row["topic"]: row["offsets"] for row in topics().rows.read(0, 999).to_pylist()}[name] == 6 + slow.sent
    assert "1 messages into" in str(replay(mine.frame.limit(1), name, new=True).wait())


def test_a_dataframe_becomes_a_table_of_the_lake(mine, lake):
    assert to_lake(mine, "meters").table.num_rows == 6
    with pytest.raises(UserError, match="has a table own/meters"):
        to_lake(mine, "meters")
    to_lake(mine.frame.withColumnRenamed("power", "kw"), "meters", replace=True)
    assert "kw" in delta("own/meters").table.column_names
    assert history("own/meters").table.num_rows == 2
    with pytest.raises(UserError, match=r"power \(kW\)"):
        to_lake(mine.frame.withColumnRenamed("power", "power (kW)"), "other")
    with pytest.raises(UserError, match="is no name of a table"):
        to_lake(mine, "../gold/daily")


def test_columns_that_are_one_name_for_spark_get_two(spark, tmp_path):
    pq.write_table(pa.table({"a": [1], "b": ["x"], "A": [2]}), tmp_path / "mine.parquet")
    found = own_data(tmp_path / "mine.parquet")
    assert found.table.to_pylist() == [{"a": 1, "b": "x", "A_2": 2}]
    assert "Column 3 is named A_2: its name is there already." in str(found)


def test_a_read_only_desk_replays_and_writes_nothing(mine, monkeypatch):
    monkeypatch.setenv("GRIDBRIDGE_READ_ONLY", "1")
    settings.cache_clear()
    try:
        for deed in (lambda: replay(mine, "any", new=True), lambda: to_lake(mine, "any")):
            with pytest.raises(UserError, match="read-only"):
                deed()
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_a_read_only_session_writes_by_none_of_its_ways(spark, monkeypatch, tmp_path):
    monkeypatch.setenv("GRIDBRIDGE_READ_ONLY", "1")
    settings.cache_clear()
    try:
        reads_only = playground.spark
        frame = reads_only.range(3)
        assert frame.count() == 3
        frame.createOrReplaceTempView("three")
        assert reads_only.sql("SELECT * FROM three").count() == 3
        for deed in (
            lambda: frame.write.parquet(str(tmp_path / "no")),
            lambda: frame.write.format("delta").save("s3a://peak-lake/own/no"),
            lambda: frame.writeTo("no").create(),
            lambda: reads_only.sql("CREATE TABLE no (n INT) USING parquet"),
            lambda: reads_only.catalog.createTable("no", path=str(tmp_path), source="parquet"),
            lambda: reads_only.readStream.format("rate").load().writeStream.format("memory").queryName("no").start(),
        ):
            with pytest.raises(UserError, match="read-only"):
                deed()
        assert not (tmp_path / "no").exists()
    finally:
        spark.client._session_hooks.clear()
        monkeypatch.undo()
        settings.cache_clear()
