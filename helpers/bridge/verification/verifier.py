"""The verdict on a translation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from helpers.bridge.translation import Translation
from helpers.bridge.verification.assume import told_or_assumed
from helpers.bridge.verification.data import Sample, samples, small
from helpers.bridge.verification.ending import most
from helpers.bridge.verification.judge import Finding, Judge
from helpers.bridge.verification.operators import difference_of, products
from helpers.bridge.verification.origin import Origin, told
from helpers.bridge.verification.origin import asked as ask
from helpers.bridge.verification.results import Failed, Outcome, failed
from helpers.bridge.verification.sides import Sides
from helpers.bridge.verification.smallest import smallest
from helpers.bridge.verification.statements import verify_statement
from helpers.bridge.verification.verdict import Verification, Word
from helpers.core.errors import UserError
from helpers.spark.classic import is_classic, opaque, same_optimised
from helpers.spark.conf import quick, settings_for
from helpers.spark.logs import quiet
from helpers.spark.plan import Plan, plan_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

PRODUCTS = {"postgres": "PostgreSQL"}
GIVEN = "given"
MOST_GIVEN = 2_000
"""Given tables of so many rows together are tried, and made smaller, like made ones."""
AT_ONCE, MOST_TABLES = 5, 20
"""Sets of tables that one Spark job runs a side on; fewer, where a set has many tables: such plans take long."""
SECONDS = 5.0
"""How long smaller tables are looked for that still show a difference."""
# Of a few rows to broadcast is more work than to sort.
_SMALL = {"spark.sql.autoBroadcastJoinThreshold": "-1"}
_FOLDING = "org.apache.spark.sql.catalyst.optimizer."
# Rules by which Spark computes on local rows while it plans: then nothing is left to compare.
_UNFOLDED = {
    "spark.sql.optimizer.excludedRules": ",".join(
        _FOLDING + rule for rule in ("ConvertToLocalRelation", "PropagateEmptyRelation")
    )
}


def verify(
    translation: Translation,
    spark: SparkSession,
    tables: Mapping[str, DataFrame] | None = None,
    seed: int = 1,
    origin: Origin | None = None,
) -> Verification:
    """Whether the code of a translation means what its query means, and how sure that is.

    The reference is `translation.spark_sql`, by Spark itself. tables: DataFrames by the names that the query has for
    them; their schemas are kept to, and both sides are also run on them: their results come to this process. None =
    tables are made up from the query's text. seed: of the made rows. A statement is run on copies of its tables, of
    made rows only. origin: asks the dialect's own product, whose answers to the query as written are then held
    against the code's too, where nothing else speaks against it.
    Raises UserError where a table that the query reads is not among those given; whatever else goes wrong is a
    verdict.
    """
    with quiet():
        if translation.writes:
            return verify_statement(translation, spark, tables, seed)
        verifier = Verifier(translation, spark, tables, seed)
        return verifier.verification() if origin is None else verifier.asked(origin)


class Verifier:
    """One query, its tables, and what it gives on them: for one translation of it, or many."""

    def __init__(
        self,
        translation: Translation,
        spark: SparkSession,
        tables: Mapping[str, DataFrame] | None = None,
        seed: int = 1,
    ) -> None:
        self.sides = Sides(translation, spark)
        self.spark = spark
        self.seed = seed
        self.given, self.schemas, self.assumed = told_or_assumed(self.sides, tables, "The query reads")
        self._blank = {name: self._without_rows(schema) for name, schema in self.schemas.items()}
        self._reference = analysed(lambda: self.sides.query(self._blank))
        self._judge: Judge | None = None
        self._sets: list[Sample] = []
        self._small: list[Sample] = []
        self._untried = ""

    def verification(self, translation: Translation | None = None, seconds: float = SECONDS) -> Verification:
        """The verdict on this translation, or on another one's code.

        seconds: how long smaller tables are looked for where the two differ; 0 = not at all.
        """
        sides = self.sides if translation is None else Sides(translation, self.spark)
        query, code = self._reference, analysed(lambda: sides.code(self._blank))
        if isinstance(query, Failed):
            return self._told("refused by Spark", f"Spark refuses the query itself: {query.sentence}")
        if isinstance(code, Failed):
            return self._told("code fails", f"The code stops before it reads a row: {code.sentence}")
        if wrong := columns_sentence(code, query):
            return self._told("different", wrong, sides)
        if is_classic(self.spark) and same_optimised(query, code):
            sentence = "Spark optimises the query and the code to the same plan: they give the same on any rows."
            return self._told("proved", sentence, sides)
        judge = self._judged_by(query)
        with quick(self.spark), settings_for(self.spark, _SMALL):
            return self._by_rows(judge, sides, seconds)

    def asked(self, origin: Origin) -> Verification:
        """The verdict, and what the dialect's own product says where nothing else speaks against the code."""
        found = self.verification()
        if isinstance(self._reference, Failed) or not found.good:
            return found
        judge = self._judged_by(self._reference)
        samples = [part for one in self._samples() for part in (one.parts or (one,))]
        with quick(self.spark), settings_for(self.spark, _SMALL):
            asked = ask(origin, self.sides, samples, judge.unsure)
        product = PRODUCTS.get(self.sides.translation.dialect, self.sides.translation.dialect)
        if asked.other is None:
            return replace(found, sentence=found.sentence + told(asked, product))
        sample, yours, theirs = asked.other
        return replace(
            found,
            verdict="different",
            sentence=f"{product} itself gives other rows than the code, which does what Spark makes of the query.",
            inputs=sample.tables,
            yours=yours,
            expected=theirs,
        )

    def _judged_by(self, query: DataFrame) -> Judge:
        if self._judge is None:
            self._judge = Judge(self.sides, query.columns)
        return self._judge

    def _by_rows(self, judge: Judge, sides: Sides, seconds: float) -> Verification:
        sets = self._samples()
        # Where every row meets every other, only small sets are run in time; where the query itself has no such
        # join, the others are worth a try.
        plans = self._plans(sides)
        if products(plans["code"]):
            self._small = self._small or small(sets, self.sides.tree)
            sets = self._small if products(plans["query"]) else [*self._small, *sets]
        tried = self._tried(judge, sets, sides)
        # Where many rows make both stop, few may not; and what LIMIT hides of many, it shows of few.
        limit = most(self.sides.tree)
        parts = [part for one, found in tried if found.word == "nothing" or found.full(limit) for part in one.parts]
        tried += self._tried(judge, parts, sides)
        differing = [(one, found) for one, found in tried if found.word == "different"]
        if differing:
            sample, found = min(differing, key=lambda pair: pair[0].size)
            if seconds:
                sample, found = smallest(judge, sample, found, seconds, sides)
            return self._told("different", found.sentence, sides, sample, found)
        findings = [found for _, found in tried]
        if self.given and not any(one.name == GIVEN for one in self._sets):
            found = judge.of_frames(self.given, sides)
            if found.word == "different":
                return self._told("different", f"On the given tables: {found.sentence}", sides)
            findings.append(found)
        return self._alike(findings, sides, plans)

    def _tried(self, judge: Judge, sets: Sequence[Sample], sides: Sides) -> list[tuple[Sample, Finding]]:
        """A finding for each set, up to the first sets that differ, or that are too large to be run in time."""
        tried: list[tuple[Sample, Finding]] = []
        step = max(1, min(AT_ONCE, MOST_TABLES // max(len(self.schemas), 1)))
        for start in range(0, len(sets), step):
            part = sets[start : start + step]
            tried += zip(part, judge.findings(part, sides), strict=True)
            if any(found.word == "different" or found.late for _, found in tried):
                break
        return tried

    def _alike(self, findings: Sequence[Finding], sides: Sides, plans: Mapping[str, Plan]) -> Verification:
        alike = [found.expected for found in findings if found.word == "same"]
        same = len(alike)
        if not any(isinstance(rows, pa.Table) and rows.num_rows for rows in alike):
            why = next((found.sentence for found in findings if found.sentence), "")
            why = why or self._untried or "The query gives no rows on any of them."
            return self._told("undecided", f"No set of tables tells whether the two are the same. {why}", sides)
        more = difference_of(plans["query"], plans["code"])
        rows = f"The rows are the same on {same} set{'s' * (same != 1)} of tables"
        if len(findings) > same:
            rows += f" (on {len(findings) - same} more nothing could be told)"
        rows += f"{self._untried and '; ' + self._untried}"
        if more:
            return self._told("same rows", f"{rows}, but {more}.", sides)
        why = (
            "the optimised plans are not the same"
            if is_classic(self.spark)
            else "over Spark Connect plans cannot be proved the same: a classic session can"
        )
        return self._told(
            "same operators and same rows", f"{rows}, by the same operators; not proved, for {why}.", sides
        )

    def _samples(self) -> list[Sample]:
        """The sets of tables, made once: the given ones where they are small, and made ones."""
        if not self._sets:
            given = {name: frame.limit(MOST_GIVEN + 1).toArrow() for name, frame in self.given.items()}
            if given and 0 < sum(table.num_rows for table in given.values()) <= MOST_GIVEN:
                self._sets.append(Sample(GIVEN, given, self.schemas))
            if not self.schemas:
                self._sets.append(Sample("no tables", {}, {}))
            else:
                try:
                    sql = self.sides.translation.spark_sql
                    self._sets += samples(sql, self.schemas, self.sides.names, self.seed)
                except UserError as error:
                    self._untried = f"no others were made: {error.cause}"
        return self._sets

    def _without_rows(self, schema: StructType) -> DataFrame:
        if is_classic(self.spark):
            return opaque(self.spark, schema)
        return self.spark.createDataFrame([], schema)

    def _plans(self, sides: Sides) -> dict[str, Plan]:
        frames = self._blank
        if not is_classic(self.spark) and self._samples():
            frames = self._samples()[0].frames(self.spark)
        with settings_for(self.spark, _UNFOLDED):
            return {
                "query": plan_of(sides.query(frames), run=False),
                "code": plan_of(sides.code(frames), run=False),
            }

    def _told(
        self,
        verdict: Word,
        sentence: str,
        sides: Sides | None = None,
        sample: Sample | None = None,
        found: Finding | None = None,
    ) -> Verification:
        return Verification(
            verdict,
            sentence,
            self.assumed,
            sample.tables if sample is not None else None,
            _rows(found.yours) if found is not None else None,
            _rows(found.expected) if found is not None else None,
            dict if sides is None else lambda: self._plans(sides),
        )


def analysed(make: Callable[[], DataFrame]) -> DataFrame | Failed:
    """The frame, once Spark has found its names and types."""
    try:
        frame = make()
        frame.schema  # noqa: B018 - over Spark Connect only now is it asked for
    except Exception as error:
        return failed(error)
    return frame


def columns_sentence(code: DataFrame, query: DataFrame) -> str:
    """What is wrong with the names and types of the code's columns; "" where they are the query's."""
    ours, theirs = code.schema.fields, query.schema.fields
    if len(ours) != len(theirs):
        return f"The code gives {len(ours)} columns, the query {len(theirs)}."
    for at, (one, other) in enumerate(zip(ours, theirs, strict=True), start=1):
        if one.name != other.name:
            return f"Column {at} is named {one.name!r} by the code, {other.name!r} by the query."
        kinds = one.dataType.simpleString(), other.dataType.simpleString()
        if kinds[0] != kinds[1]:
            return f"Column {at}, {one.name}, is {kinds[0]} in the code's result, {kinds[1]} in the query's."
    return ""


def _rows(answer: Outcome | None) -> pa.Table | None:
    return None if isinstance(answer, Failed) else answer
