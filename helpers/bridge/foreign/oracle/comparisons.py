"""Oracle's comparisons and choices: texts beside numbers, constants that are padded, NULL that equals NULL."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from helpers.bridge.foreign import shared
from helpers.bridge.foreign.oracle import numbers
from helpers.bridge.foreign.oracle.kinds import MOMENTS, ORDER, branches, kind_of, told
from helpers.bridge.foreign.oracle.texts import as_text
from helpers.bridge.foreign.reader import Reader, call
from helpers.bridge.refusal import refuse

_OUTCOMES: dict[type[exp.Expr], Any] = {
    exp.EQ: str.__eq__, exp.NEQ: str.__ne__, exp.LT: str.__lt__, exp.LTE: str.__le__, exp.GT: str.__gt__,
    exp.GTE: str.__ge__,
}  # fmt: skip


def compared(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Two constants are padded with blanks; a text beside a number becomes a number."""
    left, right = node.this, node.expression
    if isinstance(left, exp.Literal) and isinstance(right, exp.Literal) and left.is_string and right.is_string:
        size = max(len(left.this), len(right.this))
        return exp.Boolean(this=_OUTCOMES[type(node)](left.this.ljust(size), right.this.ljust(size)))
    _aligned(reading, node, [(node, "this"), (node, "expression")])
    return shared.in_array(reading, node) if isinstance(node, exp.EQ) else None


