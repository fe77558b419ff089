"""How many digits SQL Server's decimals have: of a division it keeps fewer than Spark, of an average six at least."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign import flags, shared
from helpers.bridge.foreign.digits import LEAST, MOST, Arithmetic, digits, quotient
from helpers.bridge.foreign.reader import WHOLE, Reader, as_type, told
from helpers.bridge.refusal import refuse

_NUMBERS = Arithmetic({"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}, 10, lambda one: (MOST, one[1]), False)
_MORE_IN_SPARK = 4
_NOTE = "The last digit of a divided decimal is cut off in SQL Server and rounded in Spark."


def divided(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """Integers divide to an integer, decimals to so many digits as SQL Server gives them."""
    flags.numbered(reading, [node.this, node.expression])
    left, right = digits(reading, node.this, _NUMBERS), digits(reading, node.expression, _NUMBERS)
    made = shared.integer_division(reading, node)
    kinds = reading.kind(node.this), reading.kind(node.expression)
    if made is not None or "decimal" not in kinds or "double" in kinds or "float" in kinds:
        return made
    reading.note(_NOTE)
    if left is None or right is None:
        return None
    found = quotient(left, right)
    plain = exp.Div(this=node.this.copy(), expression=node.expression.copy(), typed=False, safe=False)
    made = told(as_type(plain, f"decimal(38,{found[1]})"), "decimal")
    made.meta["digits"] = found
    return made


def average(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """AVG of integers is an integer, of decimals one of six digits at least."""
    kind = reading.kind(node.this)
    if kind in WHOLE:
        reading.note("AVG of integers drops the fraction in SQL Server.")
        return told(as_type(node.copy(), "bigint"), "bigint")
    if kind == "":
        raise refuse(
            node,
            node.sql("tsql")[:40],
            "of integers it would drop the fraction, and the type is not known",
            "give the schema, or cast",
        )
    if kind != "decimal":
        return None
    reading.note(_NOTE)
    found = digits(reading, node.this, _NUMBERS)
    if found and found[1] + _MORE_IN_SPARK < LEAST:
        node.set("this", as_type(node.this.copy(), f"decimal(38,{LEAST})"))
    return told(as_type(node.copy(), f"decimal(38,{max(found[1], LEAST)})"), "decimal") if found else None
