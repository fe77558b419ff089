import pyarrow as pa

from helpers.exercises import Column, Contract
from helpers.exercises.attempt import Refused
from helpers.exercises.diagnosis import same_outcome

ANY = Contract("g", (Column("a", "int"), Column("b", "string")))
BY_A = Contract("g", (Column("a", "int"), Column("b", "string")), order=("a",))
TOTAL = Contract("g", (Column("a", "int"), Column("b", "string")), total=True)


def rows(*pairs):
    return pa.table({"a": [a for a, _ in pairs], "b": [b for _, b in pairs]})


def test_rows_are_the_same_in_any_order_unless_the_contract_has_one():
    one, other = rows((1, "x"), (2, "y"), (2, "z")), rows((2, "y"), (1, "x"), (2, "z"))
    assert same_outcome(one, other, ANY)
    assert not same_outcome(one, other, BY_A)
    assert same_outcome(one, rows((1, "x"), (2, "z"), (2, "y")), BY_A)
    assert not same_outcome(one, rows((1, "x"), (2, "z"), (2, "y")), TOTAL)


def test_other_rows_or_columns_are_another_outcome():
    assert not same_outcome(rows((1, "x")), rows((1, "y")), ANY)
    assert not same_outcome(rows((1, "x")), rows((1, "x"), (1, "x")), ANY)
    assert not same_outcome(rows((1, "x")), rows((1, "x")).rename_columns(["a", "c"]), ANY)


def test_errors_are_the_same_by_their_class_only():
    assert same_outcome(Refused("one", None, "DIVIDE_BY_ZERO"), Refused("two", None, "DIVIDE_BY_ZERO"), ANY)
    assert not same_outcome(Refused("one", None, "A"), Refused("one", None, "B"), ANY)
    assert not same_outcome(Refused("one"), Refused("one"), ANY)
    assert not same_outcome(Refused("one", None, "A"), rows((1, "x")), ANY)
