"""MySQL's conditions: numbers that are true or false, and comparisons of texts with numbers."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign import flags, shared
from helpers.bridge.foreign.mysql.dates import beside_dates
from helpers.bridge.foreign.mysql.kinds import (
    NUMBERS,
    as_number,
    bare,
    is_condition,
    numbered,
    of_one_kind,
    text_number,
    told_alike,
    truth,
    typed,
)
from helpers.bridge.foreign.reader import Reader, Rule, call
from helpers.bridge.refusal import refuse

_ASKING = (exp.And, exp.Or, exp.Not, exp.Where, exp.Having, exp.If, exp.Join)
"""Around a condition that stays one; elsewhere it is 1 or 0."""

_KINDS_OF_TEXT = {"bin": "UTF8_BINARY", "as_cs": "UNICODE", "as_ci": "UNICODE_CI", "ai_ci": "UNICODE_CI_AI"}


def connected(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """AND, OR, NOT, WHERE, HAVING and ON take numbers for conditions."""
    for key in ("this", "expression", "on"):
        part = node.args.get(key)
        if isinstance(part, exp.Expr) and not (key == "this" and isinstance(node, exp.Join)):
            node.set(key, truth(reading, part))
    return None


def either(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """XOR of two conditions."""
    left, right = (truth(reading, one) for one in (node.this, node.expression))
    return exp.Paren(this=exp.NEQ(this=exp.Paren(this=left.copy()), expression=exp.Paren(this=right.copy())))


def branch(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """IF, and one branch of CASE."""
    case = node.parent
    if isinstance(case, exp.Case) and case.this is not None:
        value = is_condition(node.this) or isinstance(bare(node.this), exp.Boolean)
        if value and reading.kind(case.this) != "boolean":
            node.set("this", as_number(node.this))
    else:
        never = isinstance(bare(node.this), exp.Null)
        node.set("this", typed(node.this, "boolean") if never else truth(reading, node.this))
    numbered(reading, node)
    if not isinstance(case, exp.Case) and node.args.get("false") is not None:
        of_one_kind(reading, node, [node.args["true"], node.args["false"]])
    return None


def chosen(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """CASE x WHEN y compares as x = y does."""
    numbered(reading, node)
    default = node.args.get("default")
    of_one_kind(reading, node, [one.args["true"] for one in node.args["ifs"]] + ([default] if default else []))
    if node.this is None:
        return None
    values = [one.this for one in node.args["ifs"]]
    kinds = {reading.kind(one) for one in (node.this, *values)}
    if "string" in kinds and kinds & NUMBERS:
        raise refuse(node, "CASE of a text and numbers", "MySQL compares each in its own way", "cast one side")
    node.set("this", told_alike(reading, node.this, *values))
    return None


def unless_equal(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """NULLIF compares as = does."""
    numbered(reading, node)
    kinds = {reading.kind(node.this), reading.kind(node.expression)}
    if "string" in kinds and kinds & NUMBERS:
        raise refuse(node, "NULLIF of a text and a number", "MySQL compares them as numbers", "cast one side")
    node.set("this", told_alike(reading, node.this, node.expression))
    return None


def truth_value(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """IS TRUE and IS FALSE of a number."""
    if isinstance(node.expression, exp.Boolean):
        node.set("this", truth(reading, node.this))
    return None


def compared(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A comparison: of rows one by one, of a text with a number as numbers, of constants by the collation."""
    if isinstance(bare(node.this), exp.Tuple) or isinstance(bare(node.expression), exp.Tuple):
        return _rows(reading, node)
    place = node.parent
    while isinstance(place, exp.Paren):
        place = place.parent
    if isinstance(place, _ASKING):
        if (flag := flags.compared(reading, node)) is not None:
            return flag
    elif {reading.kind(node.this), reading.kind(node.expression)} & NUMBERS:
        flags.numbered(reading, [node.this, node.expression])
    _sides(reading, node, [node.this, node.expression])
    return shared.in_array(reading, node) if isinstance(node, exp.EQ) else None


