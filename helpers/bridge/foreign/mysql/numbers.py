"""MySQL's arithmetic: 64 bits, NULL for a division by zero, texts as numbers, exact and approximate rounding."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from helpers.bridge.foreign.digits import divided
from helpers.bridge.foreign.mysql.dates import read
from helpers.bridge.foreign.mysql.kinds import (
    NUMBERS,
    bare,
    digits_after_point,
    exact,
    numbered,
    text_number,
    texts_of,
    told_alike,
    typed,
)
from helpers.bridge.foreign.pieces import number
from helpers.bridge.foreign.reader import WHOLE, Reader, Rule, call, told
from helpers.bridge.refusal import refuse

_NARROW = WHOLE - {"bigint"}
_LARGE = 2**30
"""From here on a sum with a number that is written out may leave the 32 bits of an INT."""


def arithmetic(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """+ - * / DIV %: of texts, conditions and dates as of numbers; by zero NULL."""
    interval = isinstance(node.this, exp.Interval) or isinstance(node.expression, exp.Interval)
    if interval:
        return None
    numbered(reading, node)
    _digits(reading, node)
    for side in (node.this, node.expression):
        if reading.kind(side) == "string":
            side.replace(text_number(reading, side))
    if isinstance(node, exp.Add | exp.Sub | exp.Mul):
        _widened(reading, node)
        return None
    if isinstance(node, exp.Div):
        node.set("typed", False)
        node.set("safe", False)
        divided(reading, node, digits_after_point(reading, node) or 0)
    return _zero(reading, node, "a division" if isinstance(node, exp.Div | exp.IntDiv) else "a remainder")


def _zero(reading: Reader, node: exp.Expr, words: str) -> exp.Expr | None:
    right = node.expression
    plain = bare(right.this if isinstance(right, exp.Neg) else right)
    if isinstance(plain, exp.Literal) and float(plain.this or 0) != 0:
        return None
    reading.note(f"By zero, {words} is NULL in MySQL and an error in Spark: the divisor became NULLIF(..., 0).")
    node.set("expression", exp.Nullif(this=right.copy(), expression=exp.Literal.number(0)))
    return None


def _digits(reading: Reader, node: exp.Expr) -> None:
    """A date in a sum or a difference is a number of digits, as 20240229."""
    formats = {"date": "yyyyMMdd", "timestamp": "yyyyMMddHHmmss"}
    dated = [one for one in (node.this, node.expression) if reading.kind(one) in formats]
    if len(dated) == 2:
        raise refuse(node, node.sql("mysql")[:40], "MySQL reckons with the digits of a date, as 20240229",
                     "use DATEDIFF, TIMESTAMPDIFF or an INTERVAL")  # fmt: skip
    for one in dated:
        reading.note("A date in arithmetic is a number of digits in MySQL, as 20240229.")
        one.replace(typed(call("date_format", one.copy(), formats[reading.kind(one)]), "bigint"))


def _widened(reading: Reader, node: exp.Expr) -> None:
    """MySQL reckons with whole numbers of 64 bits, and Spark with 32 where both sides have no more."""
    sides = [node.this, node.expression]
    if not all(reading.kind(one) in _NARROW for one in sides):
        return
    written = [abs(found) for one in sides if (found := number(one)) is not None]
    many = isinstance(node, exp.Mul) and (not written or max(written) >= 1000)
    if many or any(one >= _LARGE for one in written):
        node.set("this", typed(node.this, "bigint"))


def negated(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A minus before a text or a condition."""
    numbered(reading, node)
    if reading.kind(node.this) == "string":
        node.set("this", text_number(reading, node.this))
    return None


