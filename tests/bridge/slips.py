"""One-slip mutants of a query, translated, and what the verification says of their code against the query itself."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
from pyspark.sql.pandas.types import from_arrow_schema

from helpers.adversary.mutants import Mutant, mutants
from helpers.adversary.schema import Table
from helpers.bridge import Refusal, translate
from helpers.bridge.parse import parse
from helpers.bridge.verification.verifier import Verifier
from helpers.compare import Column
from helpers.compare.table import arrow_type
from helpers.core.errors import UserError
from helpers.spark.classic import opaque

Schema = Mapping[str, Mapping[str, str]]

EQUIVALENT: dict[tuple[str, str], str] = {
    ("agg-empty", "MAX(quality) became MIN(quality)"): "WHERE lets no row pass: both are NULL",
    ("tpcds/39", "inv2.d_moy became inv2.w_warehouse_sk"): "WHERE holds both at what is ordered by before",
    ("tpcds/49", "DISTINCT was added"): "item is what its rows are grouped by",
    ("tpcds/52", "dt.d_year was dropped from ORDER BY"): "WHERE holds it at one year",
    ("tpcds/57", "avg_monthly_sales > 0 became avg_monthly_sales >= 0"): "at 0 the CASE beside it is NULL",
    (
        "tpcds/74",
        "t_s_firstyear.customer_id = t_w_secyear.customer_id became "
        "t_s_firstyear.customer_id IS NOT DISTINCT FROM t_w_secyear.customer_id",
    ): "WHERE holds t_s_firstyear.customer_id equal to others: never NULL",
    ("tpch/13", "NULLS LAST of c_count became NULLS FIRST"): "c_count is a COUNT: never NULL",
    ("tpch/21", "COUNT(*) became COUNT(supplier.s_suppkey)"): "WHERE holds s_suppkey equal to l_suppkey: never NULL",
    ("tpch/3", "orders.o_orderkey was added to GROUP BY"): "WHERE holds it equal to the key l_orderkey",
}
"""(name of the query, the mutant's sentence) -> why it means the same."""


@dataclass(frozen=True)
class Slip:
    """A mutant's verdict. noticed: None = it means the same, by its plan or by the list, or is not translated."""

    query: str
    mutant: Mutant
    verdict: str
    noticed: bool | None
    told: str


def slips(
    name: str,
    sql: str,
    schema: Schema,
    session: Any,
    most: int,
    tables: Mapping[str, Any] | None = None,
    seed: int = 1,
) -> Iterator[Slip]:
    """The verdicts on so many mutants of a query, drawn by the seed. tables: DataFrames with rows, if any."""
    translation = translate(sql, schema=schema)
    named = {one.lower() for one in translation.tables}
    read = [one for one in schema if one in named]
    made = _mutants(sql, [Table(one, tuple(Column(*pair) for pair in schema[one].items())) for one in read])
    given = {one: tables[one] if tables else opaque(session, struct(schema[one])) for one in read}
    verifier = Verifier(translation, session, given)
    for mutant in random.Random(f"{seed} {name}").sample(made, min(most, len(made))):
        try:
            other = translate(mutant.sql, schema=schema)
        except Refusal as refusal:
            yield Slip(name, mutant, "not translated", None, str(refusal))
            continue
        found = verifier.verification(replace(translation, code=other.code, imports=other.imports), seconds=0)
        # What reads no table has one answer.
        same = found.verdict == "proved" or (name, mutant.sentence) in EQUIVALENT or (found.good and not read)
        noticed = None if same else found.verdict in ("different", "code fails")
        yield Slip(name, mutant, found.verdict, noticed, found.sentence)


def _mutants(sql: str, tables: list[Table]) -> list[Mutant]:
    try:
        return mutants(sql, tables)
    except UserError:
        # What follows |> is read as SELECT by the bridge alone.
        return mutants(parse(sql).sql("spark"), tables)


def struct(columns: Mapping[str, str]) -> Any:
    """The schema of a table whose columns may all be NULL."""
    return from_arrow_schema(pa.schema([(name, arrow_type(kind)) for name, kind in columns.items()]))
