"""UPDATE and DELETE of a table that is joined with others, as each dialect writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from helpers.bridge.foreign.statements.assigned import assignments, in_order
from helpers.bridge.refusal import refuse
from helpers.bridge.statements.changes import Assignment, Change, lowered
from helpers.bridge.statements.known import Known

ANY_ROW = "Where several rows match one of the table, the database takes any of them; Delta stops with an error."
_INNER = ("", "INNER", "CROSS")


@dataclass
class _Row:
    """The sources of a statement, one joined to the others: the first one, and the joins behind it."""

    first: exp.Expr
    joins: list[exp.Join]

    @property
    def sources(self) -> list[exp.Expr]:
        return [self.first, *(one.this for one in self.joins)]

    def named(self, name: exp.Expr) -> exp.Table | None:
        """The one that a statement means by this name: its alias, or else its table's name."""
        tables = [one for one in self.sources if isinstance(one, exp.Table)]
        for same in (lambda one: one.alias_or_name, lambda one: one.name):
            found = [one for one in tables if same(one).lower() == name.name.lower()]
            if len(found) == 1:
                return found[0]
        return None

    @property
    def inner(self) -> bool:
        return all(
            not one.side and one.kind.upper() in _INNER and not one.method and not one.args.get("using")
            for one in self.joins
        )


def updated(node: exp.Update, dialect: str, known: Known, notes: list[str]) -> Change:
    """The change that an UPDATE makes. Raises Refusal where it changes two tables, or a part of WITH."""
    if isinstance(node.this, exp.Subquery):
        node = _unwrapped(node)
    sets = assignments(node)
    where = node.args["where"].this if node.args.get("where") else None
    origin = node.args.get("from_")
    rows = _row(node.this) if node.this.args.get("joins") else (_row(origin.this) if origin is not None else None)
    if dialect == "mysql":
        table = _target_of(sets, rows, known, node) if rows is not None else node.this
        if rows is None:
            sets = in_order(sets, table, known)
        elif _reads_assigned(sets):
            raise refuse(node, "An assignment that reads an assigned column", "in which order they run is not said",
                         "assign the expression itself")  # fmt: skip
    elif dialect == "oracle" and rows is not None:
        table = _target_of(sets, rows, known, node)
    else:
        table = _written(node, node.this, rows if dialect == "tsql" else None)
    if rows is not None:
        notes.append(ANY_ROW)
    return _change(node, table, sets, where, rows, known)


def deleted(node: exp.Delete, dialect: str, known: Known) -> Change:
    """The change that a DELETE makes. Raises Refusal where it deletes from two tables, or from a part of WITH."""
    where = node.args["where"].this if node.args.get("where") else None
    names = node.args.get("tables") or []
    using = node.args.get("using") or []
    if len(names) > 1:
        raise refuse(node, "DELETE from several tables", "a merge changes one table", "write a DELETE for each")
    rows = None
    if using:
        rows = _row(using[0])
        rows.joins += [join for one in using[1:] for join in _listed(one)]
    elif isinstance(node.this, exp.Table) and (names or node.this.args.get("joins")):
        rows = _row(node.this)
    name = names[0] if names else node.this
    # PostgreSQL's USING does not name the table again, MySQL's does.
    again = rows if dialect != "postgres" else None
    table = _written(node, name, again)
    if rows is not None and rows.sources == [table]:
        rows = None
    return _change(node, table, None, where, rows, known)


