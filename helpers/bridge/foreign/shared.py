"""What all foreign dialects share: rules, and the functions known to mean the same in Spark."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.reader import WHOLE, Reader, Rule, call
from helpers.bridge.refusal import refuse

ALLOWED: frozenset[type[exp.Expr]] = frozenset({
    exp.Abs, exp.Avg, exp.Case, exp.Cast, exp.Ceil, exp.Coalesce, exp.Count, exp.CumeDist, exp.CurrentDate,
    exp.CurrentTimestamp, exp.DenseRank, exp.Exists, exp.Exp, exp.Extract, exp.FirstValue, exp.Floor, exp.If, exp.Lag,
    exp.LastValue, exp.Lead, exp.Left, exp.Length, exp.Ln, exp.Lower, exp.Max, exp.Min, exp.NthValue, exp.Ntile,
    exp.Nullif, exp.Pad, exp.PercentRank, exp.Pow, exp.Rank, exp.Repeat, exp.Replace, exp.Reverse, exp.Right,
    exp.Round, exp.RowNumber, exp.Sign, exp.Sqrt, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.StrPosition,
    exp.Substring, exp.Sum, exp.Trim, exp.Upper, exp.Variance, exp.VariancePop, exp.And, exp.Or, exp.Xor, exp.TryCast,
    exp.Corr, exp.CovarPop, exp.CovarSamp, exp.Grouping, exp.Array, exp.Anonymous, exp.Concat,
    exp.Sin, exp.Cos, exp.Tan, exp.Asin, exp.Acos, exp.Atan, exp.Degrees, exp.Radians, exp.MD5, exp.Ascii,
})  # fmt: skip
"""Functions of sqlglot's that mean the same in Spark, or have a rule in each dialect where they do not."""


def checked(reading: Reader, node: exp.Expr, allowed: frozenset[type[exp.Expr] | str], dialect: str) -> None:
    """Raises Refusal for a function that nobody has compared with Spark's.

    allowed: those that have a rule in the dialect, or mean the same in Spark: sqlglot's by type, others by name.
    """
    if isinstance(node, exp.Anonymous) and str(node.this).lower() in _OURS | allowed:
        return
    if isinstance(node, exp.Anonymous):
        raise refuse(node, f"The function {node.this}", f"it is not known what it is in Spark, coming from {dialect}",
                     "write it with functions that Spark has too")  # fmt: skip
    if isinstance(node, exp.Func) and type(node) not in ALLOWED | allowed:
        name = node.sql_name().lower()
        raise refuse(node, f"The function {name}", f"nobody has compared {dialect}'s with Spark's yet",
                     "write it with simpler functions")  # fmt: skip


_OURS = frozenset(
    [
        "datediff",
        "rint",
        "concat_ws",
        "array_join",
        "array_sort",
        "collect_list",
        "transform",
        "named_struct",
        "percentile",
        "dayofweek",
        "weekday",
        "unix_micros",
        "sequence",
        "explode",
        "date_add",
        "date_sub",
        "log10",
        "array_contains",
        "timestampdiff",
        "dateadd",
        "timestampadd",
        "grouping_id",
        "nvl",
        "nvl2",
        "greatest",
        "least",
        "instr",
        "split_part",
        "reverse",
        "bool_and",
        "bool_or",
        "date_format",
        "to_date",
        "to_timestamp",
        "last_day",
        "add_months",
        "months_between",
        "date_trunc",
        "trunc",
        "now",
        "regexp_replace",
        "ifnull",
        "if",
        "make_date",
        "md5",
        "year",
        "month",
        "day",
        "dayofmonth",
        "hour",
        "minute",
        "second",
        "quarter",
        "dayofyear",
        "space",
        "pi",
        "rand",
        "unix_date",
        "rtrim",
        "length",
        "lpad",
        "rpad",
        "listagg",
    ]
)


