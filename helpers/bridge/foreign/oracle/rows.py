"""Oracle's ROWNUM: rows are numbered as they pass WHERE, before they are grouped or sorted."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.oracle.dates import folded
from helpers.bridge.foreign.reader import Reader
from helpers.bridge.refusal import refuse

_FLIPPED: dict[type[exp.Expr], type[exp.Expr]] = {exp.GT: exp.LT, exp.GTE: exp.LTE, exp.LT: exp.GT, exp.LTE: exp.GTE}
_NUMBER = "row_number_"


def is_rownum(node: exp.Expr | None) -> bool:
    """Whether the node is ROWNUM."""
    return (
        isinstance(node, exp.Column | exp.Pseudocolumn) and node.name.lower() == "rownum" and not node.text("table")
    )


def conjuncts(node: exp.Expr) -> list[exp.Expr]:
    """The parts of WHERE that all must hold."""
    where = node.args.get("where")
    if where is None:
        return []
    return list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]


def own(node: exp.Expr) -> list[exp.Expr]:
    """The ROWNUMs of a SELECT, not those of its subqueries."""
    return [one for one in node.find_all(exp.Column, exp.Pseudocolumn)
            if is_rownum(one) and one.find_ancestor(exp.Select) is node]  # fmt: skip


def numbered(reading: Reader, node: exp.Select) -> None:
    """Turns ROWNUM into a limit, or into numbers by the order of the derived table that it numbers; in place."""
    if not own(node):
        return
    limit: int | None = None
    rest: list[exp.Expr] = []
    for one in conjuncts(node):
        most = _most(one)
        if most is None:
            rest.append(one)
        else:
            limit = most if limit is None else min(limit, most)
    node.set("where", exp.Where(this=exp.and_(*rest, copy=False)) if rest else None)
    if own(node):
        _by_order(reading, node, rest, limit)
    elif limit is not None and limit < _NO_LIMIT:
        _limited(reading, node, limit)


_NO_LIMIT = 10**12


def _most(one: exp.Expr) -> int | None:
    """How many rows a condition on ROWNUM lets through; None for another condition."""
    if isinstance(one, exp.Between) and is_rownum(one.this):
        low, high = folded(one.args["low"]), folded(one.args["high"])
        return None if low is None or high is None else (max(0, int(high // 1)) if low <= 1 else 0)
    kind = type(one)
    if not isinstance(one, exp.EQ | exp.LT | exp.LTE | exp.GT | exp.GTE):
        return None
    left, right = one.this, one.expression
    if is_rownum(right):
        left, right, kind = right, left, _FLIPPED.get(kind, kind)
    bound = folded(right) if is_rownum(left) else None
    if bound is None:
        return None
    if kind is exp.EQ:
        return 1 if bound == 1 else 0
    if kind in (exp.GT, exp.GTE):
        # No row is ever the second where none may be the first.
        return _NO_LIMIT if bound < 1 or (kind is exp.GTE and bound == 1) else 0
    return max(0, -(-bound // 1) - 1 if kind is exp.LT else bound // 1)


def _limited(reading: Reader, node: exp.Select, count: int) -> None:
    made = exp.Limit(expression=exp.Literal.number(count))
    busy = any(node.args.get(key) for key in ("order", "group", "having", "distinct", "limit", "offset", "qualify"))
    if not busy and not any(item.find(exp.AggFunc, exp.Window) for item in node.selects):
        node.set("limit", made)
        reading.note("ROWNUM became LIMIT.")
        return
    origin = node.args["from_"].this
    if node.args.get("joins") or origin.args.get("pivots") or node.args.get("laterals"):
        raise refuse(node, "ROWNUM beside ORDER BY, GROUP BY or DISTINCT of a join",
                     "Oracle numbers the joined rows before those", "limit them in a derived table")  # fmt: skip
    inner = exp.Select(expressions=[exp.Star()], from_=exp.From(this=origin.copy()), limit=made)
    if (where := node.args.get("where")) is not None:
        inner.set("where", where.copy())
    node.set("where", None)
    alias = exp.TableAlias(this=exp.to_identifier(origin.alias_or_name or "numbered"))
    node.args["from_"].set("this", exp.Subquery(this=inner, alias=alias))
    reading.note("ROWNUM counts rows before they are sorted or grouped: LIMIT stands before that.")


def _by_order(reading: Reader, node: exp.Select, rest: list[exp.Expr], limit: int | None) -> None:
    origin = node.args["from_"].this if node.args.get("from_") is not None else None
    inner = origin.this if isinstance(origin, exp.Subquery) and not node.args.get("joins") else None
    order = inner.args.get("order") if isinstance(inner, exp.Select) else None
    busy = any(node.args.get(key) for key in ("group", "having", "distinct", "limit"))
    if order is None or busy or any(item.find(exp.AggFunc, exp.Window) for item in node.selects) or (
            any(own(exp.Select(where=exp.Where(this=one.copy()))) for one in rest)):  # fmt: skip
        raise refuse(own(node)[0], "ROWNUM", "rows of a DataFrame have no number, and no derived table sorts them",
                     "use row_number() OVER (ORDER BY ...)")  # fmt: skip
    assert isinstance(inner, exp.Select) and isinstance(origin, exp.Subquery)
    keys = [_outside(inner, item, origin.alias) for item in order.expressions]
    if None not in keys:
        number = _row_number([one for one in keys if one is not None])
    else:
        number = _pushed(node, inner, origin, order.expressions, rest)
    for one in own(node):
        if one.parent is node:
            made = exp.alias_(number.copy(), "ROWNUM")
            one.replace(made)
        else:
            one.replace(number.copy())
    if limit is not None and limit < _NO_LIMIT:
        test = exp.LTE(this=number.copy(), expression=exp.Literal.number(limit))
        if isinstance(number, exp.Window):
            node.set("qualify", exp.Qualify(this=test))
        else:
            node.set("where", exp.Where(this=exp.and_(*rest, test, copy=False)))
    reading.note("ROWNUM became the row's number in the order of the derived table.")


def _row_number(keys: list[exp.Expr]) -> exp.Expr:
    return exp.Window(this=exp.RowNumber(), order=exp.Order(expressions=keys), over="OVER")


def _outside(inner: exp.Select, item: exp.Expr, alias: str) -> exp.Expr | None:
    """The item of ORDER BY as the outer query can name it; None where the derived table does not offer it."""
    key, name = item.this, ""
    if isinstance(key, exp.Literal) and key.is_int:
        place = int(key.this) - 1
        name = inner.selects[place].alias_or_name if place < len(inner.selects) else ""
    elif isinstance(key, exp.Column):
        names = {one.alias_or_name.lower() for one in inner.selects if not one.is_star and (
            not isinstance(one, exp.Alias) or not key.text("table"))}  # fmt: skip
        stars = any(one.is_star for one in inner.selects)
        name = key.name if key.name.lower() in names or stars else ""
    if not name:
        return None
    copy = item.copy()
    copy.set("this", exp.column(name, table=alias or None))
    return copy


def _pushed(
    node: exp.Select, inner: exp.Select, origin: exp.Subquery, order: list[exp.Expr],
            rest: list[exp.Expr]) -> exp.Expr:  # fmt: skip
    stars = [item for item in node.selects if item.is_star]
    if rest or inner.args.get("distinct") or (stars and any(one.is_star for one in inner.selects)):
        raise refuse(own(node)[0], "ROWNUM", "the order that it follows is not selected by the derived table",
                     "select the columns that the derived table is ordered by")  # fmt: skip
    plain = [exp.column(one.alias_or_name, table=origin.alias or None) for one in inner.selects]
    if stars:
        items: list[exp.Expr] = []
        for item in node.selects:
            items += [one.copy() for one in plain] if item.is_star else [item]
        node.set("expressions", items)
    inner.append("expressions", exp.alias_(_row_number([one.copy() for one in order]), _NUMBER))
    return exp.column(_NUMBER, table=origin.alias or None)
