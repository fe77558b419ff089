"""What the tables declare, held against made data; and small random worlds of tables for properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
from hypothesis import strategies as st

from helpers.adversary.families import Family, families
from helpers.adversary.schema import Reference, Table
from helpers.compare.table import arrow_type
from helpers.compare.terms import Column

KINDS = (
    "int", "bigint", "smallint", "tinyint", "string", "double", "decimal(10,2)", "decimal(3,2)", "decimal(4,4)",
    "date", "timestamp", "timestamp_ntz", "boolean",
)  # fmt: skip


def made(sql: str, *tables: Table, seed: int = 1, **extra: list) -> dict[str, Family]:
    """The families of a query, by name; extra: the author's rows, by table."""
    return {family.name: family for family in families(sql, tables, seed, extra)}


def broken(tables: Sequence[Table], made: Mapping[str, pa.Table]) -> list[str]:
    """Each declaration that the made tables break, in words."""
    found = []
    rows = {table.name: made[table.name].to_pylist() for table in tables}
    for table in tables:
        if made[table.name].schema.types != [arrow_type(column.type) for column in table.columns]:
            found.append(f"types of {table.name}")
        keys = [tuple(row[part] for part in table.key) for row in rows[table.name]]
        if table.key and (len(set(keys)) < len(keys) or any(None in key for key in keys)):
            found.append(f"key of {table.name}")
        for column in table.columns:
            if not column.nullable and made[table.name][column.name].null_count:
                found.append(f"NOT NULL of {table.name}.{column.name}")
        for reference in table.references:
            held = {tuple(row[name] for name in reference.target) for row in rows[reference.table]}
            wanted = {tuple(row[name] for name in reference.columns) for row in rows[table.name]}
            if {value for value in wanted if None not in value} - held:
                found.append(f"reference of {table.name} to {reference.table}")
    return found


@st.composite
def worlds(draw: st.DrawFn) -> tuple[str, tuple[Table, ...]]:
    """A query and up to three tables with keys of none to two columns, NOT NULL, references, also to itself."""
    tables: list[Table] = []
    for number in range(draw(st.integers(1, 3))):
        columns = [
            Column(f"c{position}", draw(st.sampled_from(KINDS)), draw(st.booleans()))
            for position in range(draw(st.integers(1, 4)))
        ]
        key = tuple(column.name for column in columns[: draw(st.integers(0, min(2, len(columns))))])
        name, references = f"t{number}", []
        parents = [table for table in tables if table.key]
        if parents and draw(st.booleans()):
            parent = draw(st.sampled_from(parents))
            mine = tuple(f"r{part}" for part in parent.key)
            columns += [Column(f"r{part}", parent.column(part).type, draw(st.booleans())) for part in parent.key]
            references.append(Reference(mine, parent.name, parent.key))
        if len(key) == 1 and draw(st.booleans()):
            columns.append(Column("up", columns[0].type, draw(st.booleans())))
            references.append(Reference(("up",), name, key))
        tables.append(Table(name, tuple(columns), key, tuple(references)))
    last = tables[-1]
    literal = draw(st.sampled_from(["5", "'a'", "DATE '2024-03-31'", "0.5", "127", "2147483647"]))
    sql = f"""SELECT count(*) AS n FROM {last.name} x JOIN {tables[0].name} y ON x.{last.columns[-1].name} = y.c0
              WHERE y.c0 >= {literal} GROUP BY y.c0 ORDER BY x.{last.columns[0].name}"""
    return sql, tuple(tables)
