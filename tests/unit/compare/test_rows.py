"""What is said and shown about rows."""

import pytest

from helpers.compare import Cell, difference

AB = "id int; name string; n int"
EXPECTED = [(1, "x", 10), (2, "y", 20), (3, "z", 30)]


@pytest.fixture
def found(table, terms):
    def compare(answer, expected=EXPECTED, **more):
        return difference(table(AB, answer), table(AB, expected), terms(AB, **more))

    return compare


def test_rows_of_the_same_key_are_paired_and_their_cells_named(found):
    wrong = found([(3, "z", 31), (1, "x", 10), (2, "w", 21)], key=("id",))
    assert wrong.missing.to_pylist() == [{"id": 2, "name": "y", "n": 20}, {"id": 3, "name": "z", "n": 30}]
    assert wrong.extra.to_pylist() == [{"id": 2, "name": "w", "n": 21}, {"id": 3, "name": "z", "n": 31}]
    assert wrong.cells == (Cell(0, "name", "'w'", "'y'"), Cell(0, "n", "21", "20"), Cell(1, "n", "31", "30"))
    assert wrong.sentence == ("In the row with id = 2, name is 'w'; expected is 'y'. 2 more cells differ in 2 rows.")


def test_paired_rows_come_before_the_others(found):
    wrong = found([(0, "q", 0), (1, "x", 10), (3, "z", None)], key=("id",))
    assert wrong.missing.column("id").to_pylist() == [3, 2] and wrong.extra.column("id").to_pylist() == [3, 0]
    assert wrong.cells == (Cell(0, "n", "NULL", "30"),)


def test_without_a_key_no_rows_are_paired(found):
    wrong = found([(1, "x", 10), (2, "y", 21), (3, "z", 30)])
    assert wrong.cells == ()
    assert wrong.sentence == (
        "One row is missing: id = 2, name = 'y', n = 20. One row is not expected: id = 2, name = 'y', n = 21."
    )


def test_without_a_key_what_differs_is_shown_however_many_columns_stand_before_it(table, terms):
    columns = "a int; b int; c int; d int; e int; f int"
    expected = table(columns, [(1, 2, 3, 4, 5, 6), (9, 9, 9, 9, 9, 9)])
    answer = table(columns, [(7, 8, 3, 0, 0, 0), (1, 2, 3, 4, 5, None), (9, 9, 9, 9, 9, 9)])
    assert difference(answer, expected, terms(columns)).sentence == (
        "One row is missing: a = 1, b = 2, c = 3, f = 6, …. "
        "2 rows are not expected: a = 1, b = 2, c = 3, f = NULL, … and 1 more. "
        "Your result has 3 rows, expected are 2."
    )


def test_without_a_key_rows_that_differ_everywhere_show_their_first_columns(table, terms):
    columns = "a int; b int; c int; d int; e int; f int"
    wrong = difference(table(columns, [(1,) * 6]), table(columns, [(2,) * 6]), terms(columns))
    assert wrong.sentence.startswith("One row is missing: a = 2, b = 2, c = 2, d = 2, …. One row is not expected: a")


def test_a_missing_row_is_named_by_its_key(found):
    assert found(EXPECTED[:2], key=("id",)).sentence == (
        "One row is missing: id = 3. Your result has 2 rows, expected are 3."
    )


@pytest.mark.parametrize("key", [(), ("id",)])
def test_a_row_another_number_of_times(found, key):
    assert found([*EXPECTED, EXPECTED[0], EXPECTED[0]], key=key).sentence == (
        "The row id = 1, name = 'x', n = 10 stands 3 times in your result; expected is once. "
        "Your result has 5 rows, expected are 3."
    )


def test_a_row_too_seldom(found):
    assert "stands once in your result; expected is twice." in found(EXPECTED, [*EXPECTED, EXPECTED[0]]).sentence


def test_a_key_in_two_different_rows(found):
    wrong = found([*EXPECTED, (2, "other", 5)], key=("id",))
    assert wrong.sentence.startswith("id = 2 stands in 2 rows of your result; expected is one row for each.")
    assert wrong.extra.num_rows == 1 and wrong.missing.num_rows == 0


def test_a_key_that_stands_twice_is_not_paired(found):
    wrong = found([(1, "x", 10), (2, "q", 20), (2, "r", 20)], EXPECTED[:2], key=("id",))
    assert wrong.cells == () and (wrong.missing.num_rows, wrong.extra.num_rows) == (1, 2)
    assert wrong.sentence.startswith("id = 2 stands in 2 rows of your result")


def test_no_rows_on_one_side(found):
    assert found([]).sentence == "Your result has no rows; 3 rows are expected."
    assert found([(1, None, 1)], []).sentence == (
        "No rows are expected here; your result has 1, first id = 1, name = NULL, n = 1."
    )


def test_a_near_double_is_no_other_row(table, terms):
    columns = "id int; x double"
    expected = table(columns, [(1, 0.3), (2, 1.0), (3, 2.0)])
    wrong = difference(table(columns, [(1, 0.1 + 0.2), (2, 1.0), (3, 2.5)]), expected, terms(columns, key=("id",)))
    assert wrong.cells == (Cell(0, "x", "2.5", "2.0"),)


def test_the_first_column_of_a_long_value_is_cut_in_its_middle(found):
    sentence = found([(1, "x", 10), (2, "y" * 500 + "!", 20), (3, "z", 30)], key=("id",)).sentence
    assert len(sentence) < 200 and "…" in sentence and "y!'" in sentence
