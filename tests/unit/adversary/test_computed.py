from decimal import Decimal

import pytest
import sqlglot
from sqlglot import exp

from helpers.adversary.computed import cell_of, compared, computed, constant_of, denied


def known(node):
    if isinstance(node, exp.Column):
        return cell_of(node.name)
    return constant_of(float(node.this)) if isinstance(node, exp.Literal) else None


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("sum((a - b) * 2) / 4", 1.5),
        ("-a + abs(b - a)", -2),
        ("a / (b - b)", None),
        ("a + n", None),
        ("coalesce(n, b)", 2),
        ("CASE WHEN a < b THEN 1 WHEN n IS NULL AND a >= 5 THEN avg(a) ELSE 0 END", 5),
        ("CASE a WHEN 4 THEN 1 END", None),
    ],
)
def test_an_expression_is_computed_of_single_rows_as_sql_does(sql, expected) -> None:
    found = computed(sqlglot.parse_one(sql, dialect="spark"), known)
    assert found is not None
    assert found.value({"a": 5, "b": Decimal("2.0"), "n": None}) == expected
    assert found.cells <= {"a", "b", "n"}


def test_what_is_not_known_is_no_function() -> None:
    assert computed(sqlglot.parse_one("a + hash(b)", dialect="spark"), known) is None


def test_a_comparison_holds_is_denied_and_moved_to_other_cells() -> None:
    more = compared("GT", cell_of("a"), constant_of(3.0))
    assert more.holds({"a": 4}) and not denied(more).holds({"a": 4})
    assert not more.holds({"a": None}) and not denied(more).holds({"a": None})
    assert more.holds({"a": "what cannot be compared"})
    assert more.moved(str.upper).holds({"A": 4})
