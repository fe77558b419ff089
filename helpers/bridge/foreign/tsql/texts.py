"""SQL Server's functions on texts and numbers."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign import pieces, shared
from helpers.bridge.foreign.reader import WHOLE, Reader, as_type, call, told
from helpers.bridge.foreign.tsql.casts import written
from helpers.bridge.refusal import refuse

COLLATION = "UNICODE_CI_RTRIM"
"""Spark's collation that is most like SQL Server's usual one."""

_COLLATION = re.compile(r"(?:SQL_)?Latin1_General(?:_100|_CP1|_CP1252)?_(?:(CI|CS)_(AI|AS)|BIN2)", re.IGNORECASE)
_NUMBERS = {*WHOLE, "decimal", "double", "float"}
_QUOTES = {
    "[": "[]",
    "]": "[]",
    '"': '""',
    "'": "''",
    "(": "()",
    ")": "()",
    "{": "{}",
    "}": "{}",
    "<": "<>",
    ">": "<>",
}


def collate(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """COLLATE, by Spark's collation of the same regard for case and accents; trailing blanks never count."""
    name = node.expression.name
    found = _COLLATION.fullmatch(name)
    if not found:
        raise refuse(node, f"COLLATE {name}", "Spark's like collation is not known", "use one of Latin1_General_...")
    if found[1] is None:
        return told(call("collate", node.this.copy(), "UTF8_BINARY_RTRIM"), "string")
    case, accent = found[1].upper(), found[2].upper()
    parts = ["UNICODE", *(["CI"] if case == "CI" else []), *(["AI"] if accent == "AI" else []), "RTRIM"]
    return told(call("collate", node.this.copy(), "_".join(parts)), "string")


def collated(reading: Reader, text: exp.Expr, whole: exp.Expr) -> exp.Expr | None:
    """A text with SQL Server's usual collation where no column brings it along; None where one does."""
    explicit = any(str(one.this).lower() == "collate" for one in whole.find_all(exp.Anonymous))
    if explicit or any(reading.kind(one) in ("", "string") for one in whole.find_all(exp.Column, exp.Query)):
        return None
    return call("collate", text.copy(), COLLATION)


