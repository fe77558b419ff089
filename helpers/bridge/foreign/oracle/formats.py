"""Oracle's formats of dates: TO_CHAR, TO_DATE, TO_TIMESTAMP."""

from __future__ import annotations

import re
from datetime import datetime

from sqlglot import exp

from helpers.bridge.foreign.oracle import numbers
from helpers.bridge.foreign.oracle.kinds import MOMENTS, ORDER, WHOLE, kind_of, told
from helpers.bridge.foreign.oracle.numerals import numeral
from helpers.bridge.foreign.oracle.texts import as_text
from helpers.bridge.foreign.reader import Reader, call
from helpers.bridge.refusal import refuse

_TOKEN = re.compile(
    r'"[^"]*"|FM|FX|TH|SP|SYYYY|YYYY|RRRR|IYYY|YY|RR|MONTH|MON|MM|MI|DDD|DAY|DD|DY|D|HH24|HH12|HH|SSSSS|SS|AM|PM|'
    r"FF\d?|Q|WW|IW|W|[-/,.;: ]|.",
    re.IGNORECASE,
)
_PLAIN = {"YYYY": "yyyy", "RRRR": "yyyy", "YY": "yy", "RR": "yy", "MM": "MM", "DD": "dd", "DDD": "DDD", "HH24": "HH",
          "HH12": "hh", "HH": "hh", "MI": "mm", "SS": "ss", "Q": "q"}  # fmt: skip
_TIGHT = {"MM": "M", "DD": "d", "DDD": "D", "HH24": "H", "HH12": "h", "HH": "h", "MI": "m", "SS": "s"}
_NAMES = {"MONTH": "MMMM", "MON": "MMM", "DAY": "EEEE", "DY": "E", "AM": "a", "PM": "a"}
_READ = {"YYYY": "%Y", "RRRR": "%Y", "YY": "%y", "RR": "%y", "MM": "%m", "MON": "%b", "MONTH": "%B", "DD": "%d",
         "HH24": "%H", "HH12": "%I", "HH": "%I", "MI": "%M", "SS": "%S", "AM": "%p", "PM": "%p"}  # fmt: skip
_JAVA = {**_PLAIN, "MON": "MMM", "MONTH": "MMMM", "AM": "a", "PM": "a"}
_BETWEEN = frozenset("-/,.;: ")
_TIMES = {"HH24", "HH12", "HH", "MI", "SS", "AM", "PM"}


def to_char(reading: Reader, node: exp.Expr) -> exp.Expr:
    """TO_CHAR of a number or a date."""
    inner, *rest = node.expressions
    kind = kind_of(reading, inner)
    if len(rest) > 1:
        raise refuse(node, "TO_CHAR with more than a format", "the bridge has no code for it")
    if not rest:
        return as_text(reading, inner, sure=True)
    if kind not in (*MOMENTS, *ORDER):
        raise refuse(node, node.sql("oracle")[:40], "whether it is of a number or a date is not known",
                     "give the schema")  # fmt: skip
    if not isinstance(rest[0], exp.Literal):
        raise refuse(node, node.sql("oracle")[:40], "its format is not written out")
    if kind in ORDER:
        return told(numeral(node, inner, kind, rest[0].this), "string")
    return told(_formatted(node, inner, rest[0].this), "string")


def _formatted(node: exp.Expr, inner: exp.Expr, text: str) -> exp.Expr:
    pieces: list[tuple[str, object]] = []
    tight, digits = False, True
    for token in _TOKEN.findall(text):
        name = token.upper()
        if name == "FM":
            tight = not tight
            continue
        kind, value = _piece(node, inner, token, tight)
        digits = digits and (kind != "text" or not value) and name in {*_PLAIN, "WW", "IW", "W", "D", "IYYY"}
        if pieces and kind == pieces[-1][0] != "made":
            pieces[-1] = (kind, str(pieces[-1][1]) + str(value))
        else:
            pieces.append((kind, value))
    parts = _merged(pieces)
    codes = [_code(inner, kind, value) for kind, value in parts]
    made = codes[0] if len(codes) == 1 else call("concat", *codes)
    made.meta["digits"] = digits
    return made


def _piece(node: exp.Expr, inner: exp.Expr, token: str, tight: bool) -> tuple[str, object]:
    """The pattern of Java's for an element, after who changes its case: text, plain, upper, lower, made."""
    name = token.upper()
    if token in _BETWEEN:
        return "text", token
    if token.startswith('"'):
        return "text", token[1:-1]
    if name in _PLAIN:
        return "plain", _TIGHT.get(name, _PLAIN[name]) if tight else _PLAIN[name]
    if name in _NAMES:
        way = "upper" if token[:2].isupper() else ("plain" if token[0].isupper() else "lower")
        if name in ("AM", "PM"):
            way = "lower" if token.islower() else "plain"
        if name in ("MONTH", "DAY") and not tight:
            return "made", call("rpad", _code(inner, way, _NAMES[name]), 9, " ")
        return way, _NAMES[name]
    size = 1 if tight else {"WW": 2, "IW": 2}.get(name, 1)
    found = _number(inner, name)
    if found is None:
        raise refuse(node, f"The element {token} of a date's format", "Spark has nothing like it, or it is not known")
    text = numbers.cast(found, "string")
    return "made", text if size == 1 else call("lpad", text, size, "0")


