"""The SQL of `exact`, read by DuckDB: the same text, less Spark's spelling of integer division and of literals."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.pipeline.layers.exact import half_up, whole


def evaluate(sql):
    (found,) = duckdb.execute(f"SELECT {sql.replace('BD', '').replace(' div ', ' // ')}").fetchone()
    return found


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        ("5", "2", "0.000003"),
        ("-5", "2", "-0.000003"),
        ("4", "3", "0.000001"),
        ("-4", "3", "-0.000001"),
        ("1", "3", "0.000000"),
        ("0", "7", "0.000000"),
        ("1800", "3600", "0.000001"),
        ("1799", "3600", "0.000000"),
        ("-1800", "3600", "-0.000001"),
        ("7000000", "1", "7.000000"),
    ],
)
def test_halves_go_away_from_zero(numerator, denominator, expected):
    assert str(evaluate(half_up(numerator, denominator, 18, 6))) == expected


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6))
def test_a_quotient_is_rounded_once(numerator, denominator):
    exact = Fraction(numerator, denominator)
    # Enough digits that no tie can be made by cutting them: the remainder is a multiple of 1/denominator.
    expected = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(1), ROUND_HALF_UP)
    assert evaluate(half_up(f"{numerator}::HUGEINT", f"{denominator}::HUGEINT", 18, 6)) == expected.scaleb(-6)


def test_whole_counts_the_last_digit():
    assert evaluate(whole("1.5", 6)) == 1_500_000
    assert evaluate(whole("-0.000001", 6)) == -1
