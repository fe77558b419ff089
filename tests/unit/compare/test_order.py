from helpers.compare import difference

AB = "a int; b int; c int"


def test_the_sentence_names_the_first_place(table, terms):
    expected = table(AB, [(1, 9, 0), (1, 8, 0), (2, 9, 0), (3, 9, 0)])
    answer = table(AB, [(1, 9, 0), (3, 9, 0), (2, 9, 0), (1, 8, 0)])
    found = difference(answer, expected, terms(AB, order=("a", "-b nulls first")))
    assert (found.kind, found.place) == ("order", 2)
    assert found.sentence == (
        "The order is a ascending, then b descending (NULLs first); row 3 of your result (a = 2, b = 9) stands after "
        "row 2 (a = 3, b = 9)."
    )


def test_a_total_order_names_what_stands_there(table, terms):
    expected, answer = table(AB, [(2, 0, 0), (1, 0, 0)]), table(AB, [(1, 0, 0), (2, 0, 0)])
    found = difference(answer, expected, terms(AB, total=True, key=("a",)))
    assert (found.kind, found.place) == ("order", 0)
    assert found.sentence == "Row 1 of your result is a = 1; in the order that is asked for, row 1 is a = 2."
