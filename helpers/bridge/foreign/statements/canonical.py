"""A foreign statement in the form that Spark has for it, its expressions still those of the dialect."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.statements.joined import deleted, updated
from helpers.bridge.foreign.statements.numbered import numbered
from helpers.bridge.foreign.statements.upserts import is_upsert, upserted
from helpers.bridge.refusal import refuse
from helpers.bridge.statements.changes import Change
from helpers.bridge.statements.known import Known
from helpers.bridge.statements.refused import refusal_of, refuse_parts

_HINTS = ("hint", "hints")


def canonical(tree: exp.Expr, dialect: str, known: Known, notes: list[str]) -> exp.Expr:
    """An INSERT, UPDATE, DELETE, MERGE, TRUNCATE or CREATE of Spark's grammar. Raises Refusal for what is none."""
    for node in tree.find_all(exp.Table, exp.Insert, exp.Update, exp.Delete):
        for key in _HINTS:
            node.set(key, None)
    if dialect == "postgres":
        _without_only(tree)
    anew = numbered(tree, dialect, known, notes)
    if anew is not None:
        return anew
    refuse_parts(tree)
    if isinstance(tree, exp.Query):
        return _into(tree)
    if isinstance(tree, exp.Insert):
        return upserted(tree, dialect, known, notes) if is_upsert(tree) else _lone_values(tree)
    if isinstance(tree, exp.Update):
        if tree.args.get("ignore"):
            raise refuse(tree, "UPDATE IGNORE", "Delta stops at the first error", "leave IGNORE out")
        return _changed(tree, updated(tree, dialect, known, notes))
    if isinstance(tree, exp.Delete):
        return _changed(tree, deleted(tree, dialect, known))
    if isinstance(tree, exp.Merge):
        return _merged(tree)
    if isinstance(tree, exp.Create):
        return _created(tree)
    if isinstance(tree, exp.TruncateTable):
        tree.set("option", None)
        return tree
    raise refusal_of(tree)


def _without_only(tree: exp.Expr) -> None:
    """Puts right what is read as a table named ONLY: there are no tables that inherit."""
    table = tree.this if isinstance(tree, exp.Update | exp.Delete) else None
    if not isinstance(table, exp.Table):
        return
    table.set("only", None)
    if table.name.upper() == "ONLY" and table.alias and not table.this.args.get("quoted"):
        table.set("this", table.args["alias"].this)
        table.set("alias", None)


def _into(tree: exp.Query) -> exp.Expr:
    """SELECT ... INTO as CREATE TABLE AS."""
    query = tree.copy()
    into = query.args["into"]
    query.set("into", None)
    table = into.this
    table.this.set("temporary", None)
    properties = exp.Properties(expressions=[exp.TemporaryProperty()]) if into.args.get("temporary") else None
    return _created(exp.Create(this=table, kind="TABLE", expression=query, properties=properties))


def _created(tree: exp.Create) -> exp.Expr:
    """CREATE ... AS; a temporary table as CACHE TABLE, which is a view of the rows as they are now."""
    query, clause = tree.args.get("expression"), tree.args.get("properties")
    properties = list(clause.expressions) if clause is not None else []
    if not isinstance(query, exp.Query):
        return tree
    if any(isinstance(one, exp.WithDataProperty) and one.args.get("no") for one in properties):
        query = exp.Select(expressions=[exp.Star()]).from_(query.subquery("found")).limit(0)
    kept = [one for one in properties if not isinstance(one, exp.WithDataProperty | exp.OnCommitProperty)]
    if str(tree.args["kind"]).upper() == "TABLE":
        if isinstance(tree.this, exp.Schema):
            # Spark's CREATE TABLE AS has no names of columns.
            names = exp.TableAlias(this=exp.to_identifier("found"), columns=list(tree.this.expressions))
            query = exp.Select(expressions=[exp.Star()]).from_(exp.Subquery(this=query, alias=names))
            tree.set("this", tree.this.this)
        if any(isinstance(one, exp.TemporaryProperty) for one in kept):
            return exp.Cache(this=tree.this, expression=query)
        kept.insert(0, exp.FileFormatProperty(this=exp.var("delta")))
    tree.set("expression", query)
    tree.set("properties", exp.Properties(expressions=kept) if kept else None)
    return tree


