"""Which type a column of texts gets, and why. What may mean two things stays text, and is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.desk.playground.own.forms import INSTANT, NUMBERS, SEPARATORS, Form, day_form, pattern

_MOST_DIGITS = 38
_BIGINT = 18
_MOSTLY = 0.5
"""From this share of its values on a column looks like a type, and the others are told."""


TEXT = "{t}"
"""Where the trimmed text stands in the SQL that reads it."""


@dataclass(frozen=True)
class Reading:
    """What the user has said about a file, or what its columns have shown.

    decimal: "." or ","; day_first: of dates whose year comes last. None = not said.
    """

    decimal: str | None = None
    day_first: bool | None = None


@dataclass(frozen=True)
class Typed:
    """A column's type as Spark names it, the SQL that reads it from its text (`TEXT`), and what is told of it."""

    type: str
    sql: str = ""
    told: str = ""


def proven(columns: Sequence[Mapping[str, Form]]) -> str | None:
    """The decimal mark that some column can only have meant; None where none has, or both."""
    marks = {
        mark
        for mark, sure in ((",", ("comma", "points comma", "points")), (".", ("point", "commas point", "commas")))
        for found in columns
        if set(found) <= set(NUMBERS) and set(found) & set(sure)
    }
    return marks.pop() if len(marks) == 1 else None


def typed(found: Mapping[str, Form], said: Reading, shown: str | None = None) -> Typed:
    """The type of a column by the forms of its values.

    said: what the user settled; shown: the decimal mark that other columns of the file have proven.
    """
    if not found:
        return Typed("string", told="no value at all")
    of = set(found)
    if of == {"boolean"}:
        return Typed("boolean", "CAST(lower({t}) AS BOOLEAN)")
    if "zeros" in of and of <= set(NUMBERS):
        return Typed("string", told=f"text, for leading zeros would be lost: {found['zeros'].example}")
    if of <= set(NUMBERS):
        return _padded(found, _number(found, said, shown))
    return _padded(found, _time(found, said)) if of & _TIMES else Typed("string", told=_nearly(found))


def _number(found: Mapping[str, Form], said: Reading, shown: str | None) -> Typed:
    of = set(found)
    if of == {"integer"}:
        digits = found["integer"].before
        if digits <= _BIGINT:
            return Typed("bigint", "CAST({t} AS BIGINT)")
        return _decimal(digits, 0, TEXT, "")
    if of <= {"integer", "point", "point3", "exponent"} and "exponent" in of:
        return Typed("double", "CAST({t} AS DOUBLE)")
    comma = {"integer", "comma", "comma3", "point3", "points", "points comma"}
    point = {"integer", "point", "point3", "comma3", "commas", "commas point"}
    # A mark of thousands proves that the other one is the decimal mark, and the other way round.
    sure = {",": of & {"comma", "points", "points comma"}, ".": of & {"point", "commas", "commas point"}}
    mark = next((one for one, forms in ((",", comma), (".", point)) if sure[one] and of <= forms), None)
    if any(sure.values()) and mark is None:
        return Typed("string", told=f"text: decimal commas and points, {_examples(found)}")
    if mark is not None:
        if said.decimal is not None and said.decimal != mark:
            return Typed("string", told=f'text: not with decimal="{said.decimal}", {_examples(found)}')
        return _marked(found, mark, _told_mark(mark, found))
    return _either(found, said.decimal or shown)


def _either(found: Mapping[str, Form], mark: str | None) -> Typed:
    """Of numbers like 1.234 and 1,234 alone."""
    both = "point3" in found and "comma3" in found
    if mark is None and "comma3" not in found:
        # No file that has shown no decimal comma means thousands by 20.125 where 1.5 would be a number too.
        return _marked(found, ".", f'{found["point3"].example}: decimal point; if it means thousands: decimal=","')
    if mark is None:
        example = found["comma3"].example
        asked = "which is the decimal mark" if both else "a decimal comma, or thousands"
        return Typed("string", told=f'text, for {example} may be either: {asked}? decimal="," or decimal="."')
    return _marked(found, mark, f"decimal {_MARKS[mark]}: {_examples(found)}")


_MARKS = {",": "comma", ".": "point"}


def _told_mark(mark: str, found: Mapping[str, Form]) -> str:
    return "" if set(found) <= {"integer", "point", "point3"} else f"decimal {_MARKS[mark]}: {_examples(found)}"


def _marked(found: Mapping[str, Form], mark: str, told: str) -> Typed:
    other = "." if mark == "," else ","
    fractions = {form: one for form, one in found.items() if _fraction(form, mark)}
    after = max((one.after for one in fractions.values()), default=0)
    before = max(one.before + (0 if form in fractions else one.after) for form, one in found.items())
    plain = f"replace({TEXT}, '{other}', '')" if set(found) & _GROUPED else TEXT
    plain = f"replace({plain}, ',', '.')" if mark == "," else plain
    if not after and before <= _BIGINT:
        return Typed("bigint", f"CAST({plain} AS BIGINT)", told)
    return _decimal(before + after, after, plain, told)


