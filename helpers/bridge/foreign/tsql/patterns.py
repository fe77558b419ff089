"""SQL Server's patterns: LIKE with sets of characters, and PATINDEX, by regular expressions."""

from __future__ import annotations

import re
import unicodedata

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
    text, flags = _text(like.this, node)
    found: exp.Expr = exp.RegexpLike(
        this=text, expression=exp.Literal.string(flags + expression(reading, node, pattern.this, sign))
    )
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
    text, flags = _text(node.expressions[1], node)
    if reading.names.tables and text.find(exp.Column):
        # Regular expressions are for texts without a collation.
        text = call("collate", text, "UTF8_BINARY")
    body = flags + expression(reading, node, pattern.this, None)
    return told(call("regexp_instr", text, body), "int")


def _text(node: exp.Expr, whole: exp.Expr) -> tuple[exp.Expr, str]:
    """The text without its own collation, and the flags of the expression."""
    if isinstance(node, exp.Anonymous) and str(node.this).lower() == "collate":
        name = node.expressions[1].name
        if "_AI" in name:
            raise refuse(whole, "A pattern without regard to accents", "Spark's LIKE minds them")
        return node.expressions[0].copy(), "(?ius)" if "_CI" in name else "(?s)"
    return node.copy(), "(?ius)"


def _usual(pattern: str, escape: str | None) -> bool:
    """Whether Spark reads the escapes alike: it knows them before a wildcard and before themselves only."""
    if escape is None:
        return True
    return (
        re.fullmatch(f"(?:[^{re.escape(escape)}]|{re.escape(escape)}[%_{re.escape(escape)}])*", pattern, re.S)
        is not None
    )


def expression(reading: Reader, node: exp.Expr, pattern: str, escape: str | None) -> str:
    """A pattern of LIKE as a regular expression that is looked for anywhere. Raises Refusal for odd sets."""
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if escape is not None and sign == escape:
            if at == len(pattern):
                raise refuse(node, "A pattern that ends in its escape character", "nothing is like it")
            parts.append(_plain(pattern[at]))
            at += 1
        elif sign == "%":
            parts.append(".*")
        elif sign == "_":
            parts.append(".")
        elif sign == "[":
            end = pattern.find("]", at + (pattern[at : at + 1] == "^") + 1)
            inside = pattern[at:end]
            if end < 0 or (inside.strip("^") == "" and inside != "^") or (escape is not None and escape in inside):
                raise refuse(
                    node, "A set of characters in a pattern", "it is not closed, or empty, or escaped inside"
                )
            parts.append(_set(reading, node, inside))
            at = end + 1
        else:
            parts.append(_plain(sign))
    start, end_ = parts[:1] == [".*"], parts[-1:] == [".*"] and len(parts) > 1
    body = "".join(parts[1 if start else 0 : -1 if end_ else None])
    return ("" if start else "^") + body + ("" if end_ or (start and len(parts) == 1) else r"\z")


def _plain(sign: str) -> str:
    return f"\\{sign}" if sign in _SPECIAL else sign


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
