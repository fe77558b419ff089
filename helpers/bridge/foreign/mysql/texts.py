"""MySQL's functions of texts, and its regular expressions."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from helpers.bridge.foreign.mysql.kinds import COLLATION, NUMBERS, exact, numbered, texts_of, told_alike, typed
from helpers.bridge.foreign.pieces import number
from helpers.bridge.foreign.reader import WHOLE, Reader, Rule, call
from helpers.bridge.refusal import refuse
from helpers.bridge.settle import one_text


def substring(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A start of 0, or one before the beginning of the text, gives the empty text."""
    start = node.args["start"]
    found = number(start)
    if _above_0(start):
        return None
    if found == 0:
        node.set("start", exp.Literal.number(1))
        node.set("length", exp.Literal.number(0))
        return None
    size = exp.Length(this=node.this.copy())
    if found is not None:
        outside: exp.Expr = exp.LT(this=size, expression=exp.Literal.number(-found))
    else:
        before = exp.LT(this=start.copy(), expression=exp.Neg(this=size))
        outside = exp.or_(exp.EQ(this=start.copy(), expression=exp.Literal.number(0)), before)
    return exp.Case(ifs=[exp.If(this=outside, true=exp.Literal.string(""))], default=node.copy())


def _above_0(node: exp.Expr) -> bool:
    found = number(node)
    if found is not None:
        return found > 0
    if not isinstance(node, exp.Add):
        return False
    positions = (exp.StrPosition, exp.Length)
    return any(
        isinstance(one, positions) and (number(other) or 0) > 0
        for one, other in ((node.this, node.expression), (node.expression, node.this))
    )


