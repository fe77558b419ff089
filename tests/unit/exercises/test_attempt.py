import pytest

from helpers.exercises.attempt import blank


def dots(): ...


def passes():
    pass


def text():
    """Only a docstring."""


def returns_dots():
    return ...


@pytest.mark.parametrize("answer", [dots, passes, text, returns_dots])
def test_a_body_that_does_nothing_is_blank(answer):
    assert blank(answer)


@pytest.mark.parametrize("answer", [lambda: 1, lambda sites: sites, lambda: print(), lambda: "SELECT 1", len])
def test_a_body_that_does_something_is_not(answer):
    assert not blank(answer)
