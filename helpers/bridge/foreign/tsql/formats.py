"""SQL Server's dates and numbers as text, and dates out of text: FORMAT, STR, and the styles of CONVERT."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from sqlglot import exp

from helpers.bridge.foreign import pieces
from helpers.bridge.foreign.reader import WHOLE, Reader, as_type, call, told
from helpers.bridge.foreign.tsql.dates import constant_of, moment
from helpers.bridge.refusal import refuse

_STYLES = {
    1: "MM/dd/yy", 2: "yy.MM.dd", 3: "dd/MM/yy", 4: "dd.MM.yy", 5: "dd-MM-yy", 6: "dd MMM yy", 7: "MMM dd, yy",
    8: "HH:mm:ss", 10: "MM-dd-yy", 11: "yy/MM/dd", 12: "yyMMdd", 20: "yyyy-MM-dd HH:mm:ss", 23: "yyyy-MM-dd",
    24: "HH:mm:ss", 101: "MM/dd/yyyy", 102: "yyyy.MM.dd", 103: "dd/MM/yyyy", 104: "dd.MM.yyyy", 105: "dd-MM-yyyy",
    106: "dd MMM yyyy", 107: "MMM dd, yyyy", 108: "HH:mm:ss", 110: "MM-dd-yyyy", 111: "yyyy/MM/dd", 112: "yyyyMMdd",
    120: "yyyy-MM-dd HH:mm:ss",
}  # fmt: skip
_WITH_FRACTION = {21: "yyyy-MM-dd HH:mm:ss", 25: "yyyy-MM-dd HH:mm:ss", 121: "yyyy-MM-dd HH:mm:ss",
                  126: "yyyy-MM-dd'T'HH:mm:ss"}  # fmt: skip
_ORDERS = {101: "mdy", 110: "mdy", 103: "dmy", 104: "dmy", 105: "dmy", 102: "ymd", 111: "ymd"}
_ISO = (20, 21, 23, 25, 112, 120, 121, 126)
_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|\\.|([A-Za-z])\1*|.", re.DOTALL)
# .NET's words for a date's parts, and Spark's.
_NET = {"yyyy": "yyyy", "yy": "yy", "MMMM": "MMMM", "MMM": "MMM", "MM": "MM", "M": "M", "dddd": "EEEE", "ddd": "EEE",
        "dd": "dd", "d": "d", "HH": "HH", "H": "H", "hh": "hh", "h": "h", "mm": "mm", "m": "m", "ss": "ss", "s": "s",
        "tt": "a", "f": "S",
        "ff": "SS", "fff": "SSS", "ffff": "SSSS", "fffff": "SSSSS", "ffffff": "SSSSSS"}  # fmt: skip
_STANDARD = {"d": "M/d/yyyy", "D": "dddd, MMMM d, yyyy", "s": "yyyy-MM-ddTHH:mm:ss", "t": "h:mm tt",
             "T": "h:mm:ss tt"}  # fmt: skip


def styled(reading: Reader, node: exp.Expr, value: exp.Expr, style: int, size: int | None) -> exp.Expr:
    """A date as text by a style of CONVERT, cut to a size."""
    pattern = _STYLES.get(style) or _WITH_FRACTION.get(style)
    if pattern is None:
        raise refuse(node, f"CONVERT with the style {style}", "the bridge does not know it", "use FORMAT()")
    if reading.kind(value) == "date":
        pattern = pattern.split("'")[0].split(" HH")[0]
        if "H" in pattern:
            raise refuse(node, f"CONVERT of a date with the style {style}", "it shows a time, which a date has not")
    elif style in _WITH_FRACTION and (size is None or size > 19):
        raise refuse(
            node,
            f"CONVERT with the style {style}",
            "how many digits a second has goes by the column's type",
            "convert to varchar(19)",
        )
    width = len(pattern.replace("'", ""))
    if size is None or size >= width:
        return told(call("date_format", value.copy(), pattern), "string")
    short = pattern[:size]
    if "'" not in short and pattern[size] != pattern[size - 1]:
        return told(call("date_format", value.copy(), short), "string")
    text = call("date_format", value.copy(), pattern)
    return exp.Substring(this=text, start=exp.Literal.number(1), length=exp.Literal.number(size))


def read(node: exp.Expr, text: str, style: int) -> str | None:
    """A date's text in a style of CONVERT, as Spark writes it; None where it is none."""
    if style in _ISO:
        return constant_of(text)
    order = _ORDERS.get(style)
    if order is None:
        raise refuse(
            node, f"CONVERT with the style {style}", "the bridge does not know it", "write it as 'yyyy-mm-dd'"
        )
    found = re.fullmatch(r"\s*(\d+)[-./](\d+)[-./](\d+)\s*", text)
    if not found:
        return None
    parts = dict(zip(order, found.groups(), strict=True))
    if len(parts["y"]) != 4 or len(parts["m"]) > 2 or len(parts["d"]) > 2:
        return None
    return constant_of(f"{parts['y']}-{int(parts['m']):02}-{int(parts['d']):02}")


def formatted(reading: Reader, node: exp.Anonymous) -> exp.Expr:
    """FORMAT(value, pattern, culture) of dates and numbers, in the culture en-US."""
    value, pattern = node.expressions[0], node.expressions[1]
    culture = node.expressions[2].name.lower() if len(node.expressions) > 2 else "en-us"
    if culture != "en-us" or not isinstance(pattern, exp.Literal):
        raise refuse(
            node, f"FORMAT in the culture {culture}", "only en-US and patterns that are written out are known"
        )
    kind = reading.kind(value)
    if kind in ("date", "timestamp"):
        return told(call("date_format", value.copy(), _net(node, pattern.this)), "string")
    if kind in {*WHOLE, "decimal"}:
        return told(_number(node, value, pattern.this, kind), "string")
    raise refuse(
        node,
        f"FORMAT of {value.sql('tsql')[:40]}",
        "it is known of dates, whole numbers and decimals, and the type is another, or not known",
        "give the schema, or cast",
    )


