"""What a query compares, joins, groups and orders by, told in columns of its input tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from sqlglot import exp

from helpers.adversary.mutants import parse
from helpers.adversary.names import Names
from helpers.adversary.schema import Table

Place = tuple[str, str]
"""A column of an input table: (table, column), both in lower case."""

COMPARISONS = (exp.LT, exp.LTE, exp.EQ, exp.GTE, exp.GT, exp.NEQ, exp.NullSafeEQ)
MIRROR = {"LT": "GT", "GT": "LT", "LTE": "GTE", "GTE": "LTE"}
SMALL = 12
"""So many rows of a group, and one more, are in the families."""
UNIT_DAYS = {"WEEK": 7, "MONTH": 31, "YEAR": 366}


@dataclass(frozen=True)
class Condition:
    """A literal that a column is compared with. filters: it stands in WHERE, ON or HAVING, not in a CASE."""

    operator: str
    literal: str
    filters: bool


@dataclass
class Points:
    """All that made data must turn on. Places are in the order of the query's text."""

    conditions: dict[Place, list[Condition]] = field(default_factory=lambda: defaultdict(list))
    links: list[tuple[Place, Place]] = field(default_factory=list)
    """Columns whose values meet: compared, equal by a join, or at the same position of a set operation."""
    joins: list[tuple[Place, Place]] = field(default_factory=list)
    """The links by plain equality of two columns."""
    spans: dict[Place, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Days between two dates, or added to one, that something depends on."""
    sizes: set[int] = field(default_factory=set)
    """Small numbers that a count, a rank or LIMIT is held against."""
    limit: int = 0
    """The greatest LIMIT."""
    groups: dict[Place, None] = field(default_factory=dict)
    orders: dict[Place, None] = field(default_factory=dict)
    partners: dict[Place, dict[Place, int]] = field(default_factory=lambda: defaultdict(dict))
    """Columns that stand in one compared expression with this one, and the value at which they leave it as it is."""
    sums: set[Place] = field(default_factory=set)
    """Columns that are summed."""
    divisors: set[Place] = field(default_factory=set)
    """Columns that are divided by unguarded: zero would fail the query itself."""
    frames: dict[Place, set[int]] = field(default_factory=lambda: defaultdict(set))
    """How far a window's frame reaches in the column that it is ordered by: numbers, of dates and times days."""
    single: bool = False
    """Whether many rows hide what few would show in a query inside: it stands for a value, or aggregates."""
    few: bool = False
    """Whether many rows hide what few would show: LIMIT, or an aggregate of all rows."""
    casts: dict[Place, str] = field(default_factory=dict)
    """Text that is cast to a number or a time, and the type: other text would fail the query itself."""


def points(sql: str, tables: Sequence[Table]) -> Points:
    """The points of one Spark query over these tables. Raises UserError if it is no query."""
    tree = parse(sql)
    names = Names(tree, tables)
    found = Points(
        single=any(map(_is_single, tree.find_all(exp.Select))),
        few=any(_narrows(node) for node in tree.find_all(exp.Limit, exp.Select)),
    )
    for node in tree.walk():
        if type(node) in COMPARISONS:
            _compared(node, found, names)
        elif isinstance(node, exp.Between):
            for name, operator in (("low", "GTE"), ("high", "LTE")):
                _pair(operator, node.this, node.args[name], node, found, names)
        elif isinstance(node, exp.In):
            for member in node.expressions:
                _pair("EQ", node.this, member, node, found, names)
            if node.args.get("query"):
                _linked(node.this, _first(node.args["query"]), found, names)
        elif isinstance(node, exp.Like):
            # LIKE ANY and LIKE ALL have a list.
            for member in [one for one in node.expression.find_all(exp.Literal) if one.is_string]:
                _pair("LIKE", node.this, member, node, found, names)
        elif isinstance(node, exp.SetOperation):
            for one, other in zip(node.left.selects, node.right.selects, strict=False):
                _linked(one, other, found, names)
        elif isinstance(node, exp.Join) and node.args.get("using"):
            _using(node, found, names)
        else:
            _other(node, found, names)
    return found


def _compared(node: exp.Expr, found: Points, names: Names) -> None:
    operator = type(node).__name__.upper().replace("NULLSAFEEQ", "EQ")
    _pair(operator, node.this, node.expression, node, found, names)
    _pair(MIRROR.get(operator, operator), node.expression, node.this, node, found, names)
    if (
        type(node) in (exp.EQ, exp.NullSafeEQ)
        and isinstance(node.this, exp.Column)
        and isinstance(node.expression, exp.Column)
    ):
        one, other = names.origin(node.this), names.origin(node.expression)
        if one and other:
            found.joins.append((one, other))
    _linked(node.this, node.expression, found, names)
    for sought, other in ((node.this, node.expression), (node.expression, node.this)):
        for member in names.listed(other) if isinstance(other, exp.Column) else ():
            _pair("EQ", sought, member, node, found, names)


def _pair(operator: str, sought: exp.Expr, literal: exp.Expr, node: exp.Expr, found: Points, names: Names) -> None:
    values = list(literal.find_all(exp.Literal))
    if len(values) != 1 or literal.find(exp.Column, exp.Query):
        return
    value = ("-" if literal.find(exp.Neg) else "") + values[0].this
    filters = node.find_ancestor(exp.Case, exp.If, exp.AggFunc) is None
    counting = sought.find(exp.Count, exp.CountIf, exp.Window) is not None
    origins = names.origins(sought)
    if not values[0].is_string and values[0].is_int and (counting or not origins) and int(values[0].this) <= SMALL:
        found.sizes.add(int(values[0].this))
    if counting:
        return
    neutral = 1 if sought.find(exp.Mul, exp.Div, exp.Mod) else 0
    for place in origins:
        found.partners[place].update((other, neutral) for other in origins if other != place)
        found.conditions[place].append(Condition(operator, value, filters))
        if value.isdigit() and len(value) <= 4:
            found.spans[place].add(int(value))
            if sought.find(exp.Year) and len(value) == 4:
                for edge in (f"{value}-01-01", f"{value}-12-31"):
                    found.conditions[place].append(Condition("EQ", edge, filters))


def _linked(one: exp.Expr, other: exp.Expr | None, found: Points, names: Names) -> None:
    lefts, rights = names.origins(one), names.origins(other) if other is not None else []
    found.links.extend((left, right) for left in lefts for right in rights if left != right)


def _using(node: exp.Join, found: Points, names: Names) -> None:
    for identifier in node.args["using"]:
        holders = [
            offered.origin
            for fields in names.sources(node).values()
            for offered in fields
            if offered.name.lower() == identifier.name.lower() and offered.origin
        ]
        for one, other in pairwise(holders):
            found.links.append((one, other))
            found.joins.append((one, other))


def _other(node: exp.Expr, found: Points, names: Names) -> None:
    if isinstance(node, exp.Group):
        found.groups.update(dict.fromkeys(_all(node.iter_expressions(), names)))
    elif isinstance(node, exp.Select) and node.args.get("distinct"):
        found.groups.update(dict.fromkeys(_all(node.selects, names)))
    elif isinstance(node, exp.Sum):
        found.sums.update(names.origins(node.this))
    elif isinstance(node, exp.Window):
        found.groups.update(dict.fromkeys(_all(node.args.get("partition_by") or [], names)))
    elif isinstance(node, exp.Ordered):
        found.orders.update(dict.fromkeys(names.origins(node.this)))
    elif isinstance(node, exp.WindowSpec):
        _reach(node, found, names)
    elif isinstance(node, exp.Limit) and isinstance(node.expression, exp.Literal):
        rows = int(node.expression.this)
        found.limit = max(found.limit, rows)
        found.sizes.update([rows] if rows <= SMALL else ())
    elif isinstance(node, exp.Div | exp.Mod) and not node.expression.find(exp.Nullif):
        found.divisors.update(names.origins(node.expression))
    elif isinstance(node, exp.Cast) and names.type(node.this) == "string" and names.type(node) != "string":
        found.casts.update(dict.fromkeys(names.origins(node.this), names.type(node)))
    elif isinstance(node, exp.Split | exp.RegexpSplit) and isinstance(node.expression, exp.Literal):
        text = f"%{node.expression.this}%"
        for place in names.origins(node.this):
            found.conditions[place].append(Condition("LIKE", text, filters=False))
    elif isinstance(node, exp.Interval | exp.TsOrDsAdd):
        _span(node, found, names)


def _is_single(node: exp.Select) -> bool:
    if node.parent is None:
        return False
    inside = node.parent if isinstance(node.parent, exp.Subquery) else node
    is_value = not isinstance(inside.parent, exp.From | exp.Join | exp.In | exp.SetOperation | exp.With | exp.CTE)
    return is_value or any(item.find(exp.AggFunc) for item in node.selects)


def _narrows(node: exp.Expr) -> bool:
    if not isinstance(node, exp.Select):
        return True
    inside = [part for item in node.selects for part in item.find_all(exp.AggFunc)]
    return not node.args.get("group") and any(part.find_ancestor(exp.Window, exp.Select) is node for part in inside)


def _span(node: exp.Expr, found: Points, names: Names) -> None:
    holder = node.parent if isinstance(node, exp.Interval) else node
    days = _days(node)
    if days is not None and holder is not None:
        for place in names.origins(holder):
            found.spans[place].add(days)


def _days(node: exp.Expr) -> int | None:
    number = next(iter(node.find_all(exp.Literal)), None)
    if number is None or not number.this.isdigit():
        return None
    unit = node.args.get("unit")
    return int(number.this) * UNIT_DAYS.get(unit.name.upper().rstrip("S") if unit is not None else "", 1)


def _reach(node: exp.WindowSpec, found: Points, names: Names) -> None:
    window = node.find_ancestor(exp.Window)
    order = window.args.get("order") if window is not None else None
    for place in _all(order.expressions, names) if order is not None else ():
        for side in ("start", "end"):
            reach = _days(node.args[side]) if isinstance(node.args.get(side), exp.Expr) else None
            if reach:
                found.frames[place].add(reach)


def _first(query: exp.Expr) -> exp.Expr | None:
    selects = query.selects if isinstance(query, exp.Query) else []
    return selects[0] if selects else None


def _all(nodes: Iterable[exp.Expr], names: Names) -> list[Place]:
    return [place for node in nodes for place in names.origins(node)]
