"""SQL Server's CAST, CONVERT, their TRY_ forms, and ISNULL, which casts too."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign import pieces
from helpers.bridge.foreign.digits import decimal_of
from helpers.bridge.foreign.reader import WHOLE, Reader, as_type, call, told
from helpers.bridge.foreign.tsql.formats import moment_text, read
from helpers.bridge.refusal import refuse

_WIDTHS = {"tinyint": 4, "smallint": 6, "int": 11, "bigint": 20, "date": 10}
WHOLE_TEXT = re.compile(r"\s*[+-]?\d+\s*")
"""A whole number as text."""

_NUMBER_TEXT = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)\s*")
TEXTS = ("varchar", "nvarchar", "char", "nchar", "text")
_NONE = (
    exp.DType.TIME,
    exp.DType.TIMESTAMPTZ,
    exp.DType.XML,
    exp.DType.VARIANT,
    exp.DType.USERDEFINED,
    exp.DType.UUID,
)
MOMENTS = (exp.DType.DATETIME, exp.DType.DATETIME2, exp.DType.SMALLDATETIME, exp.DType.TIMESTAMP)


def cast(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """CAST and TRY_CAST. Raises Refusal where the text of a value, or its rounding, is another one in Spark."""
    to, inner = node.args["to"], node.this
    safe = bool(node.args.get("safe"))
    kind = reading.kind(inner)
    if to.is_type(*TEXTS):
        return _text(reading, node, inner, kind)
    if to.is_type("date", *MOMENTS):
        return _moment(reading, node, inner, kind, safe)
    if to.this in _NONE:
        raise refuse(
            node, f"A cast to {to.sql('tsql').lower()}", "Spark has no such type", "use varchar or datetime2"
        )
    if kind in ("date", "timestamp"):
        raise refuse(node, "A date as a number", "it is days from 1900 in SQL Server", "use DATEDIFF")
    if to.is_type(exp.DType.MONEY, exp.DType.SMALLMONEY):
        to = exp.DataType.build("decimal(19,4)" if to.is_type(exp.DType.MONEY) else "decimal(10,4)", dialect="spark")
        node.set("to", to)
    if to.is_type("double") and to.expressions:
        small = pieces.number(to.expressions[0].this) or 53
        to = exp.DataType.build("float" if small < 25 else "double", dialect="spark")
        node.set("to", to)
    if to.is_type("decimal") and not to.expressions:
        node.set("to", exp.DataType.build("decimal(18,0)", dialect="spark"))
    if to.is_type("bit"):
        return None
    if kind == "string":
        return _number(node, inner, to, safe)
    return None


def _number(node: exp.Expr, inner: exp.Expr, to: exp.DataType, safe: bool) -> exp.Expr | None:
    """A text as a number: the empty one is 0 for the integers there."""
    whole = to.is_type("tinyint", "smallint", "int", "bigint", exp.DType.UTINYINT)
    if isinstance(inner, exp.Literal):
        if whole and not inner.this.strip():
            return exp.Literal.number(0)
        fits = (WHOLE_TEXT if whole else _NUMBER_TEXT).fullmatch(inner.this)
        if safe and not fits and (whole or to.is_type("decimal")):
            return told(as_type(exp.Null(), to.sql("spark")), to.sql("spark").lower().split("(")[0])
        return None
    if not safe:
        return None
    if whole:
        empty = exp.EQ(this=exp.Trim(this=inner.copy()), expression=exp.Literal.string(""))
        made = exp.Case(ifs=[exp.If(this=empty, true=exp.Literal.number(0))], default=node.copy())
        return told(made, to.sql("spark").lower())
    if to.is_type("decimal"):
        # Spark reads 1e3 and 1.5d as numbers too.
        plain = exp.RegexpLike(this=inner.copy(), expression=exp.Literal.string(rf"^{_NUMBER_TEXT.pattern}\z"))
        return told(exp.Case(ifs=[exp.If(this=plain, true=node.copy())]), "decimal")
    raise refuse(node, "TRY_CAST of a text to a float", "Spark reads more forms of it", "cast to a decimal")


def _moment(reading: Reader, node: exp.Expr, inner: exp.Expr, kind: str, safe: bool) -> exp.Expr | None:
    to = node.args["to"]
    is_date = to.is_type("date")
    target = "date" if is_date else "timestamp"
    if isinstance(inner, exp.Null):
        return told(as_type(exp.Null(), target), target)
    if isinstance(inner, exp.Literal):
        lenient = safe and inner.is_string
        return dated(_read_or_none(inner) if lenient else moment_text(reading, inner), is_date)
    if kind == "string" and safe:
        raise refuse(
            node,
            "TRY_CAST of a text to a date",
            "SQL Server reads more forms of it than Spark",
            "use CAST, which raises an error",
        )
    if kind == "":
        if is_date:
            return None
        raise refuse(node, node.sql("tsql")[:40], "it may round, and the type is not known", "give the schema")
    if kind not in ("date", "timestamp", "string"):
        raise refuse(node, f"{node.sql('tsql')[:40]}", "a number is days from 1900 in SQL Server", "use DATEADD")
    if is_date or kind == "date":
        return told(as_type(inner.copy(), target, safe), target)
    if to.is_type(exp.DType.SMALLDATETIME):
        raise refuse(node, "A cast to smalldatetime", "it rounds to the minute", "use DATETRUNC(minute, ...)")
    if kind == "string":
        return told(as_type(inner.copy(), target), target)
    if to.is_type(exp.DType.DATETIME):
        reading.note("A datetime holds steps of 1/300 of a second in SQL Server; Spark's timestamp microseconds.")
        return told(inner.copy(), target)
    digits = pieces.number(to.expressions[0].this) if to.expressions else 7
    if digits is not None and digits >= 6:
        return told(inner.copy(), target)
    if digits == 0:
        half = call("timestampadd", exp.var("MILLISECOND"), 500, inner.copy())
        return told(call("date_trunc", "SECOND", half), target)
    raise refuse(
        node,
        f"A cast to datetime2({digits})",
        "it rounds to that many digits of a second",
        "use datetime2(0) or datetime2",
    )


def _read_or_none(inner: exp.Literal) -> str | None:
    found = read(inner, inner.this, 120)
    if found is None and not re.fullmatch(r"\s*\d{4}-\d\d-\d\d\s*|[^\d]*", inner.this):
        raise refuse(inner, f"The date {inner.this!r}", "its form goes by the language", "write it as 'yyyy-mm-dd'")
    if found is None and not inner.this.strip():
        return "1900-01-01"
    return found


def dated(text: str | None, is_date: bool) -> exp.Expr:
    """A date or a time that is written out; NULL of its type for None."""
    kind = "date" if is_date else "timestamp"
    value = exp.Null() if text is None else exp.Literal.string(text[:10] if is_date else text)
    return told(as_type(value, kind), kind)


def _text(reading: Reader, node: exp.Expr, inner: exp.Expr, kind: str) -> exp.Expr | None:
    """A value as varchar(n): cut to n, which is 30 where it is not told; an integer that does not fit is a star."""
    to = node.args["to"]
    padded = to.is_type("char", "nchar")
    size = None
    if not to.is_type("text"):
        size = pieces.number(to.expressions[0].this) if to.expressions else 30
    if kind in ("double", "float", "timestamp"):
        raise refuse(
            node, "A double or a time as text", "SQL Server writes them otherwise than Spark", "format it by hand"
        )
    if kind == "" and not isinstance(inner, exp.Null):
        raise refuse(
            node, node.sql("tsql")[:40], "how it is written goes by its type, which is not known", "give the schema"
        )
    given = as_type(inner.copy(), "int") if kind == "boolean" else inner.copy()
    text = given if kind == "string" else told(as_type(given, "string"), "string")
    if kind == "decimal" and not _plain_scale(inner):
        raise refuse(
            node,
            f"{node.sql('tsql')[:40]}",
            "how many digits a computed decimal has is another in Spark",
            "cast it to decimal(p,s) first",
        )
    if size is None:
        return text
    width = _width(reading, inner, kind)
    fits = width is not None and width <= size
    if fits and not padded:
        return sized(text, size)
    made: exp.Expr = exp.Substring(this=text, start=exp.Literal.number(1), length=exp.Literal.number(size))
    if padded:
        made = call("rpad", text, size, " ")
    if kind in WHOLE and not fits:
        if to.is_type("nvarchar", "nchar"):
            raise refuse(node, node.sql("tsql")[:40], "a number that does not fit is an error", "use a longer text")
        wide = exp.GT(this=exp.Length(this=text.copy()), expression=exp.Literal.number(size))
        star = exp.Literal.string("*" + " " * (size - 1) if padded else "*")
        made = exp.Case(ifs=[exp.If(this=wide, true=star)], default=made if padded else text.copy())
    return sized(told(made, "string"), size)


def sized(node: exp.Expr, size: int) -> exp.Expr:
    """The text, with the length that it is cut to."""
    node.meta["length"] = size
    return node


def _width(reading: Reader, node: exp.Expr, kind: str) -> int | None:
    """The most characters that a value can have as text."""
    inner = node.this if isinstance(node, exp.Paren) else node
    if isinstance(inner, exp.Literal):
        return len(inner.this)
    if isinstance(inner, exp.Null):
        return 0
    if kind == "decimal":
        digits = decimal_of(reading, node)
        return digits[0] + 3 if digits else None
    return _WIDTHS.get(kind)


def _plain_scale(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren | exp.Neg | exp.Sum | exp.Min | exp.Max | exp.Alias):
        return _plain_scale(node.this)
    return isinstance(node, exp.Column | exp.Cast | exp.TryCast | exp.Literal)


def written(reading: Reader, node: exp.Expr, part: exp.Expr) -> exp.Expr:
    """A value as the text that SQL Server joins. Raises Refusal where Spark writes it otherwise."""
    if isinstance(part, exp.Null) or reading.kind(part) == "string":
        return part.copy()
    asked = exp.Cast(this=part.copy(), to=exp.DataType.build("text", dialect="tsql"))
    kind = reading.kind(part)
    if kind == "" or kind in ("double", "float", "timestamp") or (kind == "decimal" and not _plain_scale(part)):
        raise refuse(
            node,
            f"{part.sql('tsql')[:40]} as text",
            "SQL Server may write it otherwise than Spark, or its type is not known",
            "give the schema, or cast it to varchar",
        )
    made = _text(reading, asked, part, kind)
    return part.copy() if kind != "boolean" or made is None else made
