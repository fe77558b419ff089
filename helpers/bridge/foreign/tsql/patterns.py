"""SQL Server's patterns: LIKE with sets of characters, and PATINDEX, by regular expressions."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from sqlglot import exp

from helpers.bridge.foreign.reader import Reader, call, told
from helpers.bridge.refusal import refuse

_SPECIAL = set("\\^$.|?*+()[]{}")
_RANGE = re.compile(r"(\d)-(\d)|([a-z])-([a-z])|([A-Z])-([A-Z])")


def liked(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LIKE with sets of characters, or with a backslash, which escapes in Spark only."""
    escape = None
    like = node
    if isinstance(node, exp.Escape):
        like, escape = node.this, node.expression
    elif isinstance(node.parent, exp.Escape):
        return None
    if not isinstance(like, exp.Like):
        return None
    pattern = like.expression
    if not isinstance(pattern, exp.Literal) or (escape is not None and not isinstance(escape, exp.Literal)):
        raise refuse(
            node,
            "LIKE with a computed pattern",
            "it may hold sets of characters, which Spark has none of",
            "write the pattern out, or use CHARINDEX",
        )
    collated = isinstance(like.this, exp.Anonymous) and str(like.this.this).lower() == "collate"
    sign = escape.this if escape is not None else None
    if not collated and "[" not in pattern.this and "\\" not in pattern.this and _usual(pattern.this, sign):
        return None
    text, cased = _text(like.this, node)
    found = _found(text, _read(reading, node, pattern.this, sign), cased)
    return exp.Not(this=exp.Paren(this=found)) if like.args.get("negate") else found


def place(reading: Reader, node: exp.Anonymous) -> exp.Expr:
    """PATINDEX(pattern, text): where the first piece of that pattern begins, 0 if nowhere."""
    pattern = node.expressions[0]
    if not isinstance(pattern, exp.Literal):
        raise refuse(
            node,
            "PATINDEX with a computed pattern",
            "it may hold sets of characters, which Spark has none of",
            "write the pattern out, or use CHARINDEX",
        )
    text, cased = _text(node.expressions[1], node)
    if reading.names.tables and text.find(exp.Column):
        # Regular expressions are for texts without a collation.
        text = call("collate", text, "UTF8_BINARY")
    body = _expression(_read(reading, node, pattern.this, None), cased)
    return told(call("regexp_instr", text, body), "int")


def _text(node: exp.Expr, whole: exp.Expr) -> tuple[exp.Expr, bool]:
    """The text without its own collation, and whether case tells its letters apart."""
    if isinstance(node, exp.Anonymous) and str(node.this).lower() == "collate":
        name = node.expressions[1].name
        if "_AI" in name:
            raise refuse(whole, "A pattern without regard to accents", "Spark's LIKE minds them")
        return node.expressions[0].copy(), "_CI" not in name
    return node.copy(), False


def _usual(pattern: str, escape: str | None) -> bool:
    """Whether Spark reads the escapes alike: it knows them before a wildcard and before themselves only."""
    if escape is None:
        return True
    return (
        re.fullmatch(f"(?:[^{re.escape(escape)}]|{re.escape(escape)}[%_{re.escape(escape)}])*", pattern, re.S)
        is not None
    )


@dataclass(frozen=True)
class _Piece:
    """A part of a pattern. code: as a regular expression; sign: the one character that it is, "" = no such."""

    code: str
    sign: str = ""


_MANY, _ONE = _Piece(".*"), _Piece(".")


def _read(reading: Reader, node: exp.Expr, pattern: str, escape: str | None) -> list[_Piece]:
    """The parts of a pattern of LIKE. Raises Refusal for odd sets."""
    pieces: list[_Piece] = []
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if escape is not None and sign == escape:
            if at == len(pattern):
                raise refuse(node, "A pattern that ends in its escape character", "nothing is like it")
            pieces.append(_plain(pattern[at]))
            at += 1
        elif sign == "%":
            pieces.append(_MANY)
        elif sign == "_":
            pieces.append(_ONE)
        elif sign == "[":
            end = pattern.find("]", at + (pattern[at : at + 1] == "^") + 1)
            inside = pattern[at:end]
            if end < 0 or (inside.strip("^") == "" and inside != "^") or (escape is not None and escape in inside):
                raise refuse(
                    node, "A set of characters in a pattern", "it is not closed, or empty, or escaped inside"
                )
            pieces.append(_plain(inside) if len(inside) == 1 else _Piece(_set(reading, node, inside)))
            at = end + 1
        else:
            pieces.append(_plain(sign))
    return pieces


