import pytest

from helpers.adversary.points import Condition, points
from helpers.core.errors import UserError
from tests.unit.adversary.world import TABLES


def test_literals_are_told_by_column_and_operator() -> None:
    found = points("SELECT 1 FROM work_orders WHERE cost >= 5 AND 9 > cost AND state IN ('a', 'b')", TABLES)
    assert found.conditions["work_orders", "cost"] == [Condition("GTE", "5", True), Condition("LT", "9", True)]
    assert [c.literal for c in found.conditions["work_orders", "state"]] == ["a", "b"]


def test_a_literal_of_a_case_filters_nothing() -> None:
    found = points("SELECT CASE WHEN cost < 5 THEN 1 END FROM work_orders", TABLES)
    assert found.conditions["work_orders", "cost"] == [Condition("LT", "5", False)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM sites s JOIN assets a ON a.site_id = s.site_id",
        "SELECT 1 FROM sites s JOIN assets a USING (site_id)",
        "SELECT 1 FROM assets a WHERE a.site_id NOT IN (SELECT s.site_id FROM sites s)",
        "SELECT 1 FROM assets a WHERE EXISTS (SELECT 1 FROM sites s WHERE s.site_id = a.site_id)",
        "SELECT site_id FROM assets UNION SELECT site_id FROM sites",
    ],
)
def test_columns_whose_values_meet_are_linked(sql: str) -> None:
    pairs = [set(pair) for pair in points(sql, TABLES).links]
    assert {("sites", "site_id"), ("assets", "site_id")} in pairs


def test_numbers_that_are_counted_up_to_are_sizes() -> None:
    sql = """SELECT site_id FROM (SELECT site_id, rank() OVER (ORDER BY cost) AS r FROM work_orders) WHERE r <= 3
             GROUP BY site_id HAVING count(*) > 4 LIMIT 7"""
    assert points(sql, TABLES).sizes == {3, 4, 7}


def test_groups_and_orders_divisors_casts_spans_and_sums() -> None:
    sql = """SELECT region, sum(capacity) / site_id, cast(name AS int),
                    row_number() OVER (PARTITION BY name ORDER BY capacity)
             FROM sites GROUP BY region, site_id, name, capacity"""
    found = points(sql, TABLES)
    assert list(found.orders) == [("sites", "capacity")]
    assert {("sites", "region"), ("sites", "name")} <= set(found.groups)
    assert found.divisors == {("sites", "site_id")}
    assert found.casts == {("sites", "name"): "int"}
    assert found.sums == {("sites", "capacity")}
    spans = points("SELECT 1 FROM work_orders WHERE datediff(closed, opened) > 30", TABLES).spans
    assert spans == {("work_orders", "closed"): {30}, ("work_orders", "opened"): {30}}


def test_text_that_is_no_query_is_refused() -> None:
    for text in ("SELEC 1", "DROP TABLE sites", "SELECT FROM WHERE"):
        with pytest.raises(UserError):
            points(text, TABLES)


def test_a_subquery_meets_the_column_outside_by_what_it_selects_only() -> None:
    sql = """SELECT 1 FROM work_orders o WHERE o.cost >
             (SELECT avg(i.cost) FROM work_orders i JOIN sites s USING (site_id) WHERE i.state = 'x')"""
    met = {other for pair in points(sql, TABLES).links if ("work_orders", "cost") in pair for other in pair}
    assert met <= {("work_orders", "cost")}
