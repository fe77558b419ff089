"""Of which kind an expression of Oracle's is, through derived tables too: what its text and arithmetic depend on."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from helpers.bridge.foreign.reader import Reader

ORDER = ("int", "bigint", "decimal", "ratio", "double")
"""Numbers from narrow to wide; a ratio is a decimal whose last digits are Spark's own, as those of a quotient."""

WHOLE, MOMENTS = ("int", "bigint"), ("date", "timestamp", "instant")
"""A date has no time of day in Spark, a timestamp is a DATE of Oracle's, an instant one of its TIMESTAMPs."""

_SAME = (
    exp.Paren, exp.Neg, exp.Alias, exp.Distinct, exp.IgnoreNulls, exp.RespectNulls, exp.Window, exp.Min, exp.Max,
    exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Nullif, exp.Abs, exp.Order,
)  # fmt: skip
_RESULTS: dict[str, tuple[type[exp.Expr], ...]] = {
    "string": (exp.Upper, exp.Lower, exp.Concat, exp.DPipe, exp.Substring, exp.Trim, exp.Replace, exp.Pad,
               exp.Initcap, exp.Translate, exp.RegexpSubstr, exp.RegexpReplace, exp.Reverse, exp.Chr,
               exp.GroupConcat, exp.RawString, exp.National),
    "int": (exp.Length, exp.StrPosition, exp.RegexpCount, exp.RegexpInstr, exp.Ascii, exp.RowNumber, exp.Rank,
            exp.DenseRank, exp.Ntile, exp.Grouping),
    "bigint": (exp.Count, exp.WidthBucket, exp.GroupingId),
    "double": (exp.Sqrt, exp.Exp, exp.Ln, exp.Log, exp.Pow, exp.Sign, exp.Median, exp.Stddev, exp.StddevPop,
               exp.StddevSamp, exp.Variance, exp.VariancePop, exp.CumeDist, exp.PercentRank, exp.MonthsBetween,
               exp.WithinGroup, exp.Corr, exp.CovarPop, exp.CovarSamp, exp.Sin, exp.Cos, exp.Tan),
    "instant": (exp.Systimestamp, exp.Localtimestamp),
    "boolean": (exp.Boolean, exp.Predicate, exp.Connector, exp.Not),
}  # fmt: skip
_OF = {kind: name for name, kinds in _RESULTS.items() for kind in kinds}
_PLAIN = {"tinyint": "int", "smallint": "int", "int": "int", "bigint": "bigint", "decimal": "decimal",
          "float": "double", "double": "double", "string": "string", "date": "date", "timestamp": "timestamp",
          "timestamp_ntz": "timestamp", "boolean": "boolean"}  # fmt: skip


def told(node: exp.Expr, kind: str) -> exp.Expr:
    """The node, which is of that kind from now on, whatever it is made of."""
    node.meta["kind"] = kind
    return node


def copied(reading: Reader, node: exp.Expr) -> exp.Expr:
    """A copy that knows its kind: away from its query a column has none."""
    return told(node.copy(), kind_of(reading, node))


def kind_of(reading: Reader, node: exp.Expr) -> str:
    """One of ORDER, MOMENTS, string, boolean, interval, null; "" = not known."""
    if node.meta.get("kind"):
        return str(node.meta["kind"])
    if isinstance(node, exp.Column | exp.Pseudocolumn):
        if node.meta.get("asked"):
            # A recursive WITH asks for itself.
            return ""
        node.meta["asked"] = True
        try:
            return _column(reading, node)
        finally:
            node.meta.pop("asked")
    if isinstance(node, exp.Literal):
        if node.is_string:
            return "string"
        return _size(node.this) if node.is_int else ("double" if "e" in node.this.lower() else "decimal")
    if isinstance(node, exp.Null):
        return "null"
    if isinstance(node, exp.Interval):
        return "interval"
    if isinstance(node, _SAME) and isinstance(node.this, exp.Expr):
        return kind_of(reading, node.this)
    if isinstance(node, exp.Distinct):
        return kind_of(reading, node.expressions[0])
    if isinstance(node, exp.CurrentTimestamp):
        return "timestamp" if node.args.get("sysdate") else "instant"
    if isinstance(node, exp.CurrentDate):
        return "timestamp"
    if isinstance(node, exp.Extract):
        return "decimal" if node.name.upper() == "SECOND" else "int"
    if isinstance(node, exp.Cast):
        return _PLAIN.get(node.to.sql("spark").lower().split("(")[0], "")
    if isinstance(node, exp.Subquery):
        return _query(reading, node.this)
    return next((name for kind, name in _OF.items() if isinstance(node, kind)), "") or _computed(reading, node)