def integer_division(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Integers divided give an integer there, and a fraction in Spark."""
    left, right = reading.kind(node.this), reading.kind(node.expression)
    if left in WHOLE and right in WHOLE:
        reading.note("Division of integers drops the fraction: it became DIV.")
        return exp.Paren(this=exp.IntDiv(this=node.this.copy(), expression=node.expression.copy()))
    if (not left and right in (*WHOLE, "")) or (not right and left in WHOLE):
        raise refuse(node, f"The division {node.sql()[:40]}",
            "of integers it would drop the fraction, and the types are not known",
                     "give the schema, or cast one side")  # fmt: skip
    node.set("typed", False)
    node.set("safe", False)
    return None


def not_recursive(tree: exp.Expr, said: bool) -> None:
    """Raises Refusal for a WITH that reads itself. said: only by the word RECURSIVE it does."""
    for one in tree.find_all(exp.CTE):
        itself = any(part.name.lower() == one.alias.lower() and not part.db for part in one.this.find_all(exp.Table))
        if itself and (not said or (isinstance(one.parent, exp.With) and one.parent.args.get("recursive"))):
            raise refuse(
                one,
                f"WITH {one.alias}, which reads itself",
                "the DataFrame API has no recursion",
                "write a loop that joins the last level until it is empty",
            )


def rounding_cast(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A cast to an integer rounds there; Spark's cuts."""
    to = node.args["to"].sql("spark").lower()
    if to not in WHOLE:
        return None
    kind = reading.kind(node.this)
    if kind in WHOLE or kind in ("string", "boolean"):
        return None
    if kind == "":
        raise refuse(node, f"The cast {node.sql()[:40]}", "fractions would be rounded, and the type is not known",
                     "give the schema, or write round(x)")  # fmt: skip
    name = "rint" if kind in ("double", "float") else "round"
    inner = node.this.copy()
    reading.note("A cast to an integer rounds; Spark's cuts, so the value is rounded first.")
    node.set("this", call("rint", inner) if name == "rint" else exp.Round(this=inner))
    return None


def in_array(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """x = ANY (...)."""
    right = node.expression
    if not isinstance(right, exp.Any):
        return None
    inner = right.this
    while isinstance(inner, exp.Paren):
        inner = inner.this
    if isinstance(inner, exp.Array):
        return exp.In(this=node.this.copy(), expressions=[one.copy() for one in inner.expressions])
    if isinstance(inner, exp.Query) and inner.meta.get("kind") != "array":
        query = inner if isinstance(inner, exp.Subquery) else exp.Subquery(this=inner.copy())
        return exp.In(this=node.this.copy(), query=query.copy())
    return call("array_contains", inner.copy(), node.this.copy())


def joined_texts(node: exp.Expr, text: exp.Expr, separator: exp.Expr, order: list[exp.Expr]) -> exp.Expr:
    """An ordered STRING_AGG: the DataFrame API has no order inside an aggregate, so the collected array is sorted."""
    if not order:
        return call("listagg", text.copy(), separator.copy())
    descending = {bool(one.args.get("desc")) for one in order}
    if len(descending) > 1:
        raise refuse(node, "An aggregated text ordered up and down at once", "an array sorts one way only")
    if len(order) == 1 and order[0].this == text:
        rows = call("array_sort", call("collect_list", text.copy()))
        made = call("array_join", call("reverse", rows) if descending == {True} else rows, separator.copy())
        return _unless_empty(text, made)
    struct = call("named_struct", *places(order), "x", text.copy())
    given = exp.Not(this=exp.Is(this=text.copy(), expression=exp.Null()))
    rows = call("array_sort", call("collect_list", exp.Case(ifs=[exp.If(this=given, true=struct)])))
    if descending == {True}:
        rows = call("reverse", rows)
    item = exp.Lambda(
        this=exp.Dot(this=exp.to_identifier("s"), expression=exp.to_identifier("x")),
        expressions=[exp.to_identifier("s")],
    )
    made = call("array_join", call("transform", rows, item), separator.copy())
    return _unless_empty(text, made)


def places(order: list[exp.Expr]) -> list[exp.Expr | str]:
    """Fields of a struct by which an array sorts as this order says, turned around where it descends.

    An array sorts NULL last, so that a field before each value tells where NULL goes.
    """
    fields: list[exp.Expr | str] = []
    for index, one in enumerate(order):
        value = exp.Paren(this=one.this.copy()) if isinstance(one.this, exp.Binary) else one.this.copy()
        absent: exp.Expr = exp.Is(this=value, expression=exp.Null())
        if bool(one.args.get("nulls_first")) != bool(one.args.get("desc")):
            absent = exp.Not(this=absent)
        fields += [f"n{index}", absent, f"o{index}", one.this.copy()]
    return fields


def _unless_empty(text: exp.Expr, made: exp.Expr) -> exp.Expr:
    some = exp.GT(this=exp.Count(this=text.copy()), expression=exp.Literal.number(0))
    return exp.Case(ifs=[exp.If(this=some, true=made)])


def exact_percentile(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """PERCENTILE_CONT ... WITHIN GROUP: sqlglot would make an approximation of it."""
    inner = node.this
    if not isinstance(inner, exp.PercentileCont):
        raise refuse(
            node, f"{type(inner).__name__} WITHIN GROUP", "the DataFrame API has no order inside an aggregate"
        )
    item = node.expression.expressions[0]
    part: exp.Expr = inner.this.copy()
    if item.args.get("desc"):
        part = exp.Sub(this=exp.Literal.number(1), expression=part)
    return call("percentile", item.this.copy(), part)


def grouped(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """GROUP BY (): all rows are one group, as where no GROUP BY stands beside aggregates."""
    keys = [one for one in node.expressions if not (isinstance(one, exp.Tuple) and not one.expressions)]
    select = node.parent
    if len(keys) == len(node.expressions) or not isinstance(select, exp.Select):
        return None
    others = any(node.args.get(key) for key in ("rollup", "cube", "grouping_sets", "all"))
    if not keys and not others and not any(one.find(exp.AggFunc) for one in select.selects):
        raise refuse(node, "GROUP BY () without aggregates", "it makes one row of all", "write LIMIT 1")
    node.set("expressions", keys)
    if not keys and not others:
        select.set("group", None)
    return None


RULES: dict[type[exp.Expr], Rule] = {exp.Group: grouped, exp.EQ: in_array, exp.WithinGroup: exact_percentile}
