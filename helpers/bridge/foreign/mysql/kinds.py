"""What MySQL takes an expression for: a condition, an exact number and its digits, a text to be read as a number."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign.flags import as_number as flag_as_number
from helpers.bridge.foreign.flags import is_flag
from helpers.bridge.foreign.pieces import selected
from helpers.bridge.foreign.reader import WHOLE, Reader, call
from helpers.bridge.refusal import refuse

NUMBERS = WHOLE | {"decimal", "float", "double"}
COLLATION = "UNICODE_CI_AI"
FRACTION = "^ *[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?"
DIGITS = "^ *[-+]?[0-9]+"
"""The leading part of a text that MySQL reads as a number, or as a whole one."""

_OF_THEIR_ARGUMENT = (
    exp.Paren, exp.Neg, exp.Alias, exp.Abs, exp.Min, exp.Max, exp.Sum, exp.Window, exp.Nullif, exp.Lag, exp.Lead,
    exp.FirstValue, exp.LastValue, exp.NthValue, exp.AnyValue, exp.Distinct, exp.Avg, exp.Round, exp.Trunc,
)  # fmt: skip
_MORE_DIGITS = 4
"""Digits that a division adds to those of what is divided, as div_precision_increment has it."""


def bare(node: exp.Expr) -> exp.Expr:
    """The expression without the parentheses around it."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def is_condition(node: exp.Expr) -> bool:
    """Whether Spark takes it for true or false, and MySQL for 1 or 0."""
    inner = bare(node)
    return isinstance(inner, exp.Predicate | exp.Connector | exp.Not | exp.Escape)


def typed(node: exp.Expr, kind: str) -> exp.Expr:
    """The expression cast to Spark's type of that name."""
    return exp.Cast(this=node.copy(), to=exp.DataType.build(kind, dialect="spark"))


def as_number(node: exp.Expr) -> exp.Expr:
    """A condition, or TRUE and FALSE, as 1, 0 or NULL."""
    inner = bare(node)
    return exp.Literal.number(int(inner.this)) if isinstance(inner, exp.Boolean) else typed(inner, "int")


def numbered(reading: Reader, node: exp.Expr) -> None:
    """Makes numbers of the conditions among the arguments of a node; it is changed in place."""
    for child in list(node.iter_expressions()):
        if isinstance(child, exp.If) or (child.arg_key == "this" and isinstance(node, exp.If)):
            continue
        if is_flag(reading, child):
            child.replace(flag_as_number(child))
        elif is_condition(child) or isinstance(bare(child), exp.Boolean):
            reading.note("A condition is 1, 0 or NULL in MySQL: it became a number.")
            child.replace(as_number(child))


def text_number(reading: Reader, node: exp.Expr, kind: str = "double") -> exp.Expr:
    """The number that a text begins with, 0 if it begins with none; NULL stays NULL."""
    inner = bare(node)
    pattern = DIGITS if kind == "bigint" else FRACTION
    if isinstance(inner, exp.Literal):
        found = re.match(pattern, inner.this)
        text = (found[0].strip() if found else "") or "0"
        # Without a point or an exponent it is a whole number for Spark, which a cast makes what is wanted.
        made = exp.Literal.number(text.lstrip("+-"))
        return typed(exp.Neg(this=made) if text.startswith("-") else made, kind)
    reading.note("MySQL reads a text as the number that it begins with, or 0; Spark would stop with an error.")
    begins = exp.RegexpLike(this=inner.copy(), expression=exp.Literal.string(pattern))
    digits = typed(call("regexp_extract", inner.copy(), pattern, 0), kind)
    given = exp.Not(this=exp.Is(this=inner.copy(), expression=exp.Null()))
    zero = typed(exp.Literal.number(0), kind)
    return exp.Case(ifs=[exp.If(this=begins, true=digits), exp.If(this=given, true=zero)])


def truth(reading: Reader, node: exp.Expr) -> exp.Expr:
    """What stands as a condition: a number is true unless it is 0."""
    inner = bare(node)
    if is_condition(inner) or isinstance(inner, exp.Boolean | exp.Null):
        return node
    kind = reading.kind(inner)
    if kind == "boolean":
        column = isinstance(inner, exp.Column) and reading.names.origin(inner) is not None
        return node if column else typed(node, "boolean")
    if kind not in (*NUMBERS, "string"):
        reason = "it is no number" if kind else "its type is not known"
        raise refuse(node, f"The condition {node.sql('mysql')[:40]}", reason, "compare it with something")
    reading.note("A number is true in MySQL unless it is 0: it is compared with 0.")
    value = text_number(reading, inner) if kind == "string" else inner.copy()
    plain = isinstance(value, exp.Column | exp.Literal | exp.Func)
    made = exp.NEQ(this=value if plain else exp.Paren(this=value), expression=exp.Literal.number(0))
    return exp.Paren(this=made)


def without_texts(reading: Reader, node: exp.Expr) -> bool:
    """Whether no column's collation reaches the text, so that Spark would compare it by each character."""
    if node.find(exp.Query, exp.Star) or any(
        isinstance(one, exp.Collate)
        or (isinstance(one, exp.Anonymous) and one.this in ("collate", "get_json_object"))
        for one in node.walk()
    ):
        return False
    columns = list(node.find_all(exp.Column))
    return not any(reading.kind(one) in ("string", "") for one in columns)