def _query(reading: Reader, query: exp.Expr) -> str:
    return kind_of(reading, query.selects[0]) if isinstance(query, exp.Select) and query.selects else ""


def _size(digits: str) -> str:
    return "int" if int(digits) < 2**31 else ("bigint" if int(digits) < 2**63 else "decimal")


def _computed(reading: Reader, node: exp.Expr) -> str:
    inner = kind_of(reading, node.this) if isinstance(node.this, exp.Expr) else ""
    if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Mod | exp.Div):
        kind = wider(inner, kind_of(reading, node.expression))
        if isinstance(node, exp.Div):
            return {"int": "double", "bigint": "double", "decimal": "ratio"}.get(kind, kind)
        return kind
    if isinstance(node, exp.Sum):
        return "bigint" if inner == "int" else inner
    if isinstance(node, exp.Avg):
        return {"decimal": "ratio", "ratio": "ratio"}.get(inner, "double")
    if isinstance(node, exp.Ceil | exp.Floor):
        return "decimal" if inner in ("decimal", "ratio") else "bigint"
    if isinstance(node, exp.Round):
        return "decimal" if inner == "ratio" else inner
    parts = branches(node)
    found = {kind_of(reading, one) for one in parts} - {"null"}
    if len(found) == 1:
        return found.pop()
    if found and found <= set(ORDER):
        return max(found, key=ORDER.index)
    return "timestamp" if found and found <= {"date", "timestamp"} else ""


def branches(node: exp.Expr) -> list[exp.Expr]:
    """The expressions that the value of a choice may come from."""
    if isinstance(node, exp.Coalesce | exp.Greatest | exp.Least):
        return [one for one in (node.this, *node.expressions) if isinstance(one, exp.Expr)]
    if isinstance(node, exp.Case):
        default = node.args.get("default")
        return [*(one.args["true"] for one in node.args["ifs"]), *([default] if default is not None else [])]
    if isinstance(node, exp.Nvl2):
        return [one for one in (node.args.get("true"), node.args.get("false")) if one is not None]
    return []


def wider(one: str, other: str) -> str:
    """The kind of a sum of two numbers; "" where either is none."""
    return max(one, other, key=ORDER.index) if {one, other} <= set(ORDER) else ""


def _column(reading: Reader, column: exp.Expr) -> str:
    table, name = column.text("table").lower(), column.name.lower()
    if not table and name in ("rownum", "level"):
        return "int"
    scope = reading.names.scope(column)
    while scope is not None:
        for alias, (_, source) in scope.selected_sources.items():
            if table in ("", alias.lower()) and (found := _offered(reading, source, name)) is not None:
                return found
        scope = scope.parent
    select = column.find_ancestor(exp.Select)
    for item in select.selects if select is not None and not table else ():
        if item.alias_or_name.lower() == name and not any(one is column for one in item.walk()):
            return kind_of(reading, item)
    return ""


def _offered(reading: Reader, source: exp.Expr | Scope, name: str) -> str | None:
    if isinstance(source, Scope):
        return _output(reading, source.expression, name)
    table = reading.names.tables.get(source.name.lower())
    for column in table.columns if table is not None else ():
        if table is not None and column.name.lower() == name:
            return _PLAIN.get(table.kind(column.name).split("(")[0], "")
    return None


def _output(reading: Reader, query: exp.Expr, name: str) -> str | None:
    alias = query.parent.args.get("alias") if query.parent is not None else None
    columns = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
    places = [index for index, one in enumerate(columns or []) if one.name.lower() == name]
    if columns and not places:
        return None
    return _item(reading, query, name, places[0] if places else None)


def _item(reading: Reader, query: exp.Expr, name: str, place: int | None) -> str | None:
    while isinstance(query, exp.Subquery):
        query = query.this
    if isinstance(query, exp.SetOperation):
        left = _item(reading, query.left, name, place)
        at = next((index for index, one in enumerate(query.selects) if one.alias_or_name.lower() == name), None)
        right = _item(reading, query.right, name, at if place is None else place)
        if left == right or right == "null":
            return left
        return None if left is None else (right if left == "null" else wider(left, right or ""))
    if not isinstance(query, exp.Select):
        return None
    if place is not None:
        return kind_of(reading, query.selects[place]) if place < len(query.selects) else None
    scope = reading.names.scope(query)
    for item in query.selects:
        if item.is_star and scope is not None:
            wanted = item.text("table").lower()
            for alias, (_, source) in scope.selected_sources.items():
                found = _offered(reading, source, name) if wanted in ("", alias.lower()) else None
                if found is not None:
                    return found
        elif item.alias_or_name.lower() == name:
            return kind_of(reading, item)
    return None
