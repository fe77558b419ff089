"""The prototyping desk's tools on the real services."""

import gzip
import json
from dataclasses import replace
from uuid import uuid4

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import NewTopic
from deltalake import DeltaTable, write_deltalake

from helpers import services
from helpers.core.errors import UserError
from helpers.desk.playground import bucket, buckets, changes, delta, history, sql, table, tables, topic, topics
from helpers.exercises.sandbox.objects import drop_bucket
from helpers.peak.topics import silent
from helpers.pipeline.stores import Stores

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def mine(running):
    """A topic of two partitions, and 50 messages in the second of them."""
    name, admin = f"desk-{uuid4().hex[:6]}", running["kafka"].client()
    admin.create_topics([NewTopic(name, 2, 1)])[name].result(30)
    producer = Producer(silent(services.endpoints().kafka_client_config))
    for at in range(50):
        producer.produce(name, json.dumps({"n": at}), f"k{at}", 1)
    producer.flush(30)
    yield name
    admin.delete_topics([name])[name].result(30)


@pytest.fixture(scope="module")
def place(running):
    """A bucket with folders, a Parquet file, CSV, JSON, text, bytes and a Delta table of two versions."""
    name, s3 = f"desk-{uuid4().hex[:6]}", services.aws("s3")
    s3.create_bucket(Bucket=name)
    rows = pa.table({"n": list(range(45)), "name": [f"row {at}" for at in range(45)]})
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, row_group_size=10)
    csv = "\n".join(["n,name", *(f"{at},row {at}" for at in range(45))]) + "\n"
    bodies = {
        "raw/a.parquet": sink.getvalue().to_pybytes(),
        "raw/b.csv": csv.encode(),
        "raw/deep/c.jsonl": b'{"n": 1}\n{"n": 2}\n',
        "raw/deep/d.txt": "é\nzwei\n".encode(),
        "raw/e.bin": b"\xff\xfe\x00",
        "raw/f.parquet": b"no parquet",
    }
    for key, body in bodies.items():
        s3.put_object(Bucket=name, Key=key, Body=body)
    address, storage = f"s3://{name}/orders", Stores().lake.storage
    write_deltalake(address, rows, storage_options=storage)
    write_deltalake(address, rows.slice(0, 3), mode="overwrite", storage_options=storage)
    yield name
    drop_bucket(s3, name)


def test_topics_are_listed_with_their_messages(mine):
    rows = {row["topic"]: row for row in topics().rows.read(0, 1000).to_pylist()}
    assert (rows[mine]["partitions"], rows[mine]["offsets"], rows[mine]["groups"]) == (2, 50, "-")
    assert not any(name.startswith("__") for name in rows)


def test_a_topic_is_browsed_by_partition_and_offset(mine):
    assert topic(mine).browse(0).table.num_rows == 0
    first = topic(mine).browse(1)
    assert [row["offset"] for row in first.table.to_pylist()] == list(range(20))
    assert "Offsets 40 to 49 of 0 to 49" in str(first.at(40))
    assert first.at(49).table.to_pylist()[0]["value"] == '{"n": 49}'
    with pytest.raises(UserError, match="no partition 2; it has 2"):
        topic(mine).browse(2)
    with pytest.raises(UserError, match="no offset 99"):
        topic(mine).browse(1, 99)
    with pytest.raises(UserError, match="0 messages cannot be shown"):
        topic(mine).tail(0)
    with pytest.raises(UserError, match="text or bytes"):
        topic(mine).produce({"n": 1})


