"""Oracle's SQL in Spark's words: which rule stands for which construct."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from helpers.bridge.foreign.oracle import (
    aggregates,
    comparisons,
    cuts,
    dates,
    formats,
    intervals,
    numbers,
    patterns,
    queries,
    texts,
)
from helpers.bridge.foreign.oracle.kinds import kind_of, told
from helpers.bridge.foreign.oracle.parser import WrittenOracle
from helpers.bridge.foreign.reader import Reader, Rule, call

READ = WrittenOracle
"""The dialect of sqlglot's that reads the text."""

NOTES = (
    "Oracle takes an empty text for NULL, Spark does not: texts in tables should hold NULL where Oracle has none.",
)

_CALLS: dict[str, Callable[[Reader, exp.Expr], exp.Expr]] = {
    "trunc": cuts.cut, "to_char": formats.to_char, "to_date": formats.to_moment, "to_timestamp": formats.to_moment,
    "remainder": numbers.nearest, "bitand": numbers.bits, "lnnvl": comparisons.lnnvl,
}  # fmt: skip
_LATER = ("numtodsinterval", "numtoyminterval", "ratio_to_report", "variance", "stats_mode")
"""Functions whose rule is one of the node around them, or one of their own below."""

ALLOWED: frozenset[type[exp.Expr] | str] = frozenset({
    exp.AddMonths, exp.MonthsBetween, exp.DecodeCase, exp.Nvl2, exp.Greatest, exp.Least, exp.GroupConcat, exp.LastDay,
    exp.NextDay, exp.PercentileCont, exp.PercentileDisc, exp.Mod, exp.Median, exp.ToNumber, exp.DateStrToDate,
    exp.StrToTime, exp.Systimestamp, exp.Localtimestamp, exp.Log, exp.WidthBucket, exp.RegexpLike, exp.RegexpReplace,
    exp.RegexpSubstr, exp.RegexpCount, exp.RegexpInstr, exp.Initcap, exp.Translate, exp.Chr, exp.GroupingId,
    exp.National, *_CALLS, *_LATER,
})  # fmt: skip


def called(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A function that is read as it is written."""
    name = str(node.this).lower()
    if name == "variance":
        return aggregates.spread(reading, node)
    if name in ("numtodsinterval", "numtoyminterval"):
        return intervals.alone(node)
    if name == "stats_mode":
        reading.note("Of values that are equally frequent, Oracle and Spark may take another one.")
        return told(call("mode", node.expressions[0].copy()), kind_of(reading, node.expressions[0]))
    return _CALLS[name](reading, node) if name in _CALLS else None


RULES: dict[type[exp.Expr], Rule] = {
    exp.Literal: texts.empty, exp.RawString: texts.wide, exp.National: texts.wide, exp.DPipe: texts.joined,
    exp.Concat: texts.joined, exp.Substring: texts.piece, exp.StrPosition: texts.place, exp.Trim: texts.shortened,
    exp.Pad: texts.shortened, exp.Translate: texts.shortened, exp.Replace: texts.replaced, exp.Length: texts.measured,
    exp.Upper: texts.measured, exp.Lower: texts.measured, exp.Ascii: texts.measured, exp.Reverse: texts.measured,
    exp.Initcap: texts.capitals, exp.Chr: texts.letter,
    exp.RegexpLike: patterns.alike, exp.RegexpReplace: patterns.replaced, exp.RegexpSubstr: patterns.found,
    exp.RegexpCount: patterns.counted, exp.RegexpInstr: patterns.counted, exp.Like: patterns.like,
    exp.Mul: numbers.arithmetic, exp.Div: numbers.arithmetic, exp.Mod: numbers.remainder, exp.Log: numbers.logarithm,
    exp.WidthBucket: numbers.bucket, exp.ToNumber: numbers.to_number,
    exp.Sub: dates.shifted, exp.Add: dates.shifted, exp.AddMonths: dates.months, exp.LastDay: dates.last_day,
    exp.NextDay: dates.next_day, exp.MonthsBetween: dates.months_between, exp.Extract: dates.extract,
    exp.DateStrToDate: dates.constant, exp.StrToTime: dates.constant, exp.CurrentTimestamp: dates.now,
    exp.CurrentDate: dates.now, exp.Systimestamp: dates.now, exp.Localtimestamp: dates.now, exp.Round: cuts.rounded,
    exp.EQ: comparisons.compared, exp.NEQ: comparisons.compared, exp.LT: comparisons.compared,
    exp.LTE: comparisons.compared, exp.GT: comparisons.compared, exp.GTE: comparisons.compared,
    exp.Between: comparisons.within, exp.In: comparisons.within, exp.Coalesce: comparisons.chosen,
    exp.Nvl2: comparisons.chosen, exp.DecodeCase: comparisons.decode, exp.Greatest: comparisons.extreme,
    exp.Least: comparisons.extreme, exp.Cast: comparisons.converted,
    exp.Avg: aggregates.average, exp.Stddev: aggregates.spread,
    exp.GroupConcat: aggregates.aggregated_text, exp.Window: aggregates.kept,
    exp.WithinGroup: aggregates.percentile, exp.GroupingId: aggregates.level,
    exp.Select: queries.select, exp.Pivot: queries.pivoted,
    exp.Anonymous: called,
}  # fmt: skip
"""What stands for each construct."""
