"""PostgreSQL's SQL in Spark's words: which rule stands for what."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.postgres import (
    arrays,
    dates,
    formats,
    intervals,
    json,
    numbers,
    patterns,
    queries,
    rows,
    texts,
)
from helpers.bridge.foreign.reader import Reader, Rule, call, told

_CALLS: dict[str, Rule] = {
    "to_char": formats.shown, "to_date": formats.read, "to_timestamp": formats.read, "to_number": formats.number,
    "to_hex": texts.hexadecimal, "regexp_replace": patterns.replaced, "age": intervals.age,
}  # fmt: skip

ALLOWED: frozenset[type[exp.Expr] | str] = frozenset({
    exp.TimestampTrunc, exp.DateTrunc, exp.GroupConcat, exp.LogicalAnd, exp.LogicalOr, exp.RegexpILike,
    exp.RegexpLike, exp.Greatest, exp.Least, exp.SplitPart, exp.PercentileCont, exp.PercentileDisc, exp.Mode, exp.Any,
    exp.Log, exp.ExplodingGenerateSeries, exp.GenerateSeries, exp.Trunc, exp.Chr, exp.StartsWith, exp.Mod, exp.IntDiv,
    exp.Cbrt, exp.Pi, exp.Rand, exp.WidthBucket, exp.MakeInterval, exp.DateBin, exp.TimestampFromParts, exp.Overlaps,
    exp.ConcatWs, exp.Initcap, exp.Overlay, exp.Translate, exp.Format, exp.ArrayAgg, exp.ArraySize, exp.ArrayToString,
    exp.StringToArray, exp.Unnest, exp.Explode, exp.All, exp.JSONExtract, exp.JSONExtractScalar, exp.JSONBExtract,
    exp.JSONBExtractScalar, exp.SimilarTo, "every", "all", "octet_length", "bit_length", *_CALLS,
})  # fmt: skip


def _call(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    name = str(node.this).lower()
    if name == "every":
        return call("bool_and", *(one.copy() for one in node.expressions))
    if name == "all" and len(node.expressions) == 1:
        return exp.All(this=node.expressions[0].copy())
    rule = _CALLS.get(name)
    return rule(reading, node) if rule is not None else None


def lower(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Unquoted names are lower case."""
    if not node.args.get("quoted") and isinstance(node.this, str):
        node.set("this", node.this.lower())
    return None


def _condition(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    told(node, "boolean")
    return None


def _text(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    told(node, "string")
    return None


def _between(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    parts = [node.this, node.args["low"], node.args["high"]]
    texts.ordered_texts(reading, node, parts)
    dates.beside_dates(reading, parts)
    return _condition(reading, node)


def _extreme(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    texts.ordered_texts(reading, node, [node.this])
    return None


RULES: dict[type[exp.Expr], Rule] = {
    exp.Add: intervals.moved, exp.Sub: intervals.moved, exp.Mul: intervals.times, exp.Div: numbers.divided,
    exp.Interval: intervals.interval, exp.MakeInterval: intervals.made,
    exp.Extract: dates.extract, exp.TimestampTrunc: dates.truncated, exp.DateBin: dates.binned,
    exp.TimestampFromParts: dates.from_parts, exp.AtTimeZone: dates.zoned, exp.Overlaps: dates.overlapping,
    exp.Cast: texts.cast, exp.Concat: texts.concat, exp.ConcatWs: texts.concat_ws, exp.DPipe: texts.piped,
    exp.Format: texts.formatted, exp.Initcap: texts.initcap, exp.Overlay: _text, exp.Translate: _text,
    exp.RegexpILike: patterns.matched, exp.RegexpLike: patterns.matched, exp.SimilarTo: patterns.similar,
    exp.Substring: patterns.piece, exp.Left: patterns.end_of_text, exp.Right: patterns.end_of_text,
    exp.Log: numbers.log, exp.Round: numbers.rounded, exp.Trunc: numbers.trunc, exp.Ceil: numbers.bounded,
    exp.Floor: numbers.bounded, exp.Avg: numbers.average, exp.WidthBucket: numbers.bucket, exp.Pow: numbers.power,
    exp.Sqrt: numbers.rooted, exp.Cbrt: numbers.rooted, exp.Exp: numbers.rooted, exp.Ln: numbers.rooted,
    exp.Greatest: numbers.chosen, exp.Least: numbers.chosen, exp.Subquery: numbers.value,
    exp.GroupConcat: arrays.joined, exp.ArrayAgg: arrays.gathered, exp.WithinGroup: arrays.ordered_set,
    exp.ArraySize: arrays.length, exp.ArrayToString: arrays.as_text, exp.StringToArray: arrays.split,
    exp.Array: arrays.of_query, exp.Bracket: arrays.item, exp.Count: arrays.counted, exp.In: arrays.among,
    exp.JSONExtract: json.field,
    exp.JSONExtractScalar: json.field, exp.JSONBExtract: json.field,
    exp.JSONBExtractScalar: json.field,
    exp.Select: queries.select, exp.Table: rows.table, exp.ExplodingGenerateSeries: rows.series,
    exp.Join: queries.join, exp.Lateral: rows.lateral,
    exp.Unnest: rows.unnest, exp.Window: queries.window, exp.Grouping: queries.grouping,
    exp.Identifier: lower, exp.Anonymous: _call,
    exp.Between: _between, exp.Ordered: _extreme, exp.Min: _extreme, exp.Max: _extreme,
    **dict.fromkeys((exp.And, exp.Or, exp.Not, exp.Is, exp.Like, exp.ILike, exp.Exists), _condition),
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE), arrays.quantified),
}  # fmt: skip
