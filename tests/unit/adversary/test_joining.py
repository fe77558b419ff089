from helpers.adversary.families import joining
from tests.unit.adversary.world import ASSETS, SITES, TABLES

SQL = """SELECT s.name FROM sites s JOIN assets a ON a.site_id = s.site_id
         WHERE s.region LIKE '%north' AND s.capacity BETWEEN 5 AND 9 AND a.installed >= DATE '2024-03-01'"""


def test_rows_join_and_pass_the_filters() -> None:
    passing, many, null_keys = joining(SQL, (SITES, ASSETS), 1)
    assert (passing.name, many.name, null_keys.name) == ("passing", "passing many", "null keys")
    assert many.tables["sites"].num_rows == 10 * passing.tables["sites"].num_rows
    for site in passing.tables["sites"].to_pylist():
        assert site["region"].endswith("north") and 5 <= site["capacity"] <= 9
    assert set(passing.tables["sites"]["site_id"].to_pylist()) == set(passing.tables["assets"]["site_id"].to_pylist())


def test_keys_are_null_on_both_sides_where_they_may_be() -> None:
    loose = [type(one)(one.name, tuple(type(c)(c.name, c.type) for c in one.columns)) for one in (SITES, ASSETS)]
    null_keys = joining(SQL, loose, 1)[2]
    assert None in null_keys.tables["sites"]["site_id"].to_pylist()
    assert None in null_keys.tables["assets"]["site_id"].to_pylist()
    declared = joining(SQL, (SITES, ASSETS), 1)[2]
    assert None not in declared.tables["sites"]["site_id"].to_pylist()


def test_keys_that_never_meet_hold_other_values() -> None:
    """Else a column that is put for another would join all the same."""
    joined = "work_orders JOIN sites USING (site_id) JOIN technicians USING (technician_id)"
    tables = joining(f"SELECT 1 FROM {joined}", TABLES, 1)[0].tables
    technicians, sites = (set(tables["work_orders"][name].to_pylist()) for name in ("technician_id", "site_id"))
    assert not technicians & sites
    assert technicians == set(tables["technicians"]["technician_id"].to_pylist())
