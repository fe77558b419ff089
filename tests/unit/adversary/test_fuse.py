from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.adversary.families import families
from helpers.adversary.fuse import fuse
from helpers.adversary.schema import Table
from tests.unit.adversary.declared import broken, worlds
from tests.unit.adversary.world import ASSETS, ORDERS, SITES

JOIN = "SELECT s.name FROM sites s JOIN assets a ON a.site_id = s.site_id WHERE s.site_id <> 4"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.integers(0, 10**6))
def test_keys_not_null_and_references_hold_after_fusing(world: tuple[str, tuple[Table, ...]], seed: int) -> None:
    sql, tables = world
    for family in fuse(families(sql, tables, seed)):
        assert (family.name, broken(tables, family.tables)) == (family.name, [])


def test_dense_sets_and_the_empty_one_come_out() -> None:
    fused = fuse(families(JOIN, (SITES, ASSETS), 1))
    assert [family.name for family in fused] == ["dense", "dense with NULL", "empty"]
    assert [family.tables["sites"].num_rows > 10 for family in fused] == [True, True, False]


def test_only_the_set_that_says_so_has_null_in_what_is_null_nowhere_else() -> None:
    dense, with_null, _ = fuse(families("SELECT cost FROM work_orders", (ORDERS,), 1))
    assert sum(column.null_count for column in dense.tables["work_orders"].columns) == 0
    assert all(with_null.tables["work_orders"][name].null_count for name in ("site_id", "cost", "closed"))


def test_limit_and_an_aggregate_of_everything_get_the_few_rows_too() -> None:
    for sql in ("SELECT cost FROM work_orders LIMIT 3", "SELECT count(*) AS n FROM work_orders"):
        few = [family for family in fuse(families(sql, (ORDERS,), 1)) if family.name == "few"]
        assert [family.tables["work_orders"].num_rows for family in few] == [5]


def test_an_identity_that_the_query_names_keeps_its_number() -> None:
    dense = fuse(families(JOIN, (SITES, ASSETS), 1))[0]
    assert dense.tables["sites"]["site_id"].to_pylist().count(4) == 1
    assert 4 in dense.tables["assets"]["site_id"].to_pylist()


def test_rows_that_joined_still_join_and_families_do_not_mix() -> None:
    tables = (SITES, ORDERS)
    sql = "SELECT s.name FROM sites s JOIN work_orders w ON w.site_id = s.site_id"
    made = families(sql, tables, 3)
    pairs = sum(_joined(f.tables) for f in made if not any(_nulls(f.tables[t]) for t in f.tables))
    assert _joined(fuse(made)[0].tables) == pairs > 20


def _joined(tables: dict) -> int:
    sites = tables["sites"]["site_id"].to_pylist()
    return sum(sites.count(value) for value in tables["work_orders"]["site_id"].to_pylist())


def _nulls(table) -> int:
    return sum(column.null_count for column in table.columns)
