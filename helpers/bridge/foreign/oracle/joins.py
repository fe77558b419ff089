"""Oracle's old outer joins, by (+)."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.reader import Reader
from helpers.bridge.refusal import refuse


def old_joins(reading: Reader, node: exp.Expr) -> None:
    """Turns the conditions with (+) into left joins, in place."""
    where = node.args.get("where")
    if where is None or not any(column.args.get("join_mark") for column in where.find_all(exp.Column)):
        return
    parts = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    marked: dict[str, list[exp.Expr]] = {}
    rest = []
    for one in parts:
        tables = {column.table.lower() for column in one.find_all(exp.Column) if column.args.get("join_mark")}
        if len(tables) > 1 or (tables and "" in tables) or (tables and isinstance(one, exp.Or)):
            raise refuse(
                one, "(+)", "it must mark columns of one table, told by name, not under OR", "write LEFT JOIN"
            )
        if tables:
            marked.setdefault(tables.pop(), []).append(one)
        else:
            rest.append(one)
    joins = node.args.get("joins") or []
    before = _names(node)
    for name, conditions in marked.items():
        join = next((one for one in joins if one.this.alias_or_name.lower() == name), None)
        if join is None:
            # The marked table stands first in FROM: it changes places with the one it is joined to.
            first = node.args["from_"].this
            if first.alias_or_name.lower() != name or len(joins) != 1:
                raise refuse(
                    conditions[0],
                    "(+)",
                    "its table cannot be moved behind the one it is joined to",
                    "write LEFT JOIN",
                )
            join = joins[0]
            other = join.this
            node.args["from_"].set("this", other.copy())
            join.set("this", first.copy())
        for condition in conditions:
            for column in condition.find_all(exp.Column):
                column.set("join_mark", None)
        join.set("side", "LEFT")
        join.set("kind", None)
        join.set("on", exp.and_(*conditions, copy=False))
        reading.note(f"The (+) on {name} became a left join.")
    # A left join must come after the tables that its condition names.
    node.set("joins", [*(one for one in joins if one.side != "LEFT"), *(one for one in joins if one.side == "LEFT")])
    if _names(node) != before and any(isinstance(one, exp.Star) for one in node.expressions):
        raise refuse(node, "SELECT * with (+)", "the tables change places, and their columns with them",
                     "name the columns")  # fmt: skip
    node.set("where", exp.Where(this=exp.and_(*rest, copy=False)) if rest else None)


def _names(node: exp.Expr) -> list[str]:
    return [node.args["from_"].this.alias_or_name, *(one.this.alias_or_name for one in node.args.get("joins") or [])]