def searched(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """REPLACE, CHARINDEX, NULLIF and CASE x WHEN ignore case, of texts that are no columns too."""
    text = node.this
    if text is None or reading.kind(text) != "string":
        return None
    made = collated(reading, text, text)
    if isinstance(node, exp.StrPosition) and _blank(node.args["substr"]):
        # To a collation that fills up with blanks, a blank that is looked for is nothing.
        made = call("collate", text.copy(), "UNICODE_CI")
    if made is not None:
        node.set("this", made)
    part = node.args.get("substr")
    if part is None or (isinstance(part, exp.Literal) and part.this):
        return None
    # The empty text stands nowhere in SQL Server, and at the beginning in Spark.
    empty = exp.EQ(this=exp.Length(this=part.copy()), expression=exp.Literal.number(0))
    nowhere = exp.If(this=empty, true=exp.Literal.number(0))
    return told(exp.Case(ifs=[nowhere], default=node.copy()), "int")


def _blank(node: exp.Expr) -> bool:
    """Whether a text may begin or end in a blank."""
    return not isinstance(node, exp.Literal) or node.this != node.this.strip()


def substring(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A start below 1 stands before the text and shortens the piece; in Spark it counts from the end."""
    start, size = node.args.get("start"), node.args.get("length")
    known = pieces.number(start)
    if start is None or size is None or _positive(start) or (known is not None and known >= 1):
        return None
    if known is not None and pieces.number(size) is not None:
        return pieces.substring(reading, node)
    one = exp.Literal.number(1)
    if known is not None:
        node.set("start", one)
        node.set("length", exp.Sub(this=exp.Paren(this=size.copy()), expression=exp.Literal.number(1 - known)))
        return None
    # greatest() would skip a start that is NULL.
    below = exp.LT(this=start.copy(), expression=one)
    node.set("start", exp.Case(ifs=[exp.If(this=below, true=one.copy())], default=start.copy()))
    end = exp.Add(
        this=size.copy(), expression=exp.Sub(this=call("least", start.copy(), one.copy()), expression=one.copy())
    )
    node.set("length", end)
    return None


def _positive(node: exp.Expr) -> bool:
    """Whether a number is surely 1 or more."""
    if isinstance(node, exp.Add):
        known = [pieces.number(one) for one in (node.this, node.expression)]
        counted = any(isinstance(one, exp.StrPosition | exp.Length) for one in (node.this, node.expression))
        return counted and any(one is not None and one >= 1 for one in known)
    return False


def length(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LEN does not count trailing blanks."""
    inner = node.this.this if isinstance(node.this, exp.Cast) else node.this
    return exp.Length(this=call("rtrim", written(reading, node, inner)))


def concat(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """CONCAT takes NULL for an empty text."""
    if not node.args.get("safe"):
        raise refuse(node, "Two constants beside each other", "the second one is a column's name in SQL Server",
                     "write AS before it")  # fmt: skip
    return told(call("concat_ws", "", *(written(reading, node, one) for one in node.expressions)), "string")


def concat_ws(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """CONCAT_WS skips NULL; a separator of NULL is the empty text there."""
    separator, *parts = node.expressions
    if not isinstance(separator, exp.Literal):
        separator = exp.Coalesce(this=separator.copy(), expressions=[exp.Literal.string("")])
    return told(call("concat_ws", separator.copy(), *(written(reading, node, one) for one in parts)), "string")


def stuffed(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """STUFF(text, start, length, other): NULL where the start is not within the text."""
    text = node.this
    start, size = pieces.number(node.args.get("start")), pieces.number(node.args.get("length"))
    if start is None or size is None:
        raise refuse(
            node,
            "STUFF with a computed place",
            "it is known with its start and length written out",
            "join LEFT, the text and SUBSTRING",
        )
    if start < 1 or size < 0:
        return told(as_type(exp.Null(), "string"), "string")
    other = node.expression
    parts: list[exp.Expr] = []
    if start > 1:
        parts.append(exp.Left(this=text.copy(), expression=exp.Literal.number(start - 1)))
    if not isinstance(other, exp.Literal | exp.Null):
        parts.append(exp.Coalesce(this=written(reading, node, other), expressions=[exp.Literal.string("")]))
    elif isinstance(other, exp.Literal) and other.this:
        parts.append(other.copy())
    parts.append(call("substr", text.copy(), start + size))
    joined = call("concat", *parts) if len(parts) > 1 else parts[0]
    inside = exp.GTE(this=exp.Length(this=text.copy()), expression=exp.Literal.number(start))
    return told(exp.Case(ifs=[exp.If(this=inside, true=joined)]), "string")


def translated(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """TRANSLATE, which takes letters of either case for one."""
    before, after = node.args["from_"], node.args["to"]
    if not isinstance(before, exp.Literal) or not isinstance(after, exp.Literal):
        raise refuse(
            node, "TRANSLATE with computed characters", "it ignores case in SQL Server", "write the characters out"
        )
    signs = before.this.lower()
    if len(signs) != len(after.this) or len(set(signs)) < len(signs) or " " in signs:
        raise refuse(node, "TRANSLATE", "its characters differ in number, or some stand there twice or are blanks")
    pairs = [(one, other) for sign, other in zip(signs, after.this, strict=True)
             for one in dict.fromkeys((sign, sign.upper()))]  # fmt: skip
    old, new = ("".join(part) for part in zip(*pairs, strict=True))
    return told(call("translate", node.this.copy(), old, new), "string")


def quoted(reading: Reader, node: exp.Anonymous) -> exp.Expr:
    """QUOTENAME(name, quote): NULL for more than 128 characters."""
    text = node.expressions[0]
    sign = node.expressions[1] if len(node.expressions) > 1 else exp.Literal.string("[")
    pair = _QUOTES.get(sign.this) if isinstance(sign, exp.Literal) else None
    if pair is None:
        raise refuse(node, "QUOTENAME with this quote", "it is known with brackets, quotes and parentheses")
    if isinstance(text, exp.Literal) and len(text.this) <= 128:
        return exp.Literal.string(pair[0] + text.this.replace(pair[1], pair[1] * 2) + pair[1])
    inside = exp.Replace(
        this=text.copy(), expression=exp.Literal.string(pair[1]), replacement=exp.Literal.string(pair[1] * 2)
    )
    made = call("concat", pair[0], inside, pair[1])
    short = exp.LTE(this=exp.Length(this=text.copy()), expression=exp.Literal.number(128))
    return told(exp.Case(ifs=[exp.If(this=short, true=made)]), "string")


def repeated(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """REPLICATE and SPACE: NULL for a negative number."""
    count = node.args["times"] if isinstance(node, exp.Repeat) else node.this
    text = written(reading, node, node.this) if isinstance(node, exp.Repeat) else None
    made = call("repeat", text, count.copy()) if text is not None else call("repeat", " ", count.copy())
    known = pieces.number(count)
    if known is not None and known < 0:
        return told(as_type(exp.Null(), "string"), "string")
    if known is None:
        given = exp.GTE(this=count.copy(), expression=exp.Literal.number(0))
        made = exp.Case(ifs=[exp.If(this=given, true=made)])  # type: ignore[assignment]
    return told(made, "string")


def character(reading: Reader, node: exp.Anonymous) -> exp.Expr:
    """CHAR(code), NCHAR(code): the character, where its code is written out."""
    code = pieces.number(node.expressions[0])
    most = 255 if str(node.this).lower() == "char" else 0xD7FF
    if code is None or 128 <= code <= 159 or code == 0:
        raise refuse(
            node, node.sql("tsql")[:40], "its code is computed, or goes by the code page", "write the character"
        )
    if not 1 <= code <= most:
        return told(as_type(exp.Null(), "string"), "string")
    return told(call("char", code), "string") if code < 256 else exp.Literal.string(chr(code))


def chosen(reading: Reader, node: exp.Anonymous) -> exp.Expr:
    """CHOOSE(place, values): the value at that place, from 1."""
    place, *values = node.expressions
    kinds = {reading.kind(one) for one in values if not isinstance(one, exp.Null)}
    if len(kinds) > 1 and not kinds <= _NUMBERS:
        raise refuse(
            node,
            "CHOOSE of several types",
            "the result has the type that comes first in SQL Server's order",
            "cast the values to one type",
        )
    given = place.copy() if reading.kind(place) in WHOLE else as_type(place.copy(), "int")
    ifs = [exp.If(this=exp.Literal.number(index), true=one.copy()) for index, one in enumerate(values, 1)]
    return exp.Case(this=given, ifs=ifs)


def extreme(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """GREATEST and LEAST skip NULL, as Spark's do; texts and numbers do not mix."""
    kinds = {reading.kind(one) for one in (node.this, *node.expressions) if not isinstance(one, exp.Null)}
    if len(kinds) == 1 or kinds <= _NUMBERS:
        name = "greatest" if isinstance(node, exp.Greatest) else "least"
        made = call(name, node.this.copy(), *(one.copy() for one in node.expressions))
        kind = kinds.pop() if len(kinds) == 1 else ("double" if kinds & {"double", "float"} else "decimal")
        return told(made, kind if kind in ("double", "decimal") or not kinds else "bigint")
    raise refuse(node, f"{node.sql('tsql')[:40]}", "its types are mixed, or not known", "give the schema, or cast")


def aggregated_text(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """STRING_AGG(x, separator)."""
    inner, order = (node.this.this, node.this.expressions) if isinstance(node.this, exp.Order) else (node.this, [])
    return shared.joined_texts(node, inner, node.args["separator"], order)
