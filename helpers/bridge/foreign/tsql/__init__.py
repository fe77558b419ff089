"""SQL Server's SQL in Spark's words."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from helpers.bridge.foreign import flags, shared
from helpers.bridge.foreign.reader import WHOLE, Reader, Rule, as_type, told
from helpers.bridge.foreign.tsql import (
    casts,
    convert,
    dates,
    decimals,
    formats,
    nulls,
    numbers,
    parts,
    patterns,
    queries,
    rows,
    texts,
)
from helpers.bridge.refusal import refuse

_CALLS: dict[str, Callable[[Reader, exp.Anonymous], exp.Expr]] = {
    "dateadd": dates.added, "datediff": dates.difference, "datediff_big": dates.difference,
    "datetrunc": dates.cut, "datepart": parts.part, "datename": parts.named,
    "eomonth": parts.month_end, "datefromparts": parts.from_parts,
    "datetime2fromparts": parts.from_parts, "datetimefromparts": parts.from_parts,
    "smalldatetimefromparts": parts.from_parts, "format": formats.formatted,
    "str": formats.justified, "patindex": patterns.place, "quotename": texts.quoted,
    "char": texts.character, "nchar": texts.character, "choose": texts.chosen,
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
    flags.numbered(reading, [node.this, node.expression])
    other = node.this if isinstance(node.expression, exp.Null) else node.expression
    if isinstance(node.this, exp.Null) or other is node.this:
        return told(as_type(exp.Null(), kind), kind) if (kind := reading.kind(other)) == "string" else None
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
    return dates.moved_by_days(reading, node)


def _added(reading: Reader, node: exp.Expr, kind: str) -> exp.Expr:
    sides = []
    for one in (node.this, node.expression):
        if reading.kind(one) != "string":
            sides.append(one.copy())
        elif isinstance(one, exp.Literal) and kind in WHOLE and not casts.WHOLE_TEXT.fullmatch(one.this):
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
    dates.compared(reading, node)
    if (flag := flags.compared(reading, node)) is not None:
        return flag
    parts = [node.this, node.expression] if isinstance(node, exp.Binary) else [node.this]
    # A text that is made of no column has no collation that it could bring along.
    left = texts.collated(reading, node.this, node) if {reading.kind(one) for one in parts} == {"string"} else None
    if left is not None:
        node.set("this", left)
    return None


def product(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """* and %, of a BIT too."""
    flags.numbered(reading, [node.this, node.expression])
    return None


def difference(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """-, of numbers, of a BIT too, or of a datetime and days."""
    flags.numbered(reading, [node.this, node.expression])
    return dates.moved_by_days(reading, node)


def case(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """CASE, whose operand and results may be a BIT beside numbers."""
    results = [*(one.args["true"] for one in node.args["ifs"]), node.args.get("default")]
    tested = [node.this, *(one.this for one in node.args["ifs"])] if node.this is not None else []
    for nodes in (tested, [one for one in results if one is not None and not isinstance(one, exp.Null)]):
        if {reading.kind(one) for one in nodes} != {"boolean"}:
            flags.numbered(reading, nodes)
    return texts.searched(reading, node)


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
    exp.Div: decimals.divided, exp.Add: plus, exp.Sub: difference, exp.Mul: product, exp.Mod: product,
    exp.Anonymous: called,    exp.TsOrDsToDate: parts.calendar,
    exp.Avg: decimals.average, exp.Pow: power, exp.Log: numbers.log, exp.Round: numbers.rounded,
    exp.Length: texts.length, exp.Concat: texts.concat, exp.ConcatWs: texts.concat_ws,
    exp.Substring: texts.substring, exp.Stuff: texts.stuffed, exp.Translate: texts.translated,
    exp.Repeat: texts.repeated, exp.Space: texts.repeated, exp.Collate: texts.collate,
    exp.Replace: texts.searched, exp.StrPosition: texts.searched, exp.Nullif: texts.searched,
    exp.Case: case, exp.GroupConcat: texts.aggregated_text,
    exp.JSONExtractScalar: numbers.json_value,
    exp.Greatest: texts.extreme, exp.Least: texts.extreme, exp.GroupingId: numbers.grouping_id,
    exp.Like: patterns.liked, exp.Escape: patterns.liked,
    exp.Cast: casts.cast, exp.TryCast: casts.cast, exp.Convert: convert.convert,
    exp.Coalesce: nulls.replaced_null,
    exp.EQ: compared, exp.NEQ: compared, exp.GT: compared, exp.GTE: compared, exp.LT: compared, exp.LTE: compared,
    exp.Between: compared, exp.In: compared,
    exp.Select: queries.select, exp.Table: rows.source, exp.Subquery: rows.pivoted,
    exp.Join: queries.join, exp.Lateral: rows.applied, exp.WithinGroup: queries.percentile,
    exp.Window: queries.window,
}  # fmt: skip