def _lone_values(tree: exp.Insert) -> exp.Insert:
    """An INSERT whose rows are each a tuple."""
    rows = tree.args.get("expression")
    if isinstance(rows, exp.Values):
        for one in rows.expressions:
            only = one.expressions[0] if len(one.expressions) == 1 else None
            if isinstance(only, exp.Anonymous) and str(only.this).upper() == "ROW":
                one.set("expressions", only.expressions)
        rows.set("alias", None)
    return tree


def _changed(tree: exp.Expr, change: Change) -> exp.Expr:
    if change.plain:
        made = tree.copy()
        made.set("this", change.table.copy())
        for key in ("tables", "using", "from_"):
            made.set(key, None)
        made.set("where", exp.Where(this=change.where.copy()) if change.where is not None else None)
        if change.sets is not None:
            made.set("expressions", [exp.EQ(this=name.copy(), expression=one.copy()) for name, one in change.sets])
        return made
    merged = change.merged()
    merged.comments = tree.comments
    merged.set("with_", tree.args["with_"].copy() if tree.args.get("with_") else None)
    return merged


def _merged(tree: exp.Merge) -> exp.Merge:
    """MERGE without the clauses that Spark lacks: DO NOTHING, and conditions that stand behind an action."""
    done: list[exp.When] = []
    passed: dict[tuple[bool, bool], list[exp.Expr]] = {}
    for when in tree.args["whens"].expressions:
        kind = bool(when.args.get("matched")), bool(when.args.get("source"))
        tests = [exp.Not(this=_sure(one)) for one in passed.get(kind, [])]
        own = when.args.get("condition")
        if str(when.args["then"].name).upper() == "DO NOTHING":
            passed.setdefault(kind, []).append(own if own is not None else exp.true())
            continue
        if any(isinstance(one, exp.Boolean) for one in passed.get(kind, [])):
            continue
        for one in _clauses(when):
            condition = one.args.get("condition")
            both = [*tests, *([condition] if condition is not None else [])]
            one.set("condition", exp.and_(*(test.copy() for test in both)) if both else None)
            done.append(one)
    if not done:
        raise refuse(tree, "MERGE that does nothing", "no clause changes a row")
    tree.set("whens", exp.Whens(expressions=done))
    return tree


def _clauses(when: exp.When) -> list[exp.When]:
    """One clause, or two: an update's DELETE WHERE looks at the row as updated, and comes first here."""
    then, deleted_ = when.args["then"], when.args.get("deleted")
    where = then.args.get("where") if isinstance(then, exp.Update | exp.Insert) else None
    tests = [
        one for one in (when.args.get("condition"), where.this if where is not None else None) if one is not None
    ]
    made = when.copy()
    made.set("deleted", None)
    made.args["then"].set("where", None)
    made.set("condition", exp.and_(*(one.copy() for one in tests)) if tests else None)
    if deleted_ is None:
        return [made]
    gone = exp.Paren(this=deleted_.this.copy())
    values = {one.this.name.lower(): one.expression for one in then.expressions}
    tables = {one.this.text("table").lower() for one in then.expressions} | {""}
    target = when.find_ancestor(exp.Merge)
    tables |= {target.this.alias_or_name.lower()} if target is not None else set()
    for column in list(gone.find_all(exp.Column)):
        if column.name.lower() in values and column.table.lower() in tables:
            column.replace(exp.Paren(this=values[column.name.lower()].copy()))
    first = exp.When(
        matched=True, source=False, condition=exp.and_(*(one.copy() for one in tests), gone), then=exp.var("DELETE")
    )
    return [first, made]


def _sure(condition: exp.Expr) -> exp.Expr:
    """The condition, false where it is unknown."""
    return exp.Coalesce(this=condition.copy(), expressions=[exp.false()])
