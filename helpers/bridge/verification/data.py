"""The sets of tables that both sides are run on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp

from helpers.adversary.families import Family, families, joining
from helpers.adversary.fuse import fuse
from helpers.adversary.schema import Table
from helpers.bridge.parse import parse
from helpers.compare import Column
from helpers.core.clock import seeded
from helpers.core.errors import UserError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

SEEDS = 2
"""Sets of each kind, each from a seed of its own."""


_TELLING = ("passing", "spread", "boundary", "usual", "nulls mixed", "duplicates", "unmatched", "one row")
MOST_PAIRED = 50_000
"""Rows that a join without a condition may make of one set of tables."""


@dataclass
class Sample:
    """One set of tables. Its frames are made once, for there may be many translations to run on them."""

    name: str
    tables: Mapping[str, pa.Table]
    schemas: Mapping[str, StructType]
    parts: tuple[Sample, ...] = ()
    """The small sets that stand together in this one."""
    _frames: dict[str, DataFrame] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """Its rows, of all tables."""
        return sum(table.num_rows for table in self.tables.values())

    def frames(self, spark: SparkSession) -> dict[str, DataFrame]:
        """The tables as DataFrames of one partition each: then no row is moved for a join."""
        if not self._frames:
            for name, rows in self.tables.items():
                self._frames[name] = spark.createDataFrame(rows, self.schemas[name]).coalesce(1)
        return self._frames

    def of(self, tables: Mapping[str, pa.Table]) -> Sample:
        """Other rows in tables of the same columns."""
        return Sample(self.name, tables, self.schemas)

    def cut(self, rows: int) -> Sample:
        """So many rows of each table: the first, which join, and the last, which a family is made for."""
        if all(table.num_rows <= rows for table in self.tables.values()):
            return self
        return self.of({name: _ends(table, rows) for name, table in self.tables.items()})

    def shuffled(self, seed: int) -> Sample:
        """The same rows in another order: 0 = the reverse."""
        return self.of({name: _shuffled(rows, seed) for name, rows in self.tables.items()})


def declared(schemas: Mapping[str, StructType], names: Mapping[str, str]) -> list[Table]:
    """The tables as the room of adversaries knows them. names: the query's name of each.

    Raises UserError for a column of a type that no rows can be made for.
    """
    return [
        Table(names[one], tuple(Column(f.name, f.dataType.simpleString(), f.nullable) for f in schema.fields))
        for one, schema in schemas.items()
    ]


def samples(
    sql: str, schemas: Mapping[str, StructType], names: Mapping[str, str], seed: int, seeds: int = SEEDS
) -> list[Sample]:
    """Sets of rows that tell the query from nearly the same ones: dense ones, of so many seeds, and an empty one.

    Raises UserError where none can be made.
    """
    tables = declared(schemas, names)
    back = {names[one]: one for one in schemas}

    def sample(family: Family, parts: Sequence[Family] = ()) -> Sample:
        small = tuple(sample(one) for one in parts)
        return Sample(family.name, {back[name]: rows for name, rows in family.tables.items()}, schemas, small)

    found = []
    for each in range(seed, seed + seeds):
        together, made = _families(sql, tables, each)
        fused = fuse(made)
        # The empty set is the same for every seed; of small ones those of one seed will do.
        first = each == seed
        fused = [*together, *fused[: None if first else -1]]
        found += [sample(one, made if first and one.name == "dense" else ()) for one in fused]
    return found


def small(sets: Sequence[Sample], tree: exp.Expr) -> list[Sample]:
    """The small sets that stand together in these, those that tell most first.

    They are cut so that in a SELECT of the query each row of one table may meet each of all others.
    """
    selects = Counter(id(table.find_ancestor(exp.Select)) for table in tree.find_all(exp.Table))
    rows = max(2, int(MOST_PAIRED ** (1 / max(selects.values(), default=1))))
    parts = [part.cut(rows) for one in sets for part in one.parts or (one,)]
    empty = [one for one in parts if not one.size][:1]
    return empty + sorted((one for one in parts if one.size), key=lambda one: (one.name not in _TELLING, one.size))


def _families(sql: str, tables: Sequence[Table], seed: int) -> tuple[list[Family], list[Family]]:
    """The rows that join, and the families."""
    # A query that is not read as one still has tables: rows of their types are better than none.
    whole = f"SELECT * FROM {' CROSS JOIN '.join(f'`{table.name}`' for table in tables)}"
    for text in (lambda: sql, lambda: parse(sql).sql("spark")):
        # The bridge's own tree has SELECT for |>, and may be read where the query's text is not.
        with suppress(UserError):
            return joining(text(), tables, seed), families(text(), tables, seed)
    return joining(whole, tables, seed), families(whole, tables, seed)


def _ends(table: pa.Table, rows: int) -> pa.Table:
    if table.num_rows <= rows:
        return table
    first = rows - rows // 2
    return pa.concat_tables([table.slice(0, first), table.slice(table.num_rows - rows + first)]).combine_chunks()


def _shuffled(rows: pa.Table, seed: int) -> pa.Table:
    places = list(range(rows.num_rows))[::-1]
    if seed:
        seeded(seed, "verification").shuffle(places)
    return rows.take(pa.array(places, pa.int64())) if places else rows
