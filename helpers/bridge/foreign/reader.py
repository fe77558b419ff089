"""What the rules of a dialect work with: types of expressions, notes to the user, refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from helpers.adversary.names import Field, Names
from helpers.adversary.schema import Table
from helpers.bridge.parse import defined
from helpers.compare.terms import Column
from helpers.core.errors import UserError

WHOLE = {"tinyint", "smallint", "int", "bigint"}
_KINDS: dict[str, tuple[type[exp.Expr], ...]] = {
    "string": (
        exp.Upper, exp.Lower, exp.Concat, exp.DPipe, exp.Substring, exp.Trim, exp.Left, exp.Right, exp.TimeToStr,
        exp.Replace, exp.ConcatWs, exp.Pad, exp.Repeat, exp.Reverse, exp.Space, exp.SubstringIndex, exp.GroupConcat,
        exp.MD5,
    ),
    "int": (
        exp.Length, exp.StrPosition, exp.Extract, exp.DateDiff, exp.Year, exp.Month, exp.Day, exp.DayOfWeek,
        exp.Quarter, exp.Hour, exp.Minute, exp.Second, exp.DayOfMonth, exp.DayOfYear, exp.Week,
    ),
    "bigint": (exp.IntDiv, exp.Rank, exp.DenseRank, exp.Ntile, exp.RowNumber),
    "double": (
        exp.Ln, exp.Log, exp.Sqrt, exp.Exp, exp.Pow, exp.Sin, exp.Cos, exp.Tan, exp.Asin, exp.Acos, exp.Atan,
        exp.Degrees, exp.Radians, exp.Pi, exp.Rand,
    ),
    "date": (exp.CurrentDate, exp.StrToDate, exp.LastDay, exp.AddMonths),
    "timestamp": (exp.CurrentTimestamp, exp.TimestampTrunc, exp.StrToTime),
    "boolean": (exp.Boolean,),
}  # fmt: skip
_RESULTS = {node: kind for kind, nodes in _KINDS.items() for node in nodes}
_NAMED = {
    "string": (
        "concat_ws collate regexp_extract regexp_replace regexp_substr overlay array_join listagg hex conv"
        " format_number date_format get_json_object chr bin lpad"
    ),
    "int": (
        "datediff weekday dayofweek instr octet_length hour minute second year month day dayofyear weekofyear"
        " quarter unix_date bit_count find_in_set"
    ),
    "bigint": "timestampdiff unix_timestamp unix_seconds shiftleft shiftright",
    "double": "rint",
    "date": "date_add date_sub date_from_unix_date make_date",
    "timestamp": "timestampadd timestamp_seconds",
}
_CALLS = {name: kind for kind, names in _NAMED.items() for name in names.split()}
_ORDER = ["tinyint", "smallint", "int", "bigint", "decimal", "float", "double"]
_SIMPLE = {"integer": "int", "long": "bigint", "short": "smallint", "byte": "tinyint", "real": "float"}

_OF_THEIR_ARGUMENT = (exp.Paren, exp.Neg, exp.Alias, exp.Round, exp.Abs, exp.Nullif, exp.Min, exp.Max)


@dataclass
class Reader:
    """One foreign query while its rules run. notes: what the user should know; long_sum: a sum of BIGINT's type."""

    tree: exp.Expr
    names: Names
    notes: list[str] = field(default_factory=list)
    long_sum: str = "decimal"

    def note(self, text: str) -> None:
        """Tells the user something, once."""
        if text not in self.notes:
            self.notes.append(text)

    def kind(self, node: exp.Expr) -> str:
        """Spark's name of the expression's type; "" = not known; `interval` where a rule has said so."""
        if "kind" in node.meta:
            return str(node.meta["kind"])
        if isinstance(node, _OF_THEIR_ARGUMENT) and isinstance(node.this, exp.Expr):
            return self.kind(node.this)
        if isinstance(node, exp.Literal):
            return "string" if node.is_string else ("int" if node.is_int else "decimal")
        if isinstance(node, exp.Anonymous):
            return _CALLS.get(str(node.this).lower(), "")
        if type(node) in _RESULTS:
            return _RESULTS[type(node)]
        if isinstance(node, exp.Predicate | exp.Connector | exp.Not):
            return "boolean"
        if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Mod):
            return self._wider(node)
        if isinstance(node, exp.Div):
            return "double" if "double" in (self.kind(node.this), self.kind(node.expression)) else "decimal"
        if isinstance(node, exp.Sum):
            inner = self.kind(node.this)
            return "bigint" if inner in WHOLE - {"bigint"} else (self.long_sum if inner == "bigint" else inner)
        if isinstance(node, exp.Coalesce | exp.Case | exp.If):
            return self._branches(node)
        found = Names.type(self.names, node).split("(")[0]
        return _SIMPLE.get(found, found)

    def _wider(self, node: exp.Expr) -> str:
        left, right = self.kind(node.this), self.kind(node.expression)
        if isinstance(node.expression, exp.Interval):
            return left
        if left == "date" and right in WHOLE:
            return "date"
        if not left or not right:
            return "double" if "double" in (left, right) else ""
        return max(left, right, key=_ORDER.index) if {left, right} <= set(_ORDER) else left

    def _branches(self, node: exp.Expr) -> str:
        if isinstance(node, exp.Coalesce):
            parts = [node.this, *node.expressions]
        elif isinstance(node, exp.If):
            parts = [node.args["true"], *([node.args["false"]] if node.args.get("false") is not None else [])]
        else:
            parts = [one.args["true"] for one in node.args["ifs"]]
            parts += [node.args["default"]] if node.args.get("default") is not None else []
        kinds = {self.kind(one) for one in parts if not isinstance(one, exp.Null)}
        if len(kinds) == 1:
            return kinds.pop()
        return (
            "decimal"
            if kinds and kinds <= {*WHOLE, "decimal"} and "decimal" in kinds
            else ("bigint" if kinds and kinds <= WHOLE else "")
        )


