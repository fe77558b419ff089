"""Tables made up for a query that comes without any: their columns' types from how the query uses them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from helpers.adversary.mutants import parse
from helpers.adversary.names import Names
from helpers.adversary.schema import Table
from helpers.bridge.python import identifier
from helpers.bridge.verification.sides import Sides
from helpers.compare import Column
from helpers.compare.table import arrow_type, spark_type
from helpers.core.errors import UserError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

Place = tuple[str, str]
_NUMBER = "decimal(12,2)"
_TEXT = (exp.Like, exp.ILike, exp.RegexpLike, exp.Upper, exp.Lower, exp.Trim, exp.Substring, exp.Concat, exp.Initcap,
         exp.Length, exp.StartsWith, exp.DPipe, exp.RegexpReplace, exp.Split)  # fmt: skip
_DATES = (exp.Year, exp.Month, exp.Quarter, exp.Day, exp.DayOfMonth, exp.DayOfWeek, exp.DayOfYear, exp.WeekOfYear,
          exp.LastDay, exp.TsOrDsAdd, exp.DateAdd, exp.DateSub, exp.DateDiff, exp.AddMonths, exp.DateTrunc,
          exp.MonthsBetween)  # fmt: skip
_MOMENTS = (exp.Hour, exp.Minute, exp.Second, exp.TimestampTrunc)
_SUMMED = (exp.Sum, exp.Avg, exp.Abs, exp.Round, exp.Stddev, exp.StddevSamp, exp.Variance, exp.Neg)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.IntDiv)
_COMPARED = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ)


def told_or_assumed(
    sides: Sides, tables: Mapping[str, DataFrame] | None, doing: str
) -> tuple[dict[str, DataFrame], dict[str, StructType], tuple[str, ...]]:
    """Frames and schemas by the code's variables: those given, or of none schemas made up, each told in a sentence.

    tables: by the names that the query has for them; None = all are made up. doing: what is done with them, as in
    "The query reads". Raises UserError where one is missing.
    """
    if tables is None:
        return {}, *assumed(sides)
    given = sides.chosen(tables)
    for name in sides.translation.tables:
        if name not in given:
            raise UserError(
                f"{doing} the table {sides.names[name]}, which is not among those given.",
                f"Given are: {', '.join(tables) or 'none'}.",
            )
    return given, {name: frame.schema for name, frame in given.items()}, ()


def assumed(sides: Sides) -> tuple[dict[str, StructType], tuple[str, ...]]:
    """Schemas by the code's variables, and a sentence on each table that was made up.

    Where the query is not read or reads no column of a table, the table has one column.
    """
    from pyspark.sql.pandas.types import from_arrow_schema

    found = _types(sides)
    schemas, told = {}, []
    for name in sides.translation.tables:
        columns = found.get(name.lower()) or {"id": "int"}
        schemas[name] = from_arrow_schema(pa.schema([(one, arrow_type(kind)) for one, kind in columns.items()]))
        listed = ", ".join(f"{one} {spark_type(arrow_type(kind))}" for one, kind in columns.items())
        told.append(f"{sides.names[name]} has the columns {listed}, all may be NULL, no key.")
    return schemas, tuple(told)


def _types(sides: Sides) -> dict[str, dict[str, str]]:
    try:
        tree = parse(sides.translation.spark_sql)
        scopes = traverse_scope(tree)
    except (UserError, SqlglotError):
        return {}
    columns = _columns(scopes, {identifier(name).lower() for name in sides.names.values()})
    tables = [
        Table(owner, tuple(Column(name, "string") for name in names.values())) for owner, names in columns.items()
    ]
    votes = _Votes(Names(tree, tables))
    for node in tree.walk():
        votes.read(node)
    return {
        owner: {name: votes.kind((owner, lower)) for lower, name in names.items()} for owner, names in columns.items()
    }


def _columns(scopes: Iterable[Scope], known: set[str]) -> dict[str, dict[str, str]]:
    """The columns of each table as the query writes them, by lower-case names, in the order they are first read."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    open_ones: list[tuple[exp.Column, Scope]] = []
    for scope in scopes:
        for owner, name in _shared(scope):
            found[owner].setdefault(name.lower(), name)
        for column in scope.columns:
            owners = _owners(column, scope)
            if len(owners) == 1:
                found[owners[0]].setdefault(column.name.lower(), column.name)
            elif owners:
                open_ones.append((column, scope))
    for column, scope in open_ones:
        owners = _owners(column, scope)
        if not any(column.name.lower() in found[owner] for owner in owners):
            found[_likeliest(column.name, owners, found)].setdefault(column.name.lower(), column.name)
    return {owner: names for owner, names in found.items() if owner in known}


def _shared(scope: Scope) -> Iterator[tuple[str, str]]:
    """The columns that USING names, each with the joined table and with the first one in FROM."""
    for join in scope.expression.args.get("joins") or ():
        first = scope.expression.args.get("from_")
        for side in (join.this, first.this if first is not None else None):
            if isinstance(side, exp.Table):
                yield from ((identifier(side.name).lower(), one.name) for one in join.args.get("using") or ())


def _owners(column: exp.Column, scope: Scope | None) -> list[str]:
    """The tables that may have the column: its own query's, or else those of the queries around it."""
    while scope is not None:
        tables = []
        for alias, (_, source) in scope.selected_sources.items():
            if column.table and column.table.lower() != alias.lower():
                continue
            if isinstance(source, Scope):
                if column.name.lower() in {name.lower() for name in _outputs(source.expression)}:
                    return []
            elif isinstance(source, exp.Table):
                tables.append(identifier(source.name).lower())
        if tables:
            return list(dict.fromkeys(tables))
        scope = scope.parent
    return []


