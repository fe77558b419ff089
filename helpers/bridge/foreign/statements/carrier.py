"""The dialect's rules on a statement: they know queries, so its expressions ride in one, over the statement's tables.

MERGE INTO t USING s ON c WHEN MATCHED THEN UPDATE SET a = v
SELECT CASE WHEN c THEN 1 END AS p0, v AS p1 FROM t CROSS JOIN s
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.bridge.foreign.reader import call, reader
from helpers.bridge.foreign.ruled import in_spark, ruled
from helpers.bridge.foreign.statements.assigned import fitted
from helpers.bridge.foreign.statements.collations import Collations
from helpers.bridge.parse import parse
from helpers.bridge.statements.changes import KEY
from helpers.bridge.statements.known import Known
from helpers.bridge.statements.target import is_default, named


def carried(tree: exp.Expr, dialect: str, known: Known) -> tuple[str, list[str]]:
    """Spark's SQL of a statement in Spark's form whose expressions are the dialect's, and notes."""
    notes: list[str] = []
    if dialect == "postgres":
        _lower(tree)
    if isinstance(tree, exp.Insert | exp.Create | exp.Cache):
        rows = tree.args.get("expression")
        if isinstance(rows, exp.Expr):
            clause = tree.args.get("with_")
            tree.set("with_", None)
            made, notes = _rows(tree, rows, clause, dialect, known)
            tree.set("expression", made)
    elif not isinstance(tree, exp.TruncateTable):
        notes = _changed(tree, dialect, known)
    return in_spark(tree, dialect), notes


def _lower(tree: exp.Expr) -> None:
    """Unquoted names are lower case."""
    for one in tree.find_all(exp.Identifier):
        if not one.args.get("quoted"):
            one.set("this", one.name.lower())


def _rows(
    tree: exp.Expr, rows: exp.Expr, clause: exp.With | None, dialect: str, known: Known
) -> tuple[exp.Expr, list[str]]:
    """The query of an INSERT or CREATE, in Spark's words, its values of the types of the columns."""
    kinds = _kinds(tree, known) if isinstance(tree, exp.Insert) else []
    if isinstance(rows, exp.Values):
        count = len(rows.expressions[0].expressions)
        names = [exp.to_identifier(f"c{index}") for index in range(count)]
        values = exp.Values(
            expressions=[one.copy() for one in rows.expressions],
            alias=exp.TableAlias(this=exp.to_identifier("v"), columns=names),
        )
        query: exp.Expr = exp.Select(expressions=[exp.Star()]).from_(values)
        _fit([list(one.expressions) for one in values.expressions], kinds, query, known)
        text, notes = ruled(query, dialect, known.schema)
        made = parse(text).args["from_"].this
        made.set("alias", None)
        return made, notes
    query = rows.copy()
    if clause is not None:
        own = query.args.get("with_")
        parts = [*clause.expressions, *(own.expressions if own is not None else [])]
        query.set("with_", exp.With(expressions=[one.copy() for one in parts]))
    if isinstance(query, exp.Select) and len(query.expressions) == len(kinds):
        _fit([[one.unalias() for one in query.expressions]], kinds, query, known)
    text, notes = ruled(query, dialect, known.schema)
    made = parse(text)
    return Collations(made).plain_rows(), notes


def _kinds(tree: exp.Insert, known: Known) -> list[str]:
    table = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    names = named(tree.this) or list(known.columns(table) or ())
    return [known.type(table, one) for one in names]


def _fit(rows: list[list[exp.Expr]], kinds: list[str], query: exp.Expr, known: Known) -> None:
    reading = reader(query, known.schema)
    for row in rows:
        for one, kind in zip(row, kinds, strict=False):
            made = fitted(reading, one, kind)
            if made is not one:
                one.replace(made)


