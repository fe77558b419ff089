"""PIVOT and UNPIVOT."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.context import Context
from helpers.bridge.names import auto
from helpers.bridge.program import Frame
from helpers.bridge.python import quoted
from helpers.bridge.refusal import refuse
from helpers.bridge.scope import Field, Source


def pivoted(ctx: Context, frame: Frame, node: exp.Pivot, alias: str) -> None:
    """Adds PIVOT or UNPIVOT to the chain. Raises Refusal where the columns are not known."""
    if frame.fields is None:
        raise refuse(node, "UNPIVOT" if node.args.get("unpivot") else "PIVOT",
                     "the columns that it leaves alone are not known",
                     "give the schema, or select the columns first")  # fmt: skip
    if len(node.args["fields"]) != 1:
        raise refuse(node, "PIVOT over several FOR clauses", "Spark knows one")
    ctx.scope.sources.append(Source(alias, frame.fields))
    if node.args.get("unpivot"):
        _unpivot(ctx, frame, node)
    else:
        _pivot(ctx, frame, node)


def _named(node: exp.Expr) -> tuple[exp.Expr, str]:
    return (node.this, node.args["alias"].name) if isinstance(node, exp.PivotAlias) else (node, "")


def _pivot(ctx: Context, frame: Frame, node: exp.Pivot) -> None:
    field = node.args["fields"][0]
    column = field.this
    if isinstance(column, exp.Tuple):
        _pivot_by_several(ctx, frame, node, column.expressions, field.expressions)
        return
    if not isinstance(column, exp.Column):
        raise refuse(node, "PIVOT over an expression", "pivot() takes a column")
    values = [_named(one) for one in field.expressions]
    if any(not isinstance(one, exp.Literal) for one, _ in values):
        raise refuse(node, "PIVOT over computed values", "pivot() takes constants")
    aggregates = [(one.this, one.alias) if isinstance(one, exp.Alias) else (one, "") for one in node.expressions]
    used = {one.name.lower() for aggregate, _ in aggregates for one in aggregate.find_all(exp.Column)} | {
        column.name.lower()
    }
    keys = [one for one in frame.fields or () if one.name.lower() not in used]
    codes = [ctx.code(one) for one, _ in aggregates]
    # A star cannot stand in a pivot.
    texts = ["F.count(F.lit(1))" if one.text == "F.count('*')" else one.text for one in codes]
    results = [f"{text}.alias({name!r})" if name else text for text, (_, name) in zip(texts, aggregates, strict=True)]
    frame.step("groupBy", *(repr(quoted(one.name)) for one in keys))
    frame.step("pivot", repr(quoted(column.name)), f"[{', '.join(ctx.code(one).text for one, _ in values)}]")
    frame.step("agg", *results)
    made: list[str] = []
    wanted: list[str] = []
    for value, alias in values:
        for aggregate, name in aggregates:
            tail = f"_{name or auto(aggregate)}" if len(aggregates) > 1 else ""
            made.append(value.this + tail)
            wanted.append((alias or value.this) + tail)
    _renamed(frame, made, wanted)
    frame.fields = (*keys, *(Field(one) for one in wanted))


def _unpivot(ctx: Context, frame: Frame, node: exp.Pivot) -> None:
    field = node.args["fields"][0]
    columns = [_named(one) for one in field.expressions]
    if isinstance(node.expressions[0], exp.Tuple):
        _unpivot_several(ctx, frame, node, columns)
        return
    if len(node.expressions) != 1 or any(not isinstance(one, exp.Column) for one, _ in columns):
        raise refuse(node, "UNPIVOT of expressions", "unpivot() takes columns")
    old = [one.name for one, _ in columns]
    names = [alias or one.name for one, alias in columns]
    _renamed(frame, old, names)
    keys = [one for one in frame.fields or () if one.name.lower() not in {name.lower() for name in old}]
    value, variable = node.expressions[0].name, field.this.name
    lists = [f"[{', '.join(repr(quoted(one)) for one in part)}]" for part in ([key.name for key in keys], names)]
    frame.step("unpivot", *lists, repr(variable), repr(value))
    if not node.args.get("include_nulls"):
        frame.step("where", f"F.col({quoted(value)!r}).isNotNull()")
    frame.fields = (*keys, Field(variable, "string"), Field(value))


def _pivot_by_several(
    ctx: Context, frame: Frame, node: exp.Pivot, columns: list[exp.Expr], values: list[exp.Expr]
) -> None:
    """PIVOT over several columns: pivot() takes one, so each result aggregates the rows of its own values."""
    aggregates = [(one.this, one.alias) if isinstance(one, exp.Alias) else (one, "") for one in node.expressions]
    used = {
        one.name.lower() for part in (*columns, *(one for one, _ in aggregates)) for one in part.find_all(exp.Column)
    }
    keys = [one for one in frame.fields or () if one.name.lower() not in used]
    results, names = [], []
    for value, alias in map(_named, values):
        parts = value.expressions if isinstance(value, exp.Tuple) else [value]
        condition = exp.and_(*(_equal(one, part) for one, part in zip(columns, parts, strict=True)))
        for aggregate, name in aggregates:
            told = alias or "{" + ", ".join(part.name for part in parts) + "}"
            names.append(told + (f"_{name or auto(aggregate)}" if len(aggregates) > 1 else ""))
            results.append(f"{_of_rows(ctx, aggregate, condition)}.alias({names[-1]!r})")
    if keys:
        frame.step("groupBy", *(repr(quoted(one.name)) for one in keys))
    frame.step("agg", *results)
    frame.fields = (*keys, *(Field(one) for one in names))


def _equal(column: exp.Expr, value: exp.Expr) -> exp.Expr:
    kind = exp.NullSafeEQ if isinstance(value, exp.Null) else exp.EQ
    return kind(this=column.copy(), expression=value.copy())


def _of_rows(ctx: Context, aggregate: exp.Expr, condition: exp.Expr) -> str:
    """An aggregate of the rows where a condition holds; NULL where there are none, as PIVOT has it."""
    code = ctx.code(exp.Filter(this=aggregate.copy(), expression=exp.Where(this=condition.copy()))).text
    if isinstance(aggregate, exp.Anonymous) and str(aggregate.this).lower() in ("sum", "avg", "mean", "min", "max"):
        return code
    return f"F.when(F.count_if({ctx.code(condition).column().text}) > 0, {code})"


def _unpivot_several(ctx: Context, frame: Frame, node: exp.Pivot, columns: list[tuple[exp.Expr, str]]) -> None:
    """UNPIVOT of several value columns: unpivot() makes one, so each row becomes an array of structs."""
    field, values = node.args["fields"][0], [one.name for one in node.expressions[0].expressions]
    groups = [(one.expressions if isinstance(one, exp.Tuple) else [one], alias) for one, alias in columns]
    used = {one.name.lower() for group, _ in groups for one in group}
    keys = [one for one in frame.fields or () if one.name.lower() not in used]
    structs = []
    for group, alias in groups:
        told = alias or "_".join(one.name for one in group)
        parts = [f"{ctx.code(one).text}.alias({name!r})" for one, name in zip(group, values, strict=True)]
        structs.append(f"F.struct(F.lit({told!r}).alias({field.this.name!r}), {', '.join(parts)})")
    frame.step("select", *(repr(quoted(one.name)) for one in keys), f"F.inline(F.array({', '.join(structs)}))")
    if not node.args.get("include_nulls"):
        frame.step("where", " | ".join(f"F.col({quoted(one)!r}).isNotNull()" for one in values))
    frame.fields = (*keys, Field(field.this.name, "string"), *(Field(one) for one in values))


def _renamed(frame: Frame, old: list[str], new: list[str]) -> None:
    pairs = {one: other for one, other in zip(old, new, strict=True) if one != other}
    if pairs:
        frame.step("withColumnsRenamed", repr(pairs))
