"""Oracle's numbers: texts beside them, remainders, cuts, and sums that outgrow 32 bits."""

from __future__ import annotations

import re

from sqlglot import exp

from helpers.bridge.foreign.digits import divided
from helpers.bridge.foreign.oracle.kinds import MOMENTS, ORDER, WHOLE, copied, kind_of, told
from helpers.bridge.foreign.pieces import number
from helpers.bridge.foreign.reader import Reader, call
from helpers.bridge.refusal import refuse

_NUMBER = re.compile(r"\s*([+-]?)(\d+\.?\d*|\.\d+)\s*")
_MANY = 10**6


def cast(node: exp.Expr, kind: str) -> exp.Cast:
    """A cast to a type of Spark's."""
    return exp.Cast(this=node, to=exp.DataType.build(kind, dialect="spark"))


def literal(text: str) -> exp.Expr | None:
    """The number that a text holds, as a constant; None where it holds none."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    digits = found[2].rstrip(".") if "." in found[2] else found[2]
    made: exp.Expr = exp.Literal.number(f"0{digits}" if digits.startswith(".") else digits)
    return exp.Neg(this=made) if found[1] == "-" else made


def as_number(reading: Reader, node: exp.Expr) -> exp.Expr:
    """The operand as a number: Oracle turns a text beside a number into one."""
    kind = kind_of(reading, node)
    if kind != "string":
        return copied(reading, node)
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Literal):
        made = literal(node.this)
        if made is None:
            raise refuse(node, f"The text {node.this[:20]!r} as a number", "it is none", "write a number")
        return made
    if node.meta.get("digits"):
        return told(cast(node.copy(), "int"), "int")
    reading.note("A text that becomes a number became DECIMAL(38,10); Spark stops where it holds no number.")
    return told(cast(node.copy(), "decimal(38,10)"), "decimal")


def arithmetic(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """* and /, and + and - of numbers: texts become numbers, and a big constant makes the product a BIGINT."""
    for side in ("this", "expression"):
        if kind_of(reading, node.args[side]) == "string":
            node.set(side, as_number(reading, node.args[side]))
    if (shorter := _of_a_day(node)) is not None:
        return shorter
    kinds = kind_of(reading, node.this), kind_of(reading, node.expression)
    if isinstance(node, exp.Div | exp.Mul) and set(kinds) & {*MOMENTS, "boolean"}:
        raise refuse(node, node.sql("oracle")[:40], "no date can be multiplied or divided")
    if isinstance(node, exp.Div):
        node.set("typed", False)
        node.set("safe", False)
        divided(reading, node)
    elif kinds == ("int", "int") and any(abs(number(one) or 0) >= _MANY for one in (node.this, node.expression)):
        side = "expression" if number(node.this) is not None and number(node.expression) is None else "this"
        reading.note("Oracle's numbers do not overflow at 32 bits: one side of a big sum or product became BIGINT.")
        node.set(side, told(cast(node.args[side].copy(), "bigint"), "bigint"))
    return None


def seconds_in(seconds: exp.Expr, unit: int) -> exp.Expr:
    """A number of seconds as one of units of so many seconds, which hours and minutes may be taken of at once."""
    if unit == 1:
        made = told(exp.Paren(this=seconds), "bigint")
    else:
        made = told(exp.Paren(this=exp.Div(this=seconds, expression=exp.Literal.number(unit))), "double")
    made.meta["unit"] = unit
    return made


def _of_a_day(node: exp.Expr) -> exp.Expr | None:
    """A difference in days times 24 or 1440: the seconds by 3600 or 60, so that a whole number stays one."""
    days, times = node.this, number(node.expression)
    if number(days) is not None:
        days, times = node.expression, number(days)
    while isinstance(days, exp.Paren) and "unit" not in days.meta:
        days = days.this
    unit = days.meta.get("unit")
    if not isinstance(node, exp.Mul) or unit is None or not times or times < 1 or unit % times:
        return None
    inner = days.this
    return seconds_in((inner.this if isinstance(inner, exp.Div) else inner).copy(), unit // times)


def remainder(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """MOD by 0 gives the dividend; its sign is the dividend's, as in Spark."""
    left, right = as_number(reading, node.this), as_number(reading, node.expression)
    divisor = number(right)
    if divisor == 0:
        return exp.Paren(this=left)
    made = exp.Paren(this=exp.Mod(this=_inner(left), expression=_inner(right)))
    if divisor is not None or isinstance(right, exp.Literal):
        return made
    zero = exp.EQ(this=right.copy(), expression=exp.Literal.number(0))
    return exp.Case(ifs=[exp.If(this=zero, true=left.copy())], default=made)


