"""MySQL's SELECT: hints and locks, HAVING without groups, columns beside a grouping, GROUP_CONCAT, JSON."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from helpers.bridge.foreign.mysql.kinds import (
    as_number,
    bare,
    digits_after_point,
    exact,
    is_condition,
    numbered,
    of_one_kind,
)
from helpers.bridge.foreign.pieces import number, selected
from helpers.bridge.foreign.reader import WHOLE, Reader, Rule
from helpers.bridge.refusal import refuse

_NOISE = {"SQL_NO_CACHE", "SQL_CACHE", "SQL_SMALL_RESULT", "SQL_BIG_RESULT", "SQL_BUFFER_RESULT", "HIGH_PRIORITY",
          "STRAIGHT_JOIN"}  # fmt: skip


def prepared(tree: exp.Expr) -> exp.Expr:
    """The tree without what does not change the rows of an answer: hints, locks, DUAL, the order of joins."""
    for node in list(tree.walk()):
        if isinstance(node, exp.Select):
            _without_noise(node)
            _filtered(node)
            _grouped(node)
            _ordered(node)
            _called(node)
        elif isinstance(node, exp.Table):
            node.set("hints", None)
        elif isinstance(node, exp.Join) and node.kind.upper() == "STRAIGHT_JOIN":
            node.set("kind", "INNER" if node.args.get("on") else None)
        elif isinstance(node, exp.Values):
            rows = [_row(one) for one in node.expressions]
            node.set("expressions", rows)
    return tree


def _without_noise(node: exp.Select) -> None:
    node.set("hint", None)
    node.set("locks", None)
    kept = [one for one in node.args.get("operation_modifiers") or [] if one.name.upper() not in _NOISE]
    node.set("operation_modifiers", kept)
    origin = node.args.get("from_")
    table = origin.this if origin is not None else None
    alone = isinstance(table, exp.Table) and not table.args.get("joins") and not node.args.get("joins")
    if alone and isinstance(table, exp.Table) and table.name.upper() == "DUAL" and not table.db:
        node.set("from_", None)


def _called(node: exp.Select) -> None:
    """Gives a joined text that has no name the one that MySQL gives it: Spark's would tell of arrays and lambdas."""
    for item in node.expressions:
        if not isinstance(item, exp.Alias) and item.find(exp.GroupConcat):
            item.replace(exp.alias_(item.copy(), item.sql("mysql"), quoted=True))


def _row(node: exp.Expr) -> exp.Expr:
    inner = node.expressions[0] if isinstance(node, exp.Tuple) and len(node.expressions) == 1 else node
    written = isinstance(inner, exp.Anonymous) and str(inner.this).upper() == "ROW"
    return exp.Tuple(expressions=[one.copy() for one in inner.expressions]) if written else node


def _filtered(node: exp.Select) -> None:
    """HAVING without groups filters rows, and knows the names that SELECT gives."""
    having = node.args.get("having")
    parts = [*node.expressions, *([having] if having is not None else [])]
    if having is None or node.args.get("group") is not None or any(one.find(exp.AggFunc) for one in parts):
        return
    condition = exp.Paren(this=having.this.copy())
    given = {one.alias.lower(): one.this for one in node.expressions if isinstance(one, exp.Alias)}
    for column in list(condition.find_all(exp.Column)):
        if not column.table and column.name.lower() in given:
            column.replace(exp.Paren(this=given[column.name.lower()].copy()))
    if condition.find(exp.Window):
        return
    where = node.args.get("where")
    both = exp.and_(where.this.copy(), condition) if where is not None else condition.this
    node.set("where", exp.Where(this=both))
    node.set("having", None)


