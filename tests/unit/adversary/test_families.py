import os
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.adversary.families import Family, families
from helpers.adversary.schema import Table
from helpers.compare.terms import Column
from tests.unit.adversary.declared import broken, made, worlds
from tests.unit.adversary.queries import QUERIES
from tests.unit.adversary.world import ORDERS, READINGS, SITES, TARIFFS

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def column(families_: dict[str, Family], table: str, name: str) -> list:
    return [value for family in families_.values() for value in family.tables[table][name].to_pylist()]


@quick
@given(worlds(), st.integers(0, 10**6))
def test_keys_not_null_and_references_hold_in_every_family(world: tuple[str, tuple[Table, ...]], seed: int) -> None:
    sql, tables = world
    for family in families(sql, tables, seed):
        assert (family.name, broken(tables, family.tables)) == (family.name, [])


@quick
@given(worlds(), st.integers(0, 10**6))
def test_a_seed_reproduces_its_tables(world: tuple[str, tuple[Table, ...]], seed: int) -> None:
    sql, tables = world
    assert families(sql, tables, seed) == families(sql, tables, seed)


def test_a_seed_gives_the_same_bytes_in_another_process_and_another_seed_others() -> None:
    script = """
import hashlib, sys
import pyarrow as pa
from helpers.adversary.families import families
from helpers.adversary.fuse import fuse
from tests.unit.adversary.queries import QUERIES
digest = hashlib.sha256()
for query in QUERIES[:4]:
    made = families(query.sql, query.tables, int(sys.argv[1]))
    for family in [*made, *fuse(made)]:
        for name, table in family.tables.items():
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table)
            digest.update(name.encode() + sink.getvalue().to_pybytes())
print(digest.hexdigest())
"""
    seen = [
        subprocess.run(
            [sys.executable, "-c", script, seed], env={**os.environ, "PYTHONHASHSEED": salt}, check=True,
            capture_output=True, text=True,
        ).stdout
        for seed, salt in (("7", "1"), ("7", "2"), ("8", "1"))
    ]  # fmt: skip
    assert seen[0] == seen[1] != seen[2]


@pytest.mark.parametrize(
    ("kind", "literal", "expected"),
    [
        ("int", "5", [4, 5, 6]),
        ("bigint", "-5", [-6, -5, -4]),
        ("decimal(10,2)", "5", [Decimal("4.99"), Decimal("5.00"), Decimal("5.01")]),
        ("double", "5.5", [5.0, 5.5, 6.0]),
        ("date", "DATE '2024-03-01'", [date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 2)]),
        (
            "timestamp",
            "'2024-03-01'",
            [datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)],
        ),
        ("string", "'open'", ["open", "OPEN", "open "]),
        ("int", "2147483647", [2147483646, 2147483647]),
    ],
)
def test_boundary_has_the_literal_and_a_step_each_side_in_the_columns_type(
    kind: str, literal: str, expected: list
) -> None:
    table = Table("t", (Column("c", kind),))
    found = column({"b": made(f"SELECT 1 FROM t WHERE c >= {literal}", table)["boundary"]}, "t", "c")
    assert set(expected) <= set(found)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("c IN ('a', 'b')", {"a", "b"}),
        ("c LIKE 'WT-%'", {"WT-", "WT-1", "XWT-", "wt-1"}),
        ("c BETWEEN 'a' AND 'm'", {"a", "m"}),
    ],
)
def test_boundary_covers_lists_prefixes_and_ranges(condition: str, expected: set[str]) -> None:
    table = Table("t", (Column("c", "string"),))
    assert expected <= set(column({"b": made(f"SELECT 1 FROM t WHERE {condition}", table)["boundary"]}, "t", "c"))


def test_a_literal_is_carried_through_derived_tables_to_the_base_column() -> None:
    sql = "SELECT 1 FROM (SELECT site_id, sum(cost) AS total FROM work_orders GROUP BY site_id) d WHERE total > 1000"
    found = made(sql, ORDERS)["boundary"].tables["work_orders"]["cost"].to_pylist()
    assert {Decimal("999.99"), Decimal("1000.00"), Decimal("1000.01"), Decimal("500.00")} <= set(found)


def test_a_product_that_is_compared_meets_its_boundary_too() -> None:
    t = Table("t", (Column("g", "string"), Column("qty", "int"), Column("price", "double")))
    rows = made("SELECT g FROM t GROUP BY g HAVING sum(qty * price) > 100", t)["boundary"].tables["t"].to_pylist()
    groups = {row["g"]: [r["qty"] * r["price"] for r in rows if r["g"] == row["g"]] for row in rows}
    assert any(values == [100] for values in groups.values())
    assert any(len(values) == 2 and sum(values) == 100 for values in groups.values())


