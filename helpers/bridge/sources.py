"""One entry of FROM: a table, a CTE, a derived table, VALUES, a generator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from helpers.bridge.constants import constants
from helpers.bridge.context import Context
from helpers.bridge.named import unnamed
from helpers.bridge.pivots import pivoted
from helpers.bridge.program import Frame, Named, Program
from helpers.bridge.refusal import refuse
from helpers.bridge.scope import Field, Scope, Source


@dataclass(frozen=True)
class Place:
    """Where a query stands: the program, the outer scope, and the CTEs by lower-case name."""

    program: Program
    outer: Scope | None
    ctes: Mapping[str, Named]


def source(place: Place, node: exp.Expr, scope: Scope) -> tuple[Source, Frame]:
    """The source that an entry of FROM offers, and the frame of it, not yet aliased."""
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        made = _table(place, node)
    elif isinstance(node, exp.Subquery):
        made = _derived(place, node)
    elif isinstance(node, exp.Values):
        made = "values", values(place, node)
    elif isinstance(node, exp.Table) and isinstance(node.this, exp.Anonymous):
        made = _generated(place, node, scope)
    else:
        raise refuse(node, f"{type(node).__name__.upper()} in FROM", "the bridge has no DataFrame code for it")
    alias, frame = node.alias or made[0], made[1]
    for pivot in node.args.get("pivots") or []:
        pivoted(Context(place.program, Scope(ctes=place.ctes)), frame, pivot, made[0])
        alias = pivot.alias or alias
    _renamed(node, frame)
    _sampled(node, frame)
    return Source(alias, frame.fields), frame


def _table(place: Place, node: exp.Table) -> tuple[str, Frame]:
    named = place.ctes.get(node.name.lower()) if not node.args.get("db") else None
    if named is None:
        named = place.program.table(node.name)
    for key in ("version", "when"):
        if node.args.get(key):
            raise refuse(node, "Time travel", "it is an option of the reader, not of a DataFrame",
                         "read the table with spark.read.option('versionAsOf', ...) first")  # fmt: skip
    return node.name, Frame(named.text, fields=named.fields)


def _derived(place: Place, node: exp.Subquery) -> tuple[str, Frame]:
    from helpers.bridge.query import query

    # Names of the outer query's tables are not visible in a derived table, but for LATERAL.
    frame = query(Place(place.program, None, place.ctes), node.this)
    return "", frame


def settled(program: Program, frame: Frame, alias: str) -> Frame:
    """The frame as a variable of its own, unless it is one already or short enough to stand in a join."""
    if frame.plain or (len(frame.steps) <= 1 and len(frame.text) < 60):
        return frame
    named = program.assign(alias or "rows", frame)
    return Frame(named.text, fields=frame.fields)


def _renamed(node: exp.Expr, frame: Frame) -> None:
    alias = node.args.get("alias")
    names = [one.name for one in alias.args.get("columns") or []] if alias is not None else []
    if not names:
        return
    if frame.fields is not None and len(frame.fields) != len(names):
        raise refuse(
            node, f"The column list of {node.alias}", f"it has {len(names)} names for {len(frame.fields)} columns"
        )
    if frame.fields is None or [one.name for one in frame.fields] != names:
        _relabel(frame, names)
    old = frame.fields or tuple(Field("") for _ in names)
    frame.fields = tuple(one.named(name) for one, name in zip(old, names, strict=True))


def _relabel(frame: Frame, names: list[str]) -> None:
    frame.step("toDF", *(repr(name) for name in names))


def _sampled(node: exp.Expr, frame: Frame) -> None:
    sample = node.args.get("sample")
    if sample is None:
        return
    percent, seed = sample.args.get("percent"), sample.args.get("seed")
    bucket, of = (sample.args.get(f"bucket_{key}") for key in ("numerator", "denominator"))
    rows = sample.args.get("rows") or sample.args.get("size")
    if isinstance(rows, exp.Literal) and rows.is_int:
        # Spark takes any rows then, as LIMIT does.
        frame.step("limit", rows.this)
        return
    if percent is None and (bucket is None or of is None or sample.args.get("bucket_field")):
        raise refuse(sample, "TABLESAMPLE", "sample() takes a fraction only",
                     "write TABLESAMPLE (n PERCENT), or LIMIT n for the first rows")  # fmt: skip
    fraction = float(percent.this) / 100 if percent is not None else int(bucket.this) / int(of.this)
    frame.step("sample", repr(fraction), *([seed.this] if seed is not None else []))


def values(place: Place, node: exp.Values) -> Frame:
    """VALUES (...), (...): an array of structs, made rows."""
    ctx = Context(place.program, Scope())
    rows = [list(one.expressions) if isinstance(one, exp.Tuple) else [one] for one in node.expressions]
    count = len(rows[0])
    if any(len(row) != count for row in rows):
        raise refuse(node, "VALUES", "its rows have different numbers of values")
    names = [f"col{index + 1}" for index in range(count)]
    alias = node.args.get("alias")
    given = [one.name for one in alias.args.get("columns") or []] if alias is not None else []
    if given:
        if len(given) != count:
            raise refuse(node, "VALUES", f"it has {count} columns, and {len(given)} names")
        names = given
    plain = constants(ctx, rows, names)
    if plain is not None:
        return plain
    structs = []
    for row in rows:
        codes = [ctx.code(one).column() for one in row]
        items = [f"{one.inside(7)}.alias({name!r})" for one, name in zip(codes, names, strict=True)]
        structs.append(f"F.struct({', '.join(items)})")
    frame = Frame("spark.range(1)", fields=tuple(Field(name) for name in names))
    frame.step("select", f"F.inline(F.array({', '.join(structs)}))")
    return frame


def _generated(place: Place, node: exp.Table, scope: Scope) -> tuple[str, Frame]:
    call = node.this
    name = str(call.this).lower()
    ctx = Context(place.program, Scope())
    codes = [ctx.code(one) for one in unnamed(list(call.expressions))]
    if name == "range":
        return name, Frame(f"spark.range({', '.join(one.text for one in codes)})", fields=(Field("id", "bigint"),))
    known = (
        "explode",
        "explode_outer",
        "inline",
        "inline_outer",
        "posexplode",
        "posexplode_outer",
        "stack",
        "json_tuple",
        "variant_explode",
        "variant_explode_outer",
    )
    if name not in known:
        raise refuse(node, f"The table function {name}", "spark.tvf has no such function")
    fields = {
        "explode": ("col",),
        "explode_outer": ("col",),
        "posexplode": ("pos", "col"),
        "posexplode_outer": ("pos", "col"),
        "variant_explode": ("pos", "key", "value"),
        "variant_explode_outer": ("pos", "key", "value"),
    }
    frame = Frame(f"spark.tvf.{name}({', '.join(one.column().text for one in codes)})")
    frame.fields = tuple(Field(one) for one in fields[name]) if name in fields else None
    return name, frame


def aliased(source: Source, frame: Frame) -> str:
    """The frame's text as it stands in a chain, with its alias where columns are told by it."""
    return f"{frame.text}.alias({source.alias!r})" if source.qualified else frame.text
