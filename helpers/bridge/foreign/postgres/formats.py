"""The formats of PostgreSQL's to_char, to_date, to_timestamp and to_number."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign.postgres.dates import moment_of
from helpers.bridge.foreign.postgres.intervals import TIMES
from helpers.bridge.foreign.reader import WHOLE, Reader, call, told
from helpers.bridge.refusal import refuse

_SAME = {"YYYY": "yyyy", "MM": "MM", "DD": "dd", "HH24": "HH", "HH12": "hh", "HH": "hh", "MI": "mm", "SS": "ss"}
_WRITTEN = {**_SAME, "YY": "yy", "MS": "SSS", "US": "SSSSSS", "DDD": "DDD", "Q": "q"}
_CASED = {"Mon": "MMM", "Dy": "EEE", "AM": "a", "PM": "a"}
_SHORT = {"MM": "M", "DD": "d", "HH24": "H", "HH12": "h", "HH": "h", "MI": "m", "SS": "s", "DDD": "D", "YYYY": "y"}
_NAMES = {"Month": "MMMM", "Day": "EEEE"}
_COMPUTED = ("IYYY", "IW", "ID", "D")
# All words that mean something in a format, the longer ones first.
_WORDS = sorted(
    {*_WRITTEN, "MONTH", "MON", "DAY", "DY", "AM", "PM", *_COMPUTED, "A.M.", "P.M.", "A.D.", "B.C.", "AD", "BC", "CC",
     "Y,YYY", "YYY", "Y", "IYY", "IY", "I", "IDDD", "J", "RM", "SSSSS", "SSSS", "FF1", "FF2", "FF3", "FF4", "FF5",
     "FF6", "TZH", "TZM", "TZ", "OF", "WW", "W", "FX", "TM", "FM"},
    key=len, reverse=True,
)  # fmt: skip
_NUMBER = re.compile(r"(FM)?([90,]*)(?:\.([90]+))?")
_TO_NUMBER = re.compile(r"S?[90]([90,]*[90])?(\.[90]+)?")


def _parts(node: exp.Expr, text: str) -> list[tuple[str, str, bool]]:
    """The words of a format and the text between them: (word, as written, whether FM stands before it)."""
    found: list[tuple[str, str, bool]] = []
    at, short = 0, False
    while at < len(text):
        if text[at] == '"':
            end = text.find('"', at + 1)
            if end < 0 or "\\" in text[at:end]:
                raise refuse(node, f"The format {text!r}", "its quotes are not known to mean the same")
            found.append(("", text[at + 1 : end], False))
            at = end + 1
            continue
        word = next((one for one in _WORDS if text[at : at + len(one)].upper() == one), "")
        written = text[at : at + len(word)] if word else text[at]
        at += len(written)
        if word == "FM":
            short = True
            continue
        if word and text[at : at + 2].upper() == "TH":
            raise refuse(node, f"The format {text!r}", "TH after a part makes an ordinal of it")
        if written == "\\":
            raise refuse(node, f"The format {text!r}", "a backslash in it is not known to mean the same")
        found.append((word, written, short and bool(word)))
        short = short and not word
    return found


def _pattern(word: str, written: str, short: bool) -> str | None:
    """Spark's letters of a word; None where a date's pattern has none."""
    if not word:
        return "'" + written.replace("'", "''") + "'" if re.search(r"[A-Za-z'\[\]{}#]", written) else written
    if word in _WRITTEN:
        return _SHORT.get(word) if short else _WRITTEN[word]
    if written in _CASED:
        return _CASED[written]
    named = written in _NAMES
    return _NAMES[written] if named and short else None


def shown(reading: Reader, node: exp.Expr) -> exp.Expr:
    """to_char() of a date, a time or a number."""
    value, form = _of_format(node)
    kind = reading.kind(value)
    if kind in TIMES:
        return told(_dated(node, value, form), "string")
    if kind in {*WHOLE, "decimal"}:
        return told(_counted(node, value, form, kind in WHOLE), "string")
    raise refuse(node, "to_char()", "it is known of dates, times and exact numbers, and the type is not one",
                 "give the schema, or cast the value")  # fmt: skip


def _of_format(node: exp.Expr) -> tuple[exp.Expr, str]:
    arguments = node.expressions
    if len(arguments) != 2 or not isinstance(arguments[1], exp.Literal) or not arguments[1].is_string:
        raise refuse(node, f"The format of {node.this}()", "only one that is written out can be read")
    return arguments[0], arguments[1].this


def _dated(node: exp.Expr, value: exp.Expr, form: str) -> exp.Expr:
    pieces: list[exp.Expr] = []
    pattern = ""
    for word, written, short in _parts(node, form):
        letters = _pattern(word, written, short)
        if letters is not None:
            pattern += letters
            continue
        if pattern:
            pieces.append(_written_by(value, pattern))
            pattern = ""
        pieces.append(_computed(node, value, word, written, short))
    if pattern:
        pieces.append(_written_by(value, pattern))
    if not pieces:
        raise refuse(node, "An empty format", "it gives nothing")
    made = pieces[0]
    for one in pieces[1:]:
        made = exp.DPipe(this=made, expression=one)
    return made if len(pieces) == 1 else exp.Paren(this=made)


def _written_by(value: exp.Expr, pattern: str) -> exp.Expr:
    text = re.sub(r"'([^']+)'", "", pattern)
    if re.search(r"[A-Za-z]", text) or "''" in pattern:
        return call("date_format", value.copy(), pattern)
    return exp.Literal.string(pattern.replace("'", ""))


def _computed(node: exp.Expr, value: exp.Expr, word: str, written: str, short: bool) -> exp.Expr:
    """What a date's pattern has no letters for: padded names, names in capitals, ISO weeks, numbers of days."""
    names = {"MONTH": "MMMM", "MON": "MMM", "DAY": "EEEE", "DY": "EEE", "AM": "a", "PM": "a"}
    if word in names and written in (word, word.lower(), word.capitalize()):
        made: exp.Expr = call("date_format", value.copy(), names[word])
        if written != word.capitalize():
            made = exp.Upper(this=made) if written == word else exp.Lower(this=made)
        return made if short or word not in ("MONTH", "DAY") else call("rpad", made, 9, " ")
    numbers = {"D": call("dayofweek", value.copy()), "IYYY": _field("YEAROFWEEK", value), "IW": _field("WEEK", value),
               "ID": exp.Paren(this=exp.Add(this=call("weekday", value.copy()),
                                            expression=exp.Literal.number(1)))}  # fmt: skip
    if word not in numbers:
        raise refuse(
            node, f"{written} in a date's format", "Spark has nothing like it", "leave it out, or extract() it"
        )
    text = exp.Cast(this=numbers[word], to=exp.DataType.build("string", dialect="spark"))
    return call("lpad", text, 2, "0") if word == "IW" and not short else text


