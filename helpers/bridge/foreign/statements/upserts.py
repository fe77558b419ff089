"""INSERT that minds rows whose key is there already: ON CONFLICT, ON DUPLICATE KEY, REPLACE and IGNORE as MERGE."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.statements.assigned import assignments, in_order
from helpers.bridge.refusal import refuse
from helpers.bridge.statements.changes import Assignment
from helpers.bridge.statements.known import Known
from helpers.bridge.statements.target import is_default, named

NEW = "new_rows"
UNIQUE = (
    "New rows must have different keys: of two with one key, and none of it in the table, a merge inserts both. "
    "GROUP BY the key, or keep one row of each."
)
ANY_ROW = "Of several new rows with one key the code keeps one by its values; the database keeps the first it meets."


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
    using, columns = _rows(node, columns, key, alias, notes, keep="" if updates else "first" if first else "last")
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


def _rows(
    node: exp.Insert, columns: list[str], key: list[str], alias: str, notes: list[str], keep: str
) -> tuple[exp.Subquery, list[str]]:
    """The new rows with the table's names, one of each key, and the columns that they have.

    keep: which of the rows with one key stays, "first" or "last"; "" = none may have another's.
    """
    rows = node.args.get("expression")
    if isinstance(rows, exp.Values):
        query, columns = _constants(node, rows, columns, key, alias, notes, keep)
    elif isinstance(rows, exp.Select) and len(rows.expressions) == len(columns) and not any(
        one.is_star for one in rows.expressions
    ):  # fmt: skip
        query = rows.copy()
        query.set("expressions", [
            exp.Alias(this=one.unalias().copy(), alias=exp.to_identifier(name))
            for one, name in zip(query.expressions, columns, strict=True)
        ])  # fmt: skip
        if not _grouped_by(rows, columns, key):
            query = _one_each(query, columns, key, alias, notes) if keep else query
            notes += [] if keep else [UNIQUE]
    else:
        raise refuse(node, "An INSERT of this query that minds keys", "the names of its columns are not known",
                     "select the columns one by one")  # fmt: skip
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias))), columns


def _constants(
    node: exp.Insert, rows: exp.Values, columns: list[str], key: list[str], alias: str, notes: list[str], keep: str
) -> tuple[exp.Select, list[str]]:
    tuples = [list(one.expressions) if isinstance(one, exp.Tuple) else [one] for one in rows.expressions]
    tuples = [_unrolled(one) for one in tuples]
    if any(len(one) != len(columns) for one in tuples):
        raise refuse(node, "VALUES", f"its rows have not {len(columns)} values each")
    places = [index for index, name in enumerate(columns) if name.lower() in {one.lower() for one in key}]
    by_key: dict[tuple[str, ...], list[exp.Expr]] = {}
    for one in tuples if keep != "last" else reversed(tuples):
        # Texts of any case may be one key.
        told = tuple(one[place].sql().lower() for place in places)
        if told in by_key and not keep:
            raise refuse(node, f"Two new rows with the key {', '.join(told)}", "a merge looks at all rows at once",
                         "insert them one after the other")  # fmt: skip
        by_key.setdefault(told, one)
    if not all(
        isinstance(one[place].unnest(), exp.Literal | exp.Null | exp.Neg) for one in tuples for place in places
    ):
        notes.append(UNIQUE)
    kept = list(by_key.values()) if keep != "last" else list(reversed(by_key.values()))
    left = [index for index in range(len(columns)) if not all(is_default(one[index]) for one in kept)]
    if any(is_default(one[index]) for index in left for one in kept):
        raise refuse(node, "DEFAULT in some rows only", "a DataFrame has a column in all rows or in none",
                     "insert these rows by a statement of their own")  # fmt: skip
    names = [columns[index] for index in left]
    values = exp.Values(
        expressions=[exp.Tuple(expressions=[one[index].copy() for index in left]) for one in kept],
        alias=exp.TableAlias(this=exp.to_identifier(alias), columns=[exp.to_identifier(one) for one in names]),
    )
    return exp.Select(expressions=[exp.Star()]).from_(values), names


def _unrolled(row: list[exp.Expr]) -> list[exp.Expr]:
    only = row[0] if len(row) == 1 else None
    return list(only.expressions) if isinstance(only, exp.Anonymous) and str(only.this).upper() == "ROW" else row


def _grouped_by(query: exp.Select, columns: list[str], key: list[str]) -> bool:
    """Whether the query groups by exactly the key, so that no two of its rows have the same."""
    group = query.args.get("group")
    if group is None or not group.expressions:
        return False
    items = {name.lower(): one.unalias().sql() for name, one in zip(columns, query.expressions, strict=True)}
    return {items[one.lower()] for one in key} >= {one.sql() for one in group.expressions}


def _one_each(query: exp.Select, columns: list[str], key: list[str], alias: str, notes: list[str]) -> exp.Select:
    notes.append(ANY_ROW)
    rest = [one for one in columns if one.lower() not in {name.lower() for name in key}] or key
    number = exp.Window(
        this=exp.RowNumber(),
        partition_by=[exp.column(one) for one in key],
        order=exp.Order(expressions=[exp.Ordered(this=exp.column(one), desc=False, nulls_first=True)
                                     for one in rest]),
    )  # fmt: skip
    inner = exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("found")))
    items = [*(exp.column(one) for one in columns), exp.Alias(this=number, alias=exp.to_identifier("place"))]
    placed = exp.Subquery(
        this=exp.Select(expressions=items).from_(inner), alias=exp.TableAlias(this=exp.to_identifier("placed"))
    )
    first = exp.EQ(this=exp.column("place"), expression=exp.Literal.number(1))
    return exp.Select(expressions=[exp.column(one) for one in columns]).from_(placed).where(first)


def _conflicting(
    node: exp.Insert, dialect: str, table: exp.Table, alias: str, known: Known
) -> tuple[list[Assignment], exp.Expr | None]:
    conflict = node.args["conflict"]
    sets = assignments(conflict)
    columns = {one.lower() for one in named(node.this) or known.columns(table) or ()}
    if dialect == "mysql":
        sets = in_order([(name, _new_value(one, alias)) for name, one in sets], table, known)
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


def _new_value(node: exp.Expr, alias: str) -> exp.Expr:
    """VALUES(column) as the new row's column."""
    holder = exp.Paren(this=node.copy())
    for call in list(holder.find_all(exp.Anonymous)):
        if str(call.this).upper() == "VALUES" and len(call.expressions) == 1:
            call.replace(exp.column(call.expressions[0].name, alias))
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
