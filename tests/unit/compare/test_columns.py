import pytest

from helpers.compare import difference

ASKED = "id int; total decimal(10,2); day date"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("id int; day date", "The column total is missing."),
        ("id int", "The columns total and day are missing."),
        (
            "id int; sum(x) decimal(10,2); day date",
            "The column total is missing. Your result has sum(x), which the contract does not name.",
        ),
        (
            "id int; Total decimal(10,2); day date",
            "A column of your result is named Total, the contract names it total: upper and lower case and blanks "
            "count.",
        ),
        (f"{ASKED}; n int", "The column n is not in the contract."),
        (f"{ASKED}; n int; n int; m int", "The columns n and m are not in the contract."),
        (f"{ASKED}; id int", "Your result has 2 columns named id; the contract has one."),
        ("id int; total double; day date", "The column total is double; the contract says decimal(10,2)."),
        (
            "id int; total decimal(10,2); day void",
            "The column day is void; the contract says date. A column of NULLs without a type needs a cast.",
        ),
        (
            "day date; id int; total decimal(10,2)",
            "Your columns stand in the order day, id and total; the contract's order is id, total and day.",
        ),
    ],
)
def test_the_sentence(table, terms, answer, sentence):
    found = difference(table(answer, []), table(ASKED, []), terms(ASKED, column_order=True))
    assert (found.kind, found.sentence) == ("columns", sentence)
    assert found.missing is None and found.extra is None


def test_a_hundred_missing_columns_fit_in_a_sentence(table, terms):
    many = "; ".join(f"c{at} int" for at in range(100))
    assert len(difference(table("id int", []), table(many, []), terms(many)).sentence) < 200
