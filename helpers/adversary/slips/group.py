"""Slips at GROUP BY: a column too many or too few, HAVING lost, ROLLUP and CUBE mixed up."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.adversary.names import Names
from helpers.adversary.slips.slip import Slip, changed, text, without


def having(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """A HAVING of one predicate is gone."""
    if isinstance(node, exp.Having) and not isinstance(node.this, exp.And):
        yield Slip("having dropped", None, f"HAVING {text(node.this)} was dropped")


def grouped(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """A GROUP BY column dropped (kept only if nothing shows it); another one added."""
    if not isinstance(node, exp.Group) or not isinstance(node.parent, exp.Select):
        return
    plain = node.expressions
    for position, column in enumerate(plain):
        if len(plain) > 1:
            yield Slip(
                "group by column", without(node, "expressions", position), f"{text(column)} was dropped from GROUP BY"
            )
    if not plain or any(node.args.get(kind) for kind in ("rollup", "cube", "grouping_sets")):
        return
    if any(isinstance(part, exp.Rollup | exp.Cube | exp.GroupingSets | exp.Literal) for part in plain):
        return
    present = {column.name.lower() for column in node.find_all(exp.Column)}
    fixed = _determined(node, names)
    for alias, fields in names.sources(node).items():
        joins = node.parent.args.get("joins") or []
        if any(join.alias_or_name == alias and join.kind in ("SEMI", "ANTI") for join in joins):
            continue
        spare = [f for f in fields if f.name.lower() not in present and not (f.origin and f.origin[0] in fixed)]
        for field in spare[:1]:
            column = exp.column(field.name, table=alias or None)
            after = changed(node, expressions=[*(part.copy() for part in plain), column])
            yield Slip("group by column", after, f"{text(column)} was added to GROUP BY")


def levels(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """ROLLUP, CUBE and plain groups in one another's place; a grouping set missing."""
    if isinstance(node, exp.Rollup | exp.Cube) and node.expressions:
        other: type[exp.Expr] = exp.Cube if isinstance(node, exp.Rollup) else exp.Rollup
        words = ("ROLLUP", "CUBE") if isinstance(node, exp.Rollup) else ("CUBE", "ROLLUP")
        if len(node.expressions) > 1:
            after = other(expressions=[part.copy() for part in node.expressions])
            yield Slip("rollup / cube / sets", after, f"{words[0]} became {words[1]}")
        if len(node.expressions) > 1 and isinstance(node, exp.Rollup):
            turned = exp.Rollup(expressions=[part.copy() for part in reversed(node.expressions)])
            yield Slip("rollup / cube / sets", turned, "the columns of ROLLUP were turned round")
    if isinstance(node, exp.GroupingSets) and len(node.expressions) > 1:
        for position, part in enumerate(node.expressions):
            yield Slip(
                "rollup / cube / sets",
                without(node, "expressions", position),
                f"grouping set {text(part)} is missing",
            )
    if isinstance(node, exp.Group):
        yield from _plain_levels(node)


def _plain_levels(node: exp.Group) -> Iterator[Slip]:
    """GROUP BY without its ROLLUP or CUBE, in both spellings: ROLLUP (a, b) and a, b WITH ROLLUP."""
    for kind in ("rollup", "cube"):
        for part in node.args.get(kind) or []:
            columns = [column.copy() for column in [*node.expressions, *part.expressions]]
            yield Slip("rollup / cube / sets", exp.Group(expressions=columns), f"{kind.upper()} was dropped")
    for position, part in enumerate(node.expressions):
        if isinstance(part, exp.Rollup | exp.Cube) and part.expressions:
            rest = node.expressions
            columns = [c.copy() for c in [*rest[:position], *part.expressions, *rest[position + 1 :]]]
            word = "ROLLUP" if isinstance(part, exp.Rollup) else "CUBE"
            yield Slip("rollup / cube / sets", changed(node, expressions=columns), f"{word} was dropped")


def _determined(group: exp.Group, names: Names) -> set[str]:
    """Tables whose whole key is grouped by: a further column of theirs cannot split a group."""
    grouped_by = {names.origin(column) for column in group.find_all(exp.Column)}
    return {
        name for name, table in names.tables.items()
        if table.key and {(name, part.lower()) for part in table.key} <= grouped_by
    }  # fmt: skip


MAKERS = (having, grouped, levels)
