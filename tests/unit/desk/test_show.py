import pyarrow as pa
import pytest

from helpers.adversary.shapes import FAMILIES as SHAPES
from helpers.compare import difference
from helpers.desk.show import TITLES, contract_card, solution_card, verdict_card
from helpers.exercises import Column, Contract, Verdict, usual
from helpers.exercises.verdict import not_attempted
from tests.unit.exercises.sample import exercise

SMALL = {"sites": pa.table({"site_id": ["a"]})}


def test_a_contract_tells_all_that_a_check_asks_and_nothing_of_the_answer():
    told = str(contract_card(exercise()))
    for part in (
        "Grain (what one row is): one row per site",
        "site_id string not null",
        "Key: site_id",
        "Order of rows: any",
        "def site_ids(sites):",
    ):
        assert part in told
    assert exercise().oracle not in told


def test_a_contract_says_that_an_answer_may_be_sql_where_it_may():
    assert 'Or in SQL:\n    check("site_ids", "SELECT ...")' in str(contract_card(exercise()))
    assert "SQL" not in str(contract_card(exercise(sql_allowed=False)))


def test_a_contract_says_which_rows_may_stand_in_any_order():
    ordered = Contract("one row per site", (Column("site_id", "string"),), order=("site_id",))
    told = str(contract_card(exercise(contract=ordered)))
    assert "Order of rows: site_id" in told
    assert "; rows equal in these in any order" in told


def test_a_blank_answer_is_told_what_to_fill_in():
    told = str(verdict_card(not_attempted(exercise())))
    assert "fill in the body of site_ids and run the cell again" in told


def test_a_different_answer_shows_sentence_input_yours_and_expected_in_this_order():
    yours, right = pa.table({"site_id": ["mine"]}), pa.table({"site_id": ["theirs"]})
    told = str(verdict_card(Verdict("different", exercise(), "So it is.", "ties", SMALL, yours, right)))
    places = [told.index(part) for part in ("Different", "So it is.", "where rows tie", "smallest", "mine", "theirs")]
    assert places == sorted(places)


@pytest.mark.parametrize("found", [{"family": "ties"}, {"family": "made 1"}, {"looked_at": "offsets"}])
@pytest.mark.parametrize("kind", ["different", "error"])
def test_what_is_wrong_on_made_data_is_told_with_its_seed(kind, found):
    card = verdict_card(Verdict(kind, exercise(), "So.", seed=7, **found))
    assert "check(site_ids, seed=7)" in str(card)
    assert "check(site_ids, seed=7)" in card._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize(
    ("kind", "family"), [("different", "usual"), ("error", None), ("right", None), ("not attempted", None)]
)
def test_no_seed_is_told_where_none_had_a_part_in_it(kind, family):
    assert "seed" not in str(verdict_card(Verdict(kind, exercise(), "So.", family, seed=7)))


@pytest.mark.parametrize(
    "family", [*(name for name, *_ in SHAPES[1:]), "drawn", "few", "author", "empty", "empty sites"]
)
def test_each_family_of_data_is_told_in_words(family):
    told = str(verdict_card(Verdict("different", exercise(), "So.", family)))
    assert "made data (" not in told


def test_an_input_that_may_not_be_the_smallest_is_labelled_so():
    told = str(verdict_card(Verdict("different", exercise(), "So.", "usual", SMALL, minimal=False)))
    assert "smallest input found in the time" in told


def test_a_right_answer_shows_sql_code_and_what_to_remember():
    told = str(verdict_card(Verdict("right", exercise(), "Right.")))
    for part in ("SELECT site_id FROM sites", 'return sites.select("site_id")', "SELECT is select."):
        assert part in told


ROWS = pa.table({"site_id": ["a", "b"]})
ONE_MORE = pa.table({"site_id": ["a", "x", "b"]})


def test_what_differs_is_marked_by_a_sign_in_both_results_and_both_forms():
    found = difference(ONE_MORE, ROWS.slice(0, 1), exercise().contract.terms())
    card = verdict_card(Verdict("different", exercise(), "So.", "usual", SMALL, ONE_MORE, ROWS.slice(0, 1), found))
    told = str(card)
    assert "Your result:\nsite_id (key)\n-------------\na\n▸ x\n▸ b\n▸ = differs" in told
    assert "Expected:\nsite_id (key)\n-------------\na" in told and told.count("▸ =") == 1
    html = card._repr_html_()
    assert ">▸ x</td>" in html and ">a</td>" in html and "▸ = differs" in html
    assert html.index("outline:") < html.index("▸ x") < html.index("Expected:")


def test_keys_are_named_in_the_input_and_in_the_results_in_both_forms():
    tables = {"sites": usual()["sites"].slice(0, 1), "work_orders": usual()["work_orders"].slice(0, 1)}
    keyed = exercise(tables=("sites", "work_orders"))
    card = verdict_card(Verdict("different", keyed, "So.", "usual", tables, ROWS, ROWS.slice(0, 1)))
    told = str(card)
    assert "sites\nsite_id (key) | name" in told
    assert "work_order_id (key) | site_id (→ sites) | asset_id " in told
    assert "technician_id (→" not in told, "no reference to a table that the exercise has not"
    assert "Your result:\nsite_id (key)\n" in told and "Expected:\nsite_id (key)\n" in told
    html = card._repr_html_()
    assert html.count(">site_id (key)</th>") == 3 and ">site_id (→ sites)</th>" in html


def test_a_right_answer_stands_in_sql_and_code_side_by_side():
    html = verdict_card(Verdict("right", exercise(), "Right."))._repr_html_()
    row = html[html.index("display:flex") :]
    assert row.index("In SQL:") < row.index("As DataFrame code:") < row.index("</div></div>")


def test_a_withheld_query_is_shown_once_the_exercise_is_solved():
    held = exercise(withhold=True)
    assert "SELECT site_id" not in str(solution_card(held))
    assert "In SQL: shown once your own answer is right." in str(solution_card(held))
    assert "SELECT site_id" in str(solution_card(held, solved=True))
    assert "SELECT site_id" in str(verdict_card(Verdict("right", held, "Right.")))
    assert "SELECT site_id" in str(solution_card(exercise()))


def test_an_error_shows_the_learners_line_and_what_was_printed():
    told = str(verdict_card(Verdict("error", exercise(), "Oh.", error_line="line 2: x = y", printed="hello")))
    assert "line 2: x = y" in told
    assert "hello" in told


@pytest.mark.parametrize("kind", list(TITLES))
def test_every_verdict_has_a_title_with_a_sign_and_a_word(kind):
    assert str(verdict_card(Verdict(kind, exercise(), "x"))).startswith(TITLES[kind])


def test_solutions_are_shown_with_their_source():
    assert "def also_right" in str(solution_card(exercise()))