def _found(text: exp.Expr, pieces: list[_Piece], cased: bool) -> exp.Expr:
    """Whether the text is like the pattern: by its plain beginning, end or middle, or by a regular expression."""
    start, end, body = _ends(pieces)
    plain = "".join(one.sign for one in body)
    if body and all(one.sign for one in body) and (start or end) and (cased or not _letters(body)):
        kind = (exp.Contains if end else exp.EndsWith) if start else exp.StartsWith
        return kind(this=text, expression=exp.Literal.string(plain))
    return exp.RegexpLike(this=text, expression=exp.Literal.string(_expression(pieces, cased)))


def _ends(pieces: list[_Piece]) -> tuple[bool, bool, list[_Piece]]:
    """Whether anything may stand before, whether anything may stand after, and what is between."""
    start, end = pieces[:1] == [_MANY], pieces[-1:] == [_MANY]
    return start, end, pieces[1 if start else 0 : -1 if end and len(pieces) > 1 else None]


def _expression(pieces: list[_Piece], cased: bool) -> str:
    """The pattern as a regular expression that is looked for anywhere, with no flag that it does not need."""
    start, end, body = _ends(pieces)
    flags = "" if cased or not _letters(body) else "iu" if _folded(body) else "i"
    if any(one in (_MANY, _ONE) for one in body):
        flags += "s"
    code = "".join(one.code for one in body)
    return (f"(?{flags})" if flags else "") + ("" if start else "^") + code + ("" if end else r"\z")


def _letters(pieces: list[_Piece]) -> set[str]:
    """The letters of the parts that have two cases."""
    return {sign.lower() for one in pieces for sign in one.code if sign.lower() != sign.upper()}


def _folded(pieces: list[_Piece]) -> bool:
    """Whether a letter of another alphabet than ASCII is the other case of one, as the Kelvin sign is of k."""
    ranges = any(_RANGE.search(one.code) for one in pieces if not one.sign)
    return ranges or any(sign in "iks" or not sign.isascii() for sign in _letters(pieces))


def _plain(sign: str) -> _Piece:
    return _Piece(f"\\{sign}" if sign in _SPECIAL else sign, sign)


def _set(reading: Reader, node: exp.Expr, inside: str) -> str:
    negated = inside[0] == "^" and len(inside) > 1
    rest = inside[1:] if negated else inside
    made = ""
    while rest:
        found = _RANGE.match(rest)
        low, high = (one for one in found.groups() if one) if found else ("", "")
        if low < high:
            made += f"{low}-{high}" + _accented(low, high)
            reading.note(
                "A range in a set of LIKE goes by the collation in SQL Server, so that é lies in [a-z]: "
                "letters of Latin-1 are in it here as well."
            )
            rest = rest[3:]
        elif len(rest) > 2 and rest[1] == "-":
            raise refuse(
                node,
                f"The range [{rest[:3]}] in a pattern",
                "it goes by the collation's order",
                "write its characters out",
            )
        else:
            made += f"\\{rest[0]}" if rest[0] in "\\^[]&-" else rest[0]
            rest = rest[1:]
    return f"[{'^' if negated else ''}{made}]"


def _accented(low: str, high: str) -> str:
    """The letters with accents that lie in a range of plain ones: after their own letter, before the next."""
    if low.isdigit():
        return ""
    special = {"æ": "a", "ø": "o", "ð": "d", "þ": "t", "ß": "s"}
    letters = [chr(code) for code in range(0xDF, 0x100) if code != 0xF7]
    base = {one: special.get(one) or unicodedata.normalize("NFD", one)[0] for one in letters}
    return "".join(one for one in letters if low.lower() <= base[one] < high.lower())
