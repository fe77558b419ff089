"""MySQL's operators on bits, of 64 bits without a sign."""

from __future__ import annotations

from sqlglot import exp

from helpers.bridge.foreign.mysql.kinds import typed
from helpers.bridge.foreign.pieces import number
from helpers.bridge.foreign.reader import Reader, Rule, call
from helpers.bridge.refusal import refuse


def bits(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """& | ^ << >> of 64 bits without a sign: where the result may be negative in Spark, it is another number."""
    left, right = (number(one) for one in (node.this, node.expression))
    plain = [one for one in (left, right) if one is not None and one >= 0]
    if isinstance(node, exp.BitwiseLeftShift | exp.BitwiseRightShift):
        fits = left is not None and right is not None and 0 <= right < 63 and 0 <= left << right < 2**63
        if fits:
            name = "shiftleft" if isinstance(node, exp.BitwiseLeftShift) else "shiftright"
            return call(name, typed(node.this, "bigint"), node.expression.copy())
    elif plain and (isinstance(node, exp.BitwiseAnd) or len(plain) == 2):
        return None
    raise refuse(node, node.sql("mysql")[:40], "MySQL's bits have no sign, so a negative number is a large one there",
                 "use & with a constant")  # fmt: skip


def no_complement(reading: Reader, node: exp.Expr) -> exp.Expr | None:
    """~x is a number above the largest one of Spark's."""
    raise refuse(node, node.sql("mysql")[:40], "MySQL's bits have no sign, so it is a number too large for Spark")


_PAIRS = (exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor, exp.BitwiseLeftShift, exp.BitwiseRightShift)
RULES: dict[type[exp.Expr], Rule] = {**dict.fromkeys(_PAIRS, bits), exp.BitwiseNot: no_complement}
ALLOWED: frozenset[type[exp.Expr] | str] = frozenset({exp.BitwiseCount})
