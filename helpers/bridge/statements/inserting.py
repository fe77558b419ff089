"""INSERT as an append, or an overwrite, of the rows of a query: its columns go to the table's by position."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.comments import lines
from helpers.bridge.constants import rows_of
from helpers.bridge.context import Context
from helpers.bridge.joins import conjunction, conjuncts
from helpers.bridge.program import Frame
from helpers.bridge.query import query
from helpers.bridge.refusal import refuse
from helpers.bridge.scope import Field, Scope, Source
from helpers.bridge.sources import Place
from helpers.bridge.statements.merging import finished, without_subquery
from helpers.bridge.statements.target import Target, is_default, named, target

DEFAULTS = "A column that is left out gets its default, or NULL where it has none."


def insert(place: Place, node: exp.Insert) -> None:
    """Writes INSERT INTO and INSERT OVERWRITE."""
    into = target(place.program, node.this)
    for key in ("stored", "partition", "settings", "using", "alternative", "conflict", "ignore"):
        if node.args.get(key):
            raise refuse(node, f"INSERT with {key.upper()}", "Spark's INSERT has no such part")
    rows = node.args.get("expression") or _table(node)
    if rows is None:
        raise refuse(node, "INSERT ... DEFAULT VALUES", "a DataFrame has no row without a column",
                     "name a column and its value")  # fmt: skip
    where, fixed = node.args.get("where"), _fixed(into)
    names = named(node.this)
    if fixed and not names:
        names = [one.name for one in into.columns([], node, "INSERT ... PARTITION") if one.name.lower() not in fixed]
    frame, sure = _rows(place, into, rows, names, bool(node.args.get("by_name")), left=len(fixed))
    for name, value in fixed.items():
        frame.step("withColumn", repr(into.column(name)), Context(place.program, Scope()).code(value).column().text)
    if fixed and node.args.get("overwrite"):
        where = exp.and_(*(exp.EQ(this=exp.column(name), expression=one.copy()) for name, one in fixed.items()))
    if where is None and not sure:
        # Only insertInto goes by position where the names are not known.
        frame.steps.append(".write")
        frame.step("insertInto", into.text, *(["overwrite=True"] if node.args.get("overwrite") else []))
    else:
        frame.step("writeTo", into.text)
        if where is not None:
            without_subquery(where)
            ctx = Context(place.program, Scope(sources=[Source(into.short, into.fields)]))
            frame.step("overwrite", conjunction(ctx, conjuncts(where)))
        elif node.args.get("overwrite"):
            frame.step("overwrite", "F.lit(True)")
        else:
            frame.step("append")
    finished(place, frame, lines(node))


def _fixed(into: Target) -> dict[str, exp.Expr]:
    """The columns that PARTITION gives a constant. Raises Refusal for those that the rows give."""
    spec = into.node.args.get("partition")
    found: dict[str, exp.Expr] = {}
    for one in spec.expressions if spec is not None else []:
        if not isinstance(one, exp.EQ) or not isinstance(one.expression, exp.Literal):
            raise refuse(one, "PARTITION of a column without a value", "which partitions are written the rows tell",
                         "select the column, and REPLACE WHERE to overwrite")  # fmt: skip
        found[one.this.name.lower()] = one.expression
    return found


def _table(node: exp.Insert) -> exp.Expr | None:
    """The query that TABLE name stands for."""
    table = node.args.get("source")
    return exp.Select(expressions=[exp.Star()]).from_(table.copy()) if isinstance(table, exp.Expr) else None


def _rows(
    place: Place, into: Target, node: exp.Expr, names: list[str], by_name: bool, left: int = 0
) -> tuple[Frame, bool]:
    """The rows, and whether they bear the names of the table's columns. left: how many are not theirs to give."""
    if by_name:
        return query(place, node), True
    if not names and into.fields is None:
        return query(place, _without_default(node)), False
    columns = into.columns(names, node, "INSERT")
    if into.fields is not None and len(columns) + left < len(into.fields):
        place.program.note(DEFAULTS)
    if isinstance(node, exp.Values):
        return _values(place, into, node, columns), True
    labelled = _labelled(node, [one.name for one in columns])
    frame = query(place, labelled)
    if frame.fields is not None:
        if len(frame.fields) != len(columns):
            raise refuse(node, "INSERT", f"the query gives {len(frame.fields)} columns for {len(columns)}")
        if [one.name for one in frame.fields] == [one.name for one in columns]:
            return frame, True
    frame.step("toDF", *(repr(one.name) for one in columns))
    return frame, True


def _labelled(node: exp.Expr, names: list[str]) -> exp.Expr:
    """The query with its items named as the table's columns, where no other clause reads the names that it gives."""
    if not isinstance(node, exp.Select) or len(node.expressions) != len(names):
        return node
    if any(node.args.get(key) for key in ("order", "group", "having", "qualify", "distinct")):
        return node
    if any(one.is_star for one in node.expressions):
        return node
    copy = node.copy()
    items = [
        exp.Alias(this=one.unalias().copy(), alias=exp.to_identifier(name, quoted=True))
        for one, name in zip(copy.expressions, names, strict=True)
    ]
    copy.set("expressions", items)
    return copy


def _without_default(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Values) and any(is_default(one) for row in node.expressions for one in row.expressions):
        raise refuse(node, "DEFAULT among VALUES", "which column it is of is not known",
                     "name the columns, and leave this one out")  # fmt: skip
    return node


def _values(place: Place, into: Target, node: exp.Values, columns: list[Field]) -> Frame:
    """Rows of constants as the table's types, or else rows of what is computed."""
    rows = [list(one.expressions) if isinstance(one, exp.Tuple) else [one] for one in node.expressions]
    if any(len(row) != len(columns) for row in rows):
        raise refuse(node, "VALUES", f"its rows have not {len(columns)} values each")
    kept = [at for at in range(len(columns)) if not all(is_default(row[at]) for row in rows)]
    if any(is_default(row[at]) for at in kept for row in rows):
        raise refuse(node, "DEFAULT in some rows only", "a DataFrame has a column in all rows or in none",
                     "insert these rows by a statement of their own")  # fmt: skip
    if len(kept) < len(columns):
        place.program.note(DEFAULTS)
    columns = [columns[at] for at in kept]
    rows = [[row[at] for at in kept] for row in rows]
    if not columns:
        raise refuse(node, "A row of nothing but defaults", "a DataFrame has no row without a column",
                     "name a column and its value")  # fmt: skip
    made = rows_of(Context(place.program, Scope()), rows, columns)
    if made is not None:
        return made
    alias = exp.TableAlias(columns=[exp.to_identifier(one.name, quoted=True) for one in columns])
    tuples = [exp.Tuple(expressions=[one.copy() for one in row]) for row in rows]
    return query(place, exp.Values(expressions=tuples, alias=alias))