def select(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """What is selected is a number where it is a condition, and a quotient has so many digits."""
    for key in ("operation_modifiers", "into"):
        if node.args.get(key):
            raise refuse(node, "SQL_CALC_FOUND_ROWS, or SELECT INTO", "a DataFrame has nothing like it")
    for one in node.expressions:
        inner = bare(one.this if isinstance(one, exp.Alias) else one)
        made = None
        if is_condition(inner) or isinstance(inner, exp.Boolean):
            reading.note("A condition is 1, 0 or NULL in MySQL: it became a number.")
            made = as_number(inner)
        elif not _merged(node):
            made = _with_digits(reading, inner)
        if made is not None:
            named = exp.alias_(made, one.name) if isinstance(one, exp.Column) else made
            one.set("this", made) if isinstance(one, exp.Alias) else one.replace(named)
    return None


def _merged(node: exp.Expr) -> bool:
    """Whether MySQL merges it into the query that reads it: a quotient keeps the digits beyond those shown."""
    if not isinstance(node.parent, exp.Subquery | exp.CTE) or not (node.find_ancestor(exp.From, exp.Join, exp.With)):
        return False
    held = any(node.args.get(key) for key in ("group", "having", "distinct", "limit", "offset"))
    return not held and not any(one.find(exp.AggFunc, exp.Window) for one in node.expressions)


def _with_digits(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A quotient, or an average of whole numbers, rounded to the digits that MySQL gives it."""
    if isinstance(node, exp.Round | exp.Trunc) or not _divided(reading, node):
        return None
    sure = exact(reading, node)
    places = digits_after_point(reading, node) if sure else None
    if sure and places is not None:
        return exp.Round(this=node.copy(), decimals=exp.Literal.number(places))
    if sure is not False:
        reading.note("A quotient of exact numbers has 4 digits more than what is divided in MySQL; Spark gives more.")
    return None


def _divided(reading: Reader, node: exp.Expr) -> bool:
    """Whether its value is a quotient with more digits in Spark than in MySQL."""
    if isinstance(node, exp.Column):
        inner = selected(reading, node)
        return inner is not None and inner is not node and _divided(reading, inner)
    if isinstance(node, exp.Avg):
        return reading.kind(node.this) in WHOLE
    if isinstance(node, exp.Div):
        by = number(node.expression)
        return not (by and 10_000 % abs(by) == 0) or _divided(reading, node.this)
    if isinstance(node, exp.Add | exp.Sub | exp.Mul):
        return _divided(reading, node.this) or _divided(reading, node.expression)
    if isinstance(node, exp.Paren | exp.Neg | exp.Abs | exp.Window | exp.Nullif):
        return isinstance(node.this, exp.Expr) and _divided(reading, node.this)
    if isinstance(node, exp.Coalesce):
        return any(_divided(reading, one) for one in (node.this, *node.expressions))
    if isinstance(node, exp.Case):
        parts = [*(one.args["true"] for one in node.args["ifs"]), node.args.get("default")]
        return any(_divided(reading, one) for one in parts if one is not None)
    return isinstance(node, exp.If) and any(_divided(reading, one) for one in (node.args["true"], node.args["false"])
                                            if one is not None)  # fmt: skip


def _grouped(node: exp.Expr) -> None:
    """Raises Refusal for a column beside a grouping: MySQL takes it from the group's rows, Spark never."""
    group = node.args.get("group")
    having = node.args.get("having")
    aggregated = group is not None or any(_aggregates(one) for one in [*node.expressions, having] if one is not None)
    if not aggregated:
        return
    keys = list(group.expressions) if group is not None else []
    names = {one.name.lower() for one in keys if isinstance(one, exp.Column)}
    texts = {one.sql().lower() for one in keys}
    places = {number(one) for one in keys}
    for place, item in enumerate(node.expressions, start=1):
        inner = item.unalias()
        if place in places or (isinstance(item, exp.Alias) and item.alias.lower() in names):
            continue
        for column in _outside(inner, texts):
            if column.name.lower() not in names:
                raise refuse(column, f"The column {column.sql('mysql')} beside a grouping",
                             "which of its group's rows it is taken from no rule says, unless a key decides it",
                             "add it to GROUP BY, or take ANY_VALUE() of it")  # fmt: skip


def _aggregates(node: exp.Expr) -> bool:
    return any(
        isinstance(one, exp.AggFunc) and not isinstance(one.parent, exp.Window)
        for one in node.walk(prune=lambda one: isinstance(one, exp.Query))
    )


def _outside(node: exp.Expr, keys: set[str]) -> Iterator[exp.Column]:
    """The columns of an item that stand in no aggregate and in no key of the grouping."""
    if node.sql().lower() in keys or isinstance(node, exp.Query):
        return
    if isinstance(node, exp.Column):
        yield node
        return
    if isinstance(node, exp.AggFunc | exp.AnyValue) and not isinstance(node.parent, exp.Window):
        return
    for child in node.iter_expressions():
        yield from _outside(child, keys)


def _ordered(node: exp.Expr) -> None:
    """Raises Refusal for DISTINCT ordered by what is not selected."""
    order = node.args.get("order")
    if node.args.get("distinct") is None or order is None:
        return
    shown = {name for one in node.expressions for name in (one.alias_or_name.lower(), one.unalias().sql().lower())}
    for item in order.expressions:
        if item.this.sql().lower() not in shown and not isinstance(item.this, exp.Literal):
            raise refuse(item, "DISTINCT ordered by what is not selected",
                         "several rows stand for one of the result",
                         "select it too, or GROUP BY and order by an aggregate")  # fmt: skip


def united(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """UNION of texts with numbers or dates: one text makes texts of all."""
    if isinstance(node.parent, exp.SetOperation):
        return None
    branches = [one for one in node.find_all(exp.Select) if _branch_of(one, node)]
    for place, items in enumerate(zip(*(one.selects for one in branches), strict=False)):
        kinds = {reading.kind(one.unalias()) for one in items if not isinstance(one.unalias(), exp.Null)}
        if "string" not in kinds or kinds == {"string"} or any(one.is_star for one in items):
            continue
        if "" in kinds:
            reading.note(
                "Where a UNION puts texts beside numbers or dates, MySQL makes texts of all: cast them to CHAR."
            )
            continue
        for one in items:
            if isinstance(one, exp.Column):
                one.replace(exp.alias_(one.copy(), one.name))
        of_one_kind(reading, node, [one.selects[place].unalias() for one in branches])
    return None


def _branch_of(select: exp.Expr, node: exp.Expr) -> bool:
    place = select.parent
    while place is not node and isinstance(place, exp.SetOperation | exp.Subquery) and place.parent is not None:
        place = place.parent
    return place is node


def first_given(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """COALESCE and IFNULL; one text makes texts of all."""
    numbered(reading, node)
    of_one_kind(reading, node, [node.this, *node.expressions])
    return None


def conditions_too(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """MIN and MAX of conditions."""
    numbered(reading, node)
    return None


RULES: dict[type[exp.Expr], Rule] = {
    exp.Select: select, exp.Union: united, exp.Coalesce: first_given,
    exp.Min: conditions_too, exp.Max: conditions_too,
}  # fmt: skip
ALLOWED: frozenset[type[exp.Expr] | str] = frozenset({exp.AnyValue})
