"""The rules of silver as data: each looks at one parsed message and names its reason.

A predicate is SQL over the columns of `silver.parse` and true where the message breaks the rule. `stands_alone`
rules come first: where one of them holds, no other question about the message can be answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pyspark.sql import Column
from pyspark.sql import functions as F

CONFLICT = "CONFLICT"
"""The reason of a valid message whose event_id stands at a lower offset with another body: judged by `classify`."""

LARGEST_MESSAGE = 1024 * 1024
"""Bytes; the broker takes more, so that an oversized message reaches quarantine with its raw bytes."""


@dataclass(frozen=True)
class Rule:
    """id: stable name; reason: the code in quarantine; predicate: SQL, true where the rule is broken."""

    id: str
    reason: str
    predicate: str
    severity: Literal["error"] = "error"
    stands_alone: bool = False


RULES: tuple[Rule, ...] = (
    Rule("body-present", "TOMBSTONE", "raw IS NULL", stands_alone=True),
    Rule("body-not-empty", "EMPTY", "length(raw) = 0", stands_alone=True),
    Rule("body-size", "OVERSIZE", f"length(raw) > {LARGEST_MESSAGE}", stands_alone=True),
    Rule("body-utf8", "NOT_UTF8", "NOT is_valid_utf8(CAST(raw AS STRING))", stands_alone=True),
    Rule("body-json", "MALFORMED_JSON", "header IS NULL AND malformed", stands_alone=True),
    Rule("row-csv", "MALFORMED_CSV", "header IS NOT NULL AND malformed", stands_alone=True),
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
)


def broken(rules: Sequence[Rule] = RULES) -> Column:
    """ARRAY<STRING>: the reason codes of every rule that a message breaks, each once; empty where it is valid."""

    def codes(chosen: Sequence[Rule]) -> Column:
        return F.array_compact(F.array(*(F.when(F.expr(r.predicate), F.lit(r.reason)) for r in chosen)))

    alone = codes([rule for rule in rules if rule.stands_alone])
    others = codes([rule for rule in rules if not rule.stands_alone])
    return F.when(F.size(alone) > 0, F.slice(alone, 1, 1)).otherwise(others)
