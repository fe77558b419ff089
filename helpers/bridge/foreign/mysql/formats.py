"""MySQL's formats of dates, which sqlglot has brought into those of strftime."""

from __future__ import annotations

import re
from datetime import datetime

from sqlglot import exp

from helpers.bridge.foreign.mysql.dates import read
from helpers.bridge.foreign.mysql.kinds import typed
from helpers.bridge.foreign.mysql.weeks import week, year_of_week
from helpers.bridge.foreign.reader import Reader, Rule, call
from helpers.bridge.refusal import refuse

_PLAIN = {
    "%Y": "yyyy", "%y": "yy", "%m": "MM", "%-m": "M", "%d": "dd", "%-d": "d", "%H": "HH", "%-H": "H", "%I": "hh",
    "%-I": "h", "%M": "mm", "%S": "ss", "%f": "SSSSSS", "%p": "a", "%B": "MMMM", "%b": "MMM", "%A": "EEEE",
    "%a": "EEE", "%j": "DDD", "%r": "hh:mm:ss a",
}  # fmt: skip
_WEEKS = {"%U": 0, "%W": 1, "%V": 2, "%v": 3}
_YEARS = {"%X": 2, "%G": 3}
_PIECE = re.compile(r"%-?[a-zA-Z]|%%|[^%]+")
# A letter would be a sign of the pattern, and so are these.
_TOLD = re.compile(r"[A-Za-z\[\]{}#']")

_SIGNLESS = re.compile(r"'[^']*'|[^A-Za-z']*")


def written(node: exp.Expr, value: exp.Expr, pattern: exp.Expr) -> exp.Expr:
    """The text of a date in a format; what Spark's patterns lack is computed beside them."""
    if not isinstance(pattern, exp.Literal) or "".join(_PIECE.findall(pattern.this)) != pattern.this:
        raise refuse(node, "A date's format", "only constants of known signs are translated")
    parts: list[exp.Expr | str] = []
    for sign in _PIECE.findall(pattern.this):
        for made in _pieces(node, value, sign):
            if isinstance(made, str) and parts and isinstance(parts[-1], str):
                parts[-1] += made
            else:
                parts.append(made)
    if len(parts) == 1:
        return _text(value, parts[0]) if isinstance(parts[0], str) else typed(parts[0], "string")
    return exp.Concat(expressions=[_text(value, one, plain=True) if isinstance(one, str) else one for one in parts])


def _text(value: exp.Expr, pattern: str, plain: bool = False) -> exp.Expr:
    """What a pattern makes. plain: one without signs may stand as it is; alone it must be NULL for NULL."""
    if plain and _SIGNLESS.fullmatch(pattern):
        return exp.Literal.string(pattern.strip("'"))
    return call("date_format", value.copy(), pattern)


def _pieces(node: exp.Expr, value: exp.Expr, sign: str) -> list[exp.Expr | str]:
    """What stands for a sign: a part of Spark's pattern, or what is computed."""
    if sign in _PLAIN:
        return [_PLAIN[sign]]
    if sign == "%%" or not sign.startswith("%"):
        text = sign.replace("%%", "%")
        return ["'" + text.replace("'", "''") + "'" if _TOLD.search(text) else text]
    if sign == "%D":
        return [call("day", value.copy()), _ordinal(value)]
    if sign == "%w":
        return [exp.Paren(this=exp.Sub(this=call("dayofweek", value.copy()), expression=exp.Literal.number(1)))]
    if sign in _WEEKS:
        return [call("lpad", typed(week(value, _WEEKS[sign]), "string"), 2, "0")]
    if sign in _YEARS:
        return [year_of_week(value, _YEARS[sign])]
    raise refuse(node, f"{sign} in a date's format", "the bridge does not know it")


