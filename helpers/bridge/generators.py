"""LATERAL joins and LATERAL VIEW: rows made of each row."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.context import Context
from helpers.bridge.program import Frame
from helpers.bridge.refusal import refuse
from helpers.bridge.scope import Field, Scope, Source
from helpers.bridge.sources import Place

_TABLE_FUNCTIONS = {"explode", "explode_outer", "inline", "inline_outer", "posexplode", "posexplode_outer", "stack",
                    "json_tuple", "variant_explode", "variant_explode_outer"}  # fmt: skip
_COLUMNS = {"explode": ("col",), "posexplode": ("pos", "col")}


def lateral(place: Place, join: exp.Join, scope: Scope) -> tuple[Source, Frame]:
    """The source that LATERAL (SELECT ...) or LATERAL function(...) offers, and its frame, not yet joined."""
    from helpers.bridge.query import query

    node = join.this
    inner, alias = node.this, node.args.get("alias")
    if isinstance(inner, exp.Subquery):
        frame = query(Place(place.program, scope, place.ctes), inner.this)
    elif isinstance(inner, exp.Anonymous) and str(inner.this).lower() in _TABLE_FUNCTIONS:
        outside = Context(place.program, Scope(parent=scope))
        codes = [outside.code(one).column().text for one in inner.expressions]
        name = str(inner.this).lower()
        names = _COLUMNS.get(name.removesuffix("_outer"))
        fields = tuple(Field(one) for one in names) if names else None
        frame = Frame(f"spark.tvf.{name}({', '.join(codes)})", fields=fields)
    else:
        raise refuse(node, f"LATERAL {inner.sql('spark')[:40]}", "only a query or a generator can be lateral")
    columns = [one.name for one in alias.args.get("columns") or []] if alias is not None else []
    if columns:
        frame.step("toDF", *(repr(one) for one in columns))
        frame.fields = tuple(Field(one) for one in columns)
    return Source(node.alias, frame.fields), frame


def view(place: Place, node: exp.Lateral, scope: Scope) -> tuple[Source, Frame]:
    """The source that LATERAL VIEW offers, and the step that makes its columns."""
    call, name, columns = _generator(node)
    ctx = Context(place.program, scope)
    made = ctx.code(exp.Anonymous(this=name, expressions=[one.copy() for one in call.expressions]))
    text = f"{made.text}.alias({', '.join(repr(one) for one in columns)})" if columns else made.text
    frame = Frame("", fields=tuple(Field(one) for one in columns) if columns else None)
    frame.step("select", "'*'", text)
    return Source(node.alias, frame.fields), frame


def joined_view(place: Place, node: exp.Lateral, scope: Scope) -> str:
    """LATERAL VIEW as a frame to join laterally: its columns are then told by its alias."""
    call, name, columns = _generator(node)
    outside = Context(place.program, Scope(parent=scope))
    codes = ", ".join(outside.code(one).column().text for one in call.expressions)
    names = f".toDF({', '.join(repr(one) for one in columns)})" if columns else ""
    return f"spark.tvf.{name}({codes}){names}.alias({node.alias!r})"


def _generator(node: exp.Lateral) -> tuple[exp.Anonymous, str, list[str]]:
    """The call of LATERAL VIEW, its generator's name, and its columns' names where they are known."""
    call = node.this
    name = str(call.this).lower() if isinstance(call, exp.Anonymous) else type(call).__name__.lower()
    if name not in _TABLE_FUNCTIONS or not isinstance(call, exp.Anonymous):
        raise refuse(node, f"LATERAL VIEW {name}", "only Spark's own generators are known")
    if node.args.get("outer") and not name.endswith("_outer"):
        if name not in ("explode", "posexplode", "inline"):
            raise refuse(node, f"LATERAL VIEW OUTER {name}", "pyspark has no such generator")
        name += "_outer"
    alias = node.args.get("alias")
    columns = [one.name for one in alias.args.get("columns") or []] if alias is not None else []
    if not columns and alias is not None and alias.this is not None and name.removesuffix("_outer") in _COLUMNS:
        columns = list(_COLUMNS[name.removesuffix("_outer")])
    return call, name, columns
