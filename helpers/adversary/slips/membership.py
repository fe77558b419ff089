"""Slips between NOT IN and NOT EXISTS, which answer differently where NULL is about."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.adversary.names import Names
from helpers.adversary.slips.slip import Slip


def not_exists(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """x NOT IN (SELECT y ...) became NOT EXISTS (SELECT 1 ... WHERE y = x)."""
    inner = node.this if isinstance(node, exp.Not) else None
    if not isinstance(inner, exp.In) or not isinstance(inner.args.get("query"), exp.Subquery):
        return
    query, sought = inner.args["query"].this, inner.this
    if not _plain(query) or len(query.selects) != 1 or not isinstance(sought, exp.Column):
        return
    aliases = {alias.lower() for alias in names.sources(query)}
    if not sought.table or sought.table.lower() in aliases:
        return
    found = query.selects[0]
    same = exp.EQ(this=(found.this if isinstance(found, exp.Alias) else found).copy(), expression=sought.copy())
    after = query.copy().where(same, copy=False).select("1", append=False, copy=False)
    yield Slip("in / not in / exists", exp.Not(this=exp.Exists(this=after)), "NOT IN became NOT EXISTS")


def not_in(node: exp.Expr, names: Names) -> Iterator[Slip]:
    """NOT EXISTS (SELECT ... WHERE y = x) became x NOT IN (SELECT y ...)."""
    inner = node.this if isinstance(node, exp.Not) else None
    if not isinstance(inner, exp.Exists) or not _plain(inner.this):
        return
    query = inner.this
    where = query.args.get("where")
    parts = list(where.this.flatten()) if where and isinstance(where.this, exp.And) else [where.this] if where else []
    own = {alias.lower() for alias in names.sources(query)}
    for part in parts:
        sides = [part.this, part.expression] if isinstance(part, exp.EQ) else []
        mine = [side for side in sides if isinstance(side, exp.Column) and side.table.lower() in own]
        outer = [side for side in sides if isinstance(side, exp.Column) and side.table and side not in mine]
        if len(mine) != 1 or len(outer) != 1:
            continue
        rest = [other.copy() for other in parts if other is not part]
        after = query.copy().select(mine[0].copy(), append=False, copy=False)
        after.set("where", exp.Where(this=exp.and_(*rest)) if rest else None)
        sought = exp.In(this=outer[0].copy(), query=exp.Subquery(this=after))
        yield Slip("in / not in / exists", exp.Not(this=sought), "NOT EXISTS became NOT IN")
        return


def _plain(query: exp.Expr) -> bool:
    """Whether the subquery is a SELECT whose rows a further predicate may narrow."""
    if not isinstance(query, exp.Select) or query.args.get("group") or query.args.get("limit"):
        return False
    return not query.selects or query.selects[0].find(exp.AggFunc) is None


MAKERS = (not_exists, not_in)
