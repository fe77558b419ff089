import pytest

from helpers.core.errors import UserError
from helpers.desk.playground.cells import _words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", ("spark", "")),
        ("postgres", ("postgres", "")),
        ("orders", ("spark", "orders")),
        ("postgres orders", ("postgres", "orders")),
    ],
)
def test_a_line_names_the_engine_and_the_answer(line, words):
    assert _words(line) == words


@pytest.mark.parametrize("line", ["postgres a b", "two words", "4x"])
def test_another_line_is_refused(line):
    with pytest.raises(UserError, match="does not know"):
        _words(line)


@pytest.mark.parametrize("line", ["mysql", "Oracle orders", "postgre", "postgresql"])
def test_another_engine_is_no_name(line):
    with pytest.raises(UserError, match="runs on spark or postgres"):
        _words(line)
