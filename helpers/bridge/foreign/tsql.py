"""SQL Server's SQL in Spark's words."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from helpers.bridge.foreign import (
    shared,
    tsql_casts,
    tsql_convert,
    tsql_dates,
    tsql_decimals,
    tsql_formats,
    tsql_nulls,
    tsql_numbers,
    tsql_parts,
    tsql_patterns,
    tsql_queries,
    tsql_rows,
    tsql_texts,
)
from helpers.bridge.foreign.reader import WHOLE, Reader, Rule, as_type, told
from helpers.bridge.refusal import refuse

_CALLS: dict[str, Callable[[Reader, exp.Anonymous], exp.Expr]] = {
    "dateadd": tsql_dates.added, "datediff": tsql_dates.difference, "datediff_big": tsql_dates.difference,
    "datetrunc": tsql_dates.cut, "datepart": tsql_parts.part, "datename": tsql_parts.named,
    "eomonth": tsql_parts.month_end, "datefromparts": tsql_parts.from_parts,
    "datetime2fromparts": tsql_parts.from_parts, "datetimefromparts": tsql_parts.from_parts,
    "smalldatetimefromparts": tsql_parts.from_parts, "format": tsql_formats.formatted,
    "str": tsql_formats.justified, "patindex": tsql_patterns.place, "quotename": tsql_texts.quoted,
    "char": tsql_texts.character, "nchar": tsql_texts.character, "choose": tsql_texts.chosen,
    "var": lambda reading, node: exp.Variance(this=node.expressions[0].copy()),
    "varp": lambda reading, node: exp.VariancePop(this=node.expressions[0].copy()),
    "stdevp": lambda reading, node: exp.StddevPop(this=node.expressions[0].copy()),
    "square": lambda reading, node: told(
        exp.Pow(this=node.expressions[0].copy(), expression=exp.Literal.number(2)), "double"
    ),
}  # fmt: skip

ALLOWED: frozenset[type[exp.Expr] | str] = frozenset({
    exp.GroupConcat, exp.PercentileCont, exp.PercentileDisc, exp.Any, exp.Stuff, exp.Year, exp.Month, exp.Day,
    exp.CountIf, exp.TsOrDsToDate, exp.ApproxDistinct, exp.Mod, exp.Convert, exp.Log, exp.ConcatWs, exp.Collate,
    exp.Translate, exp.Space, exp.Greatest, exp.Least, exp.GroupingId, exp.GenerateSeries, exp.JSONExtractScalar,
    "string_split", *_CALLS})  # fmt: skip


def called(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A function of T-SQL's that sqlglot leaves as it is written."""
    assert isinstance(node, exp.Anonymous)
    rule = _CALLS.get(str(node.this).lower())
    return rule(reading, node) if rule is not None else None


def plus(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """+ joins texts, adds numbers, makes a number of a text beside one, and moves a datetime by days."""
    kinds = {reading.kind(node.this), reading.kind(node.expression)}
    if kinds == {"string"}:
        return exp.DPipe(this=node.this.copy(), expression=node.expression.copy(), safe=True)
    if "string" in kinds and kinds <= {"string", "double", *WHOLE}:
        return _added(reading, node, (kinds - {"string"}).pop())
    if "string" in kinds or "" in kinds:
        raise refuse(
            node,
            f"The sum {node.sql('tsql')[:40]}",
            "of texts it would join them, and a type is not known, or is mixed",
            "give the schema, or use concat() or cast()",
        )
    return tsql_dates.moved_by_days(reading, node)


def _added(reading: Reader, node: exp.Expr, kind: str) -> exp.Expr:
    sides = []
    for one in (node.this, node.expression):
        if reading.kind(one) != "string":
            sides.append(one.copy())
        elif isinstance(one, exp.Literal) and kind in WHOLE and not tsql_casts.WHOLE_TEXT.fullmatch(one.this):
            raise refuse(
                node,
                f"The sum {node.sql('tsql')[:40]}",
                "a text beside a whole number becomes one, and this text is none",
                "use concat() or cast()",
            )
        else:
            sides.append(as_type(one.copy(), kind))
    return exp.Add(this=sides[0], expression=sides[1])


def compared(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A comparison: x = ANY (...) too, and texts beside dates."""
    if isinstance(node, exp.EQ) and isinstance(node.expression, exp.Any):
        return shared.in_array(reading, node)
    made = tsql_dates.compared(reading, node)
    if not isinstance(node, exp.Binary) or {reading.kind(node.this), reading.kind(node.expression)} != {"string"}:
        return made
    # A text that is made of no column has no collation that it could bring along.
    left = tsql_texts.collated(reading, node.this, node)
    return type(node)(this=left, expression=node.expression.copy()) if left is not None else made


def power(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """POWER has the type of its first argument."""
    kind = reading.kind(node.this)
    if kind in WHOLE:
        return exp.Cast(this=node.copy(), to=exp.DataType.build(kind, dialect="spark"))
    if kind == "":
        raise refuse(
            node,
            node.sql("tsql")[:40],
            "of an integer it drops the fraction, and the type is not known",
            "give the schema, or cast",
        )
    return None


RULES: dict[type[exp.Expr], Rule] = {
    exp.Div: tsql_decimals.divided, exp.Add: plus, exp.Sub: tsql_dates.moved_by_days, exp.Anonymous: called,
    exp.TsOrDsToDate: tsql_parts.calendar,
    exp.Avg: tsql_decimals.average, exp.Pow: power, exp.Log: tsql_numbers.log, exp.Round: tsql_numbers.rounded,
    exp.Length: tsql_texts.length, exp.Concat: tsql_texts.concat, exp.ConcatWs: tsql_texts.concat_ws,
    exp.Substring: tsql_texts.substring, exp.Stuff: tsql_texts.stuffed, exp.Translate: tsql_texts.translated,
    exp.Repeat: tsql_texts.repeated, exp.Space: tsql_texts.repeated, exp.Collate: tsql_texts.collate,
    exp.Replace: tsql_texts.searched, exp.StrPosition: tsql_texts.searched, exp.Nullif: tsql_texts.searched,
    exp.Case: tsql_texts.searched, exp.GroupConcat: tsql_texts.aggregated_text,
    exp.JSONExtractScalar: tsql_numbers.json_value,
    exp.Greatest: tsql_texts.extreme, exp.Least: tsql_texts.extreme, exp.GroupingId: tsql_numbers.grouping_id,
    exp.Like: tsql_patterns.liked, exp.Escape: tsql_patterns.liked,
    exp.Cast: tsql_casts.cast, exp.TryCast: tsql_casts.cast, exp.Convert: tsql_convert.convert,
    exp.Coalesce: tsql_nulls.replaced_null,
    exp.EQ: compared, exp.NEQ: compared, exp.GT: compared, exp.GTE: compared, exp.LT: compared, exp.LTE: compared,
    exp.Between: compared, exp.In: compared,
    exp.Select: tsql_queries.select, exp.Table: tsql_rows.source, exp.Subquery: tsql_rows.pivoted,
    exp.Join: tsql_queries.join, exp.Lateral: tsql_rows.applied, exp.WithinGroup: tsql_queries.percentile,
    exp.Window: tsql_queries.window, exp.CTE: tsql_queries.recursive,
}  # fmt: skip
