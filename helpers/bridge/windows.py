"""OVER (...): the window of a function."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.context import Context, writes
from helpers.bridge.dates import amount
from helpers.bridge.python import Py
from helpers.bridge.refusal import refuse
from helpers.bridge.types import type_of
from helpers.bridge.within import ordered_aggregate

_IMPORT = "from pyspark.sql import Window"


@writes(exp.Window)
def window(ctx: Context, node: exp.Expr) -> Py:
    """A function over a window."""
    moved = _shifted(node)
    if moved is not None:
        return window(ctx, moved).untold()
    if isinstance(node.this, exp.WithinGroup):
        ctx.program.imports.add(_IMPORT)
        return ordered_aggregate(
            ctx, node.this, f".over({ctx.program.set_apart(specification(ctx, node), 'window')})"
        )
    # count(*) over a window is no aggregate of the group, though it is spelt like one.
    function = ctx.anew(node.this)
    ctx.program.imports.add(_IMPORT)
    base = node.args.get("alias")
    own = any(node.args.get(key) for key in ("partition_by", "order", "spec"))
    name = base.name if isinstance(base, exp.Identifier) and not own else "window"
    return Py(f"{function.text}.over({ctx.program.set_apart(specification(ctx, node), name)})", told=function.told)


def _shifted(node: exp.Expr) -> exp.Expr | None:
    """LAG(x) IGNORE NULLS as the last x of the rows before, LEAD as the first of those behind; else None."""
    inner = node.this.this if isinstance(node.this, exp.IgnoreNulls) else None
    if not isinstance(inner, exp.Anonymous) or str(inner.this).lower() not in ("lag", "lead"):
        return None
    if (len(inner.expressions) > 1 and inner.expressions[1].sql() != "1") or len(inner.expressions) > 2:
        return None
    back = str(inner.this).lower() == "lag"
    copy = node.copy()
    call = exp.Anonymous(this="last" if back else "first", expressions=[inner.expressions[0].copy()])
    copy.set("this", exp.IgnoreNulls(this=call))
    edges = ("UNBOUNDED", "preceding", exp.Literal.number(1), "preceding")
    if not back:
        edges = (exp.Literal.number(1), "following", "UNBOUNDED", "following")  # type: ignore[assignment]
    names = ("start", "start_side", "end", "end_side")
    copy.set("spec", exp.WindowSpec(kind="rows", **dict(zip(names, edges, strict=True))))
    # The copy has no parents: a named window would not be found from it.
    copy.parent = node.parent
    return copy


def specification(ctx: Context, node: exp.Expr) -> str:
    """`Window.partitionBy(...).orderBy(...)` of an OVER clause, or of the named window that it starts from."""
    assert isinstance(node, exp.Window)
    base = node.args.get("alias") or node.args.get("first")
    named = _named(node, base.name) if isinstance(base, exp.Identifier) else None
    partition = node.args.get("partition_by") or (named.args.get("partition_by") if named else None) or []
    order = node.args.get("order") or (named.args.get("order") if named else None)
    frame = node.args.get("spec") or (named.args.get("spec") if named else None)
    steps = []
    if partition:
        steps.append(f"partitionBy({', '.join(ctx.code(one).short() for one in partition)})")
    if order is not None:
        steps.append(f"orderBy({', '.join(_orders(ctx, order, frame))})")
    if frame is not None:
        steps.append(_frame(ctx, frame, order))
    return ".".join(["Window", *(steps or ["partitionBy()"])])


def _named(node: exp.Window, name: str) -> exp.Window:
    select = node.find_ancestor(exp.Select)
    for one in (select.args.get("windows") or []) if select is not None else []:
        if one.this.name.lower() == name.lower():
            return one
    raise refuse(node, f"The window {name}", "no WINDOW clause defines it")


def ordered(ctx: Context, node: exp.Expr) -> str:
    """One item of ORDER BY; Spark puts NULL first when ascending and last when descending, unless told."""
    item, desc, first = node.this, bool(node.args.get("desc")), node.args.get("nulls_first")
    code = ctx.code(item).column()
    if first is None or bool(first) != desc:
        return f"{code.inside(7)}.desc()" if desc else code.short()
    return f"{code.inside(7)}.{'desc_nulls_first' if desc else 'asc_nulls_last'}()"


def _orders(ctx: Context, order: exp.Expr, frame: exp.Expr | None) -> list[str]:
    edge = _edge(frame)
    if edge is None and not (_counted(frame) and type_of(ctx, order.expressions[0].this) == "date"):
        return [ordered(ctx, one) for one in order.expressions]
    kind = type_of(ctx, order.expressions[0].this)
    function = {"date": "F.unix_date", "timestamp": "F.unix_micros"}.get(kind)
    if function is None:
        assert edge is not None
        raise refuse(edge, "RANGE with an interval",
            "rangeBetween takes numbers, and the type of the ordering column is not known",
                     "give the schema, or order by a number such as unix_micros(column)")  # fmt: skip
    one = order.expressions[0].copy()
    code = Py(f"{function}({ctx.code(one.this).short()})")
    if one.args.get("nulls_first") is not None and bool(one.args["nulls_first"]) == bool(one.args.get("desc")):
        return [f"{code.text}.{'desc_nulls_first' if one.args.get('desc') else 'asc_nulls_last'}()"]
    return [f"{code.text}.desc()" if one.args.get("desc") else code.text]


def _counted(frame: exp.Expr | None) -> bool:
    """Whether a bound of a RANGE is a number: of days, where dates are ordered by."""
    if frame is None or str(frame.args.get("kind") or "").upper() != "RANGE":
        return False
    return any(isinstance(frame.args.get(side), exp.Literal | exp.Neg) for side in ("start", "end"))


def _edge(frame: exp.Expr | None) -> exp.Expr | None:
    if frame is None:
        return None
    return next(
        (frame.args[side] for side in ("start", "end") if isinstance(frame.args.get(side), exp.Interval)), None
    )


def _frame(ctx: Context, frame: exp.Expr, order: exp.Expr | None) -> str:
    kind = str(frame.args.get("kind") or "").lower()
    if frame.args.get("exclude"):
        raise refuse(frame, "EXCLUDE in a window", "Spark has no such frame")
    unit = type_of(ctx, order.expressions[0].this) if order is not None and _edge(frame) is not None else ""
    start = _bound(ctx, frame, "start", unit)
    end = _bound(ctx, frame, "end", unit) if frame.args.get("end") else "Window.currentRow"
    return f"{'rowsBetween' if kind == 'rows' else 'rangeBetween'}({start}, {end})"


def _bound(ctx: Context, frame: exp.Expr, side: str, unit: str) -> str:
    value, way = frame.args.get(side), str(frame.args.get(f"{side}_side") or "").lower()
    if value == "CURRENT ROW":
        return "Window.currentRow"
    if value == "UNBOUNDED":
        return "Window.unboundedPreceding" if way == "preceding" else "Window.unboundedFollowing"
    sign = -1 if way == "preceding" else 1
    if isinstance(value, exp.Interval):
        return _steps(value, sign, unit)
    inner = value.this if isinstance(value, exp.Neg) else value
    if isinstance(inner, exp.Literal) and inner.is_int:
        return str(sign * int(inner.this) * (-1 if isinstance(value, exp.Neg) else 1))
    raise refuse(frame, f"The window's bound {value.sql('spark') if isinstance(value, exp.Expr) else value}",
                 "rowsBetween and rangeBetween take whole numbers")  # fmt: skip


def _steps(value: exp.Interval, sign: int, unit: str) -> str:
    found = amount(value)
    sizes = {"week": 7 * 86400, "day": 86400, "hour": 3600, "minute": 60, "second": 1}
    if found is None or found[1] not in sizes:
        raise refuse(
            value, value.sql("spark"), "a window's RANGE is known for weeks, days, hours, minutes and seconds"
        )
    seconds = found[0] * sizes[found[1]]
    if unit == "date":
        return str(sign * seconds // 86400)
    return str(sign * seconds * 1_000_000)
