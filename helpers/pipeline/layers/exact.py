"""Exact quotients in Spark SQL: whole numbers in, one rounding, HALF_UP.

Spark's own decimal division rounds twice, once to 38 digits and once to its result type's scale, and that scale
depends on the operands' precisions. Whole numbers have neither trouble, and their sums do not depend on order.
"""

from __future__ import annotations


def whole(column: str, scale: int) -> str:
    """SQL: a DECIMAL of at most that scale as a BIGINT that counts its last digit (scale 6: 1.5 → 1500000)."""
    return f"CAST({column} * {10**scale}BD AS BIGINT)"


def half_up(numerator: str, denominator: str, precision: int, scale: int) -> str:
    """SQL: numerator / denominator as DECIMAL(precision, scale), rounded once, half away from zero.

    Both are SQL of whole numbers (BIGINT, or DECIMAL(38,0) where a product needs it), chosen so that their quotient
    counts the result's last digit: for a scale of 6, the true quotient times 10^6. The denominator must be positive.
    Formula: round(n / d) = (2n ± d) div 2d with the sign of n, because `div` cuts off towards zero.
    Under ANSI a number too large for its type is an error, never a wrong number.
    """
    n, d = f"({numerator})", f"({denominator})"
    rounded = f"(2 * {n} + IF({n} < 0, -{d}, {d})) div (2 * {d})"
    return f"CAST(({rounded}) * {1 / 10**scale:.{scale}f}BD AS DECIMAL({precision},{scale}))"