_GROUPED = {"point3", "comma3", "points", "commas", "points comma", "commas point"}


def _fraction(form: str, mark: str) -> bool:
    """Whether numbers of this form have digits behind that decimal mark."""
    return form in {",": ("comma", "comma3", "points comma"), ".": ("point", "point3", "commas point")}[mark]


def _decimal(digits: int, after: int, plain: str, told: str) -> Typed:
    if digits > _MOST_DIGITS:
        return Typed("string", told=f"text: numbers of {digits} digits, and Spark's longest have {_MOST_DIGITS}")
    return Typed(f"decimal({digits},{after})", f"CAST({plain} AS DECIMAL({digits}, {after}))", told)


_LAST = {
    day_form(only, separator, clock): (only, separator, clock)
    for only in ("dm", "d", "m")
    for separator in SEPARATORS
    for clock in (False, True)
}
_TIMES = {"date", "time", "instant", *_LAST}
_NAIVE = "without a zone, kept as on the clock"


def _time(found: Mapping[str, Form], said: Reading) -> Typed:
    of = set(found)
    if of == {"date"}:
        return Typed("date", "CAST({t} AS DATE)")
    if of == {"instant"}:
        return Typed("timestamp", INSTANT, "instants, shown in UTC")
    if of <= {"date", "time"}:
        return Typed("timestamp_ntz", "CAST({t} AS TIMESTAMP)", _NAIVE)
    if of <= set(_LAST):
        return _year_last(found, said)
    if of <= _TIMES:
        return Typed("string", told=f"text: dates of several forms, {_examples(found)}")
    return Typed("string", told=_nearly(found))


def _year_last(found: Mapping[str, Form], said: Reading) -> Typed:
    parts = [_LAST[form] for form in found]
    only, separators = {one for one, _, _ in parts} - {"dm"}, {one for _, one, _ in parts}
    example = min(found.values(), key=lambda one: one.example).example
    if len(separators) > 1 or len({clock for _, _, clock in parts}) > 1:
        return Typed("string", told=f"text: dates of several forms, {_examples(found)}")
    if only == {"d", "m"}:
        return Typed("string", told=f"text: day first and month first, {_examples(found)}")
    (separator,), (clock,) = separators, {one for _, _, one in parts}
    proof = {"d": True, "m": False}.get("".join(only))
    if proof is None and said.day_first is None:
        return Typed("string", told=f"text, for {example} may be either: day_first=True or day_first=False?")
    if proof is not None and said.day_first not in (None, proof):
        sure = next(one.example for form, one in found.items() if _LAST[form][0] != "dm")
        return Typed("string", told=f"text: not with day_first={said.day_first}, {sure}")
    first = bool(said.day_first) if proof is None else proof
    why = "" if proof is None else f", for {next(o.example for f, o in found.items() if _LAST[f][0] != 'dm')}"
    told = f"{'day' if first else 'month'} first{why}"
    day = f"strptime(split_part({TEXT}, ' ', 1), '{pattern(first, separator)}')::DATE"
    if not clock:
        return Typed("date", day, told)
    return Typed("timestamp_ntz", f"{day} + CAST(split_part({TEXT}, ' ', 2) AS TIME)", f"{told}; {_NAIVE}")


def _examples(found: Mapping[str, Form]) -> str:
    return ", ".join(sorted(one.example for one in found.values())[:3])


def _padded(found: Mapping[str, Form], made: Typed) -> Typed:
    """Blanks around a number or a time are no part of it, which is told."""
    count = sum(one.padded for one in found.values())
    if not count or made.type == "string":
        return made
    return Typed(made.type, made.sql, "; ".join(filter(None, (made.told, f"{count:,} stood in blanks"))))


def family(found: Mapping[str, Form]) -> tuple[str, set[str]]:
    """What most of the values look like, as in "numbers", and those forms; "" where they are mostly texts."""
    total = sum(one.count for one in found.values())
    for words, of in (
        ("numbers", set(NUMBERS) - {"zeros"}),
        ("dates or times", _TIMES),
        ("true or false", {"boolean"}),
    ):
        if of & set(found) and sum(one.count for form, one in found.items() if form in of) >= _MOSTLY * total:
            return words, of
    return "", set()


def _nearly(found: Mapping[str, Form]) -> str:
    words, of = family(found)
    if not words:
        return ""
    others = sum(one.count for form, one in found.items() if form not in of)
    return f"text, for {others:,} of its values are no {words}"