def told_alike(reading: Reader, node: exp.Expr, *others: exp.Expr) -> exp.Expr:
    """The text with the collation of MySQL's constants, where it is compared with nothing but constants."""
    parts = (node, *others)
    known = all(reading.kind(one) == "string" or isinstance(one, exp.Null) for one in parts)
    if not known or not all(without_texts(reading, one) for one in parts):
        return node
    constants = [bare(one) for one in parts]
    if any(isinstance(one, exp.Literal) and not _cased(one.this) for one in constants):
        return node
    return call("collate", node.copy(), COLLATION)


def _cased(text: str) -> bool:
    """Whether the text may equal another one by MySQL's collation."""
    return not text.isascii() or text.lower() != text.upper()


def exact(reading: Reader, node: exp.Expr) -> bool | None:
    """Whether MySQL holds it as an exact number; False = as a double; None = not known."""
    if isinstance(node, exp.Column):
        inner = selected(reading, node)
        if inner is not None and inner is not node:
            return exact(reading, inner)
    if isinstance(node, exp.Literal):
        return not node.is_string and "e" not in node.this.lower()
    if isinstance(node, exp.Null | exp.Ceil | exp.Floor | exp.IntDiv):
        return True
    parts = _parts(node)
    if parts:
        found = [exact(reading, one) for one in parts]
        return False if False in found else (None if None in found else True)
    kind = reading.kind(node)
    return None if not kind else kind in (*WHOLE, "decimal", "date", "timestamp", "boolean")


def _parts(node: exp.Expr) -> list[exp.Expr]:
    """The arguments whose type a result has."""
    if isinstance(node, _OF_THEIR_ARGUMENT):
        return [node.this] if isinstance(node.this, exp.Expr) else list(node.expressions)
    if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div | exp.Mod):
        return [node.this, node.expression]
    if isinstance(node, exp.Coalesce):
        return [node.this, *node.expressions]
    if isinstance(node, exp.Case):
        return [one for one in (*(part.args["true"] for part in node.args["ifs"]), node.args.get("default")) if one]
    if isinstance(node, exp.If):
        return [one for one in (node.args["true"], node.args.get("false")) if one is not None]
    return []


def digits_after_point(reading: Reader, node: exp.Expr) -> int | None:
    """How many digits after the point MySQL gives an exact number; None = not known."""
    if isinstance(node, exp.Column):
        inner = selected(reading, node)
        if inner is not None and inner is not node:
            return digits_after_point(reading, inner)
        return _scale(reading.names.type(node))
    if isinstance(node, exp.Literal):
        return len(node.this.partition(".")[2])
    if isinstance(node, exp.Null | exp.Ceil | exp.Floor | exp.IntDiv):
        return 0
    if isinstance(node, exp.Round):
        places = node.args.get("decimals")
        return 0 if places is None else (int(places.this) if isinstance(places, exp.Literal) else None)
    if isinstance(node, exp.Cast):
        if "scale_before" in node.meta:
            return int(node.meta["scale_before"])
        return _scale(node.to.sql("spark").lower())
    found = [digits_after_point(reading, one) for one in _parts(node)]
    if not found:
        return 0 if reading.kind(node) in WHOLE else None
    if isinstance(node, exp.Avg | exp.Div):
        return None if found[0] is None else found[0] + _MORE_DIGITS
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        return None
    return sum(known) if isinstance(node, exp.Mul) else max(known)


def _scale(kind: str) -> int | None:
    if kind in WHOLE:
        return 0
    found = re.fullmatch(r"decimal\(\d+,\s*(\d+)\)", kind)
    return int(found[1]) if found else None


def divided(node: exp.Expr) -> bool:
    """Whether a quotient or an average is in it, which Spark gives other digits than MySQL."""
    return node.find(exp.Div, exp.Avg) is not None


def texts_of(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> None:
    """Gives numbers that become texts the digits that MySQL writes; the parts are replaced in the tree."""
    for one in parts:
        if reading.kind(one) in ("string", "date", "timestamp"):
            continue
        sure = exact(reading, one)
        if sure is False:
            raise refuse(node, f"The text of {one.sql('mysql')[:40]}", "MySQL writes a double with other digits",
                         "round it, or cast it to DECIMAL")  # fmt: skip
        if sure and divided(one):
            places = digits_after_point(reading, one)
            if places is None:
                raise refuse(node, f"The text of {one.sql('mysql')[:40]}", "how many digits it has is not known",
                             "cast it to DECIMAL")  # fmt: skip
            one.replace(typed(one, f"decimal(38,{places})"))


def of_one_kind(reading: Reader, node: exp.Expr, parts: list[exp.Expr]) -> None:
    """Makes texts of all values that stand for each other, if one of them is a text."""
    kinds = {reading.kind(one) for one in parts if not isinstance(one, exp.Null)}
    if "string" not in kinds or kinds == {"string"}:
        return
    others = [one for one in parts if reading.kind(one) in (*NUMBERS, "date", "timestamp")]
    for one in others:
        if reading.kind(one) in ("double", "float") or divided(one):
            raise refuse(node, f"A text beside {one.sql('mysql')[:40]}", "MySQL writes its digits in another way",
                         "cast it to CHAR")  # fmt: skip
        one.replace(typed(one, "string"))