def _outputs(query: exp.Expr) -> list[str]:
    return list(query.named_selects) if isinstance(query, exp.Query) else []


def _likeliest(name: str, owners: list[str], found: dict[str, dict[str, str]]) -> str:
    """The table whose other columns, or whose name, begin most like this column's name."""

    def likeness(owner: str) -> tuple[int, int]:
        prefix = re.match(r"[a-z]+_", name.lower())
        shared = sum(bool(prefix) and other.startswith(prefix[0]) for other in found[owner]) if prefix else 0
        initials = "".join(part[0] for part in re.split("_+", owner) if part)
        stem = prefix[0][:-1] if prefix else name.lower()
        named = len(stem) if owner.startswith(stem) or stem == initials else 0
        return shared, named

    return max(owners, key=likeness)


@dataclass
class _Votes:
    """What the uses of each column say of its type; columns that are compared or joined share theirs."""

    names: Names
    cast: dict[Place, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    alike: dict[Place, set[Place]] = field(default_factory=lambda: defaultdict(set))

    def read(self, node: exp.Expr) -> None:
        """Notes what one node of the tree says."""
        if isinstance(node, _COMPARED):
            self._pair(node.this, node.expression)
        elif isinstance(node, exp.Between):
            for name in ("low", "high"):
                self._pair(node.this, node.args[name])
        elif isinstance(node, exp.In):
            for one in node.expressions:
                self._pair(node.this, one)
            query = node.args.get("query")
            if isinstance(query, exp.Subquery) and query.this.selects:
                self._pair(node.this, query.this.selects[0])
        elif isinstance(node, exp.SetOperation):
            for left, right in zip(node.left.selects, node.right.selects, strict=False):
                self._pair(left, right)
        elif isinstance(node, exp.Join) and node.args.get("using"):
            self._using(node)
        else:
            self._use(node)

    def kind(self, place: Place) -> str:
        """The type that most speaks for; a name's habit where nothing does."""
        votes: Counter[str] = Counter()
        seen = {place}
        queue = [place]
        while queue:
            here = queue.pop()
            votes.update(self.cast[here])
            queue += (fresh := self.alike[here] - seen)
            seen |= fresh
        for kind in ("timestamp", "date", _NUMBER, "double", "boolean"):
            if votes[kind]:
                return kind
        if votes:
            return votes.most_common(1)[0][0]
        return _habit([name for _, name in sorted(seen)])

    def _pair(self, one: exp.Expr, other: exp.Expr) -> None:
        places = [self._place(side) for side in (one, other)]
        if places[0] and places[1]:
            self.alike[places[0]].add(places[1])
            self.alike[places[1]].add(places[0])
        for place, side in ((places[0], other), (places[1], one)):
            if place and (kind := _literal(side)):
                self.cast[place][kind] += 1

    def _using(self, node: exp.Join) -> None:
        for name in node.args["using"]:
            holders = [
                offered.origin
                for fields in self.names.sources(node).values()
                for offered in fields
                if offered.name.lower() == name.name.lower() and offered.origin
            ]
            for one in holders:
                self.alike[one] |= set(holders) - {one}

    def _use(self, node: exp.Expr) -> None:
        kind = ""
        if isinstance(node, _TEXT):
            kind = "string"
        elif isinstance(node, _MOMENTS):
            kind = "timestamp"
        elif isinstance(node, _DATES) or (isinstance(node, exp.Add | exp.Sub) and node.find(exp.Interval)):
            kind = "date"
        elif isinstance(node, (*_SUMMED, *_ARITHMETIC)):
            kind = _NUMBER
        elif isinstance(node, exp.Where | exp.Having | exp.And | exp.Or | exp.Not):
            kind = "boolean"
        if not kind:
            return
        both = isinstance(node, (*_ARITHMETIC, exp.And, exp.Or))
        for side in (node.this, node.expression) if both else (node.this,):
            place = self._place(side)
            if place:
                self.cast[place][kind] += 1

    def _place(self, node: object) -> Place | None:
        wrappers = exp.Paren | exp.Alias | exp.Distinct | exp.Min | exp.Max
        while isinstance(node, wrappers) and isinstance(node.this, exp.Expr):
            node = node.this
        if isinstance(node, exp.Distinct) and node.expressions:
            node = node.expressions[0]
        return self.names.origin(node) if isinstance(node, exp.Column) else None


def _literal(node: exp.Expr) -> str:
    """The type of a constant, "" for what is none."""
    if isinstance(node, exp.Cast):
        return node.to.sql("spark").lower() if node.find(exp.Column) is None else ""
    if node.find(exp.Column, exp.Query) is not None:
        return ""
    if isinstance(node, exp.Boolean):
        return "boolean"
    if isinstance(node, exp.Add | exp.Sub) and node.find(exp.Interval):
        return "date"
    literal = node.find(exp.Literal)
    if literal is None:
        return ""
    if not literal.is_string:
        return "int" if literal.is_int else _NUMBER
    if re.fullmatch(r"\d{4}-\d\d-\d\d", literal.this):
        return "date"
    return "timestamp" if re.match(r"\d{4}-\d\d-\d\d[ T]\d\d:", literal.this) else "string"


def _habit(names: list[str]) -> str:
    """A type by what columns of such names mostly are."""
    for name in names:
        if re.search(r"(_|^)(id|key|no|nr|num|count|qty|quantity|year|n)$|key$|sk$", name):
            return "int"
        if re.search(r"date|(_|^)day$", name):
            return "date"
        if re.search(r"time|(_|^)at$", name):
            return "timestamp"
        if re.search(r"price|amount|cost|total|tax|discount|salary|balance|(_|^)acctbal$", name):
            return _NUMBER
    return "string"
