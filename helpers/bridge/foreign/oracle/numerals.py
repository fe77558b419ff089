"""Oracle's formats of numbers: TO_CHAR(number, '9,990.00')."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign.oracle import numbers
from helpers.bridge.foreign.reader import call
from helpers.bridge.refusal import refuse

_FORMAT = re.compile(r"(FM)?(S?)(\$?)([09,G]*)(?:([.D])([09]*))?(MI|S)?")
_GROUPS = re.compile(r"[09]{1,3}(,[09]{3})*")


def numeral(node: exp.Expr, inner: exp.Expr, kind: str, text: str) -> exp.Expr:
    """The text of a number by a format. Raises Refusal for elements beyond 9, 0, comma, point, S, MI, $ and FM."""
    found = _FORMAT.fullmatch(text.upper())
    if found is None or not re.search("[09]", text) or (found[2] and found[7]):
        raise refuse(node, f"The number's format {text!r}", "known are 9, 0, comma, point, S, MI, $ and FM")
    tight, front, money, whole, point, part, back = (one or "" for one in found.groups())
    whole = whole.replace("G", ",")
    if tight and point and part == "9" * len(part) and "0" not in whole:
        raise refuse(
            node, f"The number's format {text!r}", "what it makes of 0 is not known", "write a 0, as in FM990.99"
        )
    grouped = "," in whole
    least = len(whole.replace(",", "").lstrip("9"))
    if grouped and (not _GROUPS.fullmatch(whole) or least > 1):
        raise refuse(
            node, f"The number's format {text!r}", "its groups are not of three digits, or filled with zeros"
        )
    digits, places = len(part), len(whole.replace(",", ""))
    rounded = numbers.cast(call("abs", inner.copy()), f"decimal(38,{digits})")
    plain: exp.Expr = call("format_number", rounded, digits) if grouped else numbers.cast(rounded, "string")
    if least > 1:
        plain = call("lpad", plain, least + bool(digits) + digits, "0")
    if not least and point:
        # Without a zero in the format there is none before the point.
        plain = call("regexp_replace", plain, r"^0\.", ".")
    if point and not digits:
        plain = call("concat", plain, ".")
    if tight and part.endswith("9"):
        kept = len(part.rstrip("9"))
        plain = call("regexp_replace", plain, rf"(\.\d{{{kept}}}\d*?)0+$", "$1")
    if money:
        plain = call("concat", "$", plain)
    made = _signed(inner, plain, bool(tight), front, back)
    width = len(whole) + (1 + digits if point else 0) + len(money) + 1
    filled = made if tight else call("lpad", made, width, " ")
    wrong = exp.GTE(this=rounded.copy(), expression=exp.Literal.number(f"1{'0' * places}"))
    if kind == "int" and places >= 10:
        return filled
    return exp.Case(ifs=[exp.If(this=wrong, true=exp.Literal.string("#" * width))], default=filled)


def _signed(inner: exp.Expr, plain: exp.Expr, tight: bool, front: str, back: str) -> exp.Expr:
    below = exp.LT(this=inner.copy(), expression=exp.Literal.number(0))
    other = "+" if "S" in (front, back) else ("" if tight else " ")
    if not (front or back) and tight:
        minus: exp.Expr = exp.Case(ifs=[exp.If(this=below, true=exp.Literal.string("-"))],
                                   default=exp.Literal.string(""))  # fmt: skip
    else:
        minus = exp.Case(ifs=[exp.If(this=below, true=exp.Literal.string("-"))], default=exp.Literal.string(other))
    return call("concat", plain, minus) if back else call("concat", minus, plain)
