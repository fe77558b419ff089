import pytest

from helpers.compare.terms import Column
from helpers.core.errors import UserError
from tests.unit.adversary.world import ORDERS, TARIFFS


def test_columns_are_found_whatever_their_case() -> None:
    assert ORDERS.column("COST") == Column("cost", "decimal(10,2)")
    assert ORDERS.kind("cost") == "decimal(10,2)"


def test_an_unknown_column_names_those_there_are() -> None:
    with pytest.raises(UserError, match="meter, valid_from, valid_to, price"):
        TARIFFS.column("cost")


def test_a_key_column_is_never_nullable_nor_is_one_that_says_so() -> None:
    assert ORDERS.nullable("closed")
    assert not ORDERS.nullable("opened")
    assert not ORDERS.nullable("ORDER_ID")