def _changed(tree: exp.Expr, dialect: str, known: Known) -> list[str]:
    """Turns the expressions and the source of an UPDATE, DELETE or MERGE into Spark's; notes."""
    distinct = _undistinct(tree)
    pieces = list(_pieces(tree))
    items = [_item(node, test, at) for at, (node, test, _) in enumerate(pieces)]
    using = tree.args.get("using")
    clause = tree.args.get("with_")
    tree.set("with_", None)
    carrier = exp.Select(
        expressions=items or [exp.alias_(exp.Literal.number(1), "one")],
        from_=exp.From(this=tree.this.copy()),
        joins=[exp.Join(this=using.copy(), kind="CROSS")] if isinstance(using, exp.Expr) else [],
        with_=clause.copy() if clause is not None else None,
    )
    reading = reader(carrier, known.schema)
    for item, (_, test, column) in zip(carrier.expressions, pieces, strict=False):
        if not test and column:
            item.set("this", fitted(reading, item.this, known.type(tree.this, column)))
    text, notes = ruled(carrier, dialect, known.schema)
    made = parse(text)
    collations = Collations(made, tree.this)
    for (node, test, column), item in zip(pieces, made.expressions, strict=False):
        inner = item.unalias()
        if test:
            node.replace(collations.told(inner.args["ifs"][0].this))
        else:
            text_column = known.type(tree.this, column) == "string"
            node.replace(collations.stored(inner) if text_column else collations.told(inner))
    if isinstance(using, exp.Expr):
        source = collations.source(made.args["joins"][0].this)
        if distinct:
            _distinct(source, collations)
        tree.set("using", source)
    elif clause is not None:
        tree.set("with_", clause)
    return notes


def _item(node: exp.Expr, test: bool, at: int) -> exp.Expr:
    inner = exp.Case(ifs=[exp.If(this=node.copy(), true=exp.Literal.number(1))]) if test else node.copy()
    return exp.Alias(this=inner, alias=exp.to_identifier(f"p{at}"))


def _pieces(tree: exp.Expr) -> Iterator[tuple[exp.Expr, bool, str]]:
    """The expressions of a statement: each with whether it is a condition, and the column that it is assigned to."""
    if isinstance(tree, exp.Merge):
        on = tree.args["on"]
        # The keys of our own are compared as they are.
        if not any(one.meta.get(KEY) for one in on.walk()):
            yield on, True, ""
        for when in tree.args["whens"].expressions:
            if when.args.get("condition") is not None:
                yield when.args["condition"], True, ""
            yield from _action(when.args["then"])
        return
    if tree.args.get("where") is not None:
        yield tree.args["where"].this, True, ""
    if isinstance(tree, exp.Update):
        yield from _sets(tree.expressions)


def _action(then: exp.Expr) -> Iterator[tuple[exp.Expr, bool, str]]:
    if isinstance(then, exp.Update):
        yield from _sets(then.expressions)
    elif isinstance(then, exp.Insert) and isinstance(then.expression, exp.Tuple):
        names = [one.name for one in then.this.expressions] if isinstance(then.this, exp.Tuple) else []
        for at, one in enumerate(then.expression.expressions):
            if not is_default(one):
                yield one, False, names[at] if at < len(names) else ""


def _sets(sets: list[exp.Expr]) -> Iterator[tuple[exp.Expr, bool, str]]:
    for one in sets:
        if isinstance(one, exp.EQ) and not is_default(one.expression):
            yield one.expression, False, one.this.name


def _undistinct(tree: exp.Expr) -> bool:
    """Takes DISTINCT off the query of what changes: under a collation it would take texts for one that are not."""
    if not isinstance(tree, exp.Merge) or not any(one.meta.get(KEY) for one in tree.args["on"].walk()):
        return False
    tree.args["using"].this.set("distinct", None)
    return True


def _distinct(source: exp.Expr, collations: Collations) -> None:
    query = source.this
    query.set("distinct", exp.Distinct())
    for item in query.expressions:
        if collations.any and isinstance(item.unalias(), exp.Column) and collations.has(item.unalias()):
            name = item.alias_or_name
            item.replace(exp.Alias(this=call("collate", item.unalias().copy(), "UTF8_BINARY"),
                                   alias=exp.to_identifier(name)))  # fmt: skip
