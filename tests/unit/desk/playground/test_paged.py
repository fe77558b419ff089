import pyarrow as pa
import pytest

from helpers.core.errors import UserError
from helpers.desk.playground.paged import SIZE, Rows, page, whole

NUMBERS = pa.table({"n": list(range(45))})


def counted(end, first=0, unit="row"):
    asked = []

    def read(start, count):
        asked.append((start, count))
        return NUMBERS.slice(start - first, count)

    return Rows(read, end, first, unit), asked


def test_only_the_page_is_read():
    rows, asked = counted(45)
    page("Numbers", rows).next()
    assert asked == [(0, SIZE), (SIZE, SIZE)]


def test_a_page_says_where_it_is():
    rows, _ = counted(45)
    assert "Rows 1 to 20 of 1 to 45; .next() shows more" in str(page("Numbers", rows))
    assert "Rows 41 to 45 of 1 to 45" in str(page("Numbers", rows).at(40))


def test_offsets_are_the_brokers_numbers():
    rows, _ = counted(145, 100, "offset")
    assert "Offsets 100 to 119 of 100 to 144" in str(page("Messages", rows))
    with pytest.raises(UserError, match="There is no offset 99; they are 100 to 144"):
        page("Messages", rows).at(99)


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
