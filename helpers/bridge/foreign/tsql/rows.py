"""What SQL Server's FROM makes rows of: table functions, APPLY of them and of VALUES, PIVOT."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign import pieces
from helpers.bridge.foreign.reader import WHOLE, Reader, call
from helpers.bridge.foreign.tsql.texts import COLLATION
from helpers.bridge.refusal import refuse


def source(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A table without its hints; GENERATE_SERIES and STRING_SPLIT in FROM."""
    if node.args.get("hints"):
        reading.note("Hints tell SQL Server how to run a query; they were left out.")
        node.set("hints", None)
    made = _rows(reading, node.this)
    if made is None:
        return pivoted(reading, node)
    alias = node.args.get("alias")
    columns = alias.args.get("columns") or [] if alias is not None else []
    name = columns[0].name if columns else "value"
    query = exp.select(exp.alias_(made, name))
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(node.alias or "rows")))


def _rows(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """The generator of a table function; None for what is none."""
    if isinstance(node, exp.GenerateSeries):
        return call("explode", _series(reading, node))
    if isinstance(node, exp.Anonymous) and str(node.this).lower() == "string_split":
        return call("explode", _split(reading, node))
    return None


def _series(reading: Reader, node: exp.GenerateSeries) -> exp.Expr:
    bounds = [node.args["start"], node.args["end"]]
    step = node.args.get("step")
    if any(reading.kind(one) not in WHOLE for one in bounds):
        raise refuse(node, "GENERATE_SERIES", "it is known of whole numbers", "give the schema, or cast to int")
    if step is None:
        return call("sequence", *(one.copy() for one in bounds))
    numbers = [pieces.number(one) for one in (*bounds, step)]
    start, end, size = numbers
    if start is None or end is None or not size:
        raise refuse(
            node,
            "GENERATE_SERIES with a step",
            "a step away from the end gives no rows, and an error in Spark",
            "write its numbers out",
        )
    if (end - start) * size < 0:
        raise refuse(node, "GENERATE_SERIES with a step away from its end", "it gives no rows")
    return call("sequence", *(one.copy() for one in (*bounds, step)))


def _split(reading: Reader, node: exp.Anonymous) -> exp.Expr:
    separator = node.expressions[1] if len(node.expressions) == 2 else None
    if not isinstance(separator, exp.Literal) or len(separator.this) != 1:
        raise refuse(node, "STRING_SPLIT", "it is known with a separator that is written out, and without an ordinal")
    text = node.expressions[0].copy()
    if reading.names.tables and text.find(exp.Column):
        # Regular expressions are for texts without a collation.
        text = call("collate", text, "UTF8_BINARY")
    sign = separator.this
    letter = sign.lower() != sign.upper()
    parts = call("split", text, f"(?iu){sign}" if letter else re.sub(r"([\\^$.|?*+()\[{])", r"\\\1", sign))
    if not _compared(reading, "value"):
        return parts
    one = exp.to_identifier("s")
    return call("transform", parts, exp.Lambda(this=call("collate", one, COLLATION), expressions=[one.copy()]))


def _compared(reading: Reader, name: str) -> bool:
    """Whether a column of that name does more than stand in the outermost SELECT."""
    columns = [one for one in reading.tree.find_all(exp.Column) if one.name.lower() == name]
    for column in columns:
        place = column.parent.parent if isinstance(column.parent, exp.Alias) else column.parent
        if place is not reading.tree or reading.tree.args.get("distinct"):
            return True
    return bool(reading.tree.find(exp.Star))


def applied(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """APPLY of VALUES and of table functions."""
    inner = node.this
    made = _rows(reading, inner)
    if made is not None and node.args.get("cross_apply") is False:
        made.set("this", "explode_outer")
    alias = node.args.get("alias")
    columns = [one.name for one in alias.args.get("columns") or []] if alias is not None else []
    if made is None and isinstance(inner, exp.Subquery) and isinstance(inner.this, exp.Values):
        made = _values(reading, inner.this, columns)
    elif made is not None and not columns:
        name = alias.this.copy() if alias is not None and alias.this is not None else exp.to_identifier("rows")
        node.set("alias", exp.TableAlias(this=name, columns=[exp.to_identifier("value")]))
    if made is not None:
        node.set("this", made)
    return None


def _values(reading: Reader, node: exp.Values, columns: list[str]) -> exp.Expr:
    rows = [list(one.expressions) if isinstance(one, exp.Tuple) else [one] for one in node.expressions]
    if any(len(row) != len(columns) for row in rows):
        raise refuse(node, "VALUES", "its rows and names differ in number")
    for column in zip(*rows, strict=True):
        kinds = {reading.kind(one) for one in column if not isinstance(one, exp.Null)}
        if len(kinds) > 1 and "string" in kinds:
            raise refuse(
                node,
                "VALUES of texts and numbers in a column",
                "SQL Server makes numbers of the texts",
                "cast them to one type",
            )
    structs = [
        call("struct", *(exp.alias_(one.copy(), name) for one, name in zip(row, columns, strict=True)))
        for row in rows
    ]
    return call("inline", call("array", *structs))


def pivoted(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """PIVOT: its columns' names are the values; counts and texts become conditions inside the aggregates."""
    pivots = node.args.get("pivots") or []
    if not pivots or any(one.args.get("unpivot") for one in pivots):
        return None
    if len(pivots) != 1 or len(pivots[0].args["fields"]) != 1:
        raise refuse(node, "Several PIVOTs", "one is known")
    pivot = pivots[0]
    field = pivot.args["fields"][0]
    names = [one.name for one in field.expressions]
    kind = _kind(reading, node, field.this)
    if kind not in {*WHOLE, "string"}:
        raise refuse(
            node,
            "PIVOT",
            "the type of the column that it is FOR is not known to be text or a whole number",
            "give the schema",
        )
    values: list[exp.Expr] = [
        exp.Literal.string(one) if kind == "string" else exp.Literal.number(one) for one in names
    ]
    used = {
        field.this.name.lower(),
        *(one.name.lower() for part in pivot.expressions for one in part.find_all(exp.Column)),
    }
    texts = any(kind in ("", "string") for name, kind in _columns(reading, node) if name.lower() not in used)
    # Texts are grouped by their collation, which a plain pivot does not tell.
    if kind != "string" and not texts and not any(one.find(exp.Count) for one in pivot.expressions):
        field.set("expressions", values)
        return None
    return _grouped(reading, node, pivot, values, names)


def _columns(reading: Reader, node: exp.Expr) -> list[tuple[str, str]]:
    """Names and types of what a derived table or a table offers."""
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Select) and not node.this.is_star:
        return [(one.alias_or_name, reading.kind(one)) for one in node.this.selects]
    known = reading.names.tables.get(node.name.lower()) if isinstance(node, exp.Table) else None
    return [(one.name, known.kind(one.name)) for one in known.columns] if known is not None else []


def _kind(reading: Reader, node: exp.Expr, column: exp.Expr) -> str:
    return next((kind for name, kind in _columns(reading, node) if name.lower() == column.name.lower()), "")


def _grouped(reading: Reader, node: exp.Expr, pivot: exp.Pivot, values: list[exp.Expr], names: list[str]) -> exp.Expr:
    field = pivot.args["fields"][0]
    (whole,) = pivot.expressions
    inner = whole.find(exp.AggFunc)
    if inner is None or isinstance(inner.this, exp.Star):
        raise refuse(node, "PIVOT", "its aggregate is not known")
    used = {field.this.name.lower(), *(one.name.lower() for one in inner.find_all(exp.Column))}
    keys = [exp.column(name) for name, _ in _columns(reading, node) if name.lower() not in used]
    items: list[exp.Expr] = [*keys]
    for value, name in zip(values, names, strict=True):
        same = exp.EQ(this=exp.column(field.this.name), expression=value)
        part = whole.copy()
        target = part.find(exp.AggFunc)
        target.set("this", exp.Case(ifs=[exp.If(this=same, true=target.this.copy())]))
        items.append(exp.alias_(part, name, quoted=True))
    source = node.copy()
    source.set("pivots", None)
    query = exp.Select(expressions=items).from_(source)
    query.set("group", exp.Group(expressions=[one.copy() for one in keys]))
    alias = pivot.alias or node.alias
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias)) if alias else None)
