"""What becomes of a query: its code held against its SQL, by plans and by rows, in a classic session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.bridge import Refusal, translate
from helpers.bridge.verification.data import samples
from helpers.bridge.verification.judge import Judge
from helpers.bridge.verification.results import Failed
from helpers.bridge.verification.sides import Sides
from helpers.bridge.verification.verifier import analysed, columns_sentence
from helpers.spark.classic import same_optimised
from helpers.spark.conf import quick, settings_for
from helpers.spark.plan import Plan, plan_of

Schema = Mapping[str, Mapping[str, str]]

# Tables so small would all be broadcast, and what is used again is told only of a plan that is fixed.
PLANNED = {"spark.sql.autoBroadcastJoinThreshold": "-1", "spark.sql.adaptive.enabled": "false"}
KINDS = {
    "scans": ("Scan ", "BatchScan", "LocalTableScan", "InMemoryTableScan", "Range"),
    "shuffles": ("Exchange",),
    "joins": ("SortMergeJoin", "BroadcastHashJoin", "ShuffledHashJoin", "BroadcastNestedLoopJoin", "Cartesian"),
    "aggregates": ("HashAggregate", "SortAggregate", "ObjectHashAggregate"),
    "windows": ("Window", "WindowGroupLimit"),
    "sorts": ("Sort", "TakeOrderedAndProject"),
}  # fmt: skip

TELLING, ROWS = ("passing", "passing many", "dense"), 60
"""The sets that tell most, and how many rows of a table are enough."""


@dataclass(frozen=True)
class Outcome:
    """What a query's code is, held against its SQL.

    word: "proved" (the optimised plans are the same), "open" (they are not: rows must tell), "refused" (by the
    bridge), "refused by Spark" (the query itself), "different" (names or types), or "fails" (the code). told: why.
    worse: operators that the code's physical plan has more of than the query's. sides: to run both; None = refused.
    """

    word: str
    told: str = ""
    worse: Mapping[str, int] | None = None
    sides: Sides | None = None


def planned(session: Any, sql: str, schema: Schema, tables: Mapping[str, Any]) -> Outcome:
    """What the query's and its code's plans on these tables tell. Nothing is run."""
    try:
        translation = translate(sql, schema=schema)
    except Refusal as refusal:
        return Outcome("refused", str(refusal))
    sides = Sides(translation, session)
    given = sides.chosen(tables)
    with settings_for(session, PLANNED):
        query, code = analysed(lambda: sides.query(given)), analysed(lambda: sides.code(given))
        if isinstance(query, Failed):
            return Outcome("refused by Spark", query.sentence)
        if isinstance(code, Failed):
            return Outcome("fails", code.sentence)
        if wrong := columns_sentence(code, query):
            return Outcome("different", wrong)
        if same_optimised(query, code):
            return Outcome("proved", "", {}, sides)
        worse = counted(plan_of(code, run=False)) - counted(plan_of(query, run=False))
    return Outcome("open", "", worse, sides)


def counted(plan: Plan) -> Counter[str]:
    """How many operators of each of KINDS a plan has."""
    return Counter(kind for node in plan for kind, names in KINDS.items() if node.name.startswith(names))


def rows_differ(session: Any, sides: Sides, tables: Mapping[str, Any]) -> tuple[str, int]:
    """What the code answers otherwise than the query on these tables ("" = nothing), and how many rows that has."""
    given = sides.chosen(tables)
    judge = Judge(sides, sides.query(given).columns)
    with quick(session):
        found = judge.of_frames(given)
    rows = 0 if found.expected is None or isinstance(found.expected, Failed) else found.expected.num_rows
    return ("" if found.word == "same" else found.sentence), rows


def on_made_rows(session: Any, sides: Sides, tables: Mapping[str, Any], seed: int) -> tuple[str, str]:
    """What rows made from the query's text tell: "different", "same rows" or "untold" (both stop, or so); and why."""
    given = sides.chosen(tables)
    schemas = {name: frame.schema for name, frame in given.items()}
    sets = samples(sides.translation.spark_sql, schemas, sides.names, seed, seeds=1)
    judge = Judge(sides, sides.query(given).columns)
    with quick(session):
        found = judge.findings([one.cut(ROWS) for one in sets if one.name in TELLING], keep=False)
    different = [one.sentence for one in found if one.word == "different"]
    if different:
        return "different", different[0]
    if any(one.word == "same" for one in found):
        return "same rows", ""
    return "untold", next((one.sentence for one in found), "")
