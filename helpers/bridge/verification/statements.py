"""The verdict on a statement's translation: both are run on copies of its tables, and what they leave is compared."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp

from helpers.bridge.parse import defined, parse
from helpers.bridge.plain import PlainSpark
from helpers.bridge.python import identifier
from helpers.bridge.statements.asked import asked, written_table
from helpers.bridge.translation import Translation
from helpers.bridge.verification.assume import told_or_assumed
from helpers.bridge.verification.copies import Copies, copies
from helpers.bridge.verification.data import Sample, samples, small
from helpers.bridge.verification.judge import PATIENCE, Finding, compared
from helpers.bridge.verification.results import Failed, outcome
from helpers.bridge.verification.sides import Sides
from helpers.bridge.verification.verdict import Verification
from helpers.core.errors import UserError
from helpers.spark.conf import quick

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ENOUGH, MOST, BUDGET = 2, 10, 120.0
"""Sets of tables that must tell something, sets that are tried for it, and seconds after which no more are."""


def verify_statement(
    translation: Translation, spark: SparkSession, tables: Mapping[str, DataFrame] | None, seed: int
) -> Verification:
    """Whether the code leaves the same rows as the statement, run by Spark itself. The given tables are only read.

    tables: DataFrames by the names that the statement has for them; None = they are made up from its text.
    Raises UserError where one is missing.
    """
    sides = Sides(_as_query(translation), spark)
    _, schemas, taken = told_or_assumed(sides, tables, "The statement works on")
    try:
        sets = samples(sides.translation.spark_sql, schemas, sides.names, seed) if schemas else []
    except UserError as error:
        return Verification("undecided", f"No tables could be made for it: {error.cause}", taken)
    sets = _telling(sets, sides) or [Sample("no tables", {}, schemas)]
    with copies(translation, spark) as both, quick(spark):
        return replace(_judged(both, sets, spark, translation.makes), assumed=taken)


def _telling(sets: Sequence[Sample], sides: Sides) -> list[Sample]:
    """The sets in the order in which they are tried: dense ones, then small ones.

    Where rows of one table meet several of another, a merge stops: then the small ones tell something.
    """
    dense = [one for one in sets if one.name.startswith("dense")][:2]
    return [*dense, *(one for one in small(sets, sides.tree) if one.size)][:MOST]


def _judged(both: Copies, sets: Sequence[Sample], spark: SparkSession, makes: bool) -> Verification:
    told, sentence = 0, ""
    stopped: Counter[str] = Counter()
    end = time.monotonic() + BUDGET
    for one in sets:
        frames = one.frames(spark)
        expected = outcome(spark, partial(both.by_statement, frames), PATIENCE)
        if isinstance(expected, Failed) and expected.condition in _NEVER:
            return Verification("refused by Spark", f"Spark refuses the statement itself: {expected.sentence}")
        yours = outcome(spark, partial(both.by_code, frames), PATIENCE)
        found = compared(yours, expected, what="statement")
        if found.word == "different":
            return _different(found, one)
        telling = found.word == "same" and (makes or not _untouched(found, one, both.short))
        told += telling
        sentence = sentence or found.sentence
        if isinstance(expected, Failed):
            stopped[expected.condition] += 1
        if told >= ENOUGH or time.monotonic() > end or _hopeless(stopped):
            break
    if not told:
        why = sentence or "The statement changes no row of any of them."
        return Verification("undecided", f"No set of tables tells whether the two leave the same. {why}")
    return Verification(
        "same rows", f"The table holds the same rows after both, from {told} set{'s' * (told != 1)} of tables."
    )


def _hopeless(stopped: Counter[str]) -> bool:
    """Whether the statement stops in a way that other rows will not change."""
    return any(count > 2 and condition != _BY_ROWS for condition, count in stopped.items())


_BY_ROWS = "DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE"
_NEVER = {"DELTA_UNSUPPORTED_SUBQUERY", "PARSE_SYNTAX_ERROR", "TABLE_OR_VIEW_NOT_FOUND"}
"""Errors that come whatever the rows."""


def _different(found: Finding, one: Sample) -> Verification:
    yours, expected = (side if isinstance(side, pa.Table) else None for side in (found.yours, found.expected))
    return Verification("different", found.sentence, (), one.tables, yours, expected)


def _untouched(found: Finding, one: Sample, name: str) -> bool:
    """Whether the table is as it was before."""
    before = next((rows for key, rows in one.tables.items() if key.lower() == identifier(name).lower()), None)
    return before is not None and compared(found.expected, before).word == "same" if found.expected else False


def _as_query(translation: Translation) -> Translation:
    """The statement's expressions as a query over all of its tables, the written one too, if it is there before."""
    tree = parse(translation.spark_sql)
    query = asked(tree)
    names = {one.name.lower(): one.name for one in query.find_all(exp.Table)
             if isinstance(one.this, exp.Identifier) and one.name.lower() not in defined(one)}  # fmt: skip
    table = written_table(tree)
    if table is not None and not translation.makes:
        names.setdefault(table.name.lower(), table.name)
    return replace(
        translation, spark_sql=query.sql(PlainSpark), imports=(), code="",
        tables=tuple(identifier(one) for one in names.values()),
    )  # fmt: skip
