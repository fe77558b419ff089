"""SQL Server's SQL in Spark's words."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign import pieces, shared
from helpers.bridge.foreign.reader import WHOLE, Reader, Rule, call
from helpers.bridge.refusal import refuse

ALLOWED: frozenset[type[exp.Expr] | str] = frozenset({exp.DateDiff, exp.DateAdd, exp.TsOrDsAdd, exp.DatetimeAdd,
    exp.GroupConcat,
    exp.PercentileCont, exp.Any, exp.LastDay, exp.Stuff, exp.Year, exp.Month, exp.Day, exp.CountIf, exp.TsOrDsToDate,
    exp.ApproxDistinct, exp.TimeStrToTime, exp.Mod, exp.Convert})  # fmt: skip

_UNITS = {"YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "WEEK"}


def plus(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """+ joins texts, and adds numbers."""
    kinds = {reading.kind(node.this), reading.kind(node.expression)}
    if kinds == {"string"}:
        return exp.DPipe(this=node.this.copy(), expression=node.expression.copy(), safe=True)
    if "string" in kinds or "" in kinds:
        raise refuse(node, f"The sum {node.sql('tsql')[:40]}",
            "of texts it would join them, and a type is not known, or is mixed",
                     "give the schema, or use concat() or cast()")  # fmt: skip
    return None


def difference(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """DATEDIFF counts the boundaries that are crossed; Spark's counts whole units."""
    unit = node.text("unit").upper()
    end, start = _plain(node.this), _plain(node.expression)
    days = [exp.Cast(this=one.copy(), to=exp.DataType.build("date", dialect="spark")) for one in (end, start)]
    if unit == "DAY":
        return call("datediff", *days)
    if unit in ("YEAR", "MONTH", "QUARTER"):
        reading.note(
            f"DATEDIFF({unit.lower()}) counts boundaries in SQL Server: it became a difference of calendar numbers."
        )
        parts = [_number(unit, one) for one in (end, start)]
        return exp.Paren(this=exp.Sub(this=parts[0], expression=parts[1]))
    if unit in ("HOUR", "MINUTE", "SECOND"):
        cut = [
            call("date_trunc", unit, exp.Cast(this=one.copy(), to=exp.DataType.build("timestamp", dialect="spark")))
            for one in (start, end)
        ]
        return call("timestampdiff", exp.var(unit), *cut)
    raise refuse(node, f"DATEDIFF({unit})", "its boundaries are not known to the bridge", "count days and divide")


def _plain(node: exp.Expr) -> exp.Expr:
    while (
        isinstance(node, exp.Cast | exp.TsOrDsToDate | exp.TimeStrToTime)
        and isinstance(node.this, exp.Expr)
        and not isinstance(node.this, exp.Literal)
    ):
        node = node.this
    return node


def _number(unit: str, node: exp.Expr) -> exp.Expr:
    day = exp.Cast(this=node.copy(), to=exp.DataType.build("date", dialect="spark"))
    year = call("year", day)
    if unit == "YEAR":
        return year
    part, size = ("month", 12) if unit == "MONTH" else ("quarter", 4)
    return exp.Paren(
        this=exp.Add(this=exp.Mul(this=year, expression=exp.Literal.number(size)), expression=call(part, day.copy()))
    )


