from html.parser import HTMLParser

import pyarrow as pa

from helpers.compare import difference, html_table, text_table

EVIL = "<script>alert('x')</script>&\"{{7*7}}"


class Reader(HTMLParser):
    """The tags, attributes and texts of a page; fails where tags are not closed in turn."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.open, self.texts, self.styles = [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)
        self.styles += [value for name, value in attrs if name == "style"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_a_text_table(table):
    rows = [(1, "a", 1.5), (20, None, None), (3, "NULL", -10.0), (4, "b ", 0.0)]
    assert text_table(table("id int; name string; x double", rows)).splitlines() == [
        "id | name   |     x",
        "---+--------+------",
        " 1 | a      |   1.5",
        "20 | NULL   |  NULL",
        " 3 | 'NULL' | -10.0",
        " 4 | 'b␣'   |   0.0",
    ]


def test_wide_signs_keep_the_columns_straight(table):
    lines = text_table(table("s string; n int", [("日本", 1), ("abcd", 2), ("e\u0301", 3)])).splitlines()
    assert lines[2:] == ["日本 | 1", "abcd | 2", "e\u0301    | 3"]


def test_what_is_left_out_is_counted(table):
    columns = "; ".join(f"c{at} int" for at in range(11))
    made = table(columns, [tuple(range(11))] * 27)
    lines = text_table(made).splitlines()
    assert len(lines) == 2 + 15 + 2 and lines[0].count("|") == 7
    assert lines[-2:] == ["… 12 more rows", "… 3 more columns: c8, c9, c10"]
    page = Reader(html_table(made))
    assert page.tags.count("th") == 8 and page.tags.count("tr") == 16
    assert {"… 12 more rows", "… 3 more columns: c8, c9, c10"} <= set(page.texts)
    assert text_table(table(columns, [tuple(range(11))] * 16)).splitlines()[-2] == "… 1 more row"


def test_no_rows_and_no_columns(table):
    assert text_table(table("id int", [])).splitlines() == ["id", "--", "(no rows)"]
    assert text_table(pa.table({})) == "(no rows)"
    assert "(no rows)" in Reader(html_table(table("id int", []))).texts


def test_marks_are_signs_and_marked_cells_are_shown_first_of_all(table):
    columns = "; ".join(f"c{at} int" for at in range(10))
    made = table(columns, [tuple(range(row, row + 10)) for row in range(40)])
    lines = text_table(made, 3, 2, {30: ["c9"], 1: []}).splitlines()
    assert [line.split() for line in lines[:1] + lines[2:5]] == [
        ["c0", "|", "c9"],
        ["0", "|", "9"],
        ["▸", "1", "|", "▸", "10"],
        ["30", "|", "▸", "39"],
    ]
    assert Reader(html_table(made, 3, 2, {30: ["c9"], 1: []})).texts.count("▸ 39") == 1


def test_columns_of_the_same_name_are_shown_both():
    made = pa.Table.from_arrays([pa.array([1]), pa.array(["x"])], ["a", "a"])
    assert text_table(made).splitlines() == ["a | a", "--+--", "1 | x"]
    assert Reader(html_table(made)).tags.count("td") == 2


def test_long_texts_keep_both_ends(table):
    line = text_table(table("s string", [("a" * 500 + "end",)])).splitlines()[2]
    assert len(line) == 60 and line.startswith("aaa") and line.endswith("aend") and "…" in line


def test_names_and_values_are_escaped():
    page = html_table(pa.table({EVIL: [EVIL]}))
    assert "<script" not in page
    assert Reader(page).texts.count(EVIL) == 2


def test_what_a_marked_cell_holds_and_what_a_column_is_are_escaped():
    page = Reader(html_table(pa.table({"s": [EVIL]}), marked={0: ["s"]}, roles={"s": EVIL}))
    assert "script" not in page.tags
    assert f"▸ {EVIL}" in page.texts and f"s ({EVIL})" in page.texts


def test_what_a_column_is_stands_behind_its_name(table):
    made = table("id int; n int", [(1, 2)])
    assert text_table(made, roles={"id": "key"}).splitlines()[0] == "id (key) | n"
    assert "id (key)" in Reader(html_table(made, roles={"id": "key"})).texts


def test_html_has_no_colour_of_its_own(table):
    page = Reader(html_table(table("id int; s string", [(1, None)]), marked={0: ["id"]}))
    words = " ".join(page.styles)
    assert "currentColor" in words
    assert not any(word in words for word in ("#", "rgb", "background", ";color", "white;", "black"))


def test_null_and_the_text_null_differ_in_html(table):
    page = html_table(table("s string", [(None,), ("NULL",)]))
    assert "<em>NULL</em>" in page and "&#x27;NULL&#x27;" in page


def test_numbers_stand_to_the_right_in_html(table):
    page = html_table(table("d decimal(5,2); s string", [(None, "a")]))
    assert page.count("text-align:right") == 2 and page.count("text-align:left") == 2


def test_a_difference_marks_the_cells_of_paired_rows_and_the_whole_of_others_where_they_stand(table, terms):
    columns = "id int; n int"
    expected, answer = table(columns, [(2, 20), (1, 10)]), table(columns, [(4, 40), (1, 11), (3, 30)])
    found = difference(answer, expected, terms(columns, key=("id",)))
    assert text_table(answer, marked=found.marks).splitlines() == [
        " id |    n",
        "----+-----",
        "▸ 4 | ▸ 40",
        "  1 | ▸ 11",
        "▸ 3 | ▸ 30",
        "▸ = differs",
    ]
    assert text_table(expected, marked=found.expected_marks).splitlines()[2:4] == ["▸ 2 | ▸ 20", "  1 | ▸ 10"]


def test_a_row_too_often_there_is_marked_once(table, terms):
    answer = table("id int", [(1,), (1,)])
    found = difference(answer, answer.slice(0, 1), terms("id int"))
    assert (len(found.marks), found.expected_marks) == (1, {})


def test_a_broken_order_is_marked_where_it_breaks(table, terms):
    columns = "id int; n int"
    answer, expected = (table(columns, rows) for rows in ([(2, 0), (1, 0)], [(1, 0), (2, 0)]))
    found = difference(answer, expected, terms(columns, order=("id",)))
    assert text_table(answer, marked=found.marks).splitlines()[2:4] == ["  2 | 0", "▸ 1 | 0"]
    whole = difference(answer, expected, terms(columns, total=True))
    assert text_table(answer, marked=whole.marks).splitlines()[2:4] == ["▸ 2 | ▸ 0", "  1 |   0"]
    assert text_table(expected, marked=whole.expected_marks).splitlines()[2] == "▸ 1 | ▸ 0"


def test_wrong_columns_are_told_in_their_sentence_and_mark_nothing(table, terms):
    found = difference(table("n int", [(2,)]), table("id int", [(1,)]), terms("id int"))
    assert (found.marks, found.expected_marks) == ({}, {})
