import pyarrow as pa

from helpers.adversary.near import cuts, keeps_references
from helpers.adversary.schema import Reference, Table
from helpers.compare import Column, Terms, difference

LAWS = (
    Table("sites", (Column("site_id", "string"),), key=("site_id",)),
    Table(
        "orders",
        (Column("order_id", "string"), Column("site_id", "string"), Column("pair_id", "string")),
        key=("order_id",),
        references=(Reference(("site_id",), "sites", ("site_id",)),),
    ),
)


def tables(sites, orders):
    names = ("order_id", "site_id", "pair_id")
    columns = list(zip(*orders, strict=True)) or [[], [], []]
    return {
        "sites": pa.table({"site_id": pa.array(sites, pa.string())}),
        "orders": pa.table(
            {name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)}
        ),
    }


def test_references_are_kept_where_each_finds_its_row_or_is_null():
    assert keeps_references(tables(["a"], [("1", "a", "x"), ("2", None, None)]), LAWS)
    assert not keeps_references(tables(["a"], [("1", "b", "x")]), LAWS)
    assert keeps_references(tables([], []), LAWS)


def test_cuts_hold_the_rows_of_the_first_difference_and_their_partners():
    data = tables(["a", "b", "c"], [("1", "a", "x"), ("2", "b", "y"), ("3", "c", "z")])
    terms = Terms((Column("order_id", "string"),), key=("order_id",))
    found = difference(pa.table({"order_id": ["1", "3"]}), pa.table({"order_id": ["1", "2", "3"]}), terms)
    near, around = cuts(data, found, ("order_id",), LAWS)
    assert near["orders"]["order_id"].to_pylist() == ["2"]
    assert near["sites"].num_rows == 0
    assert around["sites"]["site_id"].to_pylist() == ["b"]