def _net(node: exp.Expr, pattern: str) -> str:
    """A pattern of .NET for dates as one of Spark's."""
    if len(pattern) == 1:
        if pattern not in _STANDARD:
            raise refuse(
                node,
                f"FORMAT with {pattern!r}",
                "the bridge does not know this standard pattern",
                "write the pattern out",
            )
        pattern = _STANDARD[pattern]
    made, text = "", ""
    for found in _TOKEN.finditer(pattern):
        token = found[0]
        if token in _NET:
            made, text = made + _quoted(text) + _NET[token], ""
        elif token[0] in "'\"\\" and len(token) > 1:
            text += token[1:] if token[0] == "\\" else token[1:-1]
        elif token[0] in "dfFghHKmMstyz%":
            raise refuse(node, f"FORMAT with {token!r}", "the bridge does not know this part of a pattern")
        else:
            text += token
    return made + _quoted(text)


def _quoted(text: str) -> str:
    """A text within a pattern of Spark's: letters and brackets mean something there."""
    if not re.search(r"[A-Za-z'\[\]{}#]", text):
        return text
    return "'" + text.replace("'", "''") + "'"


def _number(node: exp.Expr, value: exp.Expr, pattern: str, kind: str) -> exp.Expr:
    found = re.fullmatch(r"[nN](\d?)|#,##0(?:\.(0+))?|#,0(?:\.(0+))?", pattern)
    if found:
        places = int(found[1] or 2) if pattern[0] in "nN" else len(found[2] or found[3] or "")
        if pattern[0] in "nN" and found[1]:
            places = int(found[1])
        rounded = value.copy() if kind in WHOLE else exp.Round(this=value.copy(), decimals=exp.Literal.number(places))
        # format_number itself would round halves to even.
        return call("format_number", rounded, places)
    found = re.fullmatch(r"[fF](\d?)|0\.(0+)|(0)", pattern)
    if found:
        places = int(found[1] or 2) if pattern[0] in "fF" else len(found[2] or "")
        return as_type(as_type(value.copy(), f"decimal(38,{places})"), "string")
    found = re.fullmatch(r"[dD](\d+)|(0{2,})", pattern)
    if found and kind in WHOLE:
        return _padded(value, int(found[1] or len(found[2])))
    raise refuse(
        node,
        f"FORMAT with {pattern!r}",
        "the bridge does not know this pattern for numbers",
        "use N2, F2, D4, 000 or #,##0.00",
    )


def _padded(value: exp.Expr, width: int) -> exp.Expr:
    positive = call("format_string", f"%0{width}d", value.copy())
    known = pieces.number(value)
    if known is not None and known >= 0:
        return positive
    # In .NET the sign comes on top of the digits.
    negative = call("format_string", f"-%0{width}d", exp.Abs(this=value.copy()))
    below = exp.LT(this=value.copy(), expression=exp.Literal.number(0))
    given = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
    return exp.Case(ifs=[exp.If(this=below, true=negative), exp.If(this=given, true=positive)])


def justified(reading: Reader, node: exp.Anonymous) -> exp.Expr:
    """STR(number, length, places): rounded, and filled up with blanks before it."""
    value = node.expressions[0]
    length, places = (pieces.number(one) for one in [*node.expressions[1:], *_defaults(node)])
    kind = reading.kind(value)
    if length is None or places is None or length < 1 or not 0 <= places <= 16 or kind not in {*WHOLE, "decimal"}:
        raise refuse(
            node,
            node.sql("tsql")[:40],
            "it is known of whole numbers and decimals, with its sizes written out",
            "cast, or use FORMAT()",
        )
    constant = _constant(value)
    if constant is None and not (kind in WHOLE and places == 0):
        raise refuse(
            node,
            node.sql("tsql")[:40],
            "it rounds a float, whose digits a decimal has not",
            "cast to decimal(p,s), then to varchar",
        )
    if constant is not None:
        text = str(constant.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
        exact = f"{Decimal(float(constant)):.{places}f}"
        if text != exact or len(text) > length:
            raise refuse(node, node.sql("tsql")[:40], "it rounds a float, or its number does not fit")
    digits = as_type(
        value.copy() if places == 0 and kind in WHOLE else as_type(value.copy(), f"decimal(38,{places})"), "string"
    )
    filled = call("lpad", digits, length, " ")
    if constant is not None or length >= 20 or (length >= 11 and kind != "bigint"):
        return told(filled, "string")
    wide = exp.GT(this=exp.Length(this=digits.copy()), expression=exp.Literal.number(length))
    stars = exp.Literal.string("*" * length)
    return told(exp.Case(ifs=[exp.If(this=wide, true=stars)], default=filled), "string")


def _defaults(node: exp.Anonymous) -> list[exp.Expr]:
    sizes: list[exp.Expr] = [exp.Literal.number(10), exp.Literal.number(0)]
    return sizes[len(node.expressions) - 1 :]


def _constant(node: exp.Expr) -> Decimal | None:
    if isinstance(node, exp.Paren):
        return _constant(node.this)
    if isinstance(node, exp.Neg):
        found = _constant(node.this)
        return None if found is None else -found
    if isinstance(node, exp.Literal) and not node.is_string and "e" not in node.this.lower():
        return Decimal(node.this)
    return None


def moment_text(reading: Reader, node: exp.Expr) -> str | None:
    """The text of a date that is written out, as Spark writes it."""
    made = moment(reading, node)
    return made.this.this if isinstance(made, exp.Cast) and isinstance(made.this, exp.Literal) else None