def summed(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """SUM, AVG and their kin of conditions and of texts."""
    numbered(reading, node)
    if isinstance(node.this, exp.Expr) and reading.kind(node.this) == "string":
        node.set("this", text_number(reading, node.this))
    return None


def extreme(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """GREATEST and LEAST, of one kind each."""
    numbered(reading, node)
    parts = [node.this, *node.expressions] if node.this is not None else list(node.expressions)
    kinds = {reading.kind(one) for one in parts}
    if "string" in kinds and kinds & NUMBERS:
        raise refuse(
            node, "GREATEST or LEAST of texts and numbers", "MySQL compares them in its own way", "cast them"
        )
    if kinds == {"string"}:
        parts = [told_alike(reading, *parts), *parts[1:]]
    made = node.copy()
    made.set("this", parts[0].copy())
    made.set("expressions", [one.copy() for one in parts[1:]])
    return unless_null(reading, made)


def unless_null(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """GREATEST and LEAST are NULL if any argument is; other dialects have them so too."""
    parts = [node.this, *node.expressions] if node.this is not None else list(node.expressions)
    reading.note("GREATEST and LEAST give NULL if any argument is NULL; Spark's skip it, so that is tested first.")
    given = exp.and_(*(exp.Not(this=exp.Is(this=one.copy(), expression=exp.Null())) for one in parts))
    name = "greatest" if isinstance(node, exp.Greatest) else "least"
    return exp.Case(ifs=[exp.If(this=given, true=call(name, *(one.copy() for one in parts)))])


def cast(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """A cast to an integer rounds, a text is cut or read as a number."""
    numbered(reading, node)
    to, kind = node.args["to"], reading.kind(node.this)
    if to.this in (exp.DType.UBIGINT, exp.DType.UINT):
        return _unsigned(reading, node)
    if to.is_type("char", "varchar", "nchar", "text"):
        # A cast would lose the collation of a text.
        texts_of(reading, node, [node.this])
        text = node.this.copy() if kind == "string" else typed(node.this, "string")
        if not to.expressions:
            return text
        return exp.Substring(this=text, start=exp.Literal.number(1), length=to.expressions[0].this.copy())
    if kind == "string" and to.is_type("bigint", "decimal", "double", "float"):
        return text_number(reading, node.this, to.sql("spark").lower())
    # A constant such as DATE '2024-02-30' is an error in MySQL, a cast of that text is NULL.
    if to.is_type("date", "timestamp", "timestamptz", "datetime") and "safe" in node.args:
        return read(reading, node.this, "date" if to.is_type("date") else "timestamp")
    return _rounding_cast(reading, node) if to.sql("spark").lower() in WHOLE else None


def _unsigned(reading: Reader, node: exp.Expr) -> exp.Expr:
    """A cast to UNSIGNED: a negative number becomes the one that is 2 to the 64th above it."""
    inner, kind = node.this, reading.kind(node.this)
    if kind not in (*WHOLE, "string"):
        raise refuse(node, f"The cast {node.sql('mysql')[:40]}", "Spark has no unsigned numbers, and it is "
                     "known of whole numbers and texts", "use SIGNED, or give the schema")  # fmt: skip
    value = text_number(reading, inner, "bigint") if kind == "string" else inner.copy()
    if _never_negative(inner):
        return value
    reading.note("A cast to UNSIGNED makes a large number of a negative one: it is the remainder by 2 to the 64th.")
    return told(call("pmod", typed(value, "decimal(20,0)"), exp.Literal.number(str(2**64))), "decimal")


def _never_negative(node: exp.Expr) -> bool:
    inner = bare(node)
    if isinstance(inner, exp.Literal):
        return not inner.this.strip().startswith("-")
    measured = isinstance(inner, exp.Anonymous) and str(inner.this).lower() in ("octet_length", "instr", "locate")
    return measured or isinstance(inner, exp.Length | exp.Count | exp.StrPosition)


def _rounding_cast(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    if reading.kind(node.this) in (*WHOLE, "boolean"):
        return None
    sure = exact(reading, node.this)
    if sure is None:
        raise refuse(node, f"The cast {node.sql('mysql')[:40]}",
                     "a fraction rounds by a type that is not known", "give the schema, or use ROUND")  # fmt: skip
    reading.note("A cast to an integer rounds; Spark's cuts, so the value is rounded first.")
    inner = node.this.copy()
    node.set("this", exp.Round(this=inner) if sure else call("rint", inner))
    return None


def rounded(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """ROUND of a double rounds a half to even, of an exact number away from zero."""
    numbered(reading, node)
    sure = False if reading.kind(node.this) == "string" else exact(reading, node.this)
    places = node.args.get("decimals")
    if sure is None:
        raise refuse(node, f"{node.sql('mysql')[:40]}",
                     "it rounds a half to even or away from zero, by a type that is not known",
                     "give the schema, or cast to DECIMAL")  # fmt: skip
    if reading.kind(node.this) == "string":
        node.set("this", text_number(reading, node.this))
    if sure:
        return None
    count = 0 if places is None else number(places)
    if count is None:
        raise refuse(node, "ROUND of a double to a computed number of digits", "only constants are known")
    return _scaled(node.this, count, lambda one: call("rint", one))


def _scaled(value: exp.Expr, places: int, step: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """The value cut or rounded at a place before or after the point, as the product does it for doubles."""
    if places == 0:
        return step(value.copy())
    power = exp.Literal.number(f"1E{abs(places)}") if abs(places) > 15 else exp.Literal.number(10 ** abs(places))
    shift, back = (exp.Mul, exp.Div) if places > 0 else (exp.Div, exp.Mul)
    inner = value.copy() if isinstance(value, exp.Column | exp.Func | exp.Literal) else exp.Paren(this=value.copy())
    return exp.Paren(this=back(this=step(shift(this=inner, expression=power.copy())), expression=power.copy()))


def cut(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """TRUNCATE cuts toward zero."""
    count, kind = number(node.args.get("decimals")), reading.kind(node.this)
    sure = exact(reading, node.this)
    if count is None or sure is None or kind == "string":
        raise refuse(node, "TRUNCATE", "it is known of numbers whose type is known, to a constant number of digits",
                     "give the schema, or cast to DECIMAL")  # fmt: skip
    if kind in WHOLE and count >= 0:
        return node.this.copy()
    below = exp.LT(this=node.this.copy(), expression=exp.Literal.number(0))
    places = [exp.Literal.number(count)] if count >= 0 else [exp.Neg(this=exp.Literal.number(-count))]
    places = places if count else []
    up: exp.Expr
    down: exp.Expr
    if sure:
        up, down = (call(name, node.this.copy(), *places) for name in ("ceil", "floor"))
    else:
        up = _scaled(node.this, count, lambda one: call("ceil", one))
        down = _scaled(node.this, count, lambda one: call("floor", one))
    return exp.Case(ifs=[exp.If(this=below, true=up)], default=down)


def logarithm(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """LOG(base, x); a base of 1 or below gives NULL."""
    base, value = node.this, node.expression
    if value is None:
        return call("ln", base.copy())
    if number(base) in (2, 10):
        return call(f"log{number(base)}", value.copy())
    written = number(base)
    if written is not None and written > 1:
        return call("log", base.copy(), value.copy())
    proper = exp.and_(exp.GT(this=base.copy(), expression=exp.Literal.number(0)),
                      exp.NEQ(this=base.copy(), expression=exp.Literal.number(1)))  # fmt: skip
    return exp.Case(ifs=[exp.If(this=proper, true=call("log", base.copy(), value.copy()))])


def within(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """SQRT, ACOS and ASIN are NULL where they are not defined; Spark gives NaN."""
    found = number(node.this)
    zero, one = exp.Literal.number(0), exp.Literal.number(1)
    if found is not None and (found >= 0 if isinstance(node, exp.Sqrt) else abs(found) <= 1):
        return None
    proper: exp.Expr = exp.GTE(this=node.this.copy(), expression=zero)
    if not isinstance(node, exp.Sqrt):
        proper = exp.LTE(this=exp.Abs(this=node.this.copy()), expression=one)
    reading.note("Where a root or an angle is not defined, MySQL gives NULL and Spark NaN: that is tested first.")
    return exp.Case(ifs=[exp.If(this=proper, true=node.copy())])


_EXACT_ARGUMENTS = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.IntDiv)
RULES: dict[type[exp.Expr], Rule] = {
    **dict.fromkeys(_EXACT_ARGUMENTS, arithmetic), exp.Neg: negated, exp.Greatest: extreme, exp.Least: extreme,
    **dict.fromkeys((exp.Sum, exp.Avg, exp.StddevPop, exp.StddevSamp, exp.VariancePop, exp.Variance), summed),
    exp.Cast: cast, exp.Round: rounded, exp.Trunc: cut, exp.Log: logarithm, exp.Sqrt: within, exp.Acos: within,
    exp.Asin: within,
}  # fmt: skip
ALLOWED: frozenset[type[exp.Expr] | str] = frozenset({
    exp.IntDiv, exp.Mod, exp.Greatest, exp.Least, exp.Trunc, exp.Log, exp.Stddev, exp.Pi, exp.Atan2,
})  # fmt: skip
