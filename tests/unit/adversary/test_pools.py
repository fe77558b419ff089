import random

from helpers.adversary.points import points
from helpers.adversary.pools import pools
from helpers.adversary.schema import Table
from helpers.compare import Column
from tests.unit.adversary.world import ASSETS, ORDERS, READINGS, SITES, TARIFFS

TABLES = (SITES, ASSETS, ORDERS, READINGS, TARIFFS)


def test_good_values_pass_every_filter_on_their_column() -> None:
    sql = "SELECT 1 FROM work_orders WHERE cost >= 5 AND cost < 100 AND cost <> 7"
    good = pools(TABLES, points(sql, TABLES))[0]["work_orders", "cost"].good
    assert good and all(5 <= value < 100 and value != 7 for value in good)


def test_columns_that_meet_share_edges_and_count_as_one_identity() -> None:
    sql = "SELECT 1 FROM sites s JOIN work_orders w ON w.site_id = s.site_id WHERE s.site_id > 40"
    made, classes = pools(TABLES, points(sql, TABLES))
    assert made["work_orders", "site_id"].edges == made["sites", "site_id"].edges == (40, 39, 41)
    together = next(places for places in classes if ("sites", "site_id") in places)
    assert together == {("sites", "site_id"), ("work_orders", "site_id"), ("assets", "site_id")}
    assert made["sites", "site_id"].identity and not made["sites", "capacity"].identity


def test_text_identities_have_a_letter_and_a_number() -> None:
    made, _ = pools(TABLES, points("SELECT 1 FROM readings r JOIN tariffs t ON r.meter = t.meter", TABLES))
    assert {made["readings", "meter"].name(3), made["tariffs", "meter"].name(3)} == {"M3"}


def test_a_draw_is_of_the_type_and_follows_its_generator() -> None:
    pool = pools(TABLES, points("SELECT 1 FROM sites WHERE capacity > 5", TABLES))[0]["sites", "capacity"]
    drawn = [[pool.draw(random.Random(seed)) for seed in range(50)] for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert {type(value) for value in drawn[0]} == {float}
    assert sum(value > 5 for value in drawn[0]) > 25


def test_a_column_of_lists_may_be_compared() -> None:
    table = Table("t", (Column("tags", "array<string>"),))
    made, _ = pools([table], points("SELECT 1 FROM t WHERE array_position(tags, 'a') > 2", [table]))
    assert made["t", "tags"].good == ([],)