class _Typed(Names):
    """The names of a query; what a subquery computes has the type that the reader gives it, not its first part's."""

    def __init__(self, tree: exp.Expr, tables: Sequence[Table]) -> None:
        super().__init__(tree, tables)
        self.reading: Reader | None = None
        self._asked: set[int] = set()

    def type(self, node: exp.Expr) -> str:
        """Spark's name of the expression's type; "" = unknown."""
        if self.reading is None or isinstance(node, exp.Column):
            return super().type(node)
        return self.reading.kind(node)

    def _outputs(self, query: exp.Expr) -> list[Field]:
        found = super()._outputs(query)
        # A recursive part reads what it is a part of.
        if not isinstance(query, exp.SetOperation) or id(query) in self._asked:
            return found
        self._asked.add(id(query))
        others = self._outputs(query.expression)
        self._asked.discard(id(query))
        if len(found) != len(others):
            return [replace(one, type="") for one in found]
        return [replace(one, type=_common(one.type, other.type)) for one, other in zip(found, others, strict=True)]


def _common(one: str, other: str) -> str:
    """The type of a column of UNION: the wider one of two numbers; "" where they are no two numbers and differ."""
    plain = [_SIMPLE.get(kind.split("(")[0], kind.split("(")[0]) for kind in (one, other)]
    if plain[0] == plain[1]:
        return one
    return max(plain, key=_ORDER.index) if set(plain) <= set(_ORDER) else ""


Rule = Callable[[Reader, exp.Expr], exp.Expr | None]
"""Gives what stands for the node in Spark's SQL; None = the node may stay. Raises Refusal."""


def reader(tree: exp.Expr, schema: Mapping[str, Mapping[str, str]]) -> Reader:
    """A reader of the tree; columns of types that the bridge's arithmetic does not need are left out."""
    tables = []
    for name, columns in schema.items():
        known = []
        for column, kind in columns.items():
            one = Table(name, (Column(column, kind),))
            try:
                one.kind(column)
            except UserError:
                continue
            known.append(Column(column, kind))
        tables.append(Table(name, tuple(known)))
    names = _Typed(tree, tables)
    names.reading = Reader(tree, names)
    return names.reading


def as_in_schema(reading: Reader, tree: exp.Expr) -> None:
    """Names tables as the schema does, whatever their case in the text, for so the frames are called; in place."""
    for node in tree.find_all(exp.Table):
        found = reading.names.tables.get(node.name.lower())
        if found is None or not isinstance(node.this, exp.Identifier) or node.name == found.name:
            continue
        if not node.db and node.name.lower() in defined(node):
            continue
        if not node.alias and not node.args.get("pivots"):
            node.set("alias", exp.TableAlias(this=exp.to_identifier(node.name)))
        node.set("this", exp.to_identifier(found.name))


def call(name: str, *arguments: exp.Expr | str | int) -> exp.Anonymous:
    """A call of Spark's function of that name; plain texts and numbers become constants."""
    return exp.Anonymous(this=name, expressions=[constant(one) for one in arguments])


def constant(value: exp.Expr | str | int) -> exp.Expr:
    """A node as it is, or a text or number as a constant."""
    if isinstance(value, str):
        return exp.Literal.string(value)
    return exp.Literal.number(value) if isinstance(value, int) else value


def told(node: exp.Expr, kind: str) -> exp.Expr:
    """The node with the type that it has in the foreign query, where its text in Spark does not tell."""
    node.meta["kind"] = kind
    return node


def as_type(node: exp.Expr, kind: str, safe: bool = False) -> exp.Expr:
    """A cast to a type of Spark's. safe: NULL for what does not fit."""
    to = exp.DataType.build(kind, dialect="spark")
    return exp.TryCast(this=node, to=to, safe=True) if safe else exp.Cast(this=node, to=to)
