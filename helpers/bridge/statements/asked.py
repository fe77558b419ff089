"""A statement's expressions as one query over its tables: it tells their columns, and which rows they tell apart."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.statements.target import is_default, named


def written_table(tree: exp.Expr) -> exp.Table | None:
    """The table that a statement in Spark's form writes; None for a query."""
    node = tree.expressions[0] if isinstance(tree, exp.TruncateTable) else tree.this
    if isinstance(tree, exp.Query) or not isinstance(node, exp.Expr):
        return None
    node = node.this if isinstance(node, exp.Schema) else node
    return node if isinstance(node, exp.Table) else None


def asked(tree: exp.Expr) -> exp.Expr:
    """The query: not to be run, but read by whoever makes tables for it."""
    rows = tree.args.get("expression")
    if isinstance(tree, exp.Create | exp.Cache) and isinstance(rows, exp.Expr):
        return _with(rows.copy(), tree)
    table = written_table(tree)
    assert table is not None
    own = table.copy()
    for key in ("joins", "partition"):
        own.set(key, None)
    query = exp.Select().from_(own)
    if isinstance(tree, exp.Insert):
        _inserted(query, tree, own, rows)
    elif isinstance(tree, exp.Merge):
        query.append("joins", exp.Join(this=tree.args["using"].copy(), on=tree.args["on"].copy()))
        for when in tree.args["whens"].expressions:
            _clause(query, when, own)
    else:
        where = tree.args.get("where")
        query.set("where", where.copy() if where is not None else None)
        for one in tree.expressions if isinstance(tree, exp.Update) else []:
            if isinstance(one, exp.EQ):
                _pair(query, own, one.this.name, one.expression)
    if not query.expressions:
        query.append("expressions", exp.alias_(exp.Literal.number(1), "one"))
    return _with(query, tree)


def _with(query: exp.Expr, tree: exp.Expr) -> exp.Expr:
    clause = tree.args.get("with_")
    if clause is not None and not query.args.get("with_"):
        query.set("with_", clause.copy())
    return query


def _inserted(query: exp.Select, tree: exp.Insert, own: exp.Table, rows: exp.Expr | None) -> None:
    names = named(tree.this)
    where = tree.args.get("where")
    if where is not None:
        holder = exp.Paren(this=where.copy())
        for column in holder.find_all(exp.Column):
            if not column.table:
                column.set("table", exp.to_identifier(own.alias_or_name))
        _item(query, holder.this)
    if isinstance(rows, exp.Values):
        first = rows.expressions[0].expressions if rows.expressions else []
        for name, one in zip(names, first, strict=False):
            _pair(query, own, name, one)
    elif isinstance(rows, exp.Query):
        query.append("joins", exp.Join(this=rows.copy().subquery("new_rows"), kind="CROSS"))
        outputs = rows.named_selects
        for at, output in enumerate(outputs if "*" not in outputs else []):
            # What has no name still takes a place.
            name = names[at] if at < len(names) else (output if output.isidentifier() else f"column_{at + 1}")
            item = rows.selects[at].unalias()
            plain = item.find(exp.Column, exp.Query) is None
            _pair(query, own, name, item if plain else exp.column(output, "new_rows"))


def _clause(query: exp.Select, when: exp.Expr, own: exp.Table) -> None:
    then, condition = when.args["then"], when.args.get("condition")
    if condition is not None:
        _item(query, condition)
    if isinstance(then, exp.Update):
        for one in then.expressions:
            if isinstance(one, exp.EQ):
                _pair(query, own, one.this.name, one.expression)
    elif isinstance(then, exp.Insert) and isinstance(then.this, exp.Tuple) and isinstance(then.expression, exp.Tuple):
        for name, one in zip(then.this.expressions, then.expression.expressions, strict=False):
            _pair(query, own, name.name, one)


def _pair(query: exp.Select, own: exp.Table, name: str, value: exp.Expr) -> None:
    """A column beside the value that it gets: they are of one type."""
    if not is_default(value):
        loose = isinstance(value, exp.Predicate | exp.Connector | exp.Not)
        inner = exp.Paren(this=value.copy()) if loose else value.copy()
        _item(query, exp.EQ(this=exp.column(name, own.alias_or_name), expression=inner))


def _item(query: exp.Select, test: exp.Expr) -> None:
    case = exp.Case(ifs=[exp.If(this=test.copy(), true=exp.Literal.number(1))])
    query.append("expressions", exp.alias_(case, f"p{len(query.expressions)}"))
