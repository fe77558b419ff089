"""The two schemas that queries are drawn over, with keys and with columns that belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.bridge import world as peak
from tests.bridge.grammar.scope import Relation, kind_of, relation

Schema = Mapping[str, Mapping[str, str]]

TPCH: Schema = {
    "region": {"r_regionkey": "int", "r_name": "string", "r_comment": "string"},
    "nation": {"n_nationkey": "int", "n_name": "string", "n_regionkey": "int", "n_comment": "string"},
    "supplier": {"s_suppkey": "bigint", "s_name": "string", "s_address": "string", "s_nationkey": "int",
    "s_phone": "string", "s_acctbal": "decimal(15,2)", "s_comment": "string"},
    "customer": {"c_custkey": "bigint", "c_name": "string", "c_address": "string", "c_nationkey": "int",
    "c_phone": "string", "c_acctbal": "decimal(15,2)", "c_mktsegment": "string", "c_comment": "string"},
    "part": {"p_partkey": "bigint", "p_name": "string", "p_mfgr": "string", "p_brand": "string", "p_type": "string",
    "p_size": "int", "p_container": "string", "p_retailprice": "decimal(15,2)", "p_comment": "string"},
    "partsupp": {"ps_partkey": "bigint", "ps_suppkey": "bigint", "ps_availqty": "bigint",
    "ps_supplycost": "decimal(15,2)", "ps_comment": "string"},
    "orders": {"o_orderkey": "bigint", "o_custkey": "bigint", "o_orderstatus": "string",
    "o_totalprice": "decimal(15,2)", "o_orderdate": "date", "o_orderpriority": "string", "o_clerk": "string",
    "o_shippriority": "int", "o_comment": "string"},
    "lineitem": {"l_orderkey": "bigint", "l_partkey": "bigint", "l_suppkey": "bigint", "l_linenumber": "bigint",
    "l_quantity": "decimal(15,2)", "l_extendedprice": "decimal(15,2)", "l_discount": "decimal(15,2)",
    "l_tax": "decimal(15,2)", "l_returnflag": "string", "l_linestatus": "string", "l_shipdate": "date",
    "l_commitdate": "date", "l_receiptdate": "date", "l_shipinstruct": "string", "l_shipmode": "string",
    "l_comment": "string"},
}  # fmt: skip
"""The columns as duckdb makes them."""


@dataclass(frozen=True)
class World:
    """A schema. keys: of each table; links: columns of two tables that hold the same keys."""

    name: str
    schema: Schema
    keys: Mapping[str, tuple[str, ...]]
    links: tuple[tuple[str, str, str, str], ...]

    def table(self, name: str) -> Relation:
        """A table as a relation."""
        columns = [(one, kind_of(kind)) for one, kind in self.schema[name].items()]
        return relation(columns, self.keys.get(name, ()))

    def linked(self, name: str) -> list[tuple[str, str, str]]:
        """(own column, other table, its column) of each link of a table."""
        there = [(own, other, key) for table, own, other, key in self.links if table == name]
        return there + [(key, table, own) for table, own, other, key in self.links if other == name]


PEAK = World(
    "peak",
    peak.SCHEMA,
    {"sites": ("site_id",), "meters": ("meter_id",)},
    (
        ("meters", "site_id", "sites", "site_id"),
        ("readings", "meter_id", "meters", "meter_id"),
        ("tariffs", "region", "sites", "region"),
    ),
)
ORDERS = World(
    "tpch",
    TPCH,
    {"region": ("r_regionkey",), "nation": ("n_nationkey",), "supplier": ("s_suppkey",),
     "customer": ("c_custkey",), "part": ("p_partkey",), "partsupp": ("ps_partkey", "ps_suppkey"),
     "orders": ("o_orderkey",), "lineitem": ("l_orderkey", "l_linenumber")},
    (
        ("nation", "n_regionkey", "region", "r_regionkey"), ("supplier", "s_nationkey", "nation", "n_nationkey"),
        ("customer", "c_nationkey", "nation", "n_nationkey"), ("orders", "o_custkey", "customer", "c_custkey"),
        ("lineitem", "l_orderkey", "orders", "o_orderkey"), ("lineitem", "l_partkey", "part", "p_partkey"),
        ("lineitem", "l_suppkey", "supplier", "s_suppkey"), ("partsupp", "ps_partkey", "part", "p_partkey"),
        ("partsupp", "ps_suppkey", "supplier", "s_suppkey"),
    ),
)  # fmt: skip
WORLDS = (PEAK, ORDERS)


def tpch_rows(path: Any, most: int = 60) -> dict[str, list[tuple[Any, ...]]]:
    """The first rows of each table that the extension of duckdb makes, and of each those that the others name."""
    import duckdb

    with duckdb.connect(config={"allow_unsigned_extensions": True}) as database:
        database.execute(f"LOAD '{path}'")
        database.execute("CALL dbgen(sf = 0.001)")
        database.execute(f"DELETE FROM lineitem WHERE l_orderkey > {most}")
        database.execute("DELETE FROM orders WHERE o_orderkey NOT IN (SELECT l_orderkey FROM lineitem)")
        database.execute("DELETE FROM customer WHERE c_custkey NOT IN (SELECT o_custkey FROM orders) "
                         "AND c_custkey > 10")  # fmt: skip
        database.execute("DELETE FROM part WHERE p_partkey NOT IN (SELECT l_partkey FROM lineitem) AND p_partkey > 9")
        database.execute("DELETE FROM partsupp WHERE ps_partkey > 25")
        return {name: database.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall()
                for name, columns in TPCH.items()}  # fmt: skip
