"""Runs queries in DuckDB on made tables and tells which mutants give another result."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import duckdb
import sqlglot

from helpers.adversary.families import Family, families
from helpers.adversary.fuse import fuse
from helpers.adversary.mutants import Mutant, mutants
from tests.unit.adversary.queries import Query


def killed(query: Query, seeds: Sequence[int]) -> tuple[list[Mutant], list[Mutant], list[Mutant]]:
    """(killed, surviving, refused by DuckDB) mutants of the query on the fused families of these seeds."""
    open_ones, dead, refused = mutants(query.sql, query.tables), [], []
    for seed in seeds:
        for family in fuse(families(query.sql, query.tables, seed)):
            with loaded(family) as base:
                right = answer(query.sql, base, query.ordered)
                left = []
                for mutant in open_ones:
                    try:
                        differs = answer(mutant.sql, base, query.ordered) != right
                    except duckdb.Error:
                        refused.append(mutant)
                    else:
                        (dead if differs else left).append(mutant)
            open_ones = left
    return dead, open_ones, refused


def loaded(family: Family) -> duckdb.DuckDBPyConnection:
    """A database that holds the family's tables."""
    base = duckdb.connect(config={"threads": 1})
    base.execute("SET TimeZone = 'UTC'")
    for name, table in family.tables.items():
        base.register("given", table)
        base.execute(f'CREATE TABLE "{name}" AS SELECT * FROM given')
    return base


def answer(sql: str, base: duckdb.DuckDBPyConnection, ordered: bool = False) -> Any:
    """The rows of a Spark query: a list where the order counts, else a multiset."""
    rows = base.sql(sqlglot.transpile(sql, read="spark", write="duckdb")[0]).fetchall()
    plain = [tuple(_plain(value) for value in row) for row in rows]
    return plain if ordered else Counter(plain)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else round(value, 6)
    return value
