import pytest

from helpers.compare import Column, OrderItem, Terms, TermsBroken
from helpers.core.errors import UserError

COLUMNS = (
    Column("a", "int"),
    Column("-b", "int"),
    Column("when nulls last", "date"),
    Column("m", "array<map<int,int>>"),
)


@pytest.mark.parametrize(
    ("text", "item", "words"),
    [
        ("a", OrderItem("a", False, False), "a ascending"),
        ("-a", OrderItem("a", True, True), "a descending"),
        ("a nulls last", OrderItem("a", False, True), "a ascending (NULLs last)"),
        ("a  NULLS FIRST", OrderItem("a", False, False), "a ascending"),
        ("-a nulls first", OrderItem("a", True, False), "a descending (NULLs first)"),
        ("-b", OrderItem("-b", False, False), "-b ascending"),
        ("--b", OrderItem("-b", True, True), "-b descending"),
        ("when nulls last", OrderItem("when nulls last", False, False), "when nulls last ascending"),
    ],
)
def test_an_order_is_read(text, item, words):
    (found,) = Terms(COLUMNS, order=(text,)).order_items
    assert found == item and found.words == words


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"columns": ()}, "no columns"),
        ({"columns": (Column("a", "int"), Column("a", "int"))}, "twice"),
        ({"key": ("c",)}, "key"),
        ({"order": ("c",)}, "names no column"),
        ({"order": ("a desc",)}, "names no column"),
        ({"order": ("m",)}, "map"),
        ({"order": ("a",), "total": True}, "total"),
        ({"tolerance": -1.0}, "tolerance"),
        ({"tolerance": 1.0}, "tolerance"),
        ({"tolerance": float("nan")}, "tolerance"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(more, word):
    with pytest.raises(TermsBroken, match=word):
        Terms(**{"columns": COLUMNS} | more)


def test_a_type_that_is_none_is_refused():
    with pytest.raises(UserError, match="integr"):
        Terms((Column("a", "integr"),))