def between(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """BETWEEN compares as <= does."""
    flags.compared(reading, node)
    _sides(reading, node, [node.this, node.args["low"], node.args["high"]])
    return None


def among(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """IN: a list of rows is told one by one."""
    left = bare(node.this)
    if isinstance(left, exp.Tuple) and node.expressions:
        tests = [_rows(reading, exp.EQ(this=left.copy(), expression=one.copy()), node) for one in node.expressions]
        return exp.Paren(this=exp.or_(*tests))
    if isinstance(left, exp.Tuple) or node.args.get("query") is not None:
        return None
    flags.compared(reading, node)
    _sides(reading, node, [node.this, *node.expressions])
    return None


def _sides(reading: Reader, node: exp.Expr, sides: list[exp.Expr]) -> None:
    kinds = {reading.kind(one) for one in sides}
    if kinds == {"string", "boolean"}:
        raise refuse(node, f"The comparison {node.sql('mysql')[:40]}", "of a text with 1 or 0 MySQL makes a number",
                     "compare with TRUE or FALSE")  # fmt: skip
    if ("boolean" in kinds and kinds & NUMBERS) or all(is_condition(one) or _is_truth(one) for one in sides):
        numbered(reading, node)
        return
    if "string" in kinds and kinds & NUMBERS:
        _comparable(reading, node, sides, kinds)
        for one in sides:
            if reading.kind(one) == "string":
                one.replace(text_number(reading, one))
        return
    beside_dates(reading, sides)
    first = sides[0]
    made = told_alike(reading, first, *sides[1:])
    if made is not first:
        first.replace(made)


def _comparable(reading: Reader, node: exp.Expr, sides: list[exp.Expr], kinds: set[str]) -> None:
    """Raises Refusal where MySQL does not compare all of the sides as numbers, as it does with one pair."""
    if kinds - {"string"} - NUMBERS:
        raise refuse(node, f"The comparison {node.sql('mysql')[:40]}",
                     "of a text with a number MySQL guesses, and not all types are known",
                     "cast one side")  # fmt: skip
    others = {reading.kind(one) for one in sides[1:]}
    if len(sides) > 2 and reading.kind(sides[0]) == "string" and "string" in others and others & NUMBERS:
        raise refuse(node, "A list of texts and numbers", "MySQL compares each in its own way",
                     "write all of one kind")  # fmt: skip


def _is_truth(node: exp.Expr) -> bool:
    return isinstance(bare(node), exp.Boolean)


def _rows(reading: Reader, node: exp.Expr, place: exp.Expr | None = None) -> exp.Expr:
    """(a, b) = (1, 2) as a = 1 AND b = 2."""
    left, right = bare(node.this), bare(node.expression)
    alike = isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple)
    if not alike or len(left.expressions) != len(right.expressions) or not isinstance(node, exp.EQ | exp.NEQ):
        raise refuse(place or node, "A comparison of rows", "it is known of rows written out, with =, <> and IN",
                     "compare the columns one by one")  # fmt: skip
    parts = []
    for one, other in zip(left.expressions, right.expressions, strict=True):
        kinds = {reading.kind(one), reading.kind(other)}
        if "string" in kinds and kinds & NUMBERS:
            raise refuse(place or node, "A text compared with a number in a row", "MySQL guesses", "cast one side")
        parts.append(exp.EQ(this=told_alike(reading, one, other).copy(), expression=other.copy()))
    made = exp.Paren(this=exp.and_(*parts))
    return exp.Not(this=made) if isinstance(node, exp.NEQ) else made


def liked(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LIKE of constants ignores case as well."""
    if told_alike(reading, node.this, exp.Literal.string("a")) is not node.this:
        node.set("this", call("collate", node.this.copy(), "UTF8_LCASE"))
    return None


def collation(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """COLLATE with a collation that Spark has too."""
    name = node.expression.name.lower()
    found = next(
        (ours for end, ours in _KINDS_OF_TEXT.items() if name == "binary" or name.endswith(f"0900_{end}")), ""
    )
    if not found:
        raise refuse(node, f"The collation {node.expression.name}", "no collation of Spark's is known to be the same",
                     "use utf8mb4_0900_as_cs, _as_ci, _ai_ci or _bin")  # fmt: skip
    return call("collate", node.this.copy(), found)


RULES: dict[type[exp.Expr], Rule] = {
    exp.And: connected, exp.Or: connected, exp.Not: connected, exp.Where: connected, exp.Having: connected,
    exp.Join: connected, exp.Xor: either, exp.If: branch, exp.Case: chosen, exp.Is: truth_value, exp.EQ: compared,
    exp.NEQ: compared, exp.GT: compared, exp.GTE: compared, exp.LT: compared, exp.LTE: compared,
    exp.NullSafeEQ: compared, exp.Between: between, exp.In: among, exp.Like: liked, exp.Collate: collation,
    exp.Nullif: unless_equal,
}  # fmt: skip
ALLOWED: frozenset[type[exp.Expr] | str] = frozenset({exp.Any, exp.Collate})