def length(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LENGTH counts bytes, CHAR_LENGTH characters."""
    return call("octet_length", node.this.copy()) if node.args.get("binary") else None


def trimmed(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """TRIM takes a whole word off, by its characters whatever the collation."""
    word = node.args.get("expression")
    if word is None or (isinstance(word, exp.Literal) and len(word.this) == 1 and not word.this.isalpha()):
        return None
    if not isinstance(word, exp.Literal):
        raise refuse(node, "TRIM of a computed word", "only constants are known", "use REGEXP_REPLACE")
    if not word.this:
        return node.this.copy()
    part = "(" + "".join(one if one.isalnum() else f"[{one}]" for one in word.this) + ")+"
    if re.search(r"[\\^\[\]]", word.this):
        raise refuse(node, "TRIM of a word with a sign of regular expressions", "the bridge has no code for it")
    side = (node.text("position") or "BOTH").upper()
    pattern = {"LEADING": f"^{part}", "TRAILING": f"{part}$"}.get(side, f"^{part}|{part}$")
    return call("regexp_replace", node.this.copy(), pattern, "")


def laid(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """INSERT(text, start, length, other); a start outside the text changes nothing."""
    start, size = number(node.args["start"]), number(node.args["length"])
    if start is None or size is None or size < 0:
        raise refuse(node, "INSERT with a computed place", "only constants are known", "write CONCAT and SUBSTRING")
    text = node.this
    if start < 1:
        return text.copy()
    made = exp.Overlay(this=text.copy(), expression=node.expression.copy(), from_=exp.Literal.number(start),
                       for_=exp.Literal.number(size))  # fmt: skip
    if isinstance(text, exp.Literal):
        return made if start <= len(text.this) else text.copy()
    outside = exp.LT(this=exp.Length(this=text.copy()), expression=exp.Literal.number(start))
    return exp.Case(ifs=[exp.If(this=outside, true=text.copy())], default=made)


def nth(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """ELT(n, a, b): NULL where there is no n-th one."""
    ifs = [
        exp.If(this=exp.Literal.number(place), true=one.copy()) for place, one in enumerate(node.expressions, start=1)
    ]
    return exp.Case(this=node.this.copy(), ifs=ifs)


def grouped_digits(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """FORMAT(x, d) rounds a half away from zero; Spark's rounds it to even."""
    places = number(node.args["format"])
    if node.args.get("culture") is not None or places is None or not exact(reading, node.this):
        raise refuse(node, "FORMAT", "it is known of exact numbers, with a constant number of digits and no locale",
                     "cast to DECIMAL")  # fmt: skip
    places = max(places, 0)
    value = node.this.copy()
    if reading.kind(value) not in WHOLE:
        value = exp.Round(this=value, decimals=exp.Literal.number(places))
    return call("format_number", value, places)


def hexadecimal(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """HEX of a whole number or of a text."""
    if reading.kind(node.this) in ("decimal", "double", "float"):
        raise refuse(node, "HEX of a fraction", "the bridge has no code for it", "cast to SIGNED")
    return call("hex", node.this.copy())


def characters(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """CHAR(n USING a character set) of ASCII codes."""
    codes = [number(one) for one in node.expressions]
    if not node.args.get("charset") or any(one is None or not 0 < one < 128 for one in codes):
        raise refuse(node, "CHAR", "it is known with USING, of codes from 1 to 127 that are written out",
                     "write the text itself")  # fmt: skip
    made = [call("chr", one.copy()) for one in node.expressions]
    return made[0] if len(made) == 1 else exp.Concat(expressions=made)


def found_in(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LOCATE, INSTR and POSITION ignore case, of constants too."""
    node.set("this", told_alike(reading, node.this, node.args["substr"]))
    return None


def field_place(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    """FIELD(x, a, b): the place of x among the others, 0 if it is none of them."""
    kinds = {reading.kind(one) for one in parts}
    if "string" in kinds and kinds & NUMBERS:
        raise refuse(node, "FIELD of texts and numbers", "MySQL compares them in its own way", "cast them")
    ifs = [exp.If(this=one.copy(), true=exp.Literal.number(place)) for place, one in enumerate(parts[1:], start=1)]
    return exp.Case(this=told_alike(reading, parts[0], *parts[1:]).copy(), ifs=ifs, default=exp.Literal.number(0))


def order_of(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    """STRCMP(a, b): -1, 0 or 1 by the collation."""
    left, right = told_alike(reading, *parts), parts[1]
    ifs = [
        exp.If(this=test(this=left.copy(), expression=right.copy()), true=value)
        for test, value in (
            (exp.EQ, exp.Literal.number(0)),
            (exp.LT, exp.Neg(this=exp.Literal.number(1))),
            (exp.GT, exp.Literal.number(1)),
        )
    ]
    return exp.Case(ifs=ifs)


def in_list(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    """FIND_IN_SET(x, 'a,b'), by the collation."""
    return call("find_in_set", call("collate", parts[0].copy(), COLLATION), parts[1].copy())


def joined(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """CONCAT and CONCAT_WS of whatever has a text; constants alone, as neighbours in the text are, are one."""
    if isinstance(node, exp.Concat) and (one := one_text(node)) is not None:
        return one
    numbered(reading, node)
    texts_of(reading, node, list(node.expressions))
    return None


def up_to(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """SUBSTRING_INDEX minds the case of its separator."""
    mark = node.args["delimiter"]
    if isinstance(mark, exp.Literal) and mark.this.isascii() and mark.this.lower() == mark.this.upper():
        return None
    text = call("collate", node.this.copy(), "UTF8_BINARY")
    return call("collate", call("substring_index", text, mark.copy(), node.args["count"].copy()), COLLATION)


def middle(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    """MID is SUBSTRING."""
    made = exp.Substring(this=parts[0].copy(), start=parts[1].copy(), length=parts[2].copy())
    return substring(reading, made) or made


def octal(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    """OCT(n)."""
    return call("conv", typed(parts[0], "string"), 10, 8)


Named = Callable[[Reader, exp.Expr, "list[exp.Expr]"], exp.Expr]
NAMED: dict[str, Named] = {
    "field": field_place, "strcmp": order_of, "find_in_set": in_list, "mid": middle, "oct": octal,
}  # fmt: skip
"""Functions that sqlglot has no node for."""

RULES: dict[type[exp.Expr], Rule] = {
    exp.Substring: substring, exp.Length: length, exp.Trim: trimmed, exp.Stuff: laid, exp.Elt: nth,
    exp.NumberToStr: grouped_digits, exp.Hex: hexadecimal, exp.Chr: characters, exp.StrPosition: found_in,
    exp.Concat: joined, exp.ConcatWs: joined, exp.SubstringIndex: up_to,
}  # fmt: skip
ALLOWED: frozenset[type[exp.Expr] | str] = frozenset({
    exp.SubstringIndex, exp.ConcatWs, exp.Stuff, exp.Elt, exp.NumberToStr, exp.Hex, exp.Chr, exp.Space,
    exp.SHA2, "bin", "conv", "crc32", *NAMED,
})  # fmt: skip