def _field(name: str, value: exp.Expr) -> exp.Expr:
    return exp.Extract(this=exp.var(name), expression=value.copy())


def _counted(node: exp.Expr, value: exp.Expr, form: str, whole_number: bool) -> exp.Expr:
    """A number by a format of digits, with blanks before it unless FM says otherwise."""
    found = _NUMBER.fullmatch(form)
    whole, places = (found[2], found[3] or "") if found else ("", "")
    digits = whole.replace(",", "")
    groups = "," in whole
    zeros = len(digits) > 1 and set(digits) == {"0"}
    tight = bool(found and found[1])
    standard = not groups or re.fullmatch(r"\d{1,3}(,\d{3})+", whole)
    if not digits or not standard or (digits.strip("9") not in ("", "0") and not zeros) or (zeros and groups):
        raise refuse(node, f"The number's format '{form}'", "only 9, 0, commas, a point and FM are known",
                     "write it as in '999,990.00'")  # fmt: skip
    if tight and "9" in places:
        raise refuse(node, f"The number's format '{form}'", "FM drops zeros at its end", "write 0 after the point")
    rounded: exp.Expr = (
        value
        if whole_number and not places
        else exp.Round(this=value.copy(), decimals=exp.Literal.number(len(places)))
    )
    text: exp.Expr
    if groups:
        text = call("format_number", rounded, len(places))
    else:
        exact = exp.Cast(this=rounded, to=exp.DataType.build(f"decimal(38,{len(places)})", dialect="spark"))
        text = exp.Cast(this=exact, to=exp.DataType.build("string", dialect="spark"))
    if places and digits.endswith("9"):
        text = call("regexp_replace", text, r"^(-?)0\.", "$1.")
    sign = exp.Case(
        ifs=[
            exp.If(this=exp.LT(this=rounded.copy(), expression=exp.Literal.number(0)), true=exp.Literal.string("-"))
        ],
        default=exp.Literal.string(""),
    )
    width = len(form.removeprefix("FM"))
    if zeros:
        size = len(digits) + (len(places) + 1 if places else 0)
        exact.set("this", exp.Abs(this=rounded.copy()))
        text = exp.Paren(this=exp.DPipe(this=sign, expression=call("lpad", text, size, "0")))
    if not tight:
        text = call("lpad", text, width + 1, " ")
    if _fits(value, len(digits), len(places)):
        return text
    limit = exp.Literal.number("1" + "0" * len(digits))
    over = re.sub(r"[90]", "#", form.removeprefix("FM"))
    signed = sign.copy()
    if not tight:
        signed.set("default", exp.Literal.string(" "))
    full = exp.DPipe(this=signed, expression=exp.Literal.string(over))
    too_big = exp.GTE(this=exp.Abs(this=rounded.copy()), expression=limit)
    return exp.Case(ifs=[exp.If(this=too_big, true=full)], default=text)


def _fits(value: exp.Expr, digits: int, places: int) -> bool:
    """Whether a constant has no more digits than the format has places for."""
    inner = value.this if isinstance(value, exp.Neg) else value
    if not isinstance(inner, exp.Literal) or not re.fullmatch(r"\d+(\.\d+)?", inner.this):
        return False
    return len(str(round(float(inner.this), places)).split(".")[0]) <= digits


def read(reading: Reader, node: exp.Expr) -> exp.Expr:
    """to_date() and to_timestamp() of a text; to_timestamp() of seconds."""
    name = str(node.this).lower()
    if name == "to_timestamp" and len(node.expressions) == 1:
        return moment_of(reading, node)
    value, form = _of_format(node)
    pattern = ""
    for word, written, short in _parts(node, form):
        known = not word or (word in _SAME and not short) or (written in ("AM", "PM", "Mon") and not short)
        letters = _pattern(word, written, short) if known else None
        if letters is None:
            raise refuse(node, f"{written} in a date's format", "it is not known to read the same in Spark",
                         "use YYYY, MM, DD, HH24, HH12, MI, SS, Mon and AM")  # fmt: skip
        pattern += letters
    made = told(call(name, value.copy(), pattern), name.removeprefix("to_"))
    made.meta["zoned"] = name == "to_timestamp"
    return made


def number(reading: Reader, node: exp.Expr) -> exp.Expr:
    """to_number() by a format of digits, commas, a point and a sign before them."""
    value, form = _of_format(node)
    if not _TO_NUMBER.fullmatch(form):
        raise refuse(node, f"The number's format '{form}'", "only S, 9, 0, commas and a point are known")
    return told(call("to_number", value.copy(), form), "decimal")
