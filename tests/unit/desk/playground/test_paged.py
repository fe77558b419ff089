import pyarrow as pa
import pytest

from helpers.core.errors import UserError
from helpers.desk.playground.paged import SIZE, Rows, page, whole

NUMBERS = pa.table({"n": list(range(45))})


def counted(end):
    asked = []

    def read(start, count):
        asked.append((start, count))
        return NUMBERS.slice(start, count)

    return Rows(read, end), asked


def placed(places):
    """Messages at these offsets, the next one not being there yet."""

    def read(start, count):
        return pa.table({"offset": [one for one in places if one >= start][:count]})

    return Rows(read, places[-1] + 1, places[0], "offset")


def test_only_the_page_is_read():
    rows, asked = counted(45)
    page("Numbers", rows).next()
    assert asked == [(0, SIZE + 1), (SIZE, SIZE + 1)]


def test_a_page_says_where_it_is():
    rows, _ = counted(45)
    assert "Rows 1 to 20 of 1 to 45; .next() shows more" in str(page("Numbers", rows))
    assert "Rows 41 to 45 of 1 to 45" in str(page("Numbers", rows).at(41))
    for number in (0, 46):
        with pytest.raises(UserError, match=f"There is no row {number}; they are 1 to 45"):
            page("Numbers", rows).at(number)


def test_offsets_are_the_brokers_numbers():
    rows = placed(range(100, 145))
    assert "Offsets 100 to 119 of 100 to 144" in str(page("Messages", rows))
    with pytest.raises(UserError, match="There is no offset 99; they are 100 to 144"):
        page("Messages", rows).at(99)


def test_pages_of_offsets_with_gaps_neither_overlap_nor_leave_out():
    rows, seen = placed(range(0, 450, 10)), []
    shown = page("Messages", rows)
    assert "Offsets 0 to 190 of 0 to 440; .next() shows more" in str(shown)
    while shown.more:
        seen += shown.table.column("offset").to_pylist()
        shown = shown.next()
    assert seen + shown.table.column("offset").to_pylist() == list(range(0, 450, 10))


def test_what_is_told_is_told_on_every_page():
    shown = whole("Numbers", NUMBERS, "These are the first.")
    assert "These are the first." in str(shown.next())


def test_a_full_page_that_is_the_last_says_so():
    twenty = Rows(lambda start, count: NUMBERS.slice(0, SIZE).slice(start, count))
    assert "shows more" not in str(page("Numbers", twenty))
    assert "No rows from 21 on" in str(page("Numbers", twenty).at(21))


def test_the_ends_stay():
    rows, _ = counted(45)
    last = page("Numbers", rows).next().next()
    assert last.next() is last
    assert last.back().back().back().start == 0


def test_the_last_page_is_found_where_the_end_is_not_known():
    rows, _ = counted(None)
    third = page("Numbers", rows).next().next()
    assert third.table.num_rows == 5
    assert third.next() is third


def test_nothing_is_told():
    assert "No rows" in str(whole("Nothing", NUMBERS.slice(0, 0)))


def test_the_title_and_values_are_escaped():
    shown = whole("<b>", pa.table({"<i>": ["<script>"]}))._repr_html_()
    assert not {"<b>", "<i>", "<script>"} & {part for part in ("<b>", "<i>", "<script>") if part in shown}


def test_buttons_turn_pages_and_have_a_text_twin():
    rows, _ = counted(45)
    turner = page("Numbers", rows).buttons()
    turner.next.click()
    assert "Rows 21 to 40" in str(turner)
    turner.back.click()
    assert "Rows 1 to 20" in str(turner)
    assert "Rows 1 to 20" in turner._repr_mimebundle_()["text/plain"]


def test_what_goes_wrong_behind_a_button_is_shown(monkeypatch):
    def read(start, count):
        if start:
            raise UserError("The broker was silent.")
        return NUMBERS.slice(start, count)

    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    turner = page("Numbers", Rows(read)).buttons()
    turner.next.click()
    assert "Rows 1 to 20" in str(turner)
    assert "The broker was silent." in str(shown[-1])


def test_a_table_without_columns_is_told_as_such():
    shown = page("Bare", Rows(lambda start, count: pa.table({}).slice(start, count), 0))
    assert "No columns" in str(shown)
    assert not shown.more
