"""The two schemas that queries are drawn over, with keys and with columns that belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.cli.bench.tpc import benchmark, database
from tests.bridge import world as peak
from tests.bridge.grammar.scope import Relation, kind_of, relation

Schema = Mapping[str, Mapping[str, str]]

_TABLES = ("region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem")
TPCH: Schema = {name: benchmark("tpch").schema[name] for name in _TABLES}


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


def tpch_rows(most: int = 60) -> dict[str, list[tuple[Any, ...]]]:
    """The first rows of each table that the extension of duckdb makes, and of each those that the others name."""
    with database("tpch") as opened:
        opened.execute("CALL dbgen(sf = 0.001)")
        opened.execute(f"DELETE FROM lineitem WHERE l_orderkey > {most}")
        opened.execute("DELETE FROM orders WHERE o_orderkey NOT IN (SELECT l_orderkey FROM lineitem)")
        opened.execute("DELETE FROM customer WHERE c_custkey NOT IN (SELECT o_custkey FROM orders) "
                         "AND c_custkey > 10")  # fmt: skip
        opened.execute("DELETE FROM part WHERE p_partkey NOT IN (SELECT l_partkey FROM lineitem) AND p_partkey > 9")
        opened.execute("DELETE FROM partsupp WHERE ps_partkey > 25")
        return {name: opened.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall()
                for name, columns in TPCH.items()}  # fmt: skip
