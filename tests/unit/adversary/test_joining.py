from datetime import date

from helpers.adversary.families import joining
from tests.unit.adversary.world import ASSETS, SITES, TABLES

SQL = """SELECT s.name FROM sites s JOIN assets a ON a.site_id = s.site_id
         WHERE s.region LIKE '%north' AND s.capacity BETWEEN 5 AND 9 AND a.installed >= DATE '2024-03-01'"""


def test_rows_join_and_pass_the_filters() -> None:
    passing, many, *others = joining(SQL, (SITES, ASSETS), 1)
    assert [one.name for one in others] == ["null keys", "spread", "solved", "missing"]
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


def test_in_an_order_no_two_rows_tie_and_some_are_just_beyond_a_frames_reach() -> None:
    over = "OVER (PARTITION BY state ORDER BY opened RANGE BETWEEN INTERVAL 60 DAYS PRECEDING AND CURRENT ROW)"
    spread = joining(f"SELECT count(technician_id) {over} FROM work_orders", TABLES, 1)[3].tables["work_orders"]
    groups: dict[str, list[date]] = {}
    for row in spread.to_pylist():
        groups.setdefault(row["state"], []).append(row["opened"])
    for days in groups.values():
        assert len(set(days)) == len(days) == 4
        apart = {(one - other).days for one in days for other in days}
        assert {60, 61} <= apart
    assert 0 < spread["technician_id"].null_count < spread.num_rows


def test_single_rows_take_turns_at_the_edges_where_many_would_hide_them() -> None:
    found = joining("SELECT max(capacity) FROM sites WHERE capacity > 5", (SITES,), 1)
    lone = [one.tables["sites"] for one in found if one.name.startswith("lone")]
    assert {rows.num_rows for rows in lone} == {1}
    assert {4.5, 5.0, 5.5} <= {rows["capacity"][0].as_py() for rows in lone}
    assert not [one for one in joining(SQL, (SITES, ASSETS), 1) if one.name.startswith("lone")]
