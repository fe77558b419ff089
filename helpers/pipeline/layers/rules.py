"""The rules of silver as data: each looks at one parsed message and names its reason.

A predicate is SQL over the columns of `silver.assign` and true where the message breaks the rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from helpers.core.errors import UserError

CONFLICT = "CONFLICT"
"""The reason of a valid message whose event_id stands at a lower offset with another body: judged by `classify`."""

LARGEST_MESSAGE = 1024 * 1024
"""Bytes; the broker takes more, so that an oversized message reaches quarantine with its raw bytes."""


LATE = "LATE"
"""The reason of a valid message that was sent more than an hour after its event."""

Severity = Literal["fatal", "error", "warning"]
"""What becomes of a message that breaks a rule.

fatal: quarantine, and no other rule is asked, as the body cannot be read; error: quarantine, with the reasons of all
errors; warning: it stays valid, and silver keeps the reason.
"""


@dataclass(frozen=True)
class Rule:
    """id: stable name; reason: the code that is kept; predicate: SQL, true where the rule is broken."""

    id: str
    reason: str
    predicate: str
    severity: Severity = "error"


RULES: tuple[Rule, ...] = (
    Rule("body-present", "TOMBSTONE", "raw IS NULL", severity="fatal"),
    Rule("body-not-empty", "EMPTY", "length(raw) = 0", severity="fatal"),
    Rule("body-size", "OVERSIZE", f"length(raw) > {LARGEST_MESSAGE}", severity="fatal"),
    Rule("body-utf8", "NOT_UTF8", "NOT is_valid_utf8(CAST(raw AS STRING))", severity="fatal"),
    Rule("body-json", "MALFORMED_JSON", "header IS NULL AND malformed", severity="fatal"),
    Rule("row-csv", "MALFORMED_CSV", "header IS NOT NULL AND malformed", severity="fatal"),
    Rule(
        "fields-present",
        "MISSING_FIELD",
        "event_id IS NULL OR source IS NULL OR event_time_text IS NULL OR sent_at_text IS NULL"
        " OR coalesce(size(readings), 0) = 0"
        " OR exists(readings, r -> r.value_text IS NULL OR r.unit IS NULL OR r.channel IS NULL)",
    ),
    Rule(
        "types",
        "WRONG_TYPE",
        "(event_time_text IS NOT NULL AND event_time IS NULL) OR (sent_at_text IS NOT NULL AND sent_at IS NULL)"
        " OR exists(readings, r -> r.value_text IS NOT NULL AND NOT r.value_typed)",
    ),
    Rule("units", "UNKNOWN_UNIT", "exists(readings, r -> r.unit IS NOT NULL AND r.unit_known IS NOT TRUE)"),
    Rule(
        "assets",
        "UNKNOWN_ASSET",
        "source IS NOT NULL AND event_time IS NOT NULL"
        " AND exists(readings, r -> r.channel IS NOT NULL AND r.asset_id IS NULL)",
    ),
    Rule("ranges", "OUT_OF_RANGE", "exists(readings, r -> r.in_range IS FALSE)"),
    Rule("clock-set", "CLOCK_NOT_SET", "year(event_time) <= 1970"),
    Rule("not-future", "FUTURE", "event_time > sent_at + INTERVAL 10 MINUTES"),
    Rule("in-time", "TOO_LATE", "sent_at - event_time > INTERVAL 7 DAYS AND year(event_time) > 1970"),
    Rule("punctual", LATE, "sent_at - event_time > INTERVAL 1 HOUR", severity="warning"),
)


def broken(rules: Sequence[Rule] = RULES) -> Column:
    """ARRAY<STRING>: why a message goes to quarantine, each reason once; empty where it is valid."""
    fatal = _reasons(rules, "fatal")
    return F.when(F.size(fatal) > 0, F.slice(fatal, 1, 1)).otherwise(_reasons(rules, "error"))


def judged(rows: DataFrame, rules: Sequence[Rule]) -> DataFrame:
    """The rows with `reasons`, as `broken` gives them.

    Raises UserError naming the rule whose predicate does not fit the rows: a column they lack, or no condition.
    """
    for rule in rules:
        try:
            rows.where(rule.predicate)
        except AnalysisException as error:
            raise UserError(
                f"The rule {rule.id!r} ({rule.reason}) does not fit the rows: {plainly(error)}.",
                f"Correct its predicate; the rows have the columns {', '.join(rows.columns)}.",
            ) from error
    return rows.withColumn("reasons", broken(rules))


def plainly(error: AnalysisException) -> str:
    """What is wrong, in Spark's own words, without its codes and the plan; no full stop at the end."""
    return str(error).splitlines()[0].split("] ", 1)[-1].split(" SQLSTATE")[0].rstrip(". ")


def warned(reason: str, rules: Sequence[Rule] = RULES) -> Column:
    """BOOLEAN: whether a message breaks the warning of that reason."""
    return F.array_contains(_reasons(rules, "warning"), reason)


def _reasons(rules: Sequence[Rule], severity: Severity) -> Column:
    chosen = [rule for rule in rules if rule.severity == severity]
    return F.array_compact(F.array(*(F.when(F.expr(rule.predicate), F.lit(rule.reason)) for rule in chosen)))