def _inner(node: exp.Expr) -> exp.Expr:
    return exp.Paren(this=node.copy()) if isinstance(node, exp.Binary | exp.Neg) else node.copy()


def nearest(reading: Reader, node: exp.Expr) -> exp.Expr:
    """REMAINDER(m, n): what is left of the nearest multiple, of the even one at a half."""
    left, right = (as_number(reading, one) for one in node.expressions)
    times = call("bround", exp.Div(this=_inner(left), expression=_inner(right)))
    return told(exp.Paren(this=exp.Sub(this=_inner(left), expression=exp.Mul(this=_inner(right),
                expression=times))), "double")  # fmt: skip


def bits(reading: Reader, node: exp.Expr) -> exp.Expr:
    """BITAND."""
    sides = [as_number(reading, one) for one in node.expressions]
    whole = [_inner(one) if kind_of(reading, one) in WHOLE else cast(one, "bigint") for one in sides]
    return told(exp.Paren(this=exp.BitwiseAnd(this=whole[0], expression=whole[1])), "bigint")


def cut(reading: Reader, node: exp.Expr) -> exp.Expr:
    """TRUNC(number, digits): what is left when the rest beyond the digits is taken off."""
    kind, inner = kind_of(reading, node.expressions[0]), node.expressions[0]
    digits = number(node.expressions[1]) if len(node.expressions) > 1 else 0
    if digits is None or not -18 <= digits <= 18:
        raise refuse(node, node.sql("oracle")[:40], "the number of digits is not written out")
    if kind in WHOLE and digits >= 0:
        return told(inner.copy(), kind)
    if kind == "double":
        # A quotient is a binary number in Spark; without its last digits it is Oracle's decimal one again.
        inner = cast(inner.copy(), f"decimal(38,{max(12, digits + 3)})")
    if digits == 0:
        return told(cast(inner.copy(), "bigint"), "bigint")
    step = str(10**-digits) if digits <= 0 else f"0.{'0' * (digits - 1)}1"
    rest = exp.Mod(this=_inner(inner), expression=exp.Literal.number(step))
    return told(exp.Paren(this=exp.Sub(this=_inner(inner), expression=rest)), kind if kind in WHOLE else "decimal")


def to_number(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """TO_NUMBER(text), TO_NUMBER(text, format) with groups and a point."""
    pattern = node.args.get("format")
    if node.args.get("nlsparam") or node.args.get("default"):
        raise refuse(node, "TO_NUMBER with more than a format", "the bridge has no code for it")
    inner = node.this
    kind = kind_of(reading, inner)
    if kind in ORDER:
        return told(exp.Paren(this=inner.copy()), kind)
    if kind != "string":
        raise refuse(node, node.sql("oracle")[:40], "of what it is made is not known", "give the schema")
    if pattern is None:
        return as_number(reading, inner)
    text = pattern.this.upper() if isinstance(pattern, exp.Literal) else ""
    if not re.fullmatch(r"(FM)?S?[09,G]*([.D][09]*)?", text):
        raise refuse(node, node.sql("oracle")[:40], "only 9, 0, comma, point and S are known in its format")
    if isinstance(inner, exp.Literal):
        return as_number(reading, exp.Literal.string(inner.this.replace(",", "")))
    return as_number(reading, told(call("replace", inner.copy(), ",", ""), "string"))


def logarithm(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LOG(base, x)."""
    return told(call("log", node.this.copy(), node.expression.copy()), "double")


def bucket(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """WIDTH_BUCKET of numbers."""
    parts = [node.this, *(node.args[key] for key in ("min_value", "max_value", "num_buckets"))]
    if kind_of(reading, node.this) not in ORDER:
        raise refuse(node, "WIDTH_BUCKET", "it is known of numbers only, and the type is another one, or not known")
    return told(call("width_bucket", *(one.copy() for one in parts)), "bigint")