def test_a_compacted_topic_is_browsed_without_gaps_or_repeats(running):
    name, admin = f"desk-{uuid4().hex[:6]}", running["kafka"].client()
    config = {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.01", "segment.ms": "100"}
    admin.create_topics([NewTopic(name, 1, 1, config=config)])[name].result(30)
    producer = Producer({**silent(services.endpoints().kafka_client_config), "transactional.id": name})
    producer.init_transactions(30)
    for at in range(25):
        # Each commit leaves a mark behind, which has an offset and is no message.
        producer.begin_transaction()
        producer.produce(name, str(at), str(at))
        producer.commit_transaction(30)
    found = topic(name)
    first = found.browse(0)
    values = [row["value"] for shown in (first, first.next()) for row in shown.table.to_pylist()]
    assert values == [str(at) for at in range(25)]
    assert [row["value"] for row in found.tail(3).table.to_pylist()] == ["22", "23", "24"]
    admin.delete_topics([name])[name].result(30)


def test_the_newest_are_told_and_a_tombstone_is_none(mine):
    told = str(topic(mine).produce(None, key="gone"))
    assert f"{mine}, partition" in told
    newest = topic(mine).tail(3).table.to_pylist()
    assert [row["value"] for row in newest] == ['{"n": 48}', '{"n": 49}', None]


def test_the_lag_of_a_group_is_told(mine):
    group = f"g-{mine}"
    consumer = Consumer({**silent(services.endpoints().kafka_client_config), "group.id": group})
    consumer.commit(offsets=[TopicPartition(mine, 1, 30)], asynchronous=False)
    consumer.close()
    (row,) = topic(mine).groups().table.to_pylist()
    assert (row["group"], row["partition"], row["committed"]) == (group, 1, 30)
    assert row["lag"] == row["end"] - 30 >= 20


def test_a_wrong_topic_gets_the_near_ones(mine):
    with pytest.raises(UserError, match=f"near it: {mine}"):
        topic(mine[:-1])


def test_buckets_are_browsed_with_counts_and_sizes(place):
    assert place in {row["name"] for row in buckets().rows.read(0, 1000).to_pylist()}
    below = {row["name"]: row for row in bucket(place).browse("raw/").table.to_pylist()}
    assert below["raw/deep/"]["objects"] == 2
    assert below["raw/e.bin"]["bytes"] == 3
    with pytest.raises(UserError, match="near it: raw/"):
        bucket(place).browse("row/")
    with pytest.raises(UserError, match=r"near it: raw/a\.parquet"):
        bucket(place).preview("raw/a.parqet")
    for key in ("", "raw/a", "raw/deep", "raw/"):
        with pytest.raises(UserError, match="There is no object"):
            bucket(place).text(key)


@pytest.mark.parametrize(("key", "kind"), [("raw/a.parquet", int), ("raw/b.csv", str)])
def test_an_object_is_read_page_by_page(place, key, kind):
    third = bucket(place).preview(key).at(41)
    assert third.table.to_pylist() == [{"n": kind(at), "name": f"row {at}"} for at in range(40, 45)]


CSV_ROWS = [{"id": "007", "kw": "1,5"}, {"id": "010", "kw": None}]
JSON_ROWS = [{"n": 1, "s": "007"}, {"n": 2, "s": "x"}]
OBJECTS = [
    ("semicolons.csv", b"id;kw\n007;1,5\n010;\n", CSV_ROWS),
    ("tabs.tsv", b"id\tkw\n007\t1,5\n010\t\n", CSV_ROWS),
    ("packed.csv.gz", gzip.compress(b"id;kw\n007;1,5\n010;\n"), CSV_ROWS),
    ("begun.csv", b"\xef\xbb\xbfid;kw\n007;1,5\n010;\n", CSV_ROWS),
    ("wide.csv", "id;kw\n007;1,5\n010;\n".encode("utf-16"), CSV_ROWS),
    ("old.csv", "id;name\n007;é\n".encode("cp1252"), [{"id": "007", "name": "é"}]),
    ("twice.csv", b"id,id\n1,2\n", [{"id": "1", "id_2": "2"}]),
    ("nameless.csv", b"1,2\n3,4\n", [{"column_1": "1", "column_2": "2"}, {"column_1": "3", "column_2": "4"}]),
    ("quoted.csv", b'a,b\n"x\ny",""\n', [{"a": "x\ny", "b": ""}]),
    ("mixed.csv", b"n,name\n" + b"1,x\n" * 19 + b"oops,x\n", None),
    ("array.json", b'[{"n": 1, "s": "007"},\n {"n": 2, "s": "x"}]', JSON_ROWS),
    ("pretty.json", b'{\n "n": 1,\n "s": "007"\n}\n', JSON_ROWS[:1]),
    ("lines.json", b'{"n": 1, "s": "007"}\n{"n": 2, "s": "x"}', JSON_ROWS),
    ("packed.json.gz", gzip.compress(b'[{"n": 1, "s": "007"}, {"n": 2, "s": "x"}]'), JSON_ROWS),
    ("packed.jsonl.gz", gzip.compress(b'{"n": 1, "s": "007"}\n{"n": 2, "s": "x"}\n'), JSON_ROWS),
    ("log.txt.gz", gzip.compress("é\nzwei\n".encode()), [{"line": "é"}, {"line": "zwei"}]),
    ("a.b/plain", b"one\n", [{"line": "one"}]),
]  # fmt: skip


# What gzip makes holds the time: no name for a test.
@pytest.mark.parametrize(("key", "body", "found"), OBJECTS, ids=[key for key, *_ in OBJECTS])
def test_an_object_is_read_as_it_is_written(place, key, body, found):
    services.aws("s3").put_object(Bucket=place, Key=f"forms/{key}", Body=body)
    shown = bucket(place).preview(f"forms/{key}").table.to_pylist()
    assert shown == (found or [{"n": "1", "name": "x"}] * 19 + [{"n": "oops", "name": "x"}])


def test_what_is_not_what_its_name_says_is_told(place):
    for key, body, told in (
        ("no.csv.gz", b"a,b\n1,2\n", "is not packed by gzip"),
        ("ragged.csv", b"a,b\n1,2,3\n", "cannot be read as csv"),
        ("no.json", b'{"a": ', "cannot be read as json"),
    ):
        services.aws("s3").put_object(Bucket=place, Key=f"forms/{key}", Body=body)
        with pytest.raises(UserError, match=told):
            bucket(place).preview(f"forms/{key}")


def test_objects_are_shown_by_what_they_hold(place):
    assert bucket(place).preview("raw/deep/c.jsonl").table.to_pylist() == [{"n": 1}, {"n": 2}]
    assert bucket(place).preview("raw/deep/d.txt").table.column("line").to_pylist() == ["é", "zwei"]
    with pytest.raises(UserError, match="is no text"):
        bucket(place).preview("raw/e.bin")
    with pytest.raises(UserError, match="cannot be read as parquet"):
        bucket(place).preview("raw/f.parquet")
    assert bucket(place).text("raw/f.parquet").table.column("line").to_pylist() == ["no parquet"]


def test_a_value_of_another_type_far_down_is_told(place):
    # So far down that what is read ahead of the first page does not meet it.
    body = '{"n": 1}\n' * 2_000_000 + '{"n": "oops"}\n'
    services.aws("s3").put_object(Bucket=place, Key="raw/odd.jsonl", Body=body.encode())
    first = bucket(place).preview("raw/odd.jsonl")
    with pytest.raises(UserError, match=r"raw/odd\.jsonl cannot be read as json"):
        first.at(1_999_999)


def test_a_file_is_uploaded(place, tmp_path):
    (tmp_path / "up.csv").write_text("a\n1\n")
    assert "4 bytes" in str(bucket(place).upload(tmp_path / "up.csv", "in/up.csv"))
    assert bucket(place).preview("in/up.csv").table.to_pylist() == [{"a": "1"}]
    with pytest.raises(UserError, match="no file"):
        bucket(place).upload(tmp_path / "absent.csv")


def test_a_delta_table_is_read_at_a_version_and_compared(place):
    assert bucket(place).preview("orders").rows.end == 3
    assert delta("orders", place, version=0).rows.end == 45
    assert [row["version"] for row in history("orders", place).table.to_pylist()] == [1, 0]
    found = changes("orders", 0, 1, place)
    assert "0 rows are new, 42 are gone" in str(found)
    assert set(found.table.column("in").to_pylist()) == {"old"}
    with pytest.raises(UserError, match="has no version 7; the newest is 1"):
        delta("orders", place, version=7)
    with pytest.raises(UserError, match="counted from 0"):
        delta("orders", place, version=-1)
    with pytest.raises(UserError, match="No Delta table lies at"):
        history("raw", place)


@pytest.mark.parametrize("told", [0, 1], ids=["of no file", "of one of two"])
def test_a_delta_table_whose_log_does_not_tell_its_rows_is_read(place, told):
    s3, lake = services.aws("s3"), replace(Stores().lake, bucket=place)
    for _ in range(2):
        write_deltalake(
            f"s3://{place}/untold-{told}", pa.table({"n": [1, 2]}), mode="append", storage_options=lake.storage
        )
    for version in range(2 - told):
        key = f"untold-{told}/_delta_log/{version:020}.json"
        actions = [json.loads(line) for line in s3.get_object(Bucket=place, Key=key)["Body"].read().splitlines()]
        for one in actions:
            one.get("add", {}).pop("stats", None)
        s3.put_object(Bucket=place, Key=key, Body="\n".join(map(json.dumps, actions)).encode())
    shown = delta(f"untold-{told}", place)
    assert (shown.table.num_rows, shown.rows.end) == (4, None)
    assert lake.rows(f"untold-{told}") == 4


def test_only_files_that_one_version_has_alone_are_read_to_compare(place):
    address, storage = f"s3://{place}/appended", Stores().lake.storage
    for values in ([1, 2], [2, 3]):
        write_deltalake(address, pa.table({"n": values}), mode="append", storage_options=storage)
    shared = DeltaTable(address, version=0, storage_options=storage).file_uris()[0]
    # What need not be read may be gone.
    services.aws("s3").delete_object(Bucket=place, Key=shared.partition(f"{place}/")[2])
    found = changes("appended", 0, 1, place)
    assert sorted(row["n"] for row in found.table.to_pylist() if row["in"] == "new") == [2, 3]
    assert "2 rows are new, 0 are gone" in str(found)
    assert changes("appended", 1, 1, place).table.num_rows == 0


def test_versions_with_other_columns_are_compared_by_those_of_both(place):
    address, storage = f"s3://{place}/grown", Stores().lake.storage
    write_deltalake(address, pa.table({"n": [1, 2], "gone": ["a", "b"]}), storage_options=storage)
    other = pa.table({"new": [True, True], "n": [2, 3]})
    write_deltalake(address, other, mode="overwrite", schema_mode="overwrite", storage_options=storage)
    found = changes("grown", 0, 1, place)
    assert found.table.to_pylist() == [{"in": "new", "n": 3}, {"in": "old", "n": 1}]
    assert "Only version 0 has the columns gone." in str(found)
    assert "Only version 1 has the columns new." in str(found)


def test_tables_are_paged_by_their_key(running):
    with psycopg.connect(services.endpoints().postgres_dsn) as connection:
        connection.execute("DROP SCHEMA IF EXISTS desk CASCADE")
        connection.execute("CREATE SCHEMA desk")
        connection.execute('CREATE TABLE desk."Odd name" (b int, a int, t timestamptz, j jsonb, PRIMARY KEY (a, b))')
        connection.execute(
            """INSERT INTO desk."Odd name" SELECT n % 2, n, now(), '{}' FROM generate_series(45, 1, -1) n"""
        )
    try:
        assert "desk.Odd name" in {row["table"] for row in tables().rows.read(0, 1000).to_pylist()}
        sql("CREATE TABLE desk.tariffs AS SELECT 1 AS id, date 'infinity' AS valid_to", on="postgres")
        assert table("desk.tariffs").table.to_pylist() == [{"id": 1, "valid_to": "infinity"}]
        assert table("desk.Odd name").at(41).table.column("a").to_pylist() == [41, 42, 43, 44, 45]
        with pytest.raises(UserError, match=r"near it: desk\.Odd name"):
            table("desk.odd nam")
    finally:
        sql("DROP SCHEMA desk CASCADE", on="postgres")


def test_postgres_answers_to_statements(running):
    assert sql("SELECT 1 AS n, NULL AS nothing", on="postgres").table.to_pylist() == [{"n": 1, "nothing": None}]
    nothing = sql("-- none\nSELECT\n1 AS n WHERE false", on="postgres")
    assert nothing.table.column_names == ["n"]
    assert "No rows" in str(nothing)
    odd = sql("SELECT 'NaN'::numeric AS a, 'Infinity'::numeric AS b, 10::numeric ^ 100 AS c", on="postgres")
    assert odd.table.to_pylist()[0]["a"] == "NaN"
    assert "nothing to do" in str(sql("-- only this", on="postgres"))
    many = sql("SELECT generate_series(1, 100000000) AS n", on="postgres")
    assert many.rows.end == 1000
    assert "others are not kept" in str(many)
    assert "others are not kept" in str(many.next())
    with pytest.raises(UserError, match='PostgreSQL refuses this: relation "absent" does not exist'):
        sql("SELECT * FROM absent", on="postgres")
    with pytest.raises(UserError, match="no engine 'oracle'"):
        sql("SELECT 1", on="oracle")


@pytest.mark.parametrize(
    "written",
    [
        "date 'infinity'",
        "date '-infinity'",
        "date '0044-03-15 BC'",
        "timestamp 'infinity'",
        "timestamptz '2024-01-02 03:04:05.5+00 BC'",
        "time '24:00'",
        "timetz '24:00:00+02'",
        "interval '1 month'",
        "interval '1 year 2 days -00:00:01'",
        "daterange('2024-01-01', 'infinity')",
        "array[date '2024-01-01', 'infinity']",
        """'{"a": [true]}'::jsonb""",
    ],
)
def test_a_value_that_python_has_none_of_is_shown_as_postgres_writes_it(running, written):
    (row,) = sql(f"SELECT {written} AS v, ({written})::text AS t, 1 AS n", on="postgres").table.to_pylist()
    assert row["v"] == row["t"]


def test_dates_keep_their_type_unless_one_of_a_column_has_none(running):
    rows = "(VALUES (date '2024-01-01', date '2024-01-01', now()), (NULL, 'infinity', now())) v (a, b, c)"
    found = sql(f"SELECT * FROM {rows}", on="postgres").table
    assert [str(one.type) for one in found.schema][:2] == ["date32[day]", "string"]
    assert pa.types.is_timestamp(found.schema.field("c").type)
    assert found.column("b").to_pylist() == ["2024-01-01", "infinity"]


def test_what_changes_rows_and_returns_them_changes_all(running):
    sql("CREATE TABLE desk_many (n int)", on="postgres")
    try:
        told = sql("INSERT INTO desk_many SELECT generate_series(1, 5000) RETURNING n", on="postgres")
        assert told.rows.end == 1000
        assert sql("SELECT count(*) AS n FROM desk_many", on="postgres").table.to_pylist() == [{"n": 5000}]
    finally:
        sql("DROP TABLE desk_many", on="postgres")


def test_a_read_only_desk_changes_nothing(running, mine, place, read_only, tmp_path):
    (tmp_path / "up.csv").write_text("a\n1\n")
    before = topic(mine).browse(0).rows.end, topic(mine).browse(1).rows.end
    for deed in (
        lambda: topic(mine).produce("x"),
        lambda: bucket(place).upload(tmp_path / "up.csv", "no/up.csv"),
        lambda: sql("CREATE TABLE no_way (n int)", on="postgres"),
        lambda: sql("COMMIT; CREATE TABLE no_way (n int)", on="postgres"),
        lambda: sql("SET TRANSACTION READ WRITE; CREATE TABLE no_way (n int)", on="postgres"),
        lambda: sql("DELETE FROM delta.`s3a://peak-lake/gold/daily`"),
        lambda: sql("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x"),
        lambda: sql("WITH x AS (SELECT 1) SELECT * INTO no_way FROM x", on="postgres"),
    ):
        with pytest.raises(UserError, match=r"read-only|multiple commands"):
            deed()
    assert (topic(mine).browse(0).rows.end, topic(mine).browse(1).rows.end) == before
    assert bucket(place).browse("raw/").table.num_rows > 0
    assert "public.no_way" not in {row["table"] for row in tables().rows.read(0, 1000).to_pylist()}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            "SELECT *\nFROM deskful.wind_parkz",
            ["near it: ", "deskful.wind_parks", "in line 2: FROM deskful.wind_parkz"],
        ),
        ("SELECT *\nFROM wind_parkz", ["near it: ", "deskful.wind_parks"]),
        (
            "SELECT *\nFROM deskful.wind_parks\nWHERE park_idd = 1",
            ["in line 3: WHERE park_idd = 1", "Perhaps you meant"],
        ),
        ("SELEC 1", ["syntax error", "in line 1: SELEC 1"]),
    ],
)
def test_what_postgres_refuses_tells_the_place_the_hint_and_the_near_names(words, told, parks):
    with pytest.raises(UserError) as refused:
        sql(words, "postgres")
    shown = f"{refused.value} {refused.value.remedy}"
    assert [one for one in told if one not in shown] == []


@pytest.fixture
def parks(running):
    """A table in a schema of its own."""
    with psycopg.connect(services.endpoints().postgres_dsn) as connection:
        connection.execute("CREATE SCHEMA deskful")
        connection.execute("CREATE TABLE deskful.wind_parks (park_id int)")
    yield
    with psycopg.connect(services.endpoints().postgres_dsn) as connection:
        connection.execute("DROP SCHEMA deskful CASCADE")
