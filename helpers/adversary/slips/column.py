"""Slips of the name: another column of the same type in the place of the right one."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.adversary.names import Names, alike
from helpers.adversary.slips.slip import Slip, became

MOST = 3
"""Wrong columns tried for one reference: the same name elsewhere first, then the neighbours in its own table."""


def wrong_column(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """Another column of the same type that is in scope."""
    if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
        return
    kind = names.type(node)
    same = _equated(node, names)
    for alias, name in _candidates(node, names, kind)[:MOST]:
        if (alias.lower(), name.lower()) not in same:
            after = exp.column(name, table=alias or None)
            joins = isinstance(node.find_ancestor(exp.Join, exp.Select), exp.Join)
            yield Slip("join condition" if joins else "wrong column", _kept(node, after), became(node, after))


def _candidates(node: exp.Column, names: Names, kind: str) -> list[tuple[str, str]]:
    sources = names.sources(node)
    own = _alias_of(node, sources)
    select = node.find_ancestor(exp.Select)
    joins = (select.args.get("joins") or []) if select is not None else []
    narrow = {join.alias_or_name for join in joins if join.kind in ("SEMI", "ANTI")}
    join = node.find_ancestor(exp.Join, exp.Select)
    inside = isinstance(join, exp.Join)
    later = _later(join, joins) if isinstance(join, exp.Join) else set()
    elsewhere, neighbours = [], []
    for alias, fields in sources.items():
        if own is None or alias in later or (alias in narrow and alias != own and not inside):
            continue
        for field in fields:
            if not alike(kind, field.type) or (alias == own and field.name.lower() == node.name.lower()):
                continue
            if alias == own:
                neighbours.append((alias, field.name))
            elif field.name.lower() == node.name.lower():
                elsewhere.append((alias, field.name))
    return elsewhere + neighbours


def _later(join: exp.Join, joins: list[exp.Join]) -> set[str]:
    """Tables joined after this join: not in scope in its condition."""
    position = next((index for index, other in enumerate(joins) if other is join), len(joins))
    return {other.alias_or_name for other in joins[position + 1 :]}


def _alias_of(node: exp.Column, sources: dict[str, list]) -> str | None:
    for alias, fields in sources.items():
        if node.table.lower() in ("", alias.lower()) and any(f.name.lower() == node.name.lower() for f in fields):
            return alias
    return None


def _equated(node: exp.Column, names: Names) -> set[tuple[str, str]]:
    """Columns that an inner join's equality makes equal to this one: taking them instead changes nothing."""
    select = node.find_ancestor(exp.Select)
    joins = (select.args.get("joins") or []) if select is not None else []
    if isinstance(node.find_ancestor(exp.Join, exp.Select), exp.Join):
        return set()
    if any(join.side or join.kind in ("SEMI", "ANTI") for join in joins):
        return set()
    found = set()
    for join in joins:
        on = join.args.get("on")
        for part in on.flatten() if isinstance(on, exp.And) else [on] if on else []:
            if (
                isinstance(part, exp.EQ)
                and isinstance(part.this, exp.Column)
                and isinstance(part.expression, exp.Column)
            ):
                for one, other in ((part.this, part.expression), (part.expression, part.this)):
                    if (one.table.lower(), one.name.lower()) == (node.table.lower(), node.name.lower()):
                        found.add((other.table.lower(), other.name.lower()))
    return found


def _kept(node: exp.Column, after: exp.Column) -> exp.Expr:
    """The new column under the old name where it is a column of the result, so that the columns stay the same."""
    if isinstance(node.parent, exp.Select) and node.arg_key == "expressions":
        return exp.alias_(after, node.name)
    return after


MAKERS = (wrong_column,)