def test_each_nullable_column_is_null_alone_and_all_are_together() -> None:
    rows = made("SELECT 1 FROM work_orders", ORDERS)["nulls"].tables["work_orders"].to_pylist()
    nulls = {frozenset(name for name, value in row.items() if value is None) for row in rows}
    free = ["site_id", "technician_id", "state", "closed", "cost"]
    assert nulls == {frozenset(), frozenset(free), *(frozenset([name]) for name in free)}


def test_rows_repeat_whole_without_a_key_and_but_for_the_key_with_one() -> None:
    found = made("SELECT 1 FROM readings, work_orders", READINGS, ORDERS)["duplicates"].tables
    readings = [tuple(row.values()) for row in found["readings"].to_pylist()]
    orders = [tuple(row.values())[1:] for row in found["work_orders"].to_pylist()]
    assert max(readings.count(row) for row in readings) == max(orders.count(row) for row in orders) == 3


def test_ties_stand_at_the_order_within_one_partition() -> None:
    sql = "SELECT rank() OVER (PARTITION BY site_id ORDER BY opened) AS r FROM work_orders"
    rows = made(sql, ORDERS)["ties"].tables["work_orders"].to_pylist()
    places = [(row["site_id"], row["opened"]) for row in rows]
    assert sum(places.count(place) > 1 for place in set(places)) >= 3


def test_keys_without_a_partner_stand_on_both_sides_of_an_undeclared_join() -> None:
    found = made("SELECT 1 FROM sites s JOIN work_orders w ON w.site_id = s.site_id", SITES, ORDERS)[
        "unmatched"
    ].tables
    sites, orders = set(found["sites"]["site_id"].to_pylist()), set(found["work_orders"]["site_id"].to_pylist())
    assert sites - orders and orders - sites


def test_groups_have_one_row_fewer_and_more_than_the_query_counts_to() -> None:
    sql = "SELECT site_id FROM work_orders GROUP BY site_id HAVING count(*) >= 4"
    rows = made(sql, ORDERS)["group sizes"].tables["work_orders"]["site_id"].to_pylist()
    assert {3, 4, 5} <= {rows.count(value) for value in set(rows)}


def test_moments_have_midnight_and_both_clock_changes() -> None:
    found = set(made("SELECT 1 FROM readings", READINGS)["dates"].tables["readings"]["at"].to_pylist())
    changes = [(3, 31, 1, 0), (10, 27, 1, 30), (3, 10, 9, 0), (11, 3, 8, 30)]
    assert {datetime(2024, *moment, tzinfo=UTC) for moment in [(2, 29, 0, 0), *changes]} <= found
    days = set(made("SELECT 1 FROM work_orders", ORDERS)["dates"].tables["work_orders"]["opened"].to_pylist())
    assert {date(2024, 2, 29), date(2024, 1, 31), date(2024, 12, 31)} <= days


def test_text_and_amounts_have_their_traps() -> None:
    found = made("SELECT 1 FROM work_orders WHERE state = 'open'", ORDERS)
    states = set(found["text"].tables["work_orders"]["state"].to_pylist())
    assert {"open", "OPEN", "open ", " open", ""} <= states
    assert {Decimal("0.00"), Decimal("-1.00")} <= set(found["amounts"].tables["work_orders"]["cost"].to_pylist())


def test_a_divisor_is_never_zero_and_a_cast_text_is_always_a_number() -> None:
    t = Table("t", (Column("a", "int"), Column("b", "double"), Column("s", "string")))
    sql = "SELECT a / b AS q FROM t WHERE a % b > 0 AND cast(s AS int) >= 3"
    found = made(sql, t)
    assert 0.0 not in column(found, "t", "b")
    assert 0 in column(found, "t", "a")
    assert {"2", "3", "4"} <= {str(int(value)) for value in column(found, "t", "s") if value is not None}


def test_one_row_joins_and_each_table_is_empty_alone_and_with_all() -> None:
    found = made("SELECT 1 FROM sites s JOIN work_orders w ON w.site_id = s.site_id", SITES, ORDERS)
    one = found["one row"].tables
    assert one["sites"]["site_id"].to_pylist() == one["work_orders"]["site_id"].to_pylist() != []
    counts = {name: [t.num_rows for t in f.tables.values()] for name, f in found.items() if name.startswith("empty")}
    assert counts == {"empty sites": [0, 6], "empty work_orders": [6, 0], "empty": [0, 0]}


def test_as_of_joins_get_moments_equal_to_both_bounds() -> None:
    query = next(query for query in QUERIES if query.name == "as-of join to tariffs")
    found = made(query.sql, READINGS, TARIFFS)
    at = set(column(found, "readings", "at"))
    assert at & set(column(found, "tariffs", "valid_from")) and at & set(column(found, "tariffs", "valid_to"))
