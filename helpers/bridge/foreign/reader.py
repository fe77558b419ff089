"""What the rules of a dialect work with: types of expressions, notes to the user, refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from helpers.adversary.names import Names
from helpers.adversary.schema import Table
from helpers.compare.terms import Column
from helpers.core.errors import UserError

WHOLE = {"tinyint", "smallint", "int", "bigint"}
_RESULTS: dict[type[exp.Expr], str] = {
    exp.IntDiv: "bigint", exp.Length: "int", exp.StrPosition: "int", exp.Extract: "int", exp.DateDiff: "int",
    exp.CurrentDate: "date", exp.CurrentTimestamp: "timestamp", exp.Upper: "string", exp.Lower: "string",
    exp.Concat: "string", exp.DPipe: "string", exp.Substring: "string", exp.Trim: "string", exp.Left: "string",
    exp.Right: "string", exp.TimestampTrunc: "timestamp", exp.TimeToStr: "string", exp.StrToDate: "date",
    exp.StrToTime: "timestamp", exp.LastDay: "date", exp.AddMonths: "date", exp.Replace: "string",
    exp.Boolean: "boolean", exp.Rank: "bigint", exp.DenseRank: "bigint", exp.Ntile: "bigint", exp.RowNumber: "bigint",
    exp.Year: "int", exp.Month: "int", exp.Day: "int", exp.DayOfWeek: "int", exp.Quarter: "int",
}  # fmt: skip
_CALLS = {"datediff": "int", "concat_ws": "string", "rint": "double", "weekday": "int", "date_add": "date",
    "date_sub": "date",
          "dayofweek": "int", "timestampdiff": "bigint", "instr": "int"}  # fmt: skip
_SIMPLE = {"integer": "int", "long": "bigint", "short": "smallint", "byte": "tinyint", "real": "float"}


@dataclass
class Reader:
    """One foreign query while its rules run. notes: what the user should know."""

    tree: exp.Expr
    names: Names
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Tells the user something, once."""
        if text not in self.notes:
            self.notes.append(text)

    def kind(self, node: exp.Expr) -> str:
        """Spark's name of the expression's type; "" = not known."""
        if node.meta.get("kind"):
            return str(node.meta["kind"])
        if isinstance(node, exp.Paren | exp.Neg | exp.Alias):
            return self.kind(node.this)
        if isinstance(node, exp.Literal):
            return "string" if node.is_string else ("int" if node.is_int else "decimal")
        if isinstance(node, exp.Anonymous):
            return _CALLS.get(str(node.this).lower(), "")
        if type(node) in _RESULTS:
            return _RESULTS[type(node)]
        if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Mod):
            return self._wider(node)
        if isinstance(node, exp.Div):
            return "double" if "double" in (self.kind(node.this), self.kind(node.expression)) else "decimal"
        if isinstance(node, exp.Sum):
            inner = self.kind(node.this)
            return "bigint" if inner in WHOLE - {"bigint"} else ("decimal" if inner == "bigint" else inner)
        if isinstance(node, exp.Coalesce | exp.Case | exp.If):
            return self._branches(node)
        found = self.names.type(node).split("(")[0]
        return _SIMPLE.get(found, found)

    def _wider(self, node: exp.Expr) -> str:
        left, right = self.kind(node.this), self.kind(node.expression)
        if isinstance(node.expression, exp.Interval):
            return left
        if left == "date" and right in WHOLE:
            return "date"
        if not left or not right:
            return "double" if "double" in (left, right) else ""
        order = ["tinyint", "smallint", "int", "bigint", "decimal", "float", "double"]
        return max(left, right, key=order.index) if {left, right} <= set(order) else left

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
    return Reader(tree, Names(tree, tables))


def call(name: str, *arguments: exp.Expr | str | int) -> exp.Anonymous:
    """A call of Spark's function of that name; plain texts and numbers become constants."""
    return exp.Anonymous(this=name, expressions=[constant(one) for one in arguments])


def constant(value: exp.Expr | str | int) -> exp.Expr:
    """A node as it is, or a text or number as a constant."""
    if isinstance(value, str):
        return exp.Literal.string(value)
    return exp.Literal.number(value) if isinstance(value, int) else value


def told(node: exp.Expr, kind: str) -> exp.Expr:
    """The node, with the type that the rule which made it knows."""
    node.meta["kind"] = kind
    return node


def as_type(node: exp.Expr, kind: str, safe: bool = False) -> exp.Expr:
    """A cast to a type of Spark's. safe: NULL for what does not fit."""
    to = exp.DataType.build(kind, dialect="spark")
    return exp.TryCast(this=node, to=to, safe=True) if safe else exp.Cast(this=node, to=to)
