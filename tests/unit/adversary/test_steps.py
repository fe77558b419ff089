from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from helpers.adversary.steps import fits, neighbours, parsed, shifted_text


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (5, "int", [4, 6]),
        (Decimal("1.50"), "decimal(10,2)", [Decimal("1.49"), Decimal("1.51")]),
        (date(2024, 3, 1), "date", [date(2024, 2, 29), date(2024, 3, 2)]),
        (datetime(2024, 1, 1), "timestamp_ntz", [datetime(2023, 12, 31, 23, 59, 59), datetime(2024, 1, 1, 0, 0, 1)]),
        ("open", "string", ["OPEN", "open ", "openx"]),
        (True, "boolean", []),
    ],
)
def test_neighbours_are_one_step_away_in_the_type(value: object, kind: str, expected: list[object]) -> None:
    assert neighbours(value, kind) == expected


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("12", "bigint", 12),
        ("12.345", "decimal(6,2)", Decimal("12.34")),
        ("2024-02-29", "date", date(2024, 2, 29)),
        ("2024-02-29", "timestamp", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2024-02-29T12:00:00+02:00", "timestamp", datetime(2024, 2, 29, 10, tzinfo=UTC)),
        ("TRUE", "boolean", True),
        ("open", "int", None),
        ("2024-02-30", "date", None),
        ("1", "array<int>", None),
    ],
)
def test_literals_become_values_of_the_type_or_none(text: str, kind: str, expected: object) -> None:
    assert parsed(text, kind) == expected


@pytest.mark.parametrize(
    ("text", "quoted", "kind", "expected"),
    [
        ("10", False, "int", ["9", "11"]),
        ("0.50", False, "double", ["0.49", "0.51"]),
        ("2024-03-01", True, "date", ["2024-02-29", "2024-03-02"]),
        ("2024-01-01 00:00:00", True, "timestamp", ["2023-12-31 23:59:59", "2024-01-01 00:00:01"]),
        ("open", True, "string", []),
        ("10", False, "?", []),
    ],
)
def test_a_literal_shifts_by_its_own_step(text: str, quoted: bool, kind: str, expected: list[str]) -> None:
    assert shifted_text(text, quoted, kind) == expected


def test_no_step_leads_out_of_the_calendar() -> None:
    """Such as the end of what is valid for ever."""
    assert neighbours(date(9999, 12, 31), "date") == [date(9999, 12, 30)]
    assert neighbours(datetime(1, 1, 1, tzinfo=UTC), "timestamp") == [datetime(1, 1, 1, 0, 0, 1, tzinfo=UTC)]
    assert shifted_text("9999-12-31", True, "date") == ["9999-12-30"]


def test_what_a_type_cannot_hold_does_not_fit() -> None:
    assert fits(127, "tinyint") and not fits(128, "tinyint")
    assert fits(Decimal("9.99"), "decimal(3,2)") and not fits(Decimal("10.00"), "decimal(3,2)")
    assert fits(2**31 - 1, "int") and not fits(2**31, "int")
