import ast
from itertools import count

import pytest

from helpers.bridge.repeated import named

PRODUCT = 'F.col("first_column") * F.col("second_column")'


def renamed(code: str) -> str:
    numbers: dict[str, count] = {}

    def unique(wanted: str) -> str:
        number = next(numbers.setdefault(wanted, count(1)))
        return wanted if number == 1 else f"{wanted}_{number}"

    return named(code, ast.parse(code), unique)


def test_what_comes_again_stands_above_its_statement_and_its_comments():
    code = f"a = t\n# why\nb = (\na.where({PRODUCT} > 1).select(({PRODUCT}) / 2)\n)\n"
    assert renamed(code) == f"a = t\nproduct = {PRODUCT}\n# why\nb = (\na.where(product > 1).select(product / 2)\n)\n"


@pytest.mark.parametrize(
    ("items", "name"),
    [
        (f'({PRODUCT}).alias("area"), F.sum({PRODUCT}).alias("all")', "area"),
        (f'F.sum({PRODUCT}).alias("jan_net"), F.max({PRODUCT}).alias("feb_net")', "net"),
        (f'F.sum({PRODUCT}).alias("30 days"), F.max({PRODUCT}).alias(">60 days")', "days"),
        (f'(F.sum({PRODUCT}) / F.max({PRODUCT})).alias("mean_height")', "height"),
        (f'F.sum({PRODUCT}).alias("one"), F.max({PRODUCT}).alias("other")', "product"),
    ],
)
def test_its_name_is_that_of_its_columns(items, name):
    assert renamed(f"r = t.agg({items})\n").startswith(f"{name} = {PRODUCT}\n")


def test_of_what_overlaps_that_is_named_which_saves_most():
    longer = f'{PRODUCT} + F.col("é")'
    assert renamed(f"r = t.select({longer}, {longer})\n") == f"total = {longer}\nr = t.select(total, total)\n"
    code = f"r = t.select({longer}, {longer}, {PRODUCT})\n"
    short = 'product + F.col("é")'
    assert renamed(code) == f"product = {PRODUCT}\nr = t.select({short}, {short}, product)\n"


@pytest.mark.parametrize(
    "text",
    [
        'F.col("a") * F.col("b")',
        'F.lit("0.9").cast("decimal(1,1)") * F.col("a_column")',
        'F.rand() * F.col("first_column") * F.col("second_column")',
        'F.call_function("mine", "first_column") + F.col("second_column")',
        'F.col("first_column") + other.scalar() + F.col("second_column")',
        'F.transform("a", lambda x: x * 2) + F.col("second_column") * F.col("c")',
    ],
)
def test_short_arithmetic_and_what_may_give_another_value_stay(text):
    code = f"r = t.select({text}, {text})\n"
    assert renamed(code) == code


def test_each_statement_has_its_own():
    code = f"a = t.select({PRODUCT})\nb = t.select({PRODUCT})\n"
    assert renamed(code) == code