def within(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """BETWEEN and IN compare as = does."""
    if isinstance(node, exp.Between):
        _aligned(reading, node, [(node, "this"), (node, "low"), (node, "high")])
        return None
    if isinstance(node.this, exp.Tuple) and node.expressions:
        return _rows(node)
    kinds = {kind_of(reading, one) for one in (node.this, *node.expressions)} - {"null"}
    if not node.expressions or isinstance(node.this, exp.Tuple):
        return None
    if "string" in kinds and kinds & set(ORDER):
        node.set("expressions", [numbers.as_number(reading, one) for one in node.expressions])
        node.set("this", numbers.as_number(reading, node.this))
    elif "string" in kinds and kinds & set(MOMENTS):
        _no_format(node)
    return None


def _rows(node: exp.Expr) -> exp.Expr:
    """(a, b) IN ((1, 2), (3, 4)) as comparisons one by one."""
    tests = []
    for row in node.expressions:
        if not isinstance(row, exp.Tuple) or len(row.expressions) != len(node.this.expressions):
            raise refuse(node, "A row IN a list", "the list holds something else than rows of as many values")
        pairs = zip(node.this.expressions, row.expressions, strict=True)
        tests.append(exp.and_(*(exp.EQ(this=one.copy(), expression=other.copy()) for one, other in pairs)))
    return exp.Paren(this=exp.or_(*tests))


def _aligned(reading: Reader, node: exp.Expr, sides: list[tuple[exp.Expr, str]]) -> None:
    kinds = {kind_of(reading, holder.args[key]) for holder, key in sides}
    if "string" not in kinds:
        return
    if kinds & set(MOMENTS):
        _no_format(node)
    if kinds & set(ORDER):
        for holder, key in sides:
            holder.set(key, numbers.as_number(reading, holder.args[key]))


def _no_format(node: exp.Expr) -> None:
    raise refuse(node, node.sql("oracle")[:40], "a text beside a date is read by a setting of the session",
                 "write DATE '...' or TO_DATE with a format")  # fmt: skip


def alike(reading: Reader, node: exp.Expr, parts: list[exp.Expr], first: exp.Expr) -> list[exp.Expr]:
    """The parts of a choice as the kind of the first one. Raises Refusal where Oracle would need a date's format."""
    kind = kind_of(reading, first)
    kinds = {kind_of(reading, one) for one in parts} - {"null", ""}
    if len(kinds) < 2 or kinds <= set(ORDER) or kinds <= set(MOMENTS):
        return [one.copy() for one in parts]
    if kind == "string" and not kinds & set(MOMENTS):
        return [as_text(reading, one) for one in parts]
    if kind in ORDER and not kinds & set(MOMENTS):
        return [numbers.as_number(reading, one) for one in parts]
    raise refuse(node, node.sql("oracle")[:40], "it mixes texts, numbers and dates", "convert them by a format")


def chosen(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """NVL, NVL2 and COALESCE: the other value becomes the kind of the first."""
    parts = branches(node)
    made = alike(reading, node, parts, parts[0])
    if isinstance(node, exp.Nvl2):
        if len(made) != 2:
            return None
        node.set("true", made[0])
        node.set("false", made[1])
        return None
    if all(isinstance(one, exp.Null) for one in made):
        return exp.Null()
    node.set("this", made[0])
    node.set("expressions", made[1:])
    return None


def decode(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """DECODE finds NULL equal to NULL, and stops at the first that fits; its first result tells the kind."""
    value, *rest = node.expressions
    searched, results = rest[: len(rest) // 2 * 2 : 2], [*rest[1::2], *(rest[-1:] if len(rest) % 2 else [])]
    if isinstance(results[0], exp.Null) and {kind_of(reading, one) for one in results} & {*ORDER, *MOMENTS}:
        raise refuse(node, "DECODE whose first result is NULL", "Oracle makes texts of all its results",
                     "write CASE WHEN")  # fmt: skip
    tested = alike(reading, node, [value, *searched], searched[0])
    results = alike(reading, node, results, results[0])
    ifs = []
    for one, result in zip(tested[1:], results, strict=False):
        null = isinstance(one, exp.Null)
        test: exp.Expr = exp.NullSafeEQ(this=tested[0].copy(), expression=one)
        if null:
            test = exp.Is(this=tested[0].copy(), expression=exp.Null())
        elif isinstance(one, exp.Literal | exp.Neg) and not isinstance(tested[0], exp.Literal | exp.Null):
            # NULL equals no constant, and then the next one is tried.
            test = exp.EQ(this=tested[0].copy(), expression=one)
        ifs.append(exp.If(this=test, true=result))
    return exp.Case(ifs=ifs, default=results[-1] if len(rest) % 2 else None)


def extreme(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """GREATEST and LEAST are NULL if any argument is; the first tells the kind."""
    parts, kind = branches(node), kind_of(reading, node)
    made = alike(reading, node, parts, parts[0])
    if any(isinstance(one, exp.Null) for one in made):
        return exp.Null()
    found = told(call("greatest" if isinstance(node, exp.Greatest) else "least", *made), kind)
    unsure = [one for one in made if not isinstance(one, exp.Literal | exp.Neg)]
    if len(made) < 2 or not unsure:
        return found
    reading.note("GREATEST and LEAST give NULL if any argument is NULL; Spark's skip it, so that is tested first.")
    given = exp.and_(*(exp.Not(this=exp.Is(this=one.copy(), expression=exp.Null())) for one in unsure))
    return told(exp.Case(ifs=[exp.If(this=given, true=found)]), kind)


def lnnvl(reading: Reader, node: exp.Expr) -> exp.Expr:
    """LNNVL(condition): true where it is false or unknown."""
    sure = exp.Coalesce(this=node.expressions[0].copy(), expressions=[exp.Boolean(this=False)])
    return told(exp.Not(this=sure), "boolean")


def converted(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """CAST: to a whole number it rounds, to VARCHAR2(n) it cuts, to DATE it keeps the time of day."""
    to, inner = node.args["to"], node.this
    kind = kind_of(reading, inner)
    if not kind:
        raise refuse(node, node.sql("oracle")[:40], "of what it is made is not known", "give the schema")
    if kind == "null":
        return None
    if to.is_type("varchar", "nvarchar", "text"):
        text = as_text(reading, inner, sure=True)
        size = to.expressions[0].this.copy() if to.expressions else None
        if size is None or (isinstance(text, exp.Literal) and len(text.this) <= int(size.name)):
            return told(numbers.cast(text, "string"), "string")
        return told(exp.Substring(this=text, start=exp.Literal.number(1), length=size), "string")
    if to.is_type("date", "timestamp", "datetime"):
        return _moment(reading, node, kind)
    if to.is_type("decimal", "int", "smallint", "bigint", "float", "double") and kind in (*ORDER, "string"):
        number = numbers.as_number(reading, inner)
        if to.is_type("float", "double"):
            return told(numbers.cast(number, "double"), "double")
        if to.is_type("decimal") and to.expressions:
            node.set("this", number)
            return None
        if to.is_type("decimal"):
            return told(exp.Paren(this=number), kind_of(reading, number))
        whole = number if kind_of(reading, number) in ("int", "bigint") else exp.Round(this=number)
        reading.note("A cast to a whole number rounds; Spark's cuts, so the value is rounded first.")
        return told(numbers.cast(whole, "bigint"), "bigint")
    raise refuse(node, node.sql("oracle")[:40], "the bridge does not know this cast of Oracle's")


def _moment(reading: Reader, node: exp.Expr, kind: str) -> exp.Expr | None:
    if kind not in MOMENTS:
        _no_format(node)
    if node.args["to"].is_type("date"):
        if kind == "instant":
            raise refuse(node, node.sql("oracle")[:40], "what becomes of its fractions of seconds is not known",
                         "use TRUNC() for the day")  # fmt: skip
        return told(exp.Paren(this=node.this.copy()), kind)
    return told(numbers.cast(node.this.copy(), "timestamp"), "instant")
