"""Whether a query keeps the rule of GROUP BY, so that no mutant is made that an engine refuses at once."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp


def groups_hold(tree: exp.Expr) -> bool:
    """Whether, in every SELECT with GROUP BY, each column outside an aggregate is grouped by."""
    return all(_holds(select) for select in tree.find_all(exp.Select) if select.args.get("group"))


def _holds(select: exp.Select) -> bool:
    group = select.args["group"]
    if group.args.get("all"):
        return True
    grouped = list(_parts(group))
    allowed = {part.sql("spark").lower() for part in grouped}
    allowed |= {part.name.lower() for part in grouped if isinstance(part, exp.Column)}
    bare = {part.name.lower() for part in grouped if isinstance(part, exp.Column) and not part.table}
    ordinals = {int(part.this) for part in group.expressions if isinstance(part, exp.Literal) and part.is_int}
    shown = {item.alias_or_name.lower() for item in select.selects}
    for position, item in enumerate(select.selects, start=1):
        computed = isinstance(item, exp.Alias) and not isinstance(item.this, exp.Column)
        if position in ordinals or (computed and item.alias_or_name.lower() in bare):
            continue
        if not _covered(item.unalias(), allowed):
            return False
    later = [part for name in ("having", "order") if (part := select.args.get(name)) is not None]
    return all(_covered(part, allowed | shown) for part in later)


def _parts(node: exp.Expr) -> Iterator[exp.Expr]:
    """The expressions grouped by, those inside ROLLUP, CUBE and GROUPING SETS too."""
    for part in node.iter_expressions():
        if isinstance(part, exp.Rollup | exp.Cube | exp.GroupingSets | exp.Tuple | exp.Paren):
            yield from _parts(part)
        else:
            yield part


def _covered(node: exp.Expr, allowed: set[str]) -> bool:
    if isinstance(node, exp.AggFunc) and not isinstance(node.parent, exp.Window):
        return True
    if isinstance(node, exp.Filter | exp.Query) or node.sql("spark").lower() in allowed:
        return True
    if isinstance(node, exp.Column):
        return False
    return all(_covered(part, allowed) for part in node.iter_expressions())
