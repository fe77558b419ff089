"""The pairs of statements: their form."""

import pytest

from tests.bridge.pairs import DIALECTS
from tests.bridge.statements import load


@pytest.mark.parametrize("dialect", DIALECTS)
def test_there_are_enough_statements_and_each_is_told_apart(dialect: str) -> None:
    found = load(dialect).statements
    assert len(found) >= 30
    for name in ("id", "sql"):
        assert len({" ".join(getattr(one, name).split()) for one in found}) == len(found)