def _ordinal(value: exp.Expr) -> exp.Expr:
    day = call("day", value.copy())
    teens = exp.Between(this=day.copy(), low=exp.Literal.number(11), high=exp.Literal.number(13))
    last = exp.Mod(this=day, expression=exp.Literal.number(10))
    ends = [
        exp.If(this=exp.EQ(this=last.copy(), expression=exp.Literal.number(digit)), true=exp.Literal.string(end))
        for digit, end in ((1, "st"), (2, "nd"), (3, "rd"))
    ]
    th = exp.Literal.string("th")
    return exp.Case(ifs=[exp.If(this=teens, true=th), *ends], default=th.copy())


def formatted(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """DATE_FORMAT and MONTHNAME."""
    return written(node, node.this, node.args["format"])


def day_name(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """DAYNAME, which is the whole name."""
    return call("date_format", read(reading, node.this, "timestamp"), "EEEE")


def parsed(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """STR_TO_DATE: a constant is read here; of other texts by the formats that Spark reads as MySQL does."""
    kind = "date" if isinstance(node, exp.StrToDate) else "timestamp"
    pattern = node.args["format"].this if isinstance(node.args["format"], exp.Literal) else ""
    signs = _PIECE.findall(pattern)
    known = {"%Y", "%m", "%-m", "%d", "%-d", "%H", "%-H", "%M", "%S", "%b", "%B"}
    unknown = [one for one in signs if one.startswith("%") and one not in known | {"%y"}]
    if not pattern or unknown or "".join(signs) != pattern:
        raise refuse(
            node, "STR_TO_DATE with this format", "only numbers and names of months are known to be read alike"
        )
    text = node.this
    if isinstance(text, exp.Literal):
        return _constant(node, text.this, pattern, kind)
    if "%y" in signs:
        raise refuse(node, "%y in STR_TO_DATE", "years from 70 on are of another century in Spark", "use %Y")
    reading.note("Of a text that has not the format STR_TO_DATE makes NULL, and it takes more text behind; "
                 "Spark stops with an error.")  # fmt: skip
    return call("to_date" if kind == "date" else "to_timestamp", text.copy(), _reading_pattern(signs))


def _constant(node: exp.Expr, text: str, pattern: str, kind: str) -> exp.Expr:
    try:
        found = datetime.strptime(text.strip(), pattern.replace("%-", "%"))
    except ValueError:
        raise refuse(node, f"STR_TO_DATE of {text[:30]!r}", "the text does not have the format to the letter",
                     "write the date itself") from None  # fmt: skip
    if "%y" in pattern and found.year == 1969:
        found = found.replace(year=2069)
    if not {"%Y", "%y"} & set(_PIECE.findall(pattern)):
        raise refuse(node, "STR_TO_DATE without a year", "MySQL gives a date with zeros, which Spark has not")
    return typed(exp.Literal.string(f"{found:%Y-%m-%d}" if kind == "date" else f"{found:%Y-%m-%d %H:%M:%S}"), kind)


def _reading_pattern(signs: list[str]) -> str:
    """Spark's pattern to read by: MySQL takes one digit or two, unless the next number follows at once."""
    made = []
    for place, sign in enumerate(signs):
        text = str(_pieces(exp.null(), exp.null(), sign)[0])
        beside = any(0 <= other < len(signs) and signs[other].startswith("%") for other in (place - 1, place + 1))
        made.append(text[0] if len(text) == 2 and sign in _PLAIN and not beside else text)
    return "".join(made)


def of_epoch(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """FROM_UNIXTIME(seconds, format)."""
    made = call("timestamp_seconds", node.this.copy())
    pattern = node.args.get("format")
    return made if pattern is None else written(node, made, pattern)


RULES: dict[type[exp.Expr], Rule] = {
    exp.TimeToStr: formatted, exp.Dayname: day_name, exp.StrToDate: parsed, exp.StrToTime: parsed,
    exp.UnixToTime: of_epoch,
}  # fmt: skip
ALLOWED: frozenset[type[exp.Expr] | str] = frozenset(
    {exp.TimeToStr, exp.Dayname, exp.StrToDate, exp.StrToTime, exp.UnixToTime}
)
