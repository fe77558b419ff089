import pyarrow as pa
import pytest
from pyspark.sql.types import IntegerType, StringType, StructField, StructType

from helpers.bridge.parse import parse
from helpers.bridge.verification.data import MOST_PAIRED, Sample, samples, small

SCHEMA = StructType([StructField("a", IntegerType()), StructField("b", StringType())])
SQL = "SELECT a FROM `my t` WHERE a > 5 AND b = 'x'"


def made(seed: int = 1) -> list[Sample]:
    return samples(SQL, {"my_t": SCHEMA}, {"my_t": "my t"}, seed)


def test_the_sets_hold_the_values_that_the_query_turns_on() -> None:
    dense = next(one for one in made() if one.name == "dense")
    assert {4, 5, 6} <= set(dense.tables["my_t"]["a"].to_pylist())
    assert {"x", "X", "x "} <= set(dense.tables["my_t"]["b"].to_pylist())
    assert {one.name for one in dense.parts} >= {"boundary", "one row", "empty"}


def test_a_seed_gives_the_same_sets_and_another_one_others() -> None:
    one, again, other = ([sample.tables for sample in made(seed)] for seed in (1, 1, 7))
    assert one == again
    assert one != other
    assert sum(not sample.size for sample in made()) == 1


def test_a_query_that_is_not_read_still_gets_rows() -> None:
    assert sum(one.size for one in samples("FROM t |> what", {"t": SCHEMA}, {"t": "t"}, 1)) > 20


def test_a_query_in_pipes_gets_rows_that_it_turns_on() -> None:
    piped = samples("FROM t |> SET b = 'y' |> WHERE a > 5", {"t": SCHEMA}, {"t": "t"}, 1)
    dense = next(one for one in piped if one.name == "dense")
    assert {4, 5, 6} <= set(dense.tables["t"]["a"].to_pylist())


@pytest.mark.parametrize("tables", [2, 4, 6])
def test_small_sets_stay_small_where_all_rows_meet_each_other(tables: int) -> None:
    tree = parse(f"SELECT 1 AS one FROM {', '.join(f't{at}' for at in range(tables))}")
    sizes = [[rows.num_rows for rows in one.tables.values()] for one in small(made(), tree)]
    assert sizes[0] == [0]
    assert max(size for (size,) in sizes) ** tables <= MOST_PAIRED


def test_rows_in_another_order_are_the_same_rows() -> None:
    sample = Sample("s", {"t": pa.table({"a": list(range(9))})}, {})
    assert sample.shuffled(0).tables["t"]["a"].to_pylist() == list(range(9))[::-1]
    mixed = sample.shuffled(1).tables["t"]["a"].to_pylist()
    assert sorted(mixed) == list(range(9)) != mixed
