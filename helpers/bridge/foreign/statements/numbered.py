"""Changes of rows that are told by their place in an order: a merge cannot, so the table is written anew.

A DELETE or UPDATE of a part of WITH that numbers the rows of one table, and MySQL's ORDER BY with LIMIT.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from helpers.bridge.foreign.statements.assigned import assignments, in_order
from helpers.bridge.refusal import refuse
from helpers.bridge.statements.changes import Assignment
from helpers.bridge.statements.known import Known

ANEW = "The whole table is written anew: rows that are alike cannot be told apart by a merge."
PLACE = "place"
_PARTS = ("joins", "where", "group", "having", "distinct", "limit", "offset", "qualify", "with_", "laterals")


def numbered(tree: exp.Expr, dialect: str, known: Known, notes: list[str]) -> exp.Insert | None:
    """The INSERT OVERWRITE that such a change is; None for any other. Raises Refusal where it is not sure."""
    if not isinstance(tree, exp.Update | exp.Delete) or tree.args.get("returning"):
        return None
    if dialect == "mysql" and tree.args.get("order") and not tree.args.get("limit"):
        # Then the order decides nothing.
        tree.set("order", None)
    part = _part(tree)
    made: exp.Insert | None = None
    if dialect == "mysql" and tree.args.get("order") and tree.args.get("limit"):
        made = _limited(tree, known)
    elif part is not None:
        made = _through(tree, part, known)
    if made is not None:
        notes.append(ANEW)
    return made


def _part(tree: exp.Expr) -> exp.CTE | None:
    """The part of WITH whose rows are changed."""
    names = tree.args.get("tables") or []
    name = names[0] if len(names) == 1 and not tree.this else tree.this
    clause = tree.args.get("with_")
    if clause is None or not isinstance(name, exp.Table) or name.db or tree.args.get("from_") or names[1:]:
        return None
    return next((one for one in clause.expressions if one.alias.lower() == name.name.lower()), None)


def _through(tree: exp.Expr, part: exp.CTE, known: Known) -> exp.Insert:
    query, clause = part.this, tree.args["with_"]
    origin = query.args.get("from_") if isinstance(query, exp.Select) else None
    table = origin.this if origin is not None else None
    parts = {one.alias.lower() for one in clause.expressions}
    if (
        not isinstance(table, exp.Table)
        or table.name.lower() in parts
        or len(parts) > 1
        or table.args.get("joins")
        or any(query.args.get(key) for key in _PARTS)
        or part.args["alias"].args.get("columns")
    ):
        raise refuse(part, f"A change of {part.alias}", "which row of a table each of its rows is is not sure",
                     "change the table itself, or write it anew with INSERT OVERWRITE")  # fmt: skip
    columns = _columns(tree, table, known)
    own = {one.lower() for one in columns}
    items = []
    for one in query.expressions:
        if one.is_star or (isinstance(one.unalias(), exp.Column) and one.unalias().name == one.alias_or_name):
            continue
        if one.alias_or_name.lower() in own:
            raise refuse(one, f"The name {one.alias_or_name}", f"{table.name} has a column of that name",
                         "give it another name")  # fmt: skip
        items.append(one.copy())
    where = tree.args["where"].this.copy() if tree.args.get("where") else exp.true()
    sets = assignments(tree) if isinstance(tree, exp.Update) else None
    return _written(table, columns, items, part.alias, where, sets)


def _limited(tree: exp.Expr, known: Known) -> exp.Insert:
    table = tree.this
    if table.args.get("joins") or tree.args.get("with_"):
        raise refuse(tree, "LIMIT of a join", "a merge looks at all rows at once", "tell the rows by a condition")
    columns = _columns(tree, table, known)
    where = tree.args["where"].this.copy() if tree.args.get("where") else exp.true()
    asked = [] if isinstance(where, exp.Boolean) else [_asked(where)]
    window = exp.Window(this=exp.RowNumber(), partition_by=asked, order=tree.args["order"].copy())
    first = exp.LTE(this=exp.column(PLACE), expression=tree.args["limit"].expression.copy())
    sets = in_order(assignments(tree), table, known) if isinstance(tree, exp.Update) else None
    test = first if isinstance(where, exp.Boolean) else exp.and_(where, first)
    return _written(table, columns, [exp.Alias(this=window, alias=exp.to_identifier(PLACE))],
                    table.alias_or_name, test, sets)  # fmt: skip


def _columns(tree: exp.Expr, table: exp.Table, known: Known) -> list[str]:
    found = known.columns(table)
    if found is None:
        raise refuse(tree, "A change by the rows' places", f"the columns of {table.name} are not known, and it is "
                     "written anew", "give the schema")  # fmt: skip
    return list(found)


def _written(
    table: exp.Table, columns: list[str], items: list[exp.Expr], alias: str, test: exp.Expr,
    sets: Sequence[Assignment] | None,
) -> exp.Insert:  # fmt: skip
    inner = exp.Select(
        expressions=[*(exp.column(one, table.alias_or_name) for one in columns), *items],
        from_=exp.From(this=table.copy()),
    )
    rows = exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(alias)))
    values = {name.name.lower(): one for name, one in sets or ()}
    outputs: list[exp.Expr] = []
    for one in columns:
        value = values.get(one.lower())
        old = exp.column(one, alias)
        if value is not None:
            new: exp.Expr = value.copy()
            if not isinstance(test, exp.Boolean):
                new = exp.Case(ifs=[exp.If(this=test.copy(), true=new)], default=old)
            outputs.append(exp.Alias(this=new, alias=exp.to_identifier(one)))
        else:
            outputs.append(old)
    query = exp.Select(expressions=outputs).from_(rows)
    if sets is None:
        query = query.where(exp.Not(this=exp.Paren(this=test.copy())) if _sure(test, items) else
                            exp.EQ(this=_asked(test), expression=exp.Literal.number(0)))  # fmt: skip
    plain = table.copy()
    plain.set("alias", None)
    return exp.Insert(this=plain, expression=query, overwrite=True)


def _asked(test: exp.Expr) -> exp.Case:
    """1 where the condition is true, else 0."""
    return exp.Case(ifs=[exp.If(this=test.copy(), true=exp.Literal.number(1))], default=exp.Literal.number(0))


def _sure(test: exp.Expr, items: Sequence[exp.Expr]) -> bool:
    """Whether the condition compares a row's number with a constant, so that it is never unknown."""
    numbers = {one.alias_or_name.lower() for one in items if isinstance(one.unalias(), exp.Window)
               and isinstance(one.unalias().this, exp.RowNumber)}  # fmt: skip
    comparing = isinstance(test, exp.GT | exp.GTE | exp.LT | exp.LTE | exp.EQ | exp.NEQ)
    columns = {one.name.lower() for one in test.find_all(exp.Column)}
    return comparing and columns <= numbers and isinstance(test.expression, exp.Literal | exp.Column)
