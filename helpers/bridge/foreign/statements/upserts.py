"""INSERT that minds rows whose key is there already: ON CONFLICT, ON DUPLICATE KEY, REPLACE and IGNORE as MERGE."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.statements.assigned import assignments, in_order
from helpers.bridge.foreign.statements.new_rows import new_rows
from helpers.bridge.refusal import refuse
from helpers.bridge.statements.changes import Assignment
from helpers.bridge.statements.known import Known
from helpers.bridge.statements.target import named

NEW = "new_rows"


def is_upsert(node: exp.Insert) -> bool:
    """Whether it minds rows that are there."""
    return bool(node.args.get("conflict") or node.args.get("ignore")) or _replaces(node)


def upserted(node: exp.Insert, dialect: str, known: Known, notes: list[str]) -> exp.Merge:
    """The MERGE that an upsert is. Raises Refusal where the key is not known."""
    table = node.this.this if isinstance(node.this, exp.Schema) else node.this
    columns = named(node.this) or list(known.columns(table) or ())
    if not columns:
        raise refuse(node, "An INSERT by position that minds keys", f"the columns of {table.name} are not known",
                     "name the columns, or give the schema")  # fmt: skip
    key = _key(node, table, known)
    if missing := [one for one in key if one.lower() not in {name.lower() for name in columns}]:
        raise refuse(node, f"A key that is not inserted ({', '.join(missing)})", "the rows cannot be matched",
                     "insert the key's columns too")  # fmt: skip
    conflict = node.args.get("conflict")
    alias = _alias(node, dialect)
    first = dialect == "postgres" or not _replaces(node)
    updates = conflict is not None and bool(conflict.expressions)
    using, columns = new_rows(node, columns, key, alias, notes, keep="" if updates else "first" if first else "last")
    clauses = []
    if _replaces(node):
        clauses.append(_update(_replacing(table, columns, alias, known, node), None))
    elif updates:
        sets, where = _conflicting(node, dialect, table, alias, known)
        clauses.append(_update(sets, where))
    if dialect == "mysql" and node.args.get("ignore"):
        notes.append("IGNORE also lets values through that do not fit, changed; Delta stops with an error.")
    insert = exp.Insert(
        this=exp.Tuple(expressions=[exp.to_identifier(one) for one in columns]),
        expression=exp.Tuple(expressions=[exp.column(one, alias) for one in columns]),
    )
    clauses.append(exp.When(matched=False, source=False, then=insert))
    on = [exp.EQ(this=exp.column(one, table.alias or table.name), expression=exp.column(one, alias)) for one in key]
    return exp.Merge(
        this=table.copy(), using=using, on=exp.and_(*on), whens=exp.Whens(expressions=clauses),
        with_=node.args["with_"].copy() if node.args.get("with_") else None,
    )  # fmt: skip


def _replaces(node: exp.Insert) -> bool:
    return str(node.args.get("alternative") or "").upper() == "REPLACE"


def _key(node: exp.Insert, table: exp.Expr, known: Known) -> list[str]:
    conflict = node.args.get("conflict")
    keys = conflict.args.get("conflict_keys") if conflict is not None else None
    if conflict is not None and keys:
        columns = [one.this if isinstance(one, exp.Ordered) else one for one in keys]
        if conflict.args.get("index_predicate") or not all(isinstance(one, exp.Column) for one in columns):
            raise refuse(node, "ON CONFLICT of an expression, or of a part of the rows", "a merge compares columns",
                         "name the key's columns")  # fmt: skip
        return [one.name for one in columns]
    found = known.key(table)
    if not found:
        raise refuse(node, "An INSERT that minds keys", f"a Delta table has none, and {table.name}'s is not told",
                     f"give it: keys={{{table.name!r}: [...]}}, or write MERGE INTO")  # fmt: skip
    return list(found)


def _alias(node: exp.Insert, dialect: str) -> str:
    if dialect == "postgres":
        return "excluded"
    rows = node.args.get("expression")
    return (rows.alias if isinstance(rows, exp.Values) else "") or NEW


def _conflicting(
    node: exp.Insert, dialect: str, table: exp.Table, alias: str, known: Known
) -> tuple[list[Assignment], exp.Expr | None]:
    conflict = node.args["conflict"]
    sets = assignments(conflict)
    columns = {one.lower() for one in named(node.this) or known.columns(table) or ()}
    if dialect == "mysql":
        renamed = _renamed(node)
        sets = in_order([(name, _new_value(one, alias, renamed)) for name, one in sets], table, known)
    own = table.alias or table.name
    for _, one in sets:
        for column in one.find_all(exp.Column):
            if not column.table and column.name.lower() in columns | {
                name.lower() for name in known.columns(table) or ()
            }:
                # Without a name before it, it is the old row's.
                column.set("table", exp.to_identifier(own))
    where = conflict.args.get("where")
    return sets, where.this if where is not None else None


def _renamed(node: exp.Insert) -> dict[str, str]:
    """Of VALUES (...) AS new (m, n): the table's column that each name means."""
    rows = node.args.get("expression")
    alias = rows.args.get("alias") if isinstance(rows, exp.Values) else None
    names = [one.name.lower() for one in alias.args.get("columns") or []] if alias is not None else []
    return dict(zip(names, named(node.this), strict=False))


def _new_value(node: exp.Expr, alias: str, renamed: dict[str, str]) -> exp.Expr:
    """VALUES(column), and the new row's own names, as the new row's columns."""
    holder = exp.Paren(this=node.copy())
    for call in list(holder.find_all(exp.Anonymous)):
        if str(call.this).upper() == "VALUES" and len(call.expressions) == 1:
            call.replace(exp.column(call.expressions[0].name, alias))
    for column in list(holder.find_all(exp.Column)):
        if column.name.lower() in renamed and column.table.lower() in ("", alias.lower()):
            column.replace(exp.column(renamed[column.name.lower()], alias))
    return holder.this


def _replacing(table: exp.Expr, columns: list[str], alias: str, known: Known, node: exp.Expr) -> list[Assignment]:
    """All columns of the table: those of the new row, and NULL for the others."""
    every = known.columns(table)
    if every is None:
        raise refuse(node, "REPLACE", f"which columns of {table.name} it does not name is not known",
                     "give the schema")  # fmt: skip
    given = {one.lower() for one in columns}
    return [
        (exp.column(one), exp.column(one, alias) if one.lower() in given else exp.var("DEFAULT")) for one in every
    ]


def _update(sets: list[Assignment], where: exp.Expr | None) -> exp.When:
    then = exp.Update(expressions=[exp.EQ(this=name.copy(), expression=one.copy()) for name, one in sets])
    return exp.When(matched=True, source=False, condition=where.copy() if where is not None else None, then=then)