def added(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """DATEADD(unit, number, date)."""
    unit = node.text("unit").upper()
    if unit not in _UNITS:
        raise refuse(node, f"DATEADD({unit})", "the unit is not known")
    kind = reading.kind(_plain(node.this))
    moment = _plain(node.this).copy()
    amount = node.expression
    if isinstance(amount, exp.Interval):
        amount = amount.this
    made = call("timestampadd", exp.var(unit), _whole(amount), moment)
    if kind == "date":
        return exp.Cast(this=made, to=exp.DataType.build("date", dialect="spark"))
    return made


def _whole(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Literal):
        return (
            exp.Literal.number(node.this)
            if not str(node.this).startswith("-")
            else exp.Neg(this=exp.Literal.number(str(node.this)[1:]))
        )
    return node.copy()


def length(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LEN does not count trailing blanks."""
    inner = node.this.this if isinstance(node.this, exp.Cast) else node.this
    return exp.Length(this=call("rtrim", inner.copy()))


def aggregated_text(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """STRING_AGG(x, separator)."""
    inner, order = (node.this.this, node.this.expressions) if isinstance(node.this, exp.Order) else (node.this, [])
    return shared.joined_texts(node, inner, node.args["separator"], order)


def cast(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Casts: varchar(n) is cut; an integer's cuts as Spark's does."""
    to = node.args["to"]
    if (
        to.is_type("varchar", "nvarchar", "char", "nchar")
        and to.expressions
        and isinstance(to.expressions[0].this, exp.Literal)
    ):
        if to.is_type("char", "nchar"):
            raise refuse(node, "A cast to char(n)", "it pads with blanks; Spark's does not", "use varchar(n)")
        if reading.kind(node.this) in ("double", "float", "timestamp"):
            raise refuse(
                node, "A double or a time as text", "SQL Server writes them otherwise than Spark", "format it by hand"
            )
        text = exp.Cast(this=node.this.copy(), to=exp.DataType.build("string", dialect="spark"))
        return exp.Substring(this=text, start=exp.Literal.number(1), length=to.expressions[0].this.copy())
    if to.is_type("decimal") and not to.expressions:
        node.set("to", exp.DataType.build("decimal(18,0)", dialect="spark"))
    return None


def convert(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """CONVERT(type, value), without a style."""
    if node.args.get("style") is not None:
        raise refuse(node, "CONVERT with a style", "the bridge does not know the styles", "use FORMAT() or CAST()")
    made = exp.Cast(this=node.expression.copy(), to=node.this.copy())
    return cast(reading, made) or made


def concat(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """CONCAT takes NULL for an empty text."""
    return call("concat_ws", "", *(one.copy() for one in node.expressions))


def extract(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """DATEPART."""
    if node.this.name.upper() not in {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "QUARTER"}:
        raise refuse(
            node, f"DATEPART({node.this.name})", "SQL Server counts it by DATEFIRST, or otherwise than Spark"
        )
    return None


def average(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """AVG of integers is an integer."""
    kind = reading.kind(node.this)
    if kind in WHOLE:
        reading.note("AVG of integers drops the fraction in SQL Server.")
        return exp.Cast(this=node.copy(), to=exp.DataType.build("bigint", dialect="spark"))
    if kind == "":
        raise refuse(
            node,
            node.sql("tsql")[:40],
            "of integers it would drop the fraction, and the type is not known",
            "give the schema, or cast",
        )
    return None


def power(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """POWER has the type of its first argument."""
    kind = reading.kind(node.this)
    if kind in WHOLE:
        return exp.Cast(this=node.copy(), to=exp.DataType.build(kind, dialect="spark"))
    if kind == "":
        raise refuse(node, node.sql("tsql")[:40], "of an integer it drops the fraction, and the type is not known",
                     "give the schema, or cast")  # fmt: skip
    return None


def like(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LIKE knows sets of characters in brackets, and no escape character unless one is named."""
    pattern = node.expression
    if not isinstance(pattern, exp.Literal):
        reading.note("LIKE knows sets of characters in brackets in SQL Server; Spark's does not.")
        return None
    if "[" in pattern.this:
        raise refuse(node, "LIKE with a set of characters", "Spark's has none", "use a regular expression")
    if "\\" in pattern.this and not isinstance(node.parent, exp.Escape):
        raise refuse(node, "LIKE with a backslash", "it escapes in Spark, and not in SQL Server", "name it by ESCAPE")
    return None


def replaced_null(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """ISNULL has the type of its first argument, its length too."""
    if not node.args.get("is_null"):
        return None
    first, second = node.this, node.expressions[0]
    sized = isinstance(first, exp.Substring | exp.Left) and first.find(exp.Cast) is not None
    kinds = reading.kind(first), reading.kind(second)
    if (
        sized
        or "" in kinds
        or (kinds[0] != kinds[1] and not (kinds[0] in ("decimal", "double") and kinds[1] in WHOLE))
    ):
        raise refuse(
            node,
            node.sql("tsql")[:40],
            "it has the type and length of its first argument, and the second's are others, or not known",
            "use COALESCE",
        )
    return None


RULES: dict[type[exp.Expr], Rule] = {
    exp.Div: shared.integer_division, exp.Add: plus, exp.DateDiff: difference, exp.DateAdd: added,
    exp.TsOrDsAdd: added,
    exp.Length: length, exp.Select: pieces.limited,
    exp.GroupConcat: aggregated_text, exp.Cast: cast, exp.Concat: concat,
    exp.Extract: extract, exp.Avg: average, exp.Convert: convert,
    exp.Substring: pieces.substring, exp.Pow: power, exp.Like: like, exp.Coalesce: replaced_null,
    exp.Pivot: pieces.pivoted,
}  # fmt: skip