def _unwrapped(node: exp.Update) -> exp.Update:
    """UPDATE (SELECT ... FROM a JOIN b ...) SET as the UPDATE of a join: names of the query's items become these."""
    query = node.this.this
    if not isinstance(query, exp.Select) or any(
        query.args.get(key) for key in ("group", "having", "distinct", "limit", "order", "with_")
    ):
        raise refuse(node.this, "UPDATE of this query", "which row of a table each of its rows is is not known",
                     "write UPDATE of the table, or MERGE INTO")  # fmt: skip
    items = {one.alias_or_name.lower(): one.unalias() for one in query.expressions}
    made = node.copy()
    for column in list(made.find_all(exp.Column)):
        if column.name.lower() in items:
            column.replace(exp.Paren(this=items[column.name.lower()].copy())
                           if isinstance(items[column.name.lower()], exp.Binary)
                           else items[column.name.lower()].copy())  # fmt: skip
    first = query.args["from_"].this.copy()
    first.set("joins", [one.copy() for one in query.args.get("joins") or []])
    made.set("this", first)
    tests = [one.this for one in (query.args.get("where"), made.args.get("where")) if one is not None]
    made.set("where", exp.Where(this=exp.and_(*(one.copy() for one in tests))) if tests else None)
    return made


def _row(first: exp.Expr) -> _Row:
    copy = first.copy()
    joins = list(copy.args.get("joins") or [])
    copy.set("joins", None)
    return _Row(copy, joins)


def _listed(source: exp.Expr) -> list[exp.Join]:
    """A source behind a comma, with what is joined to it."""
    row = _row(source)
    return [exp.Join(this=row.first), *row.joins]


def _written(node: exp.Expr, name: exp.Expr, rows: _Row | None) -> exp.Table:
    """The table that is written: the one of the row that bears the name, or else the one of that name."""
    found = rows.named(name) if rows is not None else None
    table = found if found is not None else name.copy()
    parts = {one.alias.lower() for one in node.args["with_"].expressions} if node.args.get("with_") else set()
    if not isinstance(table, exp.Table) or (not table.db and table.name.lower() in parts):
        raise refuse(name, f"A change of {name.name or 'a query'}", "it is a query, and a merge names its table",
                     "change the table itself, and compute what to change in USING")  # fmt: skip
    if found is None:
        table.set("joins", None)
    return table


def _target_of(sets: Sequence[Assignment], rows: _Row, known: Known, node: exp.Expr) -> exp.Table:
    """The one table whose columns are assigned."""
    found: list[exp.Table] = []
    for column, _ in sets:
        if column.text("table"):
            one = rows.named(exp.to_table(column.text("table")))
        else:
            owners = [table for table in rows.sources if known.type(table, column.name)]
            one = owners[0] if len(owners) == 1 and isinstance(owners[0], exp.Table) else None
        if one is None:
            raise refuse(column, f"SET {column.sql()}", "which table it is of is not known",
                         "write the table's name before it, or give the schema")  # fmt: skip
        if one not in found:
            found.append(one)
    if len(found) > 1:
        raise refuse(node, "UPDATE of several tables", "a merge changes one table", "write an UPDATE for each")
    return found[0]


def _reads_assigned(sets: Sequence[Assignment]) -> bool:
    done: set[tuple[str, str]] = set()
    for column, value in sets:
        if any((one.table.lower(), one.name.lower()) in done for one in value.find_all(exp.Column)):
            return True
        done.add((column.text("table").lower(), column.name.lower()))
    return False


def _change(
    node: exp.Expr, table: exp.Table, sets: Sequence[Assignment] | None, where: exp.Expr | None, rows: _Row | None,
    known: Known,
) -> Change:  # fmt: skip
    columns = lowered(known.schema)
    if rows is None:
        return Change(table, sets, where, known=columns)
    if rows.inner:
        others = [one for one in rows.sources if one is not table]
        tests = [one.args["on"] for one in rows.joins if one.args.get("on") is not None]
        tests += [where] if where is not None else []
        both = exp.and_(*(one.copy() for one in tests)) if tests else None
        return Change(table, sets, both, others=others, known=columns)
    if any(one is table for one in rows.sources):
        return Change(table, sets, where, exp.From(this=rows.first), rows.joins, known=columns)
    if any(one.side.upper() in ("RIGHT", "FULL") for one in rows.joins):
        raise refuse(node, "A RIGHT or FULL JOIN behind the table that is changed", "the table is not part of it",
                     "join in a subquery")  # fmt: skip
    return Change(
        table, sets, where, exp.From(this=table.copy()), [exp.Join(this=rows.first), *rows.joins], known=columns
    )