def _number(inner: exp.Expr, name: str) -> exp.Expr | None:
    if name == "D":
        return call("dayofweek", inner.copy())
    if name == "IW":
        return call("weekofyear", inner.copy())
    if name == "IYYY":
        return exp.Extract(this=exp.var("YEAROFWEEK"), expression=inner.copy())
    if name in ("WW", "W"):
        day = call("dayofyear" if name == "WW" else "day", inner.copy())
        return call("ceil", exp.Div(this=day, expression=exp.Literal.number(7)))
    return None


def _merged(pieces: list[tuple[str, object]]) -> list[tuple[str, object]]:
    """Neighbours in one pattern, constants too, where the change of case does not touch them."""
    ways = {kind for kind, _ in pieces}
    letters = any(kind == "text" and any(one.isalpha() for one in str(value)) for kind, value in pieces)
    single = ways - {"text"}
    if "upper" in ways and single <= {"upper", "plain"} and not letters and _caseless(pieces):
        return [("upper", "".join(_quoted(kind, value) for kind, value in pieces))]
    parts: list[tuple[str, object]] = []
    for kind, value in pieces:
        here = _quoted(kind, value) if kind in ("text", "plain") else value
        if kind in ("text", "plain") and parts and parts[-1][0] in ("text", "plain"):
            before = parts[-1]
            left = before[1] if before[0] == "plain" else _quoted("text", before[1])
            # Two texts side by side would end up quoted twice.
            parts[-1] = ("plain", f"{left}{here}")
        else:
            parts.append((kind, value if kind == "text" else here))
    return parts


def _caseless(pieces: list[tuple[str, object]]) -> bool:
    return all(not re.search(r"MMM|E|a", str(value)) for kind, value in pieces if kind == "plain")


def _quoted(kind: str, value: object) -> str:
    text = str(value)
    if kind != "text":
        return text
    return re.sub(r"([^-/,.;: ']+)", r"'\1'", text.replace("'", "''"))


def _code(inner: exp.Expr, kind: str, value: object) -> exp.Expr:
    if kind == "made":
        assert isinstance(value, exp.Expr)
        return value
    if kind == "text":
        return exp.Literal.string(str(value))
    made = call("date_format", inner.copy(), str(value))
    return made if kind == "plain" else call(kind, made)


def to_moment(reading: Reader, node: exp.Expr) -> exp.Expr:
    """TO_DATE and TO_TIMESTAMP of a text, by a format."""
    if len(node.expressions) != 2 or not isinstance(node.expressions[1], exp.Literal):
        raise refuse(node, node.sql("oracle")[:40], "without a format written out it is a setting of the session",
                     "write the format")  # fmt: skip
    inner, form = node.expressions[0], node.expressions[1].this
    instant = str(node.this).lower() == "to_timestamp"
    if kind_of(reading, inner) in WHOLE:
        inner = as_text(reading, inner)
    if kind_of(reading, inner) not in ("string", "null"):
        raise refuse(node, node.sql("oracle")[:40], "it is not known to be made of a text", "give the schema")
    tokens = [one for one in _TOKEN.findall(form) if one.upper() not in ("FM", "FX")]
    names = {one.upper() for one in tokens}
    if not names & {"YYYY", "RRRR", "YY", "RR"} or not names & {"MM", "MON", "MONTH"}:
        raise refuse(node, node.sql("oracle")[:40], "what the format lacks is taken from today's date")
    kind = "instant" if instant else ("timestamp" if names & _TIMES else "date")
    if isinstance(inner, exp.Literal):
        return _constant(node, inner.this, tokens, kind)
    if names & {"RR", "RRRR"}:
        raise refuse(node, node.sql("oracle")[:40], "RR takes years from 50 for the last century, and Spark does not")
    java = "".join(_java(node, one) for one in tokens)
    return told(call("to_date" if kind == "date" else "to_timestamp", inner.copy(), java), kind)


def _java(node: exp.Expr, token: str) -> str:
    if token.upper() in _JAVA and token.upper() != "Q":
        return _JAVA[token.upper()]
    if token.startswith('"'):
        return _quoted("text", token[1:-1])
    if token in _BETWEEN:
        return token
    raise refuse(node, f"The element {token} of a date's format", "it is not known how Spark reads it")


def _constant(node: exp.Expr, text: str, tokens: list[str], kind: str) -> exp.Expr:
    short = any(one.upper() in ("RR", "YY") for one in tokens)
    form = "".join(_READ.get(one.upper()) or one.strip('"') if _readable(node, one) else "" for one in tokens)
    try:
        moment = datetime.strptime(text.strip(), form)
    except ValueError:
        raise refuse(node, f"The text {text[:40]!r} as a date", "it does not look as its format says") from None
    if short and any(one.upper() == "RR" for one in tokens):
        moment = moment.replace(year=moment.year % 100 + (2000 if moment.year % 100 < 50 else 1900))
    elif short:
        moment = moment.replace(year=moment.year % 100 + 2000)
    if kind == "date":
        return told(numbers.cast(exp.Literal.string(f"{moment:%Y-%m-%d}"), "date"), kind)
    return told(numbers.cast(exp.Literal.string(f"{moment:%Y-%m-%d %H:%M:%S}"), "timestamp"), kind)


def _readable(node: exp.Expr, token: str) -> bool:
    known = token.upper() in _READ or token.startswith('"') or token in _BETWEEN
    if not known:
        raise refuse(node, f"The element {token} of a date's format", "the bridge does not know how to read it")
    return known
