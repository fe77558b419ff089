import random

import pytest

from helpers.adversary.builder import Builder, to_arrow
from helpers.adversary.points import points
from helpers.adversary.pools import pools
from helpers.core.errors import UserError
from tests.unit.adversary.world import ASSETS, SITES, TARIFFS


def builder(*tables) -> Builder:
    return Builder(tables, pools(tables, points("SELECT 1", tables))[0], random.Random(1))


def test_a_wish_is_kept_and_the_rest_is_drawn() -> None:
    rows = builder(SITES).build({"sites": [{"site_id": 9, "name": None}]})["sites"]
    assert [(row["site_id"], row["name"]) for row in rows] == [(9, None)]
    assert rows[0]["capacity"] is not None


def test_a_taken_key_is_altered_and_null_goes_only_where_it_may() -> None:
    rows = builder(SITES).build({"sites": [{"site_id": 9}, {"site_id": 9}, {"site_id": None}]}, nulls=1.0)["sites"]
    keys = [row["site_id"] for row in rows]
    assert len(set(keys)) == 3 and 9 in keys and None not in keys
    assert {row["name"] for row in rows} == {None}


def test_parents_are_made_first_whatever_the_order_of_the_tables() -> None:
    made = builder(ASSETS, SITES).build({"sites": [{"site_id": 5}], "assets": [{"site_id": 77}, {"site_id": 5}]})
    assert [row["site_id"] for row in made["assets"]] == [5, 5]


def test_children_of_an_empty_table_refer_to_nothing() -> None:
    made = builder(ASSETS, SITES).build({"assets": [{"site_id": 77}]})
    assert [row["site_id"] for row in made["assets"]] == [None]


def test_a_row_may_refer_to_itself() -> None:
    wished = [{"asset_id": n, "site_id": None, "parent_id": n, "model": "m", "installed": None} for n in (1, 2)]
    assert builder(ASSETS).build({"assets": wished})["assets"] == wished


def test_a_key_of_two_columns_may_share_one() -> None:
    rows = builder(TARIFFS).build({"tariffs": [{"meter": "M1"} for _ in range(5)]})["tariffs"]
    assert len({(row["meter"], row["valid_from"]) for row in rows}) == len(rows) > 2


def test_a_value_that_does_not_fit_names_the_table() -> None:
    row = {"site_id": "x", "name": "a", "region": "b", "capacity": 1.0}
    with pytest.raises(UserError, match="table sites"):
        to_arrow(SITES, [row])
