"""Of which Spark type an expression is, as far as its text tells: enough for arithmetic with dates."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.context import Context

_KEPT = (exp.Paren, exp.Alias, exp.Neg)
_RESULT = {
    "date_add": "date", "date_sub": "date", "add_months": "date", "to_date": "date", "last_day": "date",
    "next_day": "date", "make_date": "date", "current_date": "date", "trunc": "date", "date": "date",
    "date_trunc": "timestamp", "to_timestamp": "timestamp", "now": "timestamp", "current_timestamp": "timestamp",
    "timestamp": "timestamp", "count": "bigint", "row_number": "int", "rank": "int", "dense_rank": "int",
    "avg": "", "length": "int", "year": "int", "month": "int", "upper": "string", "lower": "string",
    "concat": "string", "substring": "string", "substr": "string", "datediff": "int",
    **dict.fromkeys(("std", "stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp", "corr",
                     "covar_pop", "covar_samp", "skewness", "kurtosis", "sqrt", "cbrt", "exp", "ln", "log", "log10",
                     "log2", "pow", "power", "rand", "percent_rank", "cume_dist"), "double"),
}  # fmt: skip
_DOUBLE = ("double", "float")
_SIGNS = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
_NUMBERS = ("int", "bigint", "smallint", "tinyint", "double", "float")
_SAME = {"min", "max", "coalesce", "first", "last", "any_value", "lag", "lead", "nvl", "ifnull", "first_value",
         "last_value", "greatest", "least", "nullif"}  # fmt: skip


def type_text(kind: exp.DataType) -> str:
    """Spark's own text of a type, as in `decimal(12,2)`."""
    text = kind.sql("spark")
    if isinstance(kind.this, exp.DType) and kind.this is exp.DType.TIMESTAMPTZ:
        return "timestamp"
    return text.replace(", ", ",").lower() if "`" not in text else text


def type_of(ctx: Context, node: exp.Expr) -> str:
    """Spark's name of the expression's type; "" where the text does not tell."""
    if isinstance(node, exp.Column):
        if node.parts[0].name.lower() in ctx.lambdas:
            return ""
        if ctx.grouped and not node.table and node.name.lower() in ctx.outputs:
            return ""
        return ctx.scope.find(node).field.type
    if isinstance(node, exp.Cast | exp.TryCast):
        return type_text(node.args["to"])
    if isinstance(node, exp.Literal):
        return "string" if node.is_string else _number(node)
    if isinstance(node, exp.Anonymous):
        name = str(node.this).lower()
        if name in _SAME and node.expressions:
            return type_of(ctx, node.expressions[0])
        if name in ("sum", "avg", "mean") and node.expressions and type_of(ctx, node.expressions[0]) in _DOUBLE:
            return "double"
        return _RESULT.get(name, "")
    if isinstance(node, exp.CurrentDate):
        return "date"
    if isinstance(node, exp.CurrentTimestamp):
        return "timestamp"
    if isinstance(node, exp.Window) and isinstance(node.this, exp.Expr):
        return type_of(ctx, node.this)
    if isinstance(node, exp.Case):
        return type_of(ctx, node.args["ifs"][0].args["true"])
    if isinstance(node, exp.Add | exp.Sub) and isinstance(node.expression, exp.Interval):
        return _moved(type_of(ctx, node.this), node.expression)
    if isinstance(node, exp.Add | exp.Sub) and type_of(ctx, node.this) == "date":
        return _counted(node, type_of(ctx, node.expression))
    if isinstance(node, _SIGNS):
        return _computed(type_of(ctx, node.this), type_of(ctx, node.expression))
    return type_of(ctx, node.this) if isinstance(node, _KEPT) else ""


def _number(node: exp.Literal) -> str:
    if "e" in node.this.lower():
        return "double"
    return "int" if node.is_int else "decimal"


def _computed(left: str, right: str) -> str:
    """The type of arithmetic, where one side is a double and the other is a number too."""
    kinds = {left, right}
    numbers = all(one in _NUMBERS or one.startswith("decimal") for one in kinds)
    return "double" if numbers and "double" in kinds else ""


def _counted(node: exp.Expr, other: str) -> str:
    """The type of a date moved by a number, by a computed interval, or less another date."""
    if other == "date":
        return "interval day"
    name = str(node.expression.this).lower() if isinstance(node.expression, exp.Anonymous) else ""
    return {"make_dt_interval": "timestamp", "make_interval": ""}.get(name, "date")


def _moved(kind: str, interval: exp.Interval) -> str:
    unit = (interval.text("unit") or "").lower().rstrip("s")
    return kind if kind != "date" or unit in ("year", "month", "week", "day", "quarter") else "timestamp"
