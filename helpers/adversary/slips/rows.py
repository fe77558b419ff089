"""Slips about how many rows there are: DISTINCT, set operations, LIMIT."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.adversary.names import Names
from helpers.adversary.slips.slip import Slip, changed, text

OPERATIONS: dict[type[exp.SetOperation], str] = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}


def distinct(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """SELECT DISTINCT without DISTINCT; DISTINCT where it was not, unless groups make rows unique anyway."""
    if not isinstance(node, exp.Select):
        return
    if node.args.get("distinct"):
        yield Slip("distinct", changed(node, distinct=None), "DISTINCT was dropped")
    elif not (node.args.get("group") or isinstance(node.parent, exp.SetOperation | exp.In | exp.Exists)):
        single = any(item.find(exp.AggFunc) and not item.find(exp.Window) for item in node.selects)
        member = isinstance(node.parent, exp.Subquery) and isinstance(node.parent.parent, exp.In)
        if not single and not member and not _has_key(node, names):
            yield Slip("distinct", changed(node, distinct=exp.Distinct()), "DISTINCT was added")


def operation(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """UNION and UNION ALL; INTERSECT and EXCEPT in one another's place; EXCEPT the other way round."""
    if type(node) not in OPERATIONS:
        return
    assert isinstance(node, exp.SetOperation)
    word = OPERATIONS[type(node)]
    single = bool(node.args.get("distinct"))
    before, after = (word, f"{word} ALL") if single else (f"{word} ALL", word)
    yield Slip(
        "union / union all" if word == "UNION" else "set operation",
        changed(node, distinct=not single),
        f"{before} became {after}",
    )
    for other, name in OPERATIONS.items():
        if type(node) is not other:
            swapped = other(
                **{key: value.copy() if isinstance(value, exp.Expr) else value for key, value in node.args.items()}
            )
            yield Slip("set operation", swapped, f"{word} became {name}")
    if isinstance(node, exp.Except):
        turned = changed(node, this=node.expression, expression=node.this)
        yield Slip("set operation", turned, "the two sides of EXCEPT were exchanged")


def limit(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """LIMIT one less (not 0), one more, and none."""
    if not isinstance(node, exp.Limit) or not isinstance(node.expression, exp.Literal):
        return
    count = int(node.expression.this)
    for other in (count - 1, count + 1):
        if other > 0:
            after = changed(node, expression=exp.Literal.number(other))
            yield Slip("limit", after, f"LIMIT {count} became LIMIT {other}")
    yield Slip("limit", None, f"{text(node).strip()} was dropped")


def _has_key(select: exp.Select, names: Names) -> bool:
    """Whether the rows are unique already: the whole key of every table in the FROM is selected."""
    shown = [item.unalias() for item in select.selects]
    columns = {(item.table.lower(), item.name.lower()) for item in shown if isinstance(item, exp.Column)}
    sources = names.sources(select)
    narrow = {join.alias_or_name.lower() for join in select.args.get("joins") or [] if join.kind in ("SEMI", "ANTI")}
    for alias, fields in sources.items():
        origin = fields[0].origin if fields else None
        key = names.tables[origin[0]].key if origin and len(fields) == len(names.tables[origin[0]].columns) else ()
        wanted = {part.lower() for part in key}
        selected = {name for table, name in columns if table == alias.lower() or (not table and len(sources) == 1)}
        starred = any(item.is_star for item in select.selects)
        if alias.lower() not in narrow and (not wanted or not (starred or wanted <= selected)):
            return False
    return bool(sources)


MAKERS = (distinct, operation, limit)
