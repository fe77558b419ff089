"""MySQL's regular expressions, which are ICU's; Spark's are Java's."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign.pieces import number
from helpers.bridge.foreign.reader import Reader, Rule, call
from helpers.bridge.refusal import refuse

_ALIKE_IN_JAVA = re.compile(r"\[\[?:|&&|--|\\[bBdDwWsSpPhRX]")
"""What a set of characters may hold, and classes of characters, which reach beyond ASCII in MySQL only."""


def _pattern(reading: Reader, node: exp.Expr, flags: str) -> exp.Expr:
    pattern = node.expression
    if not isinstance(pattern, exp.Literal):
        raise refuse(node, "A computed regular expression", "only constants are known to mean the same")
    if _ALIKE_IN_JAVA.search(pattern.this) or set(flags) - set("cimn"):
        raise refuse(node, f"The regular expression {pattern.this[:30]!r}",
                     "classes of characters, and some flags, mean something else in Spark",
                     "write sets such as [0-9] and [a-z]")  # fmt: skip
    letters = "" if flags.rfind("c") > flags.rfind("i") or _is_binary(node.this) else "iu"
    letters = "" if pattern.this.lower() == pattern.this.upper() else letters
    letters += ("m" if "m" in flags else "") + ("s" if "n" in flags else "")
    return exp.Literal.string(f"(?{letters}){pattern.this}" if letters else pattern.this)


def _is_binary(node: exp.Expr) -> bool:
    made = isinstance(node, exp.Anonymous) and node.this == "collate"
    if made and node.expressions[1].name in ("UTF8_BINARY", "UNICODE"):
        return True
    return isinstance(node, exp.Cast) and node.to.is_type("binary")


def _plain_places(node: exp.Expr, default: dict[str, int]) -> bool:
    return all(number(node.args[key]) == value for key, value in default.items() if node.args.get(key) is not None)


def matched(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """REGEXP, RLIKE and REGEXP_LIKE find a part, without regard to case unless told."""
    flags = node.args.get("flag")
    pattern = _pattern(reading, node, flags.name if flags is not None else "")
    return exp.RegexpLike(this=node.this.copy(), expression=pattern)


def replaced(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """REGEXP_REPLACE of every match."""
    flags = node.args.get("modifiers")
    if not _plain_places(node, {"position": 1, "occurrence": 0}):
        raise refuse(node, "REGEXP_REPLACE of some matches", "Spark replaces all matches")
    pattern = _pattern(reading, node, flags.name if flags is not None else "")
    return call("regexp_replace", node.this.copy(), pattern, node.args["replacement"].copy())


def first_match(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """REGEXP_SUBSTR gives the first match, NULL without one."""
    flags = node.args.get("parameters")
    if not _plain_places(node, {"position": 1, "occurrence": 1}):
        raise refuse(node, "REGEXP_SUBSTR of a later match", "Spark gives the first one")
    pattern = _pattern(reading, node, flags.name if flags is not None else "")
    found = exp.RegexpLike(this=node.this.copy(), expression=pattern)
    return exp.Case(ifs=[exp.If(this=found, true=call("regexp_extract", node.this.copy(), pattern.copy(), 0))])


RULES: dict[type[exp.Expr], Rule] = {
    exp.RegexpLike: matched, exp.RegexpReplace: replaced, exp.RegexpSubstr: first_match,
}  # fmt: skip
ALLOWED: frozenset[type[exp.Expr] | str] = frozenset({exp.RegexpLike, exp.RegexpReplace, exp.RegexpSubstr})
