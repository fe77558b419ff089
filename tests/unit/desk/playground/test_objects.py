"""Rows of files in pieces; on S3 in tests/services/test_playground.py."""

import datetime

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from helpers.desk.playground.objects import rows


@pytest.fixture
def table():
    return pa.table({"n": list(range(30_000)), "name": [f"row {at}" for at in range(30_000)]})


@pytest.mark.parametrize("start", [0, 5, 999, 1024, 9_990, 10_000, 29_995])
@pytest.mark.parametrize("group", [10, 10_000, 30_000])
def test_a_page_of_parquet_is_the_rows_that_stand_there(tmp_path, table, start, group):
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=group)
    found = rows(ds.dataset(tmp_path / "a.parquet"), None, "a", "Parquet").read(start, 21)
    assert found.to_pylist() == table.slice(start, 21).to_pylist()


def test_a_page_decodes_what_it_shows_and_keeps_no_more(tmp_path):
    many = pa.table({"n": list(range(500_000)), "text": ["some words that fill memory"] * 500_000})
    pq.write_table(many, tmp_path / "a.parquet", row_group_size=500_000)
    read = rows(ds.dataset(tmp_path / "a.parquet"), None, "a", "Parquet").read
    del many
    before, pool = pa.total_allocated_bytes(), pa.system_memory_pool()
    usual = pa.default_memory_pool()
    pa.set_memory_pool(pool)
    try:
        found = read(400_000, 21)
        assert found.column("n")[0].as_py() == 400_000
        assert pool.max_memory() < 15_000_000
        assert pa.total_allocated_bytes() - before < 100_000
    finally:
        pa.set_memory_pool(usual)


def test_files_of_a_folder_fit_its_schema(tmp_path):
    for number, columns in ((1, {"n": pa.array([1], pa.int64())}), (2, {"n": pa.array([2], pa.int32())}), (3, {})):
        (tmp_path / f"part={number}").mkdir()
        more = {"day": [datetime.date(2024, 1, number)]}
        pq.write_table(pa.table({**more, **columns}), tmp_path / f"part={number}" / "a.parquet")
    schema = pa.schema([("n", pa.int64()), ("day", pa.date32()), ("part", pa.int32())])
    found = rows(ds.dataset(tmp_path, schema=schema, partitioning="hive"), None, "a", "Parquet").read(0, 9)
    assert found.schema == schema
    assert found.to_pylist() == [
        {"n": one, "day": datetime.date(2024, 1, at), "part": at} for one, at in ((1, 1), (2, 2), (None, 3))
    ]
